-- SPDX-License-Identifier: MIT
-- The engine against real nginx-rtmp destinations, ffmpeg sources and ffprobe.

local cjson = require "cjson"
local uv = require "luv"

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local relay_stage = require "spec.support.programs.relay_stage"

local RECORDED = 1 -- seconds of a recording that are enough
local FILE = 60 -- seconds of a file that comes at its own pace: more than a spec takes
local GOP = 1 -- seconds that may come at once

describe("cme-relay", function()
  local stage
  local orphan -- started first, so that its 30 s pass while the rest runs

  setup(function()
    orphan = relay.start("--control", proc.folder() .. "/orphan.sock")
    stage = relay_stage.start()
  end)

  teardown(function()
    proc.cleanup()
  end)

  describe("by hand", function()
    it("relays to three destinations and ends at SIGTERM, with no URL in ps or key in the log", function()
      local name = stage:key()
      local engine = relay.start("-i", stage.platform:url("src", "main"), "-o", stage.platform:url("a", name), "-o",
        stage.platform:url("b", name), "--output=" .. stage.platform:url("c", name))
      for _, id in ipairs { "1", "2", "3" } do engine:expect('"output_id":"' .. id .. '","state":"live"') end
      local file = assert(io.open(("/proc/%d/cmdline"):format(engine.pid)))
      assert.is_nil(file:read("a"):find("://", 1, true))
      file:close()
      for _, app in ipairs { "a", "b", "c" } do stage:until_recorded(app, name, RECORDED) end
      engine:kill()
      assert.equal(0, engine:wait())
      assert.is_truthy(engine.err:find('"event":"stopped","reason":"signal"', 1, true))
      assert.is_nil(engine.err:find(name, 1, true))
      for _, app in ipairs { "a", "b", "c" } do
        local report = stage:recording(app, name)
        assert.equal("h264 aac", report.video .. " " .. report.audio)
        assert.equal("640x360", report.looks)
        assert.equal(0, report.backward)
        assert.is_true(report.seconds >= RECORDED)
      end
    end)

    it("ends at --duration and says so", function()
      local engine = relay.start("-i", stage.platform:url("src", "main"), "-o", stage.platform:url("a", stage:key()),
        "--duration", "1")
      assert.equal(0, engine:wait())
      assert.is_truthy(engine.err:find('"event":"stopped","reason":"stop_at"', 1, true))
    end)

    it("keeps trying a dead source and says so without its key", function()
      local engine = relay.start("-i", ("rtmp://127.0.0.1:%d/live/hushkey"):format(proc.free_port()), "-o",
        stage.platform:url("a", stage:key()))
      engine:expect '"state":"down","code":"network.connect","reason":"open \'rtmp://127.0.0.1:%d+/live/%*%*%*\': '
      engine:expect '"state":"down".*"state":"connecting".*"state":"down"'
      engine:kill "sigint"
      assert.equal(0, engine:wait())
      assert.is_nil(engine.err:find("hushkey", 1, true))
    end)

    it("warns of a source that is no file and no URL, in words", function()
      local engine = relay.start("-i", "foo", "-o", stage.platform:url("a", stage:key()))
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

  it("says which codec a destination cannot take, and does not even connect", function()
    local path = proc.folder() .. "/mpeg4.mkv"
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
      "-t", "2", "-c:v", "mpeg4", path }))
    local engine = relay.start("-i", path, "-o", ("rtmp://127.0.0.1:%d/live/k"):format(proc.free_port()))
    engine:expect('"output_id":"1","state":"refused","code":"media.unsupported","reason":"[%a ]+ '
      .. "'rtmp://127.0.0.1:%d+/live/%*%*%*': RTMP does not carry mpeg4")
    engine:kill()
    assert.equal(0, engine:wait())
    assert.is_nil(engine.err:find('"output_id":"1","state":"connecting"', 1, true))
  end)

  describe("sources", function()
    -- What was recorded, and how long the engine ran.
    local function relayed(url)
      local name, began = stage:key(), uv.hrtime()
      local engine = relay.start("-i", url, "-o", stage.platform:url("b", name))
      engine:expect '"output_id":"1","state":"live"'
      stage:until_recorded("b", name, RECORDED)
      engine:kill()
      assert.equal(0, engine:wait())
      return stage:recording("b", name), (uv.hrtime() - began) / 1e9
    end

    it("may be HLS", function()
      local playlist = ("%s/hls/src/%smain.m3u8"):format(stage.platform.dir, stage.platform.keys)
      proc.eventually("a playlist", 20, function() return uv.fs_stat(playlist) end)
      local report = relayed(stage.platform:hls_url("src", "main"))
      assert.same({ "h264", "aac", "640x360", 0 }, { report.video, report.audio, report.looks, report.backward })
      assert.is_true(report.seconds >= RECORDED)
    end)

    it("may be files of MPEG-TS and FLV, which come at their own pace", function()
      for _, format in ipairs { "ts", "flv" } do
        local report, ran = relayed(media.file(proc.folder() .. "/show." .. format, FILE, media.BACKUP))
        assert.same({ "h264", "aac", "480x270", 0 }, { report.video, report.audio, report.looks, report.backward })
        assert.is_true(report.seconds < math.min(FILE - 1, ran + GOP), report.seconds)
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
      return relay.start("-i", input, "-o", stage.platform:url("b", stage:key()), ...)
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
      local engine = relay.start("-i", stage.platform:url("src", "main"), "-o",
        ("rtmps://localhost:%d/live/hushkey"):format(port))
      engine:expect '"state":"backoff","code":"network.tls"'
      engine:stop()
      assert.is_nil(engine.err:find("hushkey", 1, true))
    end)
  end)

  it("relays to SRT across a switch", function()
    local port, path = proc.free_port(), proc.folder() .. "/srt.ts"
    -- As data: ffmpeg's own MPEG-TS would have several frames of sound in one packet, and their times guessed.
    local listener = proc.spawn { "ffmpeg", "-v", "error", "-nostdin", "-f", "data", "-i",
      ("srt://127.0.0.1:%d?mode=listener&tlpktdrop=0"):format(port), "-map", "0", "-c", "copy", "-f", "data", path }
    local engine, control = relay.control()
    assert(control:request("set", { spec = stage:spec {
      { id = "1", name = "", url = ("srt://127.0.0.1:%d?streamid=hidden"):format(port) } } }))
    control:until_output("1", "live", 30)
    assert(control:request("switch", { to = "backup" }))
    local sent = control:output "1".packets
    proc.eventually("packets of the backup", 20, function() return control:output "1".packets > sent + 100 end)
    assert.equal(1, control:output "1".connects)
    stage:stop(engine, control)
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
      stage:stop(engine, control)
      assert.is_nil(uv.fs_stat(path))
    end)

    it("lost, it relays on; the next client finds it and sets the end", function()
      local name = stage:key()
      local engine, control, path = relay.control()
      assert(control:request("set", { spec = stage:spec { stage:output("1", "a", name) } }))
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
      assert.equal(1, stage:publishes("a", name))
    end)

    it("never given, the engine does not stay", function()
      assert.equal(0, orphan:wait(40))
      assert.is_truthy(orphan.err:find("no 'set' within 30 s", 1, true))
    end)
  end)
end)
