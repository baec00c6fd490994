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

  it("goes on at the other when a node is lost with its engines", function()
    local a, b = nodes.nodes.a, nodes.nodes.b
    local id, key = create(b)
    assert.is_nil(handle(a, id, "Start").Error)
    until_published(key, 1)
    assert.are.same({ 1, 0 }, { #a:engines(), #b:engines() })
    nodes:lose "a"
    until_published(key, 2)
    assert.are.same({ "Working", 1 }, { status(b, id), #b:engines() })
    a:up()
    assert.are.same({ 0, 1 }, { #a:engines(), #b:engines() })
    assert.is_nil(handle(b, id, "Stop").Error)
    assert.are.same({ "Idle", 0 }, { status(a, id), #b:engines() })
    assert.are.equal(2, #publishes(key))
  end)

  it("is off the air, and stays off, where a node stands still for longer than its lease", function()
    local a, b = nodes.nodes.a, nodes.nodes.b
    local id, key = create(a)
    assert.is_nil(handle(a, id, "Start").Error)
    until_published(key, 1)
    a.proc:kill "sigstop" -- its engine lives on, and nobody renews its lease
    until_published(key, 2)
    assert.is_true(publishes(key)[1].ended ~= nil)
    a.proc:kill "sigcont"
    proc.eventually("its engine to be ended", LIMIT, function() return #a:engines() == 0 end)
    assert.are.same({ "Working", "Working", 1 }, { status(a, id), status(b, id), #b:engines() })
    assert.is_nil(handle(b, id, "Stop").Error)
    assert.are.equal(2, #publishes(key))
  end)

  it("keeps what it runs when its service is killed and is back within the lease", function()
    local a, b = nodes.nodes.a, nodes.nodes.b
    local id, key = create(a)
    assert.is_nil(handle(a, id, "Start").Error)
    until_published(key, 1)
    local engines = a:engines()
    a:crash()
    a:up()
    assert.are.same(engines, a:engines())
    assert.are.equal("Working", status(b, id))
    assert.is_nil(handle(a, id, "Stop").Error)
    assert.are.equal(1, #publishes(key))
  end)

  it("carries what is changed through one node to the engine at another", function()
    local a, b = nodes.nodes.a, nodes.nodes.b
    local id, key = create(a)
    assert.is_nil(handle(a, id, "Start").Error)
    until_published(key, 1)
    local more = key .. "more"
    assert.is_nil(handle(b, id, "AddOutput", { OutputInfo = { Name = "p", Type = "URL",
      PushUrl = rtmp:url("platform", more) } }).Error)
    until_published(more, 1)
    assert.is_nil(handle(b, id, "Stop").Error)
    proc.eventually("its engine to be ended", LIMIT, function() return #a:engines() == 0 end)
    assert.are.equal("Idle", status(a, id))
    proc.eventually("a start at the other node", LIMIT, function() return not handle(b, id, "Start").Error end)
    until_published(key, 2)
    assert.are.same({ 0, 1 }, { #a:engines(), #b:engines() })
    assert.is_nil(handle(b, id, "Stop").Error)
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
