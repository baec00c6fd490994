-- SPDX-License-Identifier: MIT

local transport = require "cme.net.transport"

describe("cme.net.transport", function()
  -- busted's specs have an environment of their own; the module looks at the real globals.
  local globals = getmetatable(_G) and getmetatable(_G).__index or _G
  after_each(function() rawset(globals, "ngx", nil) end)

  local function pretend(phase)
    rawset(globals, "ngx", { get_phase = function() return phase end, socket = {} })
  end

  it("is curl's outside of nginx", function()
    assert.is_false(transport.in_nginx())
    assert.are.equal(require "cme.net.transport.curl".shared(), transport.shared())
  end)

  it("is cosockets' in nginx", function()
    pretend "content"
    assert.is_true(transport.in_nginx())
    assert.are.equal("cme.net.transport.resty", getmetatable(transport.shared()).__name)
  end)

  it("is not misled by a global of that name", function()
    rawset(globals, "ngx", true)
    assert.is_false(transport.in_nginx())
    rawset(globals, "ngx", {})
    assert.is_false(transport.in_nginx())
  end)

  it("knows the phases that may wait", function()
    for phase, waits in pairs { content = true, access = true, rewrite = true, timer = true, ssl_cert = true,
      init = false, init_worker = false, log = false, header_filter = false, body_filter = false, balancer = false,
      set = false, exit_worker = false } do
      pretend(phase)
      local can, said = transport.can_wait()
      assert.are.same({ waits, phase }, { can, said })
    end
  end)
end)
