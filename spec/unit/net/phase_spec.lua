-- SPDX-License-Identifier: MIT

local phase = require "cme.net.phase"

describe("cme.net.phase", function()
  -- busted's specs have an environment of their own; the module looks at the real globals.
  local globals = getmetatable(_G) and getmetatable(_G).__index or _G
  after_each(function() rawset(globals, "ngx", nil) end)

  it("is not misled by a global of nginx's name", function()
    assert.is_false(phase.in_nginx())
    rawset(globals, "ngx", true)
    assert.is_false(phase.in_nginx())
    rawset(globals, "ngx", {})
    assert.is_false(phase.in_nginx())
  end)

  it("knows the phases that may wait", function()
    for name, waits in pairs { content = true, access = true, rewrite = true, timer = true, ssl_cert = true,
      init = false, init_worker = false, log = false, header_filter = false, body_filter = false, balancer = false,
      set = false, exit_worker = false } do
      rawset(globals, "ngx", { get_phase = function() return name end, socket = {} })
      assert.is_true(phase.in_nginx())
      local can, said = phase.can_wait()
      assert.are.same({ waits, name }, { can, said })
    end
  end)
end)
