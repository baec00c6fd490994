-- SPDX-License-Identifier: MIT
-- Events of a fleet: each is posted once, by one node, and by the other one when that is lost.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"

local LIMIT = 40 -- seconds

describe("events of a fleet", function()
  local nodes, one

  setup(function()
    one = receiver.start "take"
    nodes = fleet.start()
    nodes:add("a", { "--webhook", one.url })
    nodes:add("b", { "--webhook", one.url })
  end)
  teardown(function()
    nodes:stop()
    one:down()
    assert.are.same({}, proc.cleanup())
  end)

  local function secret(node)
    local file = assert(io.open(node.state .. "/webhook_secret"))
    local text = file:read "a"
    file:close()
    return text:match "%S+"
  end

  -- A start and a stop of a project without a source: working, input interrupted, stopped.
  local function run(node)
    local made = api.call(node, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    for _, operation in ipairs { "Start", "Stop" } do
      api.call(node, "HandleStreamConnectProject", { ProjectId = made.ProjectId, Operation = operation })
    end
    return made.ProjectId
  end

  -- How often each event of a project came, by its id, and how many there were.
  local function came(node, id)
    local times, count = {}, 0
    for _, got in ipairs(one:events(secret(node))) do
      if got.project == id then times[got.status], count = (times[got.status] or 0) + 1, count + 1 end
    end
    return times, count
  end

  it("come once, whichever node they are of", function()
    for _, name in ipairs { "a", "b" } do
      local id = run(nodes.nodes[name])
      proc.eventually("its events", LIMIT, function() return select(2, came(nodes.nodes[name], id)) >= 3 end)
    end
    local id = run(nodes.nodes.a) -- by when this one's are there, doubled ones of those before are
    proc.eventually("its events", LIMIT, function() return select(2, came(nodes.nodes.a, id)) >= 3 end)
    for status, times in pairs((came(nodes.nodes.a, id))) do assert.are.same({ status, 1 }, { status, times }) end
    assert.are.equal(9, #one:events(secret(nodes.nodes.a)))
  end)

  it("go on when the node that posts them is lost", function()
    for _, lost in ipairs { "a", "b" } do
      local left = nodes.nodes[lost == "a" and "b" or "a"]
      nodes:lose(lost)
      local id = run(left)
      proc.eventually("its events", LIMIT, function() return select(2, came(left, id)) >= 3 end)
      nodes.nodes[lost]:up()
    end
  end)
end)
