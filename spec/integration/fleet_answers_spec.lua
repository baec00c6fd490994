-- SPDX-License-Identifier: MIT
-- Two nodes that share an etcd: each answers for what the other runs.

local api = require "spec.support.api"
local proc = require "spec.support.proc"
local stage = require "spec.support.programs.fleet_stage"

describe("each of two nodes", function()
  local on

  setup(function() on = stage.start() end)
  teardown(function()
    on:stop()
    assert.are.same({}, proc.cleanup())
  end)

  it("takes no second node of a name, and no service that is alone", function()
    local argv = on.nodes.nodes.a:command("--listen", "127.0.0.1:0", "--edge", "off", "--node", "a")
    argv[4] = proc.folder()
    local code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("another cme serve of this fleet has the name 'a'", err, 1, true)
    argv = on.nodes.nodes.a:command("--listen", "127.0.0.1:0", "--edge", "off")
    argv[4] = proc.folder()
    code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("it belongs to a fleet", err, 1, true)
  end)

  it("answers for a project through the node that does not run it", function()
    local id, key = on:on_air()
    local node, other = on:of(id)
    local more = key .. "more"
    assert.is_nil(stage.handle(other, id, "AddOutput", { OutputInfo = { Name = "p", Type = "URL",
      PushUrl = on.rtmp:url("platform", more) } }).Error)
    on:until_published(more, 1)
    local health = api.call(other, "DescribeProjectHealth", { ProjectId = id })
    assert.are.same({ "Working", 2 }, { health.Status, #health.Outputs })
    local all = api.call(other, "DescribeProjectsHealth", {}).HealthSet
    assert.are.same({ 1, id, 2 }, { #all, all[1].ProjectId, #all[1].Outputs })
    local refused = stage.handle(other, id, "SwitchInput", { InputEndpoint = "Backup" })
    local there = stage.handle(node, id, "SwitchInput", { InputEndpoint = "Backup" })
    assert.are.equal(there.Error.Message, refused.Error.Message)
    assert.is_nil(stage.handle(other, id, "Stop").Error)
    assert.are.equal(0, #node:engines())
    assert.is_nil(stage.handle(other, id, "Start").Error) -- at once, wherever it was
    on:until_published(key, 2)
    assert.is_nil(stage.handle(node, id, "Stop").Error)
    assert.are.same({ 0, 0 }, { #node:engines(), #other:engines() })
  end)

  it("says to try again what only an engine can do, while the node that had it is lost", function()
    local id = on:on_air()
    local node, other, name = on:of(id)
    local input = { InputType = "LivePull", LivePullInputInfo = { InputUrl = on.rtmp:url("source", "main") } }
    assert.is_nil(stage.handle(other, id, "AddInput", { InputEndpoint = "Backup", InputInfo = input }).Error)
    on.nodes:lose(name)
    local answer
    proc.eventually("the other node to switch", 60, function()
      answer = stage.handle(other, id, "SwitchInput", { InputEndpoint = "Backup" })
      assert(not answer.Error or answer.Error.Message:find("try again", 1, true), answer.Error and answer.Error.Message)
      return not answer.Error
    end)
    assert.are.equal(1, #other:engines())
    node:up()
    assert.is_nil(stage.handle(node, id, "Stop").Error)
    stage.engines_gone(other)
  end)

  it("stores what the node that runs a project does not answer, and that node follows", function()
    local id = on:on_air()
    local node, other = on:of(id)
    node.proc:kill "sigstop"
    local answer = stage.handle(other, id, "Stop")
    node.proc:kill "sigcont"
    assert.are.equal("Idle", stage.status(other, id))
    if answer.Error then assert.are.equal("FailedOperation", answer.Error.Code) end
    stage.engines_gone(node)
    assert.are.same({}, other:engines())
  end)
end)
