-- SPDX-License-Identifier: MIT
-- What one method asks: within its timeout, and whatever the service may answer. Settling is in the specs of the
-- categories.

local calls = require "cme.project.calls"
local json = require "cme.json"

local function answering(answer)
  local asked = {}
  local client = { now = function() return 100 end, transport = { time = function() return asked.at or 100 end } }
  function client.call(_, action, params, given)
    asked[#asked + 1] = { action = action, params = params, given = given }
    return answer
  end
  return client, asked
end

describe("cme.project.calls", function()
  it("describe survives what a service may answer", function()
    for _, set in ipairs { json.null, {}, { 5 }, { { ProjectId = "other" } } } do
      local client = answering { ProjectInfoSet = set, RequestId = "r" }
      local entry, _, detail = calls.new(client, { project = { id = "p" } }):describe()
      assert.is_nil(entry)
      assert.are.equal("invalid.unknown_project", detail.code)
    end
  end)

  it("gives each call what is left of the timeout, and sends nothing after it", function()
    local client, asked = answering {}
    local call = calls.new(client, { timeout = 10 })
    assert(call:call("DescribePlatforms", {}))
    asked.at = 107
    assert(call:call("DescribePlatforms", {}))
    assert.are.same({ 10, 3 }, { asked[1].given.timeout, asked[2].given.timeout })
    asked.at = 110
    local response, message, detail = call:call("DescribePlatforms", {})
    assert.is_nil(response)
    assert.are.equal("DescribePlatforms: the timeout was over before it could be sent", message)
    assert.are.same({ "network.timeout", 0, true }, { detail.code, detail.attempts, detail.retryable })
    assert.are.equal(2, #asked)
  end)

  it("has no timeout unless one is given", function()
    local client, asked = answering {}
    assert(calls.new(client, {}):call("DescribePlatforms", {}))
    assert.is_nil(asked[1].given.timeout)
  end)
end)
