-- SPDX-License-Identifier: MIT
-- A node that drained gave up all of its projects where another one had room for some: the rest was off the air.
-- Nothing is on the air here: the source and the platform are not there, which an engine waits for.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"

local LIMIT = 60 -- seconds

describe("a drained node", function()
  local nodes

  setup(function()
    nodes = fleet.start()
    nodes:add "a"
  end)
  teardown(function()
    nodes:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function start()
    local made = api.call(nodes.nodes.a, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = made.ProjectId, Operation = "Start" })
    return made.ProjectId
  end

  -- How many of the projects each node runs.
  local function counts(ids)
    local found = { a = 0, b = 0, nobody = 0 }
    for _, id in ipairs(ids) do
      local name = nodes:ask("where", id).node
      name = found[name] and name or "nobody"
      found[name] = found[name] + 1
    end
    return found
  end

  it("keeps what the others have no room for", function()
    local ids = {}
    for i = 1, 3 do ids[i] = start() end
    local engines = nodes.nodes.a:engines()
    assert.are.equal(3, #engines)
    nodes:add("b", { "--capacity", "1" })
    nodes:ask("drain", "a")
    proc.eventually("a project at the other node", LIMIT, function() return counts(ids).b == 1 end)
    assert.are.same({ a = 2, b = 1, nobody = 0 }, counts(ids))
    local left = {}
    for _, pid in ipairs(engines) do left[pid] = true end
    for _, pid in ipairs(nodes.nodes.a:engines()) do assert.is_true(left[pid]) end
  end)
end)
