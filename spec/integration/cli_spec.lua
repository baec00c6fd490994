-- SPDX-License-Identifier: MIT
-- The `cme` command as a process against one real `cme serve`: a broadcast driven from a shell, exit codes as a shell
-- sees them, the doctor's looks at real sources and destinations.

local cjson = require "cjson"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local NAME = "直播多平台分发"
local PARTLY = require "cme.cli.exit".PARTLY

describe("cme", function()
  local serve, server, source, env

  local function cme(...)
    local argv = { "bin/cme", ... }
    local options = type(argv[#argv]) == "table" and table.remove(argv) or {}
    local all = {}
    for name, value in pairs(env) do all[name] = value end
    for name, value in pairs(options) do all[name] = value end
    local code, out, err = proc.run(argv, { env = all, timeout = 60 })
    return { code = code, out = out, err = err }
  end

  local function well(...)
    local ran = cme(...)
    assert.are.same({ 0, "" }, { ran.code, ran.err }, ran.out)
    return ran.out
  end

  -- A start, which a busy machine may make one in part: not all is live in time.
  local function start(...)
    local ran = cme("start", ...)
    assert.is_truthy(ran.code == PARTLY or ran.code == 0 and ran.err == "", ran.err)
    return ran
  end

  local function status()
    return cjson.decode(well("status", NAME, "--json"))
  end

  setup(function()
    serve = service.start()
    env = serve:environment()
    env.LC_ALL, env.HOME = "C", false
    server = nginx.start { apps = { "in", "out" } }
    source = media.publish(server:url("in", "main"))
    server:expect_publish "in"
  end)

  teardown(function()
    source:stop()
    server:stop()
    serve:stop()
    proc.cleanup()
  end)

  it("drives a broadcast from a shell", function()
    assert.matches("^created '" .. NAME .. "': cmepid_%x+\n$", well("create", NAME, "--owner", "me", "--input",
      server:url("in", "main"), "--output", "推流1=" .. server:url("out", "key1")))
    assert.matches('^HandleStreamConnectProject {.*"Operation":"Start"', well("start", NAME, "--dry-run"))
    assert.are.equal("idle", status().status)
    local started = start(NAME, "--for", "10m")
    if started.code == 0 then assert.matches("^started '" .. NAME .. "', until ", started.out) end
    local info = proc.eventually("the output to be live", 20, function()
      local now = status()
      local health = now.outputs[1].health
      return health and health.state == "live" and now
    end)
    assert.are.same({ "working", "main", "live" }, { info.status, info.active, info.inputs.main.health.state })
    assert.is_nil(cjson.encode(info):find(server.keys, 1, true))
    local shown = well("status", NAME)
    assert.matches("main %*  live", shown)
    assert.matches("推流1 ", shown)
    assert.is_nil(shown:find(server.keys, 1, true))
    assert.matches("working", well "list")

    well("output", "add", NAME, server:url("out", "key2"), "--name", "B")
    server:expect_publish("out", 2)
    well("output", "set", NAME, "B", "--name", "C")
    well("output", "remove", NAME, "C")
    assert.are.equal(1, #status().outputs)
    well("input", "add", NAME, "backup", server:url("in", "main"))
    well("input", "remove", NAME, "backup")
    local refused = cme("delete", NAME)
    assert.are.same({ 3, "" }, { refused.code, refused.out }, refused.err)
    assert.are.equal(("stopped '%s'\n"):format(NAME), well("stop", NAME))
    well("rename", NAME, "gala")
    assert.are.equal("deleted 'gala'\n", well("delete", "gala"))
    assert.are.equal("no projects\n", well "list")
  end)

  it("starts what a file describes, once, and brings it into line", function()
    local path = proc.folder() .. "/show.json"
    local function write(outputs)
      local file = assert(io.open(path, "w"))
      file:write(cjson.encode { name = "file", owner = "me", input = server:url("in", "main"), outputs = outputs })
      file:close()
    end
    write { server:url("out", "file1") }
    start(path)
    well("ensure", path, "--status", "working")
    write { server:url("out", "file1"), server:url("out", "file2") }
    assert.matches("^CreateProject", well("create", path, "--dry-run"))
    assert.matches("^add output '[^']+'\n$", well("ensure", path))
    well("ensure", path, "--status", "idle")
    well("delete", path)
  end)

  it("does with a MEDIA_CAST project what it does with the other", function()
    well("create", "cast", "--owner", "me", "--category", "MEDIA_CAST", "--source", server:url("in", "main"),
      "--output", "A=" .. server:url("out", "cast"))
    local id = cjson.decode(well("input", "add", "cast", server:url("in", "main"), "--position", "1", "--json")).input
    local info = cjson.decode(well("status", "cast", "--json"))
    assert.are.same({ "MEDIA_CAST", 2, id }, { info.category, #info.sources, info.sources[1].id })
    assert.matches('"Operation":"Start".*\n.*"Operation":"Confirm"', well("start", "cast", "--dry-run"))
    well("input", "remove", "cast", id)
    well("output", "set", "cast", "A", "--name", "B")
    well("output", "remove", "cast", "B")
    well("delete", "cast")
  end)

  it("says in one line what went wrong, with the code of its kind", function()
    for _, case in ipairs {
      { 1, { "list", { TENCENTCLOUD_SECRET_ID = false, TENCENTCLOUD_SECRET_KEY = false, CME_METADATA = "off" } } },
      { 2, { "list", "--nonsense" } },
      { 3, { "list", { TENCENTCLOUD_SECRET_KEY = "wrong" } } },
      { 4, { "list", "--endpoint", ("http://127.0.0.1:%d"):format(proc.free_port()), "--retries", "0" } },
      { 5, { "stop", "nothing of this name" } },
      { 5, { "stop", "5fae2b35d84b53000142d8a3" } },
    } do
      local ran = cme(table.unpack(case[2]))
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme [^\n]+\n$", ran.err)
    end
    -- Refused at the destination: on the air, but not all of it.
    local ran = cme("create", "partly", "--owner", "me", "--input", server:url("in", "main"), "--output",
      ("rtmp://127.0.0.1:%d/a/key"):format(proc.free_port()))
    assert.are.equal(0, ran.code, ran.err)
    ran = cme("start", "partly")
    assert.are.equal(6, ran.code, ran.err)
    assert.matches("^cme start: project 'partly': start: started, but ", ran.err)
    well("stop", "partly")
    well("delete", "partly")
  end)

  it("speaks Chinese with the service under a Chinese locale", function()
    local ran = cme("stop", "无此项目", { LC_ALL = "zh_CN.UTF-8" })
    assert.are.same({ 5, "cme stop: 项目“无此项目”：未找到\n" }, { ran.code, ran.err })
    ran = cme("call", "ListMedia", "--Owner.Type", "PERSON", "--Owner.Id", "me", "--ClassPath", "/",
      { LC_ALL = "zh_CN.UTF-8" })
    assert.are.equal(3, ran.code)
  end)

  it("needs no HOME, no PATH but its interpreter's, and no terminal", function()
    local code, out, err = proc.run({ "/usr/bin/env", "-i", "PATH=/usr/bin", "CME_ENDPOINT=" .. serve.url,
      "TENCENTCLOUD_SECRET_ID=" .. serve.secret_id, "TENCENTCLOUD_SECRET_KEY=" .. serve.secret_key,
      "LD_PRELOAD=" .. (os.getenv "LD_PRELOAD" or ""), "LSAN_OPTIONS=" .. (os.getenv "LSAN_OPTIONS" or ""),
      "CME_BUILD=" .. (os.getenv "CME_BUILD" or "build"),
      "bin/cme", "list", "--platform", "test" })
    assert.are.same({ 0, "no projects\n", "" }, { code, out, err })
  end)

  it("fails when its result cannot be written", function()
    local all = { LD_PRELOAD = os.getenv "LD_PRELOAD" } -- a shell would not be given it
    for name, value in pairs(env) do all[name] = value end
    local code, _, err = proc.run({ "sh", "-c", "exec bin/cme list >/dev/full" }, { env = all })
    assert.are.same({ 1, "cme list: stdout: No space left on device\n" }, { code, err })
  end)

  it("looks at sources and destinations as a doctor", function()
    local tmp = proc.folder()
    local ran = cme("doctor", "--json", "--for", "15s", "--input", server:url("in", "main"),
      "--input", server:url("in", "nobody"), "--output", "good=" .. server:url("out", "key"),
      "--output", ("closed=rtmp://127.0.0.1:%d/a/key"):format(proc.free_port()),
      "--output", ("web=rtmp://127.0.0.1:%d/a/key"):format(server.http_port),
      "--output", "name=rtmp://nothing.invalid/a/key", { TMPDIR = tmp })
    assert.are.equal(6, ran.code, ran.err)
    local found = {}
    for _, one in ipairs(cjson.decode(ran.out).checks) do
      found[one.check .. " " .. (one.subject or "")] = one
    end
    assert.are.same({ "ok", "ok", "ok", "ok", "failed", "ok", "failed", "failed", "failed" }, { found["key "].state,
      found["service "].state, found["clock "].state, found["input 1"].state, found["input 2"].state,
      found["output good"].state, found["output closed"].state, found["output web"].state, found["output name"].state })
    assert.matches("^h264 640x360, %d+ fps, GOP 1.0 s, aac, %d+ kbit/s$", found["input 1"].fact)
    assert.are.same({ "connection refused", "the name cannot be resolved" },
      { found["output closed"].fact, found["output name"].fact })
    for _, one in pairs(found) do assert.truthy(one.state == "ok" or one.advice, one.fact) end
    assert.is_nil(ran.out:find(server.keys, 1, true))
    assert.are.same({}, proc.matching(tmp .. "/cme-probe"))
  end)

  it("leaves no engine and no file behind when a look is interrupted", function()
    local tmp = proc.folder()
    local all = { TMPDIR = tmp }
    for name, value in pairs(env) do all[name] = value end
    local doctor = proc.spawn({ "bin/cme", "doctor", "--for", "1m", "--input", server:url("in", "nobody") },
      { name = "cme doctor", env = all })
    proc.eventually("the engine", 20, function() return proc.matching(tmp .. "/cme-probe")[1] end)
    doctor:kill "sigint"
    doctor:wait()
    assert.are.same({ 130, "cme doctor: interrupted\n" }, { doctor.code, doctor.err })
    proc.eventually("the engine to end", 20, function() return not proc.matching(tmp .. "/cme-probe")[1] end)
    assert.are.equal("", select(2, proc.run { "ls", "-A", tmp }))
  end)

  it("ends without a word when it is interrupted before the command runs", function()
    local interrupt = "package.preload['cme.cli'] = function() io.popen('kill -INT $PPID'):close() error 'too late' end"
    local ran = cme("list", { LUA_INIT_5_4 = interrupt })
    assert.are.same({ 130, "", "" }, { ran.code, ran.out, ran.err })
  end)

  it("knocks at destinations over TLS and SRT, and waits for none that is silent", function()
    local dir, tls, srt = proc.folder(), proc.free_port(), proc.free_port()
    assert.are.equal(0, (proc.run { "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
      dir .. "/key.pem", "-out", dir .. "/cert.pem", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost" }))
    -- Speaks TLS, and nothing after that.
    local server_of_tls = proc.spawn({ "openssl", "s_server", "-accept", tostring(tls), "-cert", dir .. "/cert.pem",
      "-key", dir .. "/key.pem", "-WWW" }, { cwd = dir, name = "s_server" })
    local listener = proc.spawn({ "ffmpeg", "-loglevel", "error", "-nostdin", "-i",
      ("srt://127.0.0.1:%d?mode=listener"):format(srt), "-f", "null", "-" }, { name = "SRT listener" })
    server_of_tls:expect_listening(tls)
    local function knock(url, ...)
      local ran = cme("doctor", "--json", "--for", "15s", "--output", url, ...)
      local checks = cjson.decode(ran.out).checks
      local found = checks[#checks]
      return found.state, found.fact
    end
    local url = ("rtmps://localhost:%d/a/key"):format(tls)
    assert.are.same({ "failed", "self-signed certificate" }, { knock(url) })
    assert.are.same({ "failed", "connected, but no answer to RTMP's handshake" },
      { knock(url, "--ca-file", dir .. "/cert.pem", "--for", "5s") })
    assert.are.equal("ok", (knock(("srt://127.0.0.1:%d"):format(srt))))
    server_of_tls:stop()
    listener:stop()
  end)

  it("runs the engine by hand, and hands signals on", function()
    local path = proc.folder() .. "/url"
    local file = assert(io.open(path, "w"))
    file:write(server:url("out", "relay"), "\n")
    file:close()
    local relay = proc.spawn({ "bin/cme", "relay", "-i", server:url("in", "main"), "-o", "@" .. path },
      { name = "cme relay", env = env })
    proc.eventually("the publish", 20, function()
      for _, publish in ipairs(server:publishes "out") do
        if publish.name == "relay" then return true end
      end
    end)
    relay:kill "sigterm"
    relay:wait()
    assert.are.same({ 0, 0 }, { relay.code, relay.signal })
    assert.are.equal(2, cme("relay", "--nonsense").code)
    local ran = cme("relay", "-i", "@none")
    assert.are.same({ 5, "cme relay: file 'none': No such file or directory\n" }, { ran.code, ran.err })
  end)

  it("gives 4 when the service is gone", function()
    serve:crash()
    local ran = cme("status", "5fae2b35d84b53000142d8a3", "--retries", "0", "--json")
    assert.are.equal(4, ran.code)
    assert.matches("is cme serve running%?\n$", ran.err)
    assert.are.equal("network.connect", cjson.decode(ran.out).error.code)
    assert.are.equal(4, cme("doctor", "--retries", "0").code)
    serve:up()
  end)
end)
