-- SPDX-License-Identifier: MIT
-- The engine between two sources: switches that are asked for, failover and failback.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local relay_stage = require "spec.support.programs.relay_stage"

describe("cme-relay between two sources", function()
  local stage

  setup(function()
    stage = relay_stage.start()
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("goes to the backup and back on one unbroken publish", function()
    local name = stage:key()
    local engine, control = relay.control()
    assert.same({ revision = 1 },
      (control:request("set", { spec = stage:spec { stage:output("1", "a", name), stage:output("2", "b", name) } })))
    control:until_output("1", "live")
    control:until_output("2", "live")
    local longest = 0
    for _, to in ipairs { "backup", "main" } do
      local ok, err = control:request("switch", { to = to })
      assert.is_nil(err and err.message)
      assert.equal(to, ok.active)
      longest = math.max(longest, ok.gap_ms / 1000)
      assert.equal("request", control:expect({ event = "switched", to = to }).reason)
      proc.elapse(1.5)
    end
    assert.same({ active = "main", gap_ms = 0 }, (control:request("switch", { to = "main" })))
    stage:stop(engine, control)
    for _, app in ipairs { "a", "b" } do
      local report = stage:recording(app, name)
      assert.equal(1, stage:publishes(app, name))
      assert.equal("640x360 480x270 640x360", report.looks)
      assert.equal(0, report.backward)
      assert.is_true(report.largest_gap < 1 + longest, report.largest_gap)
    end
  end)

  it("answers switch.no_keyframe when the input is dead, and goes on", function()
    local engine, control = relay.control()
    local dead = stage:spec({ stage:output("1", "a", stage:key()) }, { inputs = {
      main = { url = stage.platform:url("src", "main") },
      backup = { url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
    } })
    assert(control:request("set", { spec = dead }))
    control:until_output("1", "live")
    local ok, err = control:request("switch", { to = "backup" })
    assert.is_nil(ok)
    assert.equal("switch.no_keyframe", err.code)
    assert.equal("main", control:request("stat").active)
    assert.equal(err.message, control:expect({ event = "switch_failed", to = "backup", code = err.code }).reason)
    local lines = {}
    for i = 1, 65 do lines[i] = ('{"id":"%d","op":"switch","to":"backup"}'):format(i) end
    local before = #control.answers
    local first = control:say(table.concat(lines, "\n"))
    assert.same({ "65", "switch.busy" }, { first.id, first.error.code })
    proc.eventually("the answers to all that wait", 20, function() return #control.answers == before + 65 end)
    for i = 2, 65 do assert.equal("switch.no_keyframe", control.answers[before + i].error.code) end
    assert.equal("main", control:request("switch", { to = "main" }).active)
    stage:stop(engine, control)
  end)

  it("back to the active input ends the one that waits, and both are answered", function()
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "a", stage:key()) }, { inputs = {
      main = { url = stage.platform:url("src", "main") },
      backup = { url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
    } }) }))
    local lines = '{"id":"away","op":"switch","to":"backup"}\n{"id":"back","op":"switch","to":"main"}'
    local first = control:say(lines)
    local last = proc.eventually("both answers", 5, function() return control.answers[3] end)
    local by_id = { [first.id] = first, [last.id] = last }
    assert.equal("switch.superseded", by_id.away.error.code)
    assert.same({ active = "main", gap_ms = 0 }, by_id.back.ok)
    stage:stop(engine, control)
  end)

  it("fails over when the source dies, on the same publish", function()
    local name = stage:key()
    local source = stage:publish("mortal", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "c", name) }, { inputs = {
      main = { url = stage.platform:url("src", "mortal") }, backup = { url = stage.platform:url("src", "backup") },
    } }) }))
    control:until_output("1", "live")
    proc.eventually("a warm backup", 30, function() return control:request("stat").inputs.backup.state == "live" end)
    source:kill "sigkill"
    local event = control:expect { event = "switched", reason = "failover" }
    assert.same({ "main", "backup" }, { event.from, event.to })
    control:expect { event = "input", endpoint = "main", state = "stalled" }
    proc.elapse(1)
    stage:stop(engine, control)
    local report = stage:recording("c", name)
    assert.equal(1, stage:publishes("c", name))
    assert.equal("640x360 480x270", report.looks)
    assert.equal(0, report.backward)
  end)

  -- One publish cannot change its codecs.
  it("to other codecs is refused when planned, and a new publish at a failover", function()
    local name, dir = stage:key(), proc.folder()
    local path = dir .. "/mp3.flv"
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", media.file(dir .. "/aac.flv", 60, media.SMALL),
      "-c:v", "copy", "-c:a", "libmp3lame", path }))
    local source = stage:publish("brief", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "a", name) }, { inputs = {
      main = { url = stage.platform:url("src", "brief") }, backup = { url = path },
    } }) }))
    control:until_output("1", "live")
    proc.eventually("a warm backup", 30, function() return control:request("stat").inputs.backup.state == "live" end)
    local ok, err = control:request("switch", { to = "backup" })
    assert.is_nil(ok)
    assert.equal("switch.incompatible", err.code)
    assert.equal("main", control:request("stat").active)
    source:kill "sigkill"
    control:expect { event = "switched", reason = "failover" }
    proc.eventually("a second publish", 20, function() return stage:publishes("a", name) == 2 end)
    control:until_output("1", "live")
    stage:stop(engine, control)
  end)

  it("keeps the publish over a source that dies and comes back as another", function()
    local name = stage:key()
    local source = stage:publish("reborn", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "b", name) }, { inputs = {
      main = { url = stage.platform:url("src", "reborn") },
    } }) }))
    control:until_output("1", "live")
    source:kill "sigkill"
    control:expect { event = "input", endpoint = "main", state = "stalled", code = "source.stalled" }
    local sent = control:output("1").packets
    stage:publish("reborn", media.BACKUP)
    proc.eventually("packets again", 20, function() return control:output("1").packets > sent + 60 end)
    assert.equal(1, control:output("1").connects)
    stage:stop(engine, control)
    local report = stage:recording("b", name)
    assert.equal(1, stage:publishes("b", name))
    assert.equal("640x360 480x270", report.looks)
    assert.equal(0, report.backward)
  end)

  it("goes back by itself once the source has been live for the hold time, if that is wished", function()
    local name = stage:key()
    local source = stage:publish("prodigal", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "c", name) }, { failback_after = 1, inputs = {
      main = { url = stage.platform:url("src", "prodigal") }, backup = { url = stage.platform:url("src", "backup") },
    } }) }))
    control:until_output("1", "live")
    proc.eventually("a warm backup", 30, function() return control:request("stat").inputs.backup.state == "live" end)
    source:kill "sigkill"
    control:expect { event = "switched", to = "backup", reason = "failover" }
    stage:publish("prodigal", media.MAIN)
    control:expect { event = "switched", to = "main", reason = "failback" }
    assert.equal(1, control:output("1").connects)
    stage:stop(engine, control)
    local report = stage:recording("c", name)
    assert.equal("640x360 480x270 640x360", report.looks)
    assert.equal(0, report.backward)
  end)

  -- A camera that died behind a mixer that lives.
  it("fails over when the picture stops and the sound goes on", function()
    local url = stage.platform:url("src", "faceless")
    stage:expect_source(proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i",
      "testsrc2=size=640x360:rate=30:duration=4", "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
      "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "30",
      "-c:a", "aac", "-max_interleave_delta", "100000", "-f", "flv", url }, { name = "source" }))
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "c", stage:key()) }, { inputs = {
      main = { url = url }, backup = { url = stage.platform:url("src", "backup") },
    } }) }))
    control:until_output("1", "live")
    local down = control:expect { event = "input", endpoint = "main", state = "down", code = "media.no_picture" }
    assert.equal("no picture for 6 s", down.reason)
    control:expect { event = "switched", to = "backup", reason = "failover" }
    proc.eventually("sound", 20, function() return control:request("stat").inputs.main.age_ms < 1000 end)
    stage:stop(engine, control)
  end)

  it("starts on the backup when the main input is dead", function()
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec({ stage:output("1", "a", stage:key()) }, { inputs = {
      main = { url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
      backup = { url = stage.platform:url("src", "backup") },
    } }) }))
    control:expect { event = "switched", to = "backup", reason = "failover" }
    control:until_output("1", "live")
    stage:stop(engine, control)
  end)
end)
