-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local spec = require "cme.server.process.spec"

describe("cme.server.process.spec", function()
  it("leaves to the engine what is not given, and says plainly that there is no end", function()
    local made = spec.new { inputs = { main = { url = "rtmp://h/a" } } }
    assert.are.same({ inputs = { main = { url = "rtmp://h/a" } }, active = "main", outputs = {}, stop_at = json.null,
      failover = false, failback_after = json.null }, made)
    assert.matches('"outputs":%[%]', json.encode(made))
    assert.is_nil(made.stall_limit)
  end)

  it("says all that is given", function()
    local given = { project = "p", revision = 3, inputs = { main = {}, backup = {} }, active = "backup",
      outputs = { { id = "1" } }, stop_at = 9.5, failover = true, failback_after = 30 }
    assert.are.same(given, spec.new(given))
  end)
end)
