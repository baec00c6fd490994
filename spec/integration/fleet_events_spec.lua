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

  -- A project without a source.
  local function create(node)
    local made = api.call(node, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    return made.ProjectId
  end

  local function handle(node, id, operation)
    api.call(node, "HandleStreamConnectProject", { ProjectId = id, Operation = operation })
  end

  -- A start and a stop: working, input interrupted, stopped.
  local function run(node)
    local id = create(node)
    for _, operation in ipairs { "Start", "Stop" } do handle(node, id, operation) end
    return id
  end

  -- What was told of the standby of a project.
  local function standbys(node, id)
    local list = {}
    for _, got in ipairs(one:events(secret(node))) do
      if got.project == id and got.type == "Service.StandbyChanged" then list[#list + 1] = got.content end
    end
    return list
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

  it("tell once which node stands by, and that none does any more", function()
    local node = nodes.nodes.a
    local id = create(node)
    assert.is_nil(api.call(node, "ModifyProjectStandby", { ProjectId = id, Standby = true }).Error)
    handle(node, id, "Start")
    proc.eventually("the standby to be told", LIMIT, function() return #standbys(node, id) > 0 end)
    local there = api.call(node, "DescribeProjectHealth", { ProjectId = id }).Standby
    assert.are.same({ { ProjectId = id, Status = "Starting", Node = there.Node } }, standbys(node, id))
    assert.are.equal(0, (nodes:run("drain", there.Node)))
    proc.eventually("its end to be told", LIMIT, function() return #standbys(node, id) > 1 end)
    assert.are.same({ ProjectId = id, Status = "Missing" }, standbys(node, id)[2])
    assert.are.equal(0, (nodes:run("drain", there.Node, "--off")))
    handle(node, id, "Stop")
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
