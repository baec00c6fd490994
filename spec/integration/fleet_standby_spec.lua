-- SPDX-License-Identifier: MIT
-- Three nodes: one runs a project, another one stands by with an engine that reads the inputs and publishes nothing. It
-- goes on with that engine when the first is lost, and another node stands by wherever one is missing.

local api = require "spec.support.api"
local etcd = require "cme.etcd"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local stage = require "spec.support.programs.fleet_stage"

local LIMIT = 40 -- seconds

describe("a standby in a fleet of three nodes", function()
  local on, client, backup, id, key

  local function nodes() return on.nodes.nodes end

  -- Asks a node that lives.
  local function ask(action, more)
    local params = { ProjectId = id }
    for name, value in pairs(more or {}) do params[name] = value end
    for _, node in pairs(nodes()) do
      if not node.proc.code then return api.call(node, action, params) end
    end
  end

  local function modify(on_or_off) assert.is_nil(ask("ModifyProjectStandby", { Standby = on_or_off }).Error) end

  local function engines_of(name) return proc.matching(nodes()[name].state .. "/relays/" .. id) end

  local function run_key() return assert(client:get("/cme/fleet/run/" .. id)) end

  local function drain(name, off)
    local code, _, err = on.nodes:run("drain", name, off)
    assert.are.equal(0, code, err)
  end

  -- Waits until a node stands by, and has the picture.
  local function until_warm(not_at)
    return proc.eventually("a node to stand by", LIMIT, function()
      local health = ask "DescribeProjectHealth"
      local standby = type(health.Standby) == "table" and health.Standby
      return standby and standby.State == "Warm" and standby.Node ~= not_at and standby.Node
    end)
  end

  -- Waits until a node that stands by has heard that its engine has the other input: it was warm with that of before.
  local function until_backup(name)
    proc.eventually("the engine of the standby to switch", LIMIT, function()
      local service = nodes()[name].proc
      return (service.out .. service.err):find('"to":"backup"', 1, true)
    end)
  end

  local function third(one, two)
    for name in pairs(nodes()) do
      if name ~= one and name ~= two then return name end
    end
  end

  setup(function()
    on = stage.start { "a", "b", "c" }
    client = etcd.new { endpoints = on.nodes.etcd.endpoints, timeout = LIMIT }
    local path = media.file(proc.folder() .. "/backup.flv", 20, media.MAIN)
    backup = media.replay(on.rtmp:url("source", "backup"), path)
    on.rtmp:expect_publish("source", 2)
    id, key = on:create(nodes().a)
    assert.is_nil(stage.handle(nodes().a, id, "AddInput", { InputEndpoint = "Backup", InputInfo = {
      InputType = "LivePull", LivePullInputInfo = { InputUrl = on.rtmp:url("source", "backup") } } }).Error)
  end)
  teardown(function()
    on:stop()
    backup:stop()
    assert.are.same({}, proc.cleanup())
  end)

  it("is another node, whose engine reads the inputs and publishes nothing", function()
    modify(true)
    assert.are.equal("Idle", ask("DescribeProjectHealth").Standby.State)
    assert.is_nil(stage.handle(nodes().b, id, "Start").Error)
    on:until_published(key, 1)
    local stands, runs = until_warm(), run_key().value
    assert.are_not.equal(runs, stands)
    assert.are.same({ 1, 1, 0 }, { #engines_of(runs), #engines_of(stands), #engines_of(third(runs, stands)) })
    proc.eventually("the node that runs it to tell", LIMIT, function()
      local service = nodes()[runs].proc
      return (service.out .. service.err):find('"status":"Warm"', 1, true)
    end)
    local code, out = on.nodes:run("where", id)
    assert.are.same({ 0, ("%s\n%s stands by\n"):format(runs, stands) }, { code, out })
    assert.are.equal(1, #on:publishes(key))
  end)

  it("goes on by the input that was on the air, when the node that ran the project is lost", function()
    local stands = until_warm()
    assert.is_nil(stage.handle(nodes().a, id, "SwitchInput", { InputEndpoint = "Backup" }).Error)
    until_backup(stands)
    assert.are.equal(stands, until_warm())
    local before = run_key()
    local engine = engines_of(stands)
    on.nodes:lose(before.value)
    on:until_published(key, 2)
    local after = run_key()
    assert.are.equal(stands, after.value)
    assert.is_true(after.create_revision > before.create_revision)
    assert.are.same(engine, engines_of(stands))
    local publishes = on:publishes(key)
    assert.is_true(publishes[1].ended ~= nil and publishes[1].ended <= publishes[2].at)
    nodes()[before.value]:up()
    assert.are.equal("Backup", ask("DescribeProjectHealth").Active)
    assert.are_not.equal(stands, until_warm(stands))
  end)

  it("is another one when the node is lost that stood by, and the project goes on", function()
    local runs, stands = run_key().value, until_warm()
    on.nodes:lose(stands)
    assert.are.equal(third(runs, stands), until_warm(stands))
    nodes()[stands]:up()
    assert.are.same({ runs, 2 }, { run_key().value, #on:publishes(key) })
    assert.are.same({ 1, 0 }, { #engines_of(runs), #engines_of(stands) })
  end)

  it("keeps its engine while its service is started again", function()
    local stands = until_warm()
    local engine = engines_of(stands)
    nodes()[stands]:crash()
    nodes()[stands]:up()
    assert.are.equal(stands, until_warm())
    assert.are.same(engine, engines_of(stands))
  end)

  it("has its engine end by itself when its service is gone for longer than the lease", function()
    local stands = until_warm()
    nodes()[stands]:crash()
    proc.eventually("the engine to end", LIMIT, function() return #engines_of(stands) == 0 end)
    assert.are.equal(third(run_key().value, stands), until_warm(stands))
    nodes()[stands]:up()
  end)

  it("goes elsewhere when its node is drained, and takes the project when the other node is", function()
    local runs, stands = run_key().value, until_warm()
    drain(stands)
    local other = until_warm(stands)
    assert.are.equal(third(runs, stands), other)
    proc.eventually("the engine to end", LIMIT, function() return #engines_of(stands) == 0 end)
    drain(stands, "--off")
    local engine = engines_of(other)
    drain(runs)
    on:until_published(key, 3)
    assert.are.same({ other, engine }, { run_key().value, engines_of(other) })
    drain(runs, "--off")
  end)

  it("ends its engine when it is switched off, and when the project is stopped", function()
    local runs, stands = run_key().value, until_warm()
    modify(false)
    proc.eventually("the engine to end", LIMIT, function() return #engines_of(stands) == 0 end)
    assert.are.equal(require "cme.json".null, ask("DescribeProjectHealth").Standby)
    assert.are.same({ 1, 3 }, { #engines_of(runs), #on:publishes(key) })
    modify(true)
    stands = until_warm()
    assert.is_nil(stage.handle(nodes().a, id, "Stop").Error)
    proc.eventually("the engines to end", LIMIT, function() return #engines_of(stands) + #engines_of(runs) == 0 end)
    proc.eventually("the keys to go", LIMIT, function() return not client:get("/cme/fleet/stand/" .. id) end)
    assert.are.equal(3, #on:publishes(key))
  end)
end)
