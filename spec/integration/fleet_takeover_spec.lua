-- SPDX-License-Identifier: MIT
-- Two nodes that share an etcd: what one starts goes on at the other when it is lost, and is published once at a time.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

local LIMIT = 40 -- seconds

describe("a fleet of two nodes", function()
  local rtmp, source, nodes, count = nil, nil, nil, 0

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" } }
    local path = media.file(proc.folder() .. "/main.flv", 20, media.MAIN)
    source = media.replay(rtmp:url("source", "main"), path)
    rtmp:expect_publish("source", 1)
    nodes = fleet.start()
    nodes:add "a"
    nodes:add "b"
  end)
  teardown(function()
    nodes:stop()
    source:stop()
    rtmp:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function create(node)
    count = count + 1
    local key = ("show%dsekret"):format(count)
    local made = api.call(node, "CreateProject", { Name = key, Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = rtmp:url("source", "main") } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = rtmp:url("platform", key) } } } })
    return assert(made.ProjectId), key
  end

  local function handle(node, id, operation, more)
    local params = { ProjectId = id, Operation = operation }
    for name, value in pairs(more or {}) do params[name] = value end
    return api.call(node, "HandleStreamConnectProject", params)
  end

  local function status(node, id)
    return api.call(node, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1].StreamConnectProjectInfo.Status
  end

  -- The publishes of a stream key, the oldest first.
  local function publishes(key)
    local list = {}
    for _, one in ipairs(rtmp:publishes "platform") do list[#list + 1] = one.name == key and one or nil end
    return list
  end

  local function until_published(key, times)
    proc.eventually(("publish %d of %s"):format(times, key), LIMIT, function() return #publishes(key) >= times end)
  end

  -- The node that has a project's engine, and the other one; the engine of a Start that was answered is there.
  local function of(id)
    for name, one in pairs(nodes.nodes) do
      if proc.matching(one.state .. "/relays/" .. id)[1] then
        return one, nodes.nodes[name == "a" and "b" or "a"], name
      end
    end
  end

  local function on_air()
    local id, key = create(nodes.nodes.a)
    assert.is_nil(handle(nodes.nodes.b, id, "Start").Error)
    until_published(key, 1)
    return id, key
  end

  local function engines_gone(node)
    proc.eventually("the engines to be ended", LIMIT, function() return #node:engines() == 0 end)
  end

  it("goes on at the other when a node is lost with its engines", function()
    local id, key = on_air()
    local lost, other, name = of(id)
    nodes:lose(name)
    until_published(key, 2)
    assert.are.same({ "Working", 1 }, { status(other, id), #other:engines() })
    lost:up()
    assert.are.same({ 0, 1 }, { #lost:engines(), #other:engines() })
    assert.is_nil(handle(lost, id, "Stop").Error)
    assert.are.same({ "Idle", 0 }, { status(other, id), #other:engines() })
    assert.are.equal(2, #publishes(key))
  end)

  it("is off the air, and stays off, where a node stands still for longer than its lease", function()
    local id, key = on_air()
    local still, other = of(id)
    still.proc:kill "sigstop" -- its engine lives on, and nobody renews its lease
    until_published(key, 2)
    assert.is_true(publishes(key)[1].ended ~= nil)
    still.proc:kill "sigcont"
    engines_gone(still)
    assert.are.same({ "Working", "Working", 1 }, { status(still, id), status(other, id), #other:engines() })
    assert.is_nil(handle(still, id, "Stop").Error)
    assert.are.equal(2, #publishes(key))
  end)

  it("keeps what it runs when its service is killed and is back within the lease", function()
    local patient = fleet.start()
    local node = patient:add("a", {}, "60s")
    local id, key = create(node)
    assert.is_nil(handle(node, id, "Start").Error)
    until_published(key, 1)
    local engines = node:engines()
    node:crash()
    node:up()
    assert.are.same({ "Working", engines }, { status(node, id), node:engines() })
    assert.is_nil(handle(node, id, "Stop").Error)
    assert.are.equal(1, #publishes(key))
    patient:stop()
  end)

  it("answers for a project through the node that does not run it", function()
    local id, key = on_air()
    local node, other = of(id)
    local more = key .. "more"
    assert.is_nil(handle(other, id, "AddOutput", { OutputInfo = { Name = "p", Type = "URL",
      PushUrl = rtmp:url("platform", more) } }).Error)
    until_published(more, 1)
    local health = api.call(other, "DescribeProjectHealth", { ProjectId = id })
    assert.are.same({ "Working", 2 }, { health.Status, #health.Outputs })
    local all = api.call(other, "DescribeProjectsHealth", {}).HealthSet
    assert.are.same({ 1, id, 2 }, { #all, all[1].ProjectId, #all[1].Outputs })
    local refused = handle(other, id, "SwitchInput", { InputEndpoint = "Backup" })
    assert.are.equal(handle(node, id, "SwitchInput", { InputEndpoint = "Backup" }).Error.Message, refused.Error.Message)
    assert.is_nil(handle(other, id, "Stop").Error)
    assert.are.equal(0, #node:engines())
    assert.is_nil(handle(other, id, "Start").Error) -- at once, wherever it was
    until_published(key, 2)
    assert.is_nil(handle(node, id, "Stop").Error)
    assert.are.same({ 0, 0 }, { #node:engines(), #other:engines() })
  end)

  it("stores what the node that runs a project does not answer, and that node follows", function()
    local id = on_air()
    local node, other = of(id)
    node.proc:kill "sigstop"
    local answer = handle(other, id, "Stop")
    node.proc:kill "sigcont"
    assert.are.equal("Idle", status(other, id))
    if answer.Error then assert.are.equal("FailedOperation", answer.Error.Code) end
    engines_gone(node)
    assert.are.same({}, other:engines())
  end)

  it("takes no second node of a name, and no service that is alone", function()
    local argv = nodes.nodes.a:command("--listen", "127.0.0.1:0", "--edge", "off", "--node", "a")
    argv[4] = proc.folder()
    local code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("another cme serve of this fleet has the name 'a'", err, 1, true)
    argv = nodes.nodes.a:command("--listen", "127.0.0.1:0", "--edge", "off")
    argv[4] = proc.folder()
    code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("it belongs to a fleet", err, 1, true)
  end)
end)
