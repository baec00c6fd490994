-- SPDX-License-Identifier: MIT
-- Looking at 45 projects took 45 calls of DescribeProjectHealth, more than a key has in a second, so other programs of
-- that key were refused. The health of many projects is one call.

require "spec.support.paths"
local client = require "cme.client"
local fake = require "spec.support.fakes.fake"
local front = require "spec.support.fakes.front"
local project_health = require "cme.project.health"

local STAT = { active = "main", inputs = { main = { state = "live", codecs = {} } },
  outputs = { { id = "1", state = "live" } } }

describe("the health of many projects", function()
  local service, calls, asker

  before_each(function()
    service, calls = front.new(), {}
    service.relays.answer = STAT
    asker = { call = function(_, action, params)
      calls[#calls + 1] = action
      local response = service:call(action, params)
      if not response.Error then return response end
      return nil, response.Error.Message, { code = "api." .. response.Error.Code }
    end }
  end)

  after_each(function() service:close() end)

  local function create(count, started)
    local ids = {}
    for i = 1, count do
      ids[i] = service:create { Name = "p" .. i }
      if started then assert.is_nil(service:handle(ids[i], "Start").Error) end
    end
    return ids
  end

  it("is one call for 45 of them", function()
    local ids = create(45, true)
    create(3)
    local health = assert(project_health.of_many(asker))
    assert.same({ "DescribeProjectsHealth" }, calls)
    for _, id in ipairs(ids) do
      assert.same({ "working", "main", "live", "live" }, { health[id].status, health[id].active,
        health[id].inputs.main.state, health[id].outputs[1].state })
      health[id] = nil
    end
    assert.same({}, health)
  end)

  it("is of the projects that are named, idle ones too, and of no others", function()
    local ids = create(3)
    local health = assert(project_health.of_many(asker, { ids[1], ids[3], "cmepid_0123456789abcdef01234567" }))
    assert.same({ "idle", nil, "idle" }, { health[ids[1]].status, health[ids[2]], health[ids[3]].status })
    assert.same({}, assert(project_health.of_many(asker, {})))
  end)

  it("comes in pages of a hundred", function()
    local ids = create(101, true)
    local health = assert(project_health.of_many(asker))
    assert.equal(2, #calls)
    for _, id in ipairs(ids) do assert.equal("working", health[id].status) end
    calls = {}
    assert.is_truthy(assert(project_health.of_many(asker, ids))[ids[101]])
    assert.equal(2, #calls)
    assert.equal("InvalidParameterValue.ProjectId",
      service:call("DescribeProjectsHealth", { ProjectIds = ids }).Error.Code)
    assert.equal("InvalidParameterValue.Limit", service:call("DescribeProjectsHealth", { Limit = 101 }).Error.Code)
  end)

  it("says of an engine that does not answer that it does not, and tells of the others", function()
    local ids = create(2, true)
    local stat = service.relays.stat
    service.relays.stat = function(self, id)
      if id == ids[1] then return nil, "the engine did not answer within 5 s" end
      return stat(self, id)
    end
    local health = assert(project_health.of_many(asker))
    assert.equal("working", health[ids[1]].status)
    assert.equal("FailedOperation.StreamConnect", health[ids[1]].error.code)
    assert.matches("did not answer", health[ids[1]].error.message)
    assert.equal("live", health[ids[2]].outputs[1].state)
    assert.is_nil(health[ids[2]].error)
  end)

  it("shows an operator what is his", function()
    create(1, true)
    assert.equal(1, #service:call("DescribeProjectsHealth", { Operator = "u" }).HealthSet)
    assert.equal(0, #service:call("DescribeProjectsHealth", { Operator = "other" }).HealthSet)
  end)

  it("is refused as unsupported where the service has no such action", function()
    local transport = fake.transport(fake.refused "InvalidAction")
    local cloud = client.new { secret_id = "id", secret_key = "hush", platform = "test", transport = transport }
    local health, message, detail = cloud:health()
    assert.is_nil(health)
    assert.equal("invalid.unsupported", detail.code)
    assert.matches("cme serve", message)
  end)
end)
