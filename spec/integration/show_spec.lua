-- SPDX-License-Identifier: MIT
-- `cme run` against the real service, engine and nginx-rtmp; show_proof_spec.lua has a whole broadcast.

local uv = require "luv"

local json = require "cme.json"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local receiver = require "spec.support.fakes.receiver"
local show_stage = require "spec.support.programs.show_stage"

local FAR = 600 -- seconds from now: what ends before that was told to
local ENDS_IN = 12 -- seconds: the program is up again by then

describe("cme run", function()
  local stage

  setup(function()
    stage = show_stage.start()
  end)

  teardown(function()
    if stage then stage:stop() end
  end)

  it("keeps a second one out, goes on after a kill, and ends on time with one publish per destination", function()
    local now = os.time()
    local start_at = now + 7
    local path = stage:write_show("kept", start_at, now + FAR, "checks = { ahead = 5 },")
    local first = stage:run { path }
    stage:expect_on_air "kept"
    local second = stage:run { path }
    assert.equal(7, (second:wait(20)))
    assert.matches("another cme run has this show", second:output())
    first:kill "sigkill"
    first:wait(5)
    local stop_at = os.time() + ENDS_IN
    stage:write_show("kept", start_at, stop_at, "checks = { ahead = 5 },")
    local again = stage:run({ path }, { "--json" })
    assert.equal(0, (again:wait(40)))
    local tally = show_stage.tally_of(again)
    assert.equal(2, #tally.outputs)
    for _, output in ipairs(tally.outputs) do
      assert.same({}, output.gaps)
      assert.is_true(output.up > 0)
    end
    stage:expect_off_air "kept"
    local a, b = stage:at_a "kept", stage:at_b "kept"
    assert.same({ 1, 1 }, { #a, #b })
    assert.is_true(a[1].at >= start_at and a[1].ended >= stop_at)
  end)

  it("leaves or stops the broadcast when it is told to end, as the show says", function()
    local now = os.time()
    local left = stage:write_show("left", now, now + FAR)
    local stopped = stage:write_show("stopped", now, now + FAR, 'on_sigterm = "stop",')
    local run = stage:run { left, stopped }
    stage:expect_on_air "left"
    stage:expect_on_air "stopped"
    run:kill "sigint"
    assert.equal(0, (run:wait(20)), run:output())
    assert.matches("left: ending: the broadcast continues, the service stops it at", run.out)
    stage:expect_off_air "stopped"
    assert.is_nil(stage:at_a("left")[1].ended)
    local project = stage:project "left" -- the service holds the stop time
    assert.equal(now + FAR, assert(project:info()).stop_at)
    assert(project:stop())
    stage:expect_off_air "left"
  end)

  it("does one show while another fails", function()
    local now = os.time()
    local good, bad = stage:write_show("good", now, now + FAR, 'on_sigterm = "stop",'), stage.folder .. "/bad.lua"
    show_stage.write(bad, [[return { project = { name = "bad", owner = "spec", input = "rtmp://h/l/s",
      outputs = { "rtmp://127.0.0.1:1/a/hush1", "rtmp://127.0.0.1:1/a/hush1" } }, stop_at = ]] .. now + FAR .. " }")
    local run = stage:run { good, bad }
    run:expect "good: started"
    stage:expect_on_air "good"
    run:kill()
    assert.equal(2, (run:wait(40)))
    assert.matches("cme run: project 'bad'", run.err)
    stage:expect_off_air "good"
    assert.equal(1, #stage:at_a "good")
  end)

  -- A service that takes requests and never answers; `asked` gives what it got.
  local function silent_service()
    local asked
    local silent = raw_server.start(function(c)
      asked = c:request() or asked
      c:wait(function() return c.ended end)
    end)
    return silent, function() return asked end
  end

  it("ends when it is told to while the service is silent, and leaves the broadcast to it", function()
    local silent, asked = silent_service()
    local path = stage:write_show("mute", os.time(), os.time() + FAR)
    local run = stage:run({ path }, { "--timeout", "600" }, { CME_ENDPOINT = "http://127.0.0.1:" .. silent.port })
    proc.eventually("the question", 30, asked)
    run:kill "sigint"
    assert.same({ 0, 0 }, { run:wait(30) }, run:output())
    assert.matches("mute: ending", run.out)
    silent:stop()
  end)

  it("ends at once when it is told twice, also while the service is silent", function()
    local silent, asked = silent_service()
    local path = stage:write_show("silent", os.time(), os.time() + FAR)
    local run = stage:run({ path }, {}, { CME_ENDPOINT = "http://127.0.0.1:" .. silent.port })
    proc.eventually("the question", 30, asked)
    run:kill "sigint"
    run:kill "sigterm"
    assert.is_true(select(2, run:wait(10)) ~= 0, run:output())
    silent:stop()
  end)

  it("posts its alerts", function()
    local hook = receiver.start()
    local now = os.time()
    local path = stage:write_show("posted", now, now + FAR, 'on_sigterm = "stop",')
    local text = io.open(path):read "a"
    text = text:gsub('command = %b{}', ('webhook = %q'):format(hook.url))
    show_stage.write(path, (text:gsub('env "OUT_B" .. "posted"',
      ('"rtmp://127.0.0.1:%d/b/hush2"'):format(proc.free_port()))))
    local run = stage:run { path }
    local posted = proc.eventually("the alert", 30, function() return hook.got[1] end)
    run:kill()
    assert.equal(0, (run:wait(20)), run:output())
    local body = assert(json.decode(posted.body))
    assert.same({ "posted", "output", "B", "open" }, { body.show, body.kind, body.name, body.state })
    assert.is_nil(posted.body:find("hush2", 1, true))
    hook:down()
  end)

  it("waits for a service that is down, goes on with a full disk, and holds the stop time of the file", function()
    local now = os.time()
    local path, alerts = stage:write_show("held", now + 2, now + FAR)
    local state = proc.folder()
    assert(uv.fs_symlink("/dev/full", state .. "/held.memory.json.new"))
    stage.serve:crash()
    local run = stage:run({ path }, { "--state", state, "--interval", "1s" })
    local function told() -- but for what the checks found
      local list = {}
      for _, alert in ipairs(show_stage.read_lines(alerts)) do
        if alert.kind ~= "notice" then list[#list + 1] = alert.state .. " " .. alert.kind end
      end
      return list
    end
    proc.eventually("the alert", 20, function() return told()[1] end)
    stage.serve:up()
    stage:expect_on_air "held"
    run:expect "held: started"
    assert.matches("held: progress not saved: memory '[^']+': No space left on device", run.out)
    local show = stage:project "held"
    assert(show:set_stop_at(now + 3000))
    run:expect "held: the service stops it at"
    assert.equal(now + FAR, show:info().stop_at)

    -- The file is changed, and what does it is run again.
    run:kill()
    assert.equal(0, (run:wait(20)), run:output())
    local text = io.open(path):read "a"
    show_stage.write(path, (text:gsub("stop_at = %d+", ("stop_at = %d"):format(os.time() + ENDS_IN))))
    local again = stage:run({ path }, { "--state", state })
    assert.equal(0, (again:wait(30)), again:output())
    assert.matches("held: output 'B': on the air", again.out)
    stage:expect_off_air "held"
    assert.same({ 1, 1 }, { #stage:at_a "held", #stage:at_b "held" })
    assert.same({ "open service", "closed service" }, told())
  end)

  it("does a media cast", function()
    local path = stage.folder .. "/cast.lua"
    local function run_until(stop_at)
      show_stage.write(path, ([[return { project = { category = "MEDIA_CAST", name = "cast", owner = "spec",
        sources = { env "MAIN" }, outputs = { { name = "A", url = env "OUT_A" .. "cast" } },
        output_media = { width = 320, height = 180, bitrate = 200, frame_rate = 15 } },
        stop_at = %d }]]):format(stop_at))
      return stage:run({ path }, { "--json" })
    end
    local first = run_until(os.time() + FAR)
    proc.eventually("the cast to be live", 60, stage:service_says("cast", function(health)
      local output = health.outputs[1] -- none while the engine has not said what it has
      return output and output.state == "live"
    end))
    first:destroy()
    local again = run_until(os.time() + ENDS_IN)
    assert.equal(0, (again:wait(60)), again:output())
    local tally = show_stage.tally_of(again)
    assert.same({ "A", {}, {} }, { tally.outputs[1].name, tally.outputs[1].gaps, tally.switches })
    assert.is_true(tally.outputs[1].up > 0)
    assert.equal(1, #stage:at_a "cast")
  end)

  it("says that nothing was on the air, and what failed", function()
    local path = stage:write_show("never", os.time(), os.time() + 2)
    local run = stage:run({ path }, { "--retries", "0", "--endpoint", "http://127.0.0.1:" .. proc.free_port() })
    assert.equal(4, (run:wait(30)), run:output())
    assert.matches("the stop time passed before it was on the air: ", run.err)
    path = stage:write_show("refused", os.time(), os.time() + 2)
    run = stage:run({ path }, {}, { TENCENTCLOUD_SECRET_KEY = "wrong" })
    assert.equal(3, (run:wait(30)), run:output())
  end)
end)
