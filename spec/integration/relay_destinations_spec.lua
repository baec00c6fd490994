-- SPDX-License-Identifier: MIT
-- The engine's destinations: none hurts another, and they come and go while it runs.

local uv = require "luv"

local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local relay_stage = require "spec.support.programs.relay_stage"

describe("cme-relay's destinations", function()
  local stage

  setup(function()
    stage = relay_stage.start()
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("do not hurt each other, whether refusing, silent or frozen, and come back", function()
    local name = stage:key()
    local other = nginx.start { apps = { "x" } }
    local silent = uv.new_tcp() -- accepts and never reads
    assert(silent:bind("127.0.0.1", 0))
    silent:listen(16, function() end)
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec {
      stage:output("good", "b", name),
      { id = "closed", url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
      { id = "silent", url = ("rtmp://127.0.0.1:%d/live/x"):format(silent:getsockname().port) },
      { id = "frozen", url = other:url("x", name) },
    } }))
    control:until_output("good", "live")
    control:until_output("frozen", "live")
    assert.equal("network.connect", control:until_output("closed", "backoff").error.code)
    other.proc:kill "sigstop"
    local frozen = control:expect({ event = "output", output_id = "frozen", state = "backoff" }, 40)
    assert.equal("network.timeout", frozen.code)
    local mute = control:expect { event = "output", output_id = "silent", state = "backoff" }
    assert.equal("network.timeout", mute.code)
    other.proc:kill "sigcont"
    proc.eventually("the frozen one to be back", 30, function()
      local it = control:output "frozen"
      return it.state == "live" and it.connects >= 2
    end)
    other:stop()
    control:expect { event = "output", output_id = "frozen", code = "network.reset" }
    other:up()
    proc.eventually("the restarted one to be back", 40, function()
      local it = control:output "frozen"
      return it.state == "live" and it.connects >= 3
    end)
    assert.equal(0, control:output "good".dropped)
    assert.equal(1, control:output "good".connects)
    stage:stop(engine, control)
    silent:close()
    other:stop()
    assert.is_nil(engine.err:find(name, 1, true))
    local report = stage:recording("b", name)
    assert.equal(0, report.backward)
    assert.is_true(report.largest_gap < 0.2)
  end)

  it("that refuse the publish are told apart and tried slower", function()
    local name = stage:key()
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec { stage:output("1", "a", name), stage:output("2", "a", name) } }))
    local refused = control:expect { event = "output", state = "refused" }
    assert.equal("publish.refused", refused.code)
    control:until_output(refused.output_id == "1" and "2" or "1", "live")
    stage:stop(engine, control)
    assert.is_nil(engine.err:find(name, 1, true))
  end)

  it("are added, moved and removed while the others run on", function()
    local name, later, moved = stage:key(), stage:key(), stage:key()
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec { stage:output("1", "a", name), stage:output("2", "b", name) } }))
    control:until_output("1", "live")
    assert.same({}, (control:request("set_output", { output = stage:output("3", "c", later) })))
    control:until_output("3", "live")
    assert.same({}, (control:request("set_output", { output = stage:output("3", "c", moved) })))
    proc.eventually("the moved publish", 20, function() return stage:publishes("c", moved) == 1 end)
    assert.same({}, (control:request("remove_output", { output_id = "2" })))
    stage.platform:expect_silence "b"
    assert.is_nil(control:output "2")
    assert.equal("invalid.output_id", select(2, control:request("remove_output", { output_id = "2" })).code)
    local stat = control:request "stat"
    local outputs = { stage:output("1", "a", name), stage:output("3", "c", moved) }
    assert(control:request("set", { spec = stage:spec(outputs, { revision = 2 }) }))
    assert.equal(stat.pid, control:request("stat").pid)
    assert.equal(2, control:request("stat").revision)
    stage:stop(engine, control)
    assert.equal(1, stage:publishes("a", name))
    assert.equal(1, stage:publishes("c", later))
    assert.equal(1, stage:publishes("c", moved))
  end)
end)
