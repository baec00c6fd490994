-- SPDX-License-Identifier: MIT

local transport = require "cme.net.transport"

describe("cme.net.transport", function()
  -- busted's specs have an environment of their own; the module looks at the real globals.
  local globals = getmetatable(_G) and getmetatable(_G).__index or _G
  after_each(function() rawset(globals, "ngx", nil) end)

  it("is curl's outside of nginx", function()
    assert.are.equal(require "cme.net.transport.curl".shared(), transport.shared())
  end)

  it("is cosockets' in nginx", function()
    rawset(globals, "ngx", { get_phase = function() return "content" end, socket = {} })
    assert.are.equal("cme.net.transport.resty", getmetatable(transport.shared()).__name)
  end)
end)
