-- SPDX-License-Identifier: MIT
-- `cme run` against the real service, engine and nginx-rtmp. The last case is the proof: a show of three minutes in
-- which a source, a destination and `cme run` itself are killed. CME_SEED repeats its random moments.

local uv = require "luv"

local cme = require "cme"
local json = require "cme.json"
local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.raw_server"
local receiver = require "spec.support.receiver"
local service = require "spec.support.service"

local BACKUP = { size = "256x144", rate = 15, gop = 15, bitrate = "150k", picture = "smptebars", tone = 880,
  sample_rate = 48000, profile = "main", bframes = 0 }

local function unix_now()
  local seconds, microseconds = uv.gettimeofday()
  return seconds + microseconds / 1e6
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- What is written in a file so far, a JSON object a line.
local function read_lines(path)
  local list = {}
  local file = io.open(path)
  for line in file and file:lines() or function() end do list[#list + 1] = assert(json.decode(line)) end
  if file then file:close() end
  return list
end

describe("cme run", function()
  local rtmp, other, serve, sources, files, folder

  local function publish(name)
    sources[name] = media.replay(rtmp:url("source", name), files[name])
  end

  setup(function()
    folder = proc.folder()
    files = { main = media.file(folder .. "/main.flv", 10, media.SMALL),
      backup = media.file(folder .. "/backup.flv", 10, BACKUP) }
    rtmp = nginx.start { apps = { "source", "a" }, record = true }
    other = nginx.start { apps = { "b" }, record = true }
    serve = service.start { args = { "--preset", "ultrafast" } }
    sources = {}
    publish "main"
    publish "backup"
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    for _, source in pairs(sources or {}) do source:stop() end
    for _, each in ipairs { serve, rtmp, other } do each:stop() end
    proc.cleanup()
  end)

  -- Writes a show file with two destinations; gives its path and what its alerts are written to. `more` is Lua text.
  local function write_show(name, start_at, stop_at, more)
    local path, alerts = ("%s/%s.lua"):format(folder, name), ("%s/%s.alerts"):format(folder, name)
    write(path, ([[return {
      project = { name = %q, owner = "spec", input = env "MAIN", backup = env "BACKUP",
        outputs = { { name = "A", url = env "OUT_A" .. %q }, { name = "B", url = env "OUT_B" .. %q } } },
      start_at = %d, stop_at = %d, alerts = { after = 1, command = { "sh", "-c", "cat >>%s" } }, %s
    }]]):format(name, name, name, start_at, stop_at, alerts, more or ""))
    return path, alerts
  end

  local function environment(more)
    local env = serve:environment()
    env.MAIN, env.BACKUP = rtmp:url("source", "main"), rtmp:url("source", "backup")
    env.OUT_A, env.OUT_B = rtmp:url("a", ""), other:url("b", "")
    for name, value in pairs(more or {}) do env[name] = value end
    return env
  end

  local function start(paths, words, env)
    local argv = { "bin/cme", "run", table.unpack(paths) }
    table.move(words or {}, 1, #(words or {}), #argv + 1, argv)
    return proc.spawn(argv, { env = environment(env) })
  end

  local function published(server, app, stream)
    local found = {}
    for _, one in ipairs(server:publishes(app)) do
      if one.name == stream then found[#found + 1] = one end
    end
    return found
  end

  local function at_a(stream) return published(rtmp, "a", stream) end
  local function at_b(stream) return published(other, "b", stream) end

  local function expect_on_air(stream)
    proc.eventually(stream .. " on the air", 30, function() return at_a(stream)[1] and at_b(stream)[1] end)
  end

  local function expect_off_air(stream)
    proc.eventually(stream .. " off the air", 40, function()
      return at_a(stream)[#at_a(stream)].ended and at_b(stream)[#at_b(stream)].ended
    end)
  end

  -- The report that --json wrote.
  local function tally_of(run)
    local last
    for line in run.out:gmatch "[^\n]+" do
      local said = json.decode(line)
      if said and said.what == "ended" then last = said end
    end
    return assert(last, run:output()).tally
  end

  it("keeps a second one out, goes on after a kill, and ends on time with one publish per destination", function()
    local now = os.time()
    local path = write_show("kept", now + 7, now + 17, "checks = { ahead = 5 },")
    local first = start { path }
    expect_on_air "kept"
    local second = start { path }
    assert.equal(7, (second:wait(20)))
    assert.matches("another cme run is doing it", second:output())
    first:kill "sigkill"
    first:wait(5)
    local again = start({ path }, { "--json" })
    assert.equal(0, (again:wait(40)))
    local tally = tally_of(again)
    assert.equal(2, #tally.outputs)
    for _, output in ipairs(tally.outputs) do
      assert.same({}, output.gaps)
      assert.is_true(output.up > 5)
    end
    assert.same({ 1, 1 }, { #at_a "kept", #at_b "kept" })
    assert.is_true(at_a("kept")[1].at >= now + 7)
  end)

  it("leaves or stops the broadcast when it is told to end, as the show says", function()
    local now = os.time()
    local left = write_show("left", now, now + 14)
    local stopped = write_show("stopped", now, now + 600, 'on_sigterm = "stop",')
    local run = start { left, stopped }
    expect_on_air "left"
    expect_on_air "stopped"
    run:kill "sigint"
    assert.equal(0, (run:wait(20)), run:output())
    assert.matches("left: told to end: the broadcast goes on, the service stops it at", run.out)
    expect_off_air "stopped"
    assert.is_nil(at_a("left")[1].ended)
    expect_off_air "left" -- by the service, which holds the stop time
    assert.is_true(at_a("left")[1].ended >= now + 13)
  end)

  it("does one show while another fails", function()
    local now = os.time()
    local good, bad = write_show("good", now, now + 8), folder .. "/bad.lua"
    write(bad, [[return { project = { name = "bad", owner = "spec", input = "rtmp://h/l/s",
      outputs = { "rtmp://127.0.0.1:1/a/hush1", "rtmp://127.0.0.1:1/a/hush1" } }, stop_at = ]] .. now + 600 .. " }")
    local run = start { good, bad }
    assert.equal(2, (run:wait(40)))
    assert.matches("good: started", run.out)
    assert.matches("cme run: project 'bad'", run.err)
    assert.equal(1, #at_a "good")
  end)

  it("ends at once when it is told twice, also while the service is silent", function()
    local now = os.time()
    local asked
    local silent = raw_server.start(function(c)
      asked = c:request()
      c:wait(function() return c.ended end)
    end)
    local path = write_show("silent", now, now + 600)
    local run = start({ path }, {}, { CME_ENDPOINT = "http://127.0.0.1:" .. silent.port })
    proc.eventually("the question", 30, function() return asked end)
    run:kill "sigint"
    run:kill "sigterm"
    assert.is_true(select(2, run:wait(10)) ~= 0, run:output())
    silent:stop()
  end)

  it("posts its alerts", function()
    local hook = receiver.start()
    local now = os.time()
    local path = write_show("posted", now, now + 600, 'on_sigterm = "stop",')
    local text = io.open(path):read "a"
    write(path, (text:gsub('command = %b{}', ('webhook = %q'):format(hook.url)):gsub('env "OUT_B" .. "posted"',
      ('"rtmp://127.0.0.1:%d/b/hush2"'):format(proc.free_port()))))
    local run = start { path }
    proc.eventually("the alert", 30, function() return hook.got[1] end)
    run:kill()
    assert.equal(0, (run:wait(20)), run:output())
    local body = assert(json.decode(hook.got[1].body))
    assert.same({ "posted", "output", "B", "open" }, { body.show, body.kind, body.name, body.state })
    assert.is_nil(hook.got[1].body:find("hush2", 1, true))
    hook:down()
  end)

  it("waits for a service that is down, goes on with a full disk, and holds the stop time of the file", function()
    local now = os.time()
    local path, alerts = write_show("held", now + 2, now + 600)
    local state = proc.folder()
    assert(uv.fs_symlink("/dev/full", state .. "/held.memory.json.new"))
    serve:crash()
    local run = start({ path }, { "--state", state, "--interval", "1s" })
    local function told() -- but for what the checks found
      local list = {}
      for _, alert in ipairs(read_lines(alerts)) do
        if alert.kind ~= "notice" then list[#list + 1] = alert.state .. " " .. alert.kind end
      end
      return list
    end
    proc.eventually("the alert", 20, function() return told()[1] end)
    serve:up()
    expect_on_air "held"
    assert.matches("held: not remembered: memory '[^']+': No space left on device", run.out)
    local client = cme.client(serve:client_options())
    local id
    for _, entry in ipairs(assert(client:call("DescribeProjects", {})).ProjectInfoSet) do
      if entry.Name == "held" then id = entry.ProjectId end
    end
    local show = client:project(id)
    assert(show:set_stop_at(now + 3000))
    run:expect "held: the service stops it at"
    assert.equal(now + 600, show:info().stop_at)

    -- The file is changed, and what does it is run again.
    run:kill()
    assert.equal(0, (run:wait(20)), run:output())
    write(path, (io.open(path):read "a":gsub("stop_at = %d+", ("stop_at = %d"):format(os.time() + 6))))
    local again = start({ path }, { "--state", state })
    assert.equal(0, (again:wait(30)), again:output())
    assert.matches("held: output 'B': on the air", again.out)
    expect_off_air "held"
    assert.same({ 1, 1 }, { #at_a "held", #at_b "held" })
    assert.same({ "open service", "closed service" }, told())
  end)

  it("does a media cast", function()
    local now, path = os.time(), folder .. "/cast.lua"
    write(path, ([[return { project = { category = "MEDIA_CAST", name = "cast", owner = "spec",
      sources = { env "MAIN" }, outputs = { { name = "A", url = env "OUT_A" .. "cast" } },
      output_media = { width = 320, height = 180, bitrate = 200, frame_rate = 15 } },
      stop_at = %d }]]):format(now + 18))
    local run = start({ path }, { "--json" })
    assert.equal(0, (run:wait(60)), run:output())
    local tally = tally_of(run)
    assert.same({ "A", {}, {} }, { tally.outputs[1].name, tally.outputs[1].gaps, tally.switches })
    assert.is_true(tally.outputs[1].up > 2)
    assert.equal(1, #at_a "cast")
  end)

  it("says that nothing was on the air, and what failed", function()
    local path = write_show("never", os.time(), os.time() + 2)
    local run = start({ path }, { "--retries", "0", "--endpoint", "http://127.0.0.1:" .. proc.free_port() })
    assert.equal(4, (run:wait(30)), run:output())
    assert.matches("its time was over before it was on the air: ", run.err)
    path = write_show("refused", os.time(), os.time() + 2)
    run = start({ path }, {}, { TENCENTCLOUD_SECRET_KEY = "wrong" })
    assert.equal(3, (run:wait(30)), run:output())
  end)

  -- ---- the proof

  local START_IN, LENGTH = 14, 180 -- seconds

  -- What happens when, in seconds from the start.
  local function timeline(random)
    local plan = {
      { at = 40, what = "main_down" }, { at = 60, what = "main_up" },
      { at = 110, what = "platform_down" }, { at = 125, what = "platform_up" },
    }
    for _ = 1, 2 do plan[#plan + 1] = { at = random(-START_IN + 2, LENGTH - 8), what = "kill" } end
    table.sort(plan, function(a, b) return a.at < b.at end)
    return plan
  end

  local function recordings_of(platform, app, name)
    local found = {}
    for _, file in ipairs(platform:recordings(app)) do
      if file:find(name, 1, true) then found[#found + 1] = file end
    end
    return found
  end

  local function near(expected, given, tolerance, what)
    assert.is_true(math.abs(expected - given) <= tolerance, ("%s: %.2f, not %.2f"):format(what, given, expected))
  end

  it("does a show of three minutes, killed twice itself, with a source and a destination that die", function()
    local seed = tonumber(os.getenv "CME_SEED") or os.time()
    math.randomseed(seed)
    local random = function(from, to) return from + math.random() * (to - from) end
    local start_at = os.time() + START_IN
    local stop_at = start_at + LENGTH
    local path, alerts = write_show("proof", start_at, stop_at,
      "checks = { ahead = 10 }, failover = { after = 3, failback_after = 15 },")
    local run, moments = nil, {}
    local does = {
      main_down = function() sources.main:destroy() end,
      main_up = function() publish "main" end,
      platform_down = function() other.proc:destroy() end,
      platform_up = function() other:up() end,
      kill = function()
        -- An alert that is under way when its teller is killed may come twice.
        local before = #read_lines(alerts)
        proc.elapse(0.5)
        if #read_lines(alerts) ~= before then proc.elapse(0.5) end
        run:destroy()
        run = start({ path }, { "--json" })
      end,
    }
    run = start({ path }, { "--json" })
    for _, event in ipairs(timeline(random)) do
      proc.eventually(event.what, LENGTH + 60, function() return unix_now() >= start_at + event.at end)
      moments[event.what] = unix_now()
      io.stderr:write(("%s at %.1f s (seed %d)\n"):format(event.what, moments[event.what] - start_at, seed))
      does[event.what]()
    end
    assert.equal(0, (run:wait(LENGTH + 60)), run:output())
    expect_off_air "proof"

    -- Started and stopped on time; one publish per destination, one more of the one that was killed.
    local a, b = at_a "proof", at_b "proof"
    assert.same({ 1, 2 }, { #a, #b })
    near(start_at, a[1].at, 10, "the start")
    near(stop_at, a[1].ended, 5, "the end")
    assert.is_true(a[1].at >= start_at)

    -- One alert per incident.
    local told = {}
    for i, alert in ipairs(read_lines(alerts)) do
      told[i] = ("%s %s %s"):format(alert.state, alert.kind, alert.name or alert.id)
    end
    assert.same({ "open input main", "closed input main", "open output B", "closed output B" }, told)

    -- The report's figures are those of the platforms.
    local tally = tally_of(run)
    local report = {}
    for _, output in ipairs(tally.outputs) do report[output.name] = output end
    near(a[1].at, tally.from, 3, "on the air from")
    near(stop_at, tally.to, 0.5, "on the air until")
    near(a[1].ended - a[1].at, report.A.up, 3, "A was up")
    assert.same({}, report.A.gaps)
    assert.equal(1, #report.B.gaps)
    near(moments.platform_down, report.B.gaps[1].from, 3, "B was down from")
    near(b[2].at, report.B.gaps[1].to, 3, "B was down until")
    near(moments.platform_down - b[1].at + b[2].ended - b[2].at, report.B.up, 4, "B was up")
    assert.is_true(report.A.unknown < 5 and report.B.unknown < 5)
    local switches = {}
    for i, switch in ipairs(tally.switches) do switches[i] = ("%s to %s"):format(switch.from, switch.to) end
    assert.same({ "main to backup", "backup to main" }, switches)
    near(moments.main_down + 3, tally.switches[1].at, 5, "the failover")

    -- The recordings are complete but for the failover's gap, which is where the source was killed.
    local recording = media.report(recordings_of(rtmp, "a", "proof")[1])
    assert.equal(0, recording.backward)
    near(a[1].ended - a[1].at, recording.seconds, 3, "A's recording")
    assert.is_true(#recording.gaps <= 1)
    if recording.gaps[1] then
      near(moments.main_down - a[1].at, recording.gaps[1].at, 4, "the gap")
      assert.is_true(recording.gaps[1].seconds < 4)
    end
    assert.equal("320x180 256x144 320x180", recording.looks)
    local whole = 0
    for _, file in ipairs(recordings_of(other, "b", "proof")) do
      local packets = media.packets(file)
      assert.equal(0, packets.backward)
      whole = whole + packets.seconds
    end
    near(report.B.up, whole, 5, "B's recordings")
  end)
end)
