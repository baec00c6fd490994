-- SPDX-License-Identifier: MIT

local state = require "cme.server.store.state"

local function default(env, home)
  return state.default_folder(function(name)
    return env[name]
  end, function()
    return home and { homedir = home }
  end)
end

describe("cme.server.store.state", function()
  it("is where the XDG specification wants it", function()
    assert.are.equal("/s/cme", default { XDG_STATE_HOME = "/s", HOME = "/h" })
    assert.are.equal("/h/.local/state/cme", default { HOME = "/h" })
    assert.are.equal("/h/.local/state/cme", default { HOME = "/h", XDG_STATE_HOME = "relative" })
    assert.are.equal("/h/.local/state/cme", default { HOME = "/h", XDG_STATE_HOME = "" })
  end)

  it("leaves room for the sockets' names", function()
    local longest = ("/x"):rep(100):sub(1, 107 - #"/cmepid_0123456789abcdef01234567.sock")
    assert.is_true(state.check_length(longest))
    local ok, message = state.check_length(longest .. "y")
    assert.is_nil(ok)
    assert.matches("%-%-state", message)
  end)
end)
