-- SPDX-License-Identifier: MIT
-- The engine against real nginx-rtmp destinations, ffmpeg sources and ffprobe.

local cjson = require "cjson"
local uv = require "luv"

local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.relay"

describe("cme-relay", function()
  local platform
  local sources = {}
  local orphan -- started first, so that its 30 s pass while the rest runs

  -- A live source; returned when the server has it.
  local function publish(name, look)
    local before = #platform:publishes "src"
    sources[#sources + 1] = media.publish(platform:url("src", name), look)
    platform:expect_publish("src", before + 1)
    return sources[#sources]
  end

  setup(function()
    orphan = relay.start("--control", proc.folder() .. "/orphan.sock")
    platform = nginx.start { apps = { "src", "a", "b", "c" }, record = true, hls = { "src" } }
    publish("main", media.MAIN)
    publish("backup", media.BACKUP)
  end)

  teardown(function()
    proc.cleanup()
  end)

  local names = 0

  -- A stream key of its own for each test: what a test finds is its own.
  local function key()
    names = names + 1
    return "key" .. names .. "secret"
  end

  local function output(id, app, name)
    return { id = id, name = "platform " .. id, url = platform:url(app, name) }
  end

  local function spec(outputs, more)
    local value = {
      project = "p", revision = 1, active = "main", outputs = outputs, failover = true, stall_limit = 2,
      inputs = { main = { url = platform:url("src", "main") }, backup = { url = platform:url("src", "backup") } },
    }
    for name, field in pairs(more or {}) do value[name] = field end
    return value
  end

  -- The one recording of a stream key in an application, complete.
  local function recording(app, name)
    platform:expect_silence(app)
    local found = {}
    for _, path in ipairs(platform:recordings(app)) do
      if path:find(name, 1, true) then found[#found + 1] = path end
    end
    assert.equal(1, #found, "recordings of " .. name)
    return media.report(found[1])
  end

  local function publishes(app, name)
    local count = 0
    for _, one in ipairs(platform:publishes(app)) do
      if one.name == name then count = count + 1 end
    end
    return count
  end

  local function stopped(engine, control)
    assert.same({}, (control:request "stop"))
    assert.equal("request", control:expect({ event = "stopped" }).reason)
    assert.equal(0, (engine:wait()), engine:output())
  end

  describe("by hand", function()
    it("relays to three destinations and ends at SIGTERM, with no URL in ps or key in the log", function()
      local name = key()
      local engine = relay.start("-i", platform:url("src", "main"), "-o", platform:url("a", name), "-o",
        platform:url("b", name), "--output=" .. platform:url("c", name))
      for _, id in ipairs { "1", "2", "3" } do engine:expect('"output_id":"' .. id .. '","state":"live"') end
      local file = assert(io.open(("/proc/%d/cmdline"):format(engine.pid)))
      assert.is_nil(file:read("a"):find("://", 1, true))
      file:close()
      proc.elapse(2)
      engine:kill()
      assert.equal(0, engine:wait())
      assert.is_truthy(engine.err:find('"event":"stopped","reason":"signal"', 1, true))
      assert.is_nil(engine.err:find(name, 1, true))
      for _, app in ipairs { "a", "b", "c" } do
        local report = recording(app, name)
        assert.equal("h264 aac", report.video .. " " .. report.audio)
        assert.equal("640x360", report.looks)
        assert.equal(0, report.backward)
        assert.is_true(report.seconds > 1)
      end
    end)

    it("ends at --duration and says so", function()
      local engine = relay.start("-i", platform:url("src", "main"), "-o", platform:url("a", key()), "--duration", "1")
      assert.equal(0, engine:wait())
      assert.is_truthy(engine.err:find('"event":"stopped","reason":"stop_at"', 1, true))
    end)

    it("keeps trying a dead source and says so without its key", function()
      local engine = relay.start("-i", ("rtmp://127.0.0.1:%d/live/hushkey"):format(proc.free_port()), "-o",
        platform:url("a", key()))
      engine:expect '"state":"down","code":"network.connect","reason":"open \'rtmp://127.0.0.1:%d+/live/%*%*%*\': '
      engine:expect '"state":"down".*"state":"connecting".*"state":"down"'
      engine:kill "sigint"
      assert.equal(0, engine:wait())
      assert.is_nil(engine.err:find("hushkey", 1, true))
    end)

    it("warns of a source that is no file and no URL, in words", function()
      local engine = relay.start("-i", "foo", "-o", platform:url("a", key()))
      engine:expect '"level":"warn","event":"input".-"reason":"open \'foo\': no such file %(what is not a file'
      engine:kill()
      assert.equal(0, engine:wait())
    end)

    it("refuses an end in the past", function()
      local code, _, err = proc.run { relay.program, "-i", "rtmp://h/a/k", "-o", "rtmp://h/a/k", "--stop-at",
        "2020-01-01T00:00:00Z" }
      assert.equal(2, code)
      assert.is_truthy(err:find("cme-relay: --stop-at: is in the past\n", 1, true))
    end)

    it("refuses wrong use with exit code 2, a reason and the usage", function()
      local code, _, err = proc.run { relay.program, "-i", "rtmp://h/a/hushkey" }
      assert.equal(2, code)
      assert.is_truthy(err:find("cme-relay: -o: missing\nusage: ", 1, true))
      assert.is_nil(err:find("hushkey", 1, true))
    end)

    it("knows its version and its help", function()
      local code, out = proc.run { relay.program, "--version" }
      assert.equal(0, code)
      assert.equal("cme-relay " .. require "cme.version" .. "\n", out)
      code, out = proc.run { relay.program, "--help" }
      assert.equal(0, code)
      assert.is_truthy(out:find("--stall-limit", 1, true))
    end)
  end)

  describe("switching", function()
    it("goes to the backup and back on one unbroken publish", function()
      local name = key()
      local engine, control = relay.control()
      assert.same({ revision = 1 },
        (control:request("set", { spec = spec { output("1", "a", name), output("2", "b", name) } })))
      control:until_output("1", "live")
      control:until_output("2", "live")
      for _, to in ipairs { "backup", "main" } do
        local ok, err = control:request("switch", { to = to })
        assert.is_nil(err and err.message)
        assert.equal(to, ok.active)
        assert.equal("request", control:expect({ event = "switched", to = to }).reason)
        proc.elapse(1.5)
      end
      assert.same({ active = "main", gap_ms = 0 }, (control:request("switch", { to = "main" })))
      stopped(engine, control)
      for _, app in ipairs { "a", "b" } do
        local report = recording(app, name)
        assert.equal(1, publishes(app, name))
        assert.equal("640x360 480x270 640x360", report.looks)
        assert.equal(0, report.backward)
        assert.is_true(report.largest_gap < 1)
      end
    end)

    it("answers switch.no_keyframe when the input is dead, and goes on", function()
      local engine, control = relay.control()
      local dead = spec({ output("1", "a", key()) }, { inputs = {
        main = { url = platform:url("src", "main") },
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
      stopped(engine, control)
    end)

    it("back to the active input ends the one that waits, and both are answered", function()
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "a", key()) }, { inputs = {
        main = { url = platform:url("src", "main") },
        backup = { url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
      } }) }))
      local lines = '{"id":"away","op":"switch","to":"backup"}\n{"id":"back","op":"switch","to":"main"}'
      local first = control:say(lines)
      local last = proc.eventually("both answers", 5, function() return control.answers[3] end)
      local by_id = { [first.id] = first, [last.id] = last }
      assert.equal("switch.superseded", by_id.away.error.code)
      assert.same({ active = "main", gap_ms = 0 }, by_id.back.ok)
      stopped(engine, control)
    end)

    it("fails over when the source dies, on the same publish", function()
      local name = key()
      local source = publish("mortal", media.MAIN)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "c", name) }, { inputs = {
        main = { url = platform:url("src", "mortal") }, backup = { url = platform:url("src", "backup") },
      } }) }))
      control:until_output("1", "live")
      proc.eventually("a warm backup", 10, function() return control:request("stat").inputs.backup.state == "live" end)
      source:kill "sigkill"
      local event = control:expect { event = "switched", reason = "failover" }
      assert.same({ "main", "backup" }, { event.from, event.to })
      control:expect { event = "input", endpoint = "main", state = "stalled" }
      proc.elapse(1)
      stopped(engine, control)
      local report = recording("c", name)
      assert.equal(1, publishes("c", name))
      assert.equal("640x360 480x270", report.looks)
      assert.equal(0, report.backward)
    end)

    -- One publish cannot change its codecs.
    it("to other codecs is refused when planned, and a new publish at a failover", function()
      local name, dir = key(), proc.folder()
      local path = dir .. "/mp3.flv"
      assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", media.file(dir .. "/aac.flv", 60, media.BACKUP),
        "-c:v", "copy", "-c:a", "libmp3lame", path }))
      local source = publish("brief", media.MAIN)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "a", name) }, { inputs = {
        main = { url = platform:url("src", "brief") }, backup = { url = path },
      } }) }))
      control:until_output("1", "live")
      proc.eventually("a warm backup", 10, function() return control:request("stat").inputs.backup.state == "live" end)
      local ok, err = control:request("switch", { to = "backup" })
      assert.is_nil(ok)
      assert.equal("switch.incompatible", err.code)
      assert.equal("main", control:request("stat").active)
      source:kill "sigkill"
      control:expect { event = "switched", reason = "failover" }
      proc.eventually("a second publish", 20, function() return publishes("a", name) == 2 end)
      control:until_output("1", "live")
      stopped(engine, control)
    end)

    it("keeps the publish over a source that dies and comes back as another", function()
      local name = key()
      local source = publish("reborn", media.MAIN)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "b", name) }, { inputs = {
        main = { url = platform:url("src", "reborn") },
      } }) }))
      control:until_output("1", "live")
      source:kill "sigkill"
      control:expect { event = "input", endpoint = "main", state = "stalled", code = "source.stalled" }
      local sent = control:output("1").packets
      publish("reborn", media.BACKUP)
      proc.eventually("packets again", 20, function() return control:output("1").packets > sent + 60 end)
      assert.equal(1, control:output("1").connects)
      stopped(engine, control)
      local report = recording("b", name)
      assert.equal(1, publishes("b", name))
      assert.equal("640x360 480x270", report.looks)
      assert.equal(0, report.backward)
    end)

    it("goes back by itself once the source has been live for the hold time, if that is wished", function()
      local name = key()
      local source = publish("prodigal", media.MAIN)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "c", name) }, { failback_after = 1, inputs = {
        main = { url = platform:url("src", "prodigal") }, backup = { url = platform:url("src", "backup") },
      } }) }))
      control:until_output("1", "live")
      proc.eventually("a warm backup", 10, function() return control:request("stat").inputs.backup.state == "live" end)
      source:kill "sigkill"
      control:expect { event = "switched", to = "backup", reason = "failover" }
      publish("prodigal", media.MAIN)
      control:expect { event = "switched", to = "main", reason = "failback" }
      assert.equal(1, control:output("1").connects)
      stopped(engine, control)
      local report = recording("c", name)
      assert.equal("640x360 480x270 640x360", report.looks)
      assert.equal(0, report.backward)
    end)

    -- A camera that died behind a mixer that lives.
    it("fails over when the picture stops and the sound goes on", function()
      local before = #platform:publishes "src"
      local url = platform:url("src", "faceless")
      sources[#sources + 1] = proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i",
        "testsrc2=size=640x360:rate=30:duration=4", "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "30",
        "-c:a", "aac", "-max_interleave_delta", "100000", "-f", "flv", url }, { name = "source" })
      platform:expect_publish("src", before + 1)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "c", key()) }, { inputs = {
        main = { url = url }, backup = { url = platform:url("src", "backup") },
      } }) }))
      control:until_output("1", "live")
      local stalled = control:expect { event = "input", endpoint = "main", state = "stalled" }
      assert.equal("no picture for 2 s", stalled.reason)
      control:expect { event = "switched", to = "backup", reason = "failover" }
      assert.is_true(control:request("stat").inputs.main.age_ms < 1000)
      stopped(engine, control)
    end)

    it("starts on the backup when the main input is dead", function()
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec({ output("1", "a", key()) }, { inputs = {
        main = { url = ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()) },
        backup = { url = platform:url("src", "backup") },
      } }) }))
      control:expect { event = "switched", to = "backup", reason = "failover" }
      control:until_output("1", "live")
      stopped(engine, control)
    end)
  end)

  describe("destinations", function()
    it("do not hurt each other, whether refusing, silent or frozen, and come back", function()
      local name = key()
      local other = nginx.start { apps = { "x" } }
      local silent = uv.new_tcp() -- accepts and never reads
      assert(silent:bind("127.0.0.1", 0))
      silent:listen(16, function() end)
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec {
        output("good", "b", name),
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
      stopped(engine, control)
      silent:close()
      other:stop()
      assert.is_nil(engine.err:find(name, 1, true))
      local report = recording("b", name)
      assert.equal(0, report.backward)
      assert.is_true(report.largest_gap < 0.2)
    end)

    it("that refuse the publish are told apart and tried slower", function()
      local name = key()
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec { output("1", "a", name), output("2", "a", name) } }))
      local refused = control:expect { event = "output", state = "refused" }
      assert.equal("publish.refused", refused.code)
      control:until_output(refused.output_id == "1" and "2" or "1", "live")
      stopped(engine, control)
      assert.is_nil(engine.err:find(name, 1, true))
    end)

    it("are added, moved and removed while the others run on", function()
      local name, later, moved = key(), key(), key()
      local engine, control = relay.control()
      assert(control:request("set", { spec = spec { output("1", "a", name), output("2", "b", name) } }))
      control:until_output("1", "live")
      assert.same({}, (control:request("set_output", { output = output("3", "c", later) })))
      control:until_output("3", "live")
      assert.same({}, (control:request("set_output", { output = output("3", "c", moved) })))
      proc.eventually("the moved publish", 20, function() return publishes("c", moved) == 1 end)
      assert.same({}, (control:request("remove_output", { output_id = "2" })))
      platform:expect_silence "b"
      assert.is_nil(control:output "2")
      assert.equal("invalid.output_id", select(2, control:request("remove_output", { output_id = "2" })).code)
      local stat = control:request "stat"
      local outputs = { output("1", "a", name), output("3", "c", moved) }
      assert(control:request("set", { spec = spec(outputs, { revision = 2 }) }))
      assert.equal(stat.pid, control:request("stat").pid)
      assert.equal(2, control:request("stat").revision)
      stopped(engine, control)
      assert.equal(1, publishes("a", name))
      assert.equal(1, publishes("c", later))
      assert.equal(1, publishes("c", moved))
    end)
  end)

  it("says which codec a destination cannot take, and does not even connect", function()
    for codec, path in pairs { libx265 = proc.folder() .. "/hevc.ts", mpeg4 = proc.folder() .. "/mpeg4.mkv" } do
      assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
        "-t", "10", "-c:v", codec, path }))
      local engine = relay.start("-i", path, "-o", ("rtmp://127.0.0.1:%d/live/k"):format(proc.free_port()))
      engine:expect('"output_id":"1","state":"refused","code":"media.unsupported","reason":"[%a ]+ '
        .. "'rtmp://127.0.0.1:%d+/live/%*%*%*': RTMP does not carry " .. path:match "(%w+)%.%w+$")
      engine:kill()
      assert.equal(0, engine:wait())
      assert.is_nil(engine.err:find('"output_id":"1","state":"connecting"', 1, true))
    end
  end)

  describe("sources", function()
    local function relayed(url)
      local name = key()
      local engine = relay.start("-i", url, "-o", platform:url("b", name))
      engine:expect '"output_id":"1","state":"live"'
      proc.elapse(2)
      engine:kill()
      assert.equal(0, engine:wait())
      return recording("b", name)
    end

    it("may be HLS", function()
      local playlist = ("%s/hls/src/%smain.m3u8"):format(platform.dir, platform.keys)
      proc.eventually("a playlist", 20, function() return uv.fs_stat(playlist) end)
      local report = relayed(platform:hls_url("src", "main"))
      assert.same({ "h264", "aac", "640x360", 0 }, { report.video, report.audio, report.looks, report.backward })
      assert.is_true(report.seconds > 1)
    end)

    it("may be files of MPEG-TS and FLV, which come at their own pace", function()
      for _, format in ipairs { "ts", "flv" } do
        local report = relayed(media.file(proc.folder() .. "/show." .. format, 20, media.BACKUP))
        assert.same({ "h264", "aac", "480x270", 0 }, { report.video, report.audio, report.looks, report.backward })
        assert.is_true(report.seconds > 1 and report.seconds < 15)
      end
    end)
  end)

  describe("TLS", function()
    local dir, port, server

    -- A web server with a certificate that no system trusts, made for `localhost`.
    setup(function()
      dir, port = proc.folder(), proc.free_port()
      assert(proc.run { "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", dir .. "/key.pem",
        "-out", dir .. "/cert.pem", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost" } == 0)
      media.file(dir .. "/show.flv", 10, media.BACKUP)
      server = proc.spawn({ "openssl", "s_server", "-accept", tostring(port), "-cert", dir .. "/cert.pem", "-key",
        dir .. "/key.pem", "-WWW" }, { cwd = dir, name = "s_server" })
      server:expect "ACCEPT"
    end)

    teardown(function()
      server:stop()
    end)

    local function engine_for(input, ...)
      return relay.start("-i", input, "-o", platform:url("b", key()), ...)
    end

    it("of a source is verified: an unknown certificate is refused", function()
      local engine = engine_for(("https://localhost:%d/show.flv"):format(port))
      engine:expect '"state":"down","code":"network.tls"'
      engine:stop()
    end)

    it("trusts --ca-file too, but only for the name in the certificate", function()
      local engine = engine_for(("https://localhost:%d/show.flv"):format(port), "--ca-file", dir .. "/cert.pem")
      engine:expect '"output_id":"1","state":"live"'
      engine:stop()
      engine = engine_for(("https://127.0.0.1:%d/show.flv"):format(port), "--ca-file", dir .. "/cert.pem")
      engine:expect '"state":"down","code":"network.tls"'
      engine:stop()
    end)

    it("of a destination is verified", function()
      local engine = relay.start("-i", platform:url("src", "main"), "-o",
        ("rtmps://localhost:%d/live/hushkey"):format(port))
      engine:expect '"state":"backoff","code":"network.tls"'
      engine:stop()
      assert.is_nil(engine.err:find("hushkey", 1, true))
    end)
  end)

  it("relays to SRT across a switch", function()
    local port, path = proc.free_port(), proc.folder() .. "/srt.ts"
    local listener = proc.spawn { "ffmpeg", "-v", "error", "-nostdin", "-i",
      ("srt://127.0.0.1:%d?mode=listener"):format(port), "-c", "copy", "-y", path }
    local engine, control = relay.control()
    assert(control:request("set", { spec = spec {
      { id = "1", name = "", url = ("srt://127.0.0.1:%d?streamid=hidden"):format(port) } } }))
    control:until_output("1", "live", 30)
    assert(control:request("switch", { to = "backup" }))
    proc.elapse(1.5)
    assert.equal(1, control:output "1".connects)
    stopped(engine, control)
    listener:wait()
    local report = media.report(path)
    assert.same({ "h264", "aac", "640x360 480x270", 0 },
      { report.video, report.audio, report.looks, report.backward })
    assert.is_nil(engine.err:find("hidden", 1, true))
  end)

  describe("control", function()
    it("answers every bad line and goes on", function()
      local engine, control, path = relay.control()
      for line, code in pairs {
        nonsense = "invalid.json", ["[]"] = "invalid.request", ["{}"] = "invalid.request",
        ['{"id":1,"op":"fly"}'] = "invalid.op", ['{"id":1,"op":"set","spec":{}}'] = "invalid.spec",
      } do
        assert.equal(code, control:say(line).error.code)
      end
      assert.equal(cjson.null, control:say("nonsense").id)
      assert.equal("switch.no_input", select(2, control:request("switch", { to = "backup" })).code)
      local code, _, err = proc.run { relay.program, "--control", path }
      assert.equal(2, code)
      assert.is_truthy(err:find("already running", 1, true))
      stopped(engine, control)
      assert.is_nil(uv.fs_stat(path))
    end)

    it("lost, it relays on; the next client finds it and sets the end", function()
      local name = key()
      local engine, control, path = relay.control()
      assert(control:request("set", { spec = spec { output("1", "a", name) } }))
      control:until_output("1", "live")
      control:close()
      proc.elapse(1)
      local again, watcher = relay.connect(path), relay.connect(path)
      assert.equal("live", again:output("1").state)
      assert.same({}, (again:request("set_stop_at", { stop_at = os.time() + 2 })))
      for _, client in ipairs { again, watcher } do
        assert.equal("stop_at", client:expect({ event = "stopped" }).reason)
      end
      assert.equal(0, engine:wait())
      assert.equal(1, publishes("a", name))
    end)

    it("never given, the engine does not stay", function()
      assert.equal(0, orphan:wait(40))
      assert.is_truthy(orphan.err:find("no 'set' within 30 s", 1, true))
    end)
  end)

  it("leaves no process behind", function()
    for _, source in ipairs(sources) do source:stop() end
    platform:stop()
    assert.same({}, proc.cleanup())
  end)
end)
