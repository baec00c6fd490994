-- SPDX-License-Identifier: MIT
-- What a keeper does with engines that are tables.

local codes = require "cme.codes"
local files = require "cme.system.files"
local fake_engines = require "spec.support.fakes.fake_engines"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

local run, settle, spec_of = fake_engines.run, fake_engines.settle, fake_engines.spec

describe("cme.server.process.keeper", function()
  local world, fake, desired, ended, switched, shown, subject, logged

  before_each(function()
    world = fake_engines.new()
    fake, desired, ended, switched = world.fake, world.desired, world.ended, world.switched
    shown, subject, logged = world.shown, world.subject, world.logged
  end)

  after_each(function()
    uv.run "nowait" -- timers get their close callbacks; luv crashes at exit otherwise
  end)

  -- Lets seconds pass by for whoever waits for a change of a project.
  local function pass(id, seconds)
    world.clock = world.clock + seconds
    subject._around.kept[id].changed:notify()
    settle()
  end

  -- Lets a project's back-off pass by, as often as it takes.
  local function pass_until(id, condition)
    for _ = 1, 100 do
      if condition() then return end
      pass(id, 1)
      task.sleep(0.001) -- a wait for no time at all is over before this one
    end
    error "it does not come"
  end

  local function bring_up(id)
    local relay = subject:keep(id)
    pass_until(id, function() return relay:is_up() end)
    return relay
  end

  it("starts an engine again when it dies", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local first = fake.running.p
      fake:die "p"
      bring_up "p"
      assert.are_not.equal(first, fake.running.p)
      assert.are.same({}, world.over) -- one more was started
      subject:stop "p"
      assert.are.same({ "p" }, world.over)
    end)
  end)

  it("shows how the parts are whenever that changes: at the start, with events, when the engine ends", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      assert.are.same({ 1, "p", "waiting" }, { #shown, shown[1][1], shown[1][2].outputs["1"].state })
      fake.running.p.event { event = "output", output_id = "1", state = "refused", code = "publish.refused" }
      assert.are.same({ 2, "refused" }, { #shown, shown[2][2].outputs["1"].state })
      fake:die "p"
      settle()
      local lost = shown[3][2]
      assert.are.same({ "down", "down", "backoff", "internal", true }, { lost.inputs.main.state,
        lost.inputs.backup.state, lost.outputs["1"].state, lost.outputs["1"].code, lost.outputs["1"].failed })
      assert.are.same({ started = 1, adopted = 0, lost = 1 }, subject.counts)
      local relay = bring_up "p"
      assert.are.same({ 4, "waiting" }, { #shown, shown[4][2].outputs["1"].state })
      relay.released = true
      fake.running.p.event { event = "output", output_id = "1", state = "backoff" }
      assert.are.equal(4, #shown)
      relay.released = false
      subject:stop "p"
    end)
    assert.are.same({ started = 2, adopted = 0, lost = 1 }, subject.counts)
  end)

  it("has the log say a state of an input once, until it is live", function()
    desired.p = spec_of "p"
    local log, levels = subject._around.log, {}
    for _, level in ipairs { "info", "debug" } do
      stub(log, level).invokes(function(_, _, seen)
        if seen.endpoint then levels[#levels + 1] = level .. " " .. seen.state end
      end)
    end
    run(function()
      assert(subject:start "p")
      for _, state in ipairs { "connecting", "down", "connecting", "down", "live", "down" } do
        fake.running.p.event { event = "input", endpoint = "main", state = state, code = json.null }
      end
      subject:stop "p"
    end)
    assert.are.same({ "info connecting", "info down", "debug connecting", "debug down", "info live", "info down" },
      levels)
  end)

  it("takes in what an engine tells right behind its answer", function()
    desired.p = spec_of "p"
    run(function()
      local program = fake_engines.program(7)
      program.stat = { pid = 7, project = "p", revision = 1, active = "main", outputs = { { id = "1",
        state = "connecting" } }, inputs = { main = { state = "live" }, backup = { state = "live" } } }
      program.on_stat = function()
        program.event { event = "output", output_id = "1", state = "refused", code = "publish.refused" }
      end
      fake.running.p = program
      subject:adopt({ "p" }, 5)
      assert.are.same({ adopted = 1, started = 0, lost = 0 }, subject.counts)
      assert.are.equal("refused", shown[#shown][2].outputs["1"].state)
    end)
  end)

  it("tells an engine until when it may publish, or stand by where it has no run", function()
    desired.p = spec_of "p"
    local lease = { until_ms = 5000 }
    subject._around.lease = function() return lease end
    run(function()
      local program = fake_engines.program(7)
      program.stat = { pid = 7, project = "p", revision = 1, active = "main", lease = { epoch = 0, left_ms = 0 } }
      fake.running.p = program
      subject:adopt({ "p" }, 5)
      assert.are.same({ op = "stand", until_ms = 5000 }, program.last)
      lease = { epoch = 3, until_ms = 6000 }
      subject:renew "p"
      settle()
      assert.are.same({ op = "lease", epoch = 3, until_ms = 6000 }, program.last)
      lease = nil
      subject:renew()
      settle()
      assert.are.equal("lease", program.last.op)
    end)
  end)

  it("tells nobody of a connection that was lost alone, and the engine what changed meanwhile", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = fake.running.p
      program.stat = { pid = program.pid, project = "p", revision = 1, active = "backup", outputs = {
        { id = "1", state = "live" } } }
      desired.p = spec_of("p", { revision = 2, stop_at = 5000 })
      world.clock = world.clock + 1
      program.control.close()
      settle()
      assert.are.same({ { "stat", "set", "stat", "set" }, 5000, "backup" },
        { program.got, program.spec.stop_at, program.spec.active })
      for _, one in ipairs(shown) do
        assert.is_false(one[2].outputs["1"].failed)
      end
      assert.are.same({ started = 1, adopted = 0, lost = 0 }, subject.counts)
      program.control.close() -- at once again: it is of no use
      settle()
      assert.are.equal("internal", shown[#shown][2].outputs["1"].code)
      assert.are.equal(1, subject.counts.lost)
      subject:stop "p"
    end)
    assert.are.equal(1, fake.spawned)
  end)

  -- An engine that runs a project, with one output that is live.
  local function running(id)
    local program = fake.running[id]
    program.stat = { pid = program.pid, project = id, revision = 1, active = "main", outputs = {
      { id = "1", state = "live" } }, inputs = { main = { state = "live" }, backup = { state = "live" } } }
    world.clock = world.clock + 1
    return program
  end

  local function moved()
    return spec_of("p", { inputs = { main = { url = "unix:/c" }, backup = { url = "http://b/x" } } })
  end

  it("tells an engine where its encoder went, though it did not answer when it was told", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = running "p"
      desired.p, program.hung = moved(), true -- of the same revision
      assert.are.equal("control.timeout", select(3, subject:update "p").code)
      program.hung = false
      settle()
      assert.are.equal("unix:/c", program.spec.inputs.main.url)
      local seen = shown[#shown][2]
      assert.are.same({ "connecting", "live", "live" }, { seen.inputs.main.state, seen.inputs.backup.state,
        seen.outputs["1"].state })
      local told = #program.got
      world.clock = world.clock + 1
      program.control.close()
      settle()
      assert.are.same({ told + 1, "stat" }, { #program.got, program.got[told + 1] }) -- it has it now
      subject:stop "p"
    end)
  end)

  it("tells an engine where its encoder went while its connection was lost", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = running "p"
      program.control.close()
      desired.p = moved()
      assert(subject:update "p")
      settle()
      assert.are.equal("unix:/c", program.spec.inputs.main.url)
      subject:stop "p"
    end)
  end)

  it("says that an engine is lost when it accepts connections and does nothing else", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = fake.running.p
      program.stat = nil
      world.clock = world.clock + 1
      program.control.close()
      settle()
      assert.are.same({ "internal", 1 }, { shown[#shown][2].outputs["1"].code, subject.counts.lost })
      assert.is_false(subject:keep "p":is_up())
      subject:stop "p"
    end)
  end)

  it("gives the next engine the input that the one before had on air", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      assert(subject:switch("p", "backup"))
      desired.p = spec_of "p" -- the switch was not stored
      fake:die "p"
      bring_up "p"
      assert.are.equal("backup", fake.running.p.spec.active)
      subject:stop "p"
    end)
  end)

  it("does not start one whose planned end has passed, and reports the end", function()
    desired.p = spec_of("p", { stop_at = 999 })
    run(function()
      subject:adopt({ "p" }, 1)
    end)
    assert.are.same({ 999, "stop_at" }, ended.p)
    assert.are.equal(0, fake.spawned)
  end)

  it("reports the end that an engine carried out", function()
    desired.p = spec_of("p", { stop_at = 2000 })
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "stopped", reason = "stop_at", time = 2000.25 }
      fake:die "p"
    end)
    assert.are.same({ 2000.25, "stop_at" }, ended.p)
    assert.are.equal(1, fake.spawned)
  end)

  it("reports that a list was played out, also when nobody listened", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "stopped", reason = "played_out", time = 2000.25 }
      fake:die "p"
    end)
    assert.are.same({ 2000.25, "played_out" }, ended.p)
    desired.q = spec_of "q"
    fake.said = { q = { event = "stopped", reason = "played_out", time = 1999 } }
    run(function()
      subject:adopt({ "q" }, 1)
    end)
    assert.are.same({ 1999, "played_out" }, ended.q)
    assert.are.equal(1, fake.spawned)
  end)

  it("starts nothing when the log of the one before cannot be looked at, and says why in both languages", function()
    desired.p = spec_of "p"
    function fake.last_stop() return files.fail("in.read_file", "/x.log", nil, "EACCES") end
    run(function()
      local started, message, detail = subject:start "p"
      assert.are.same({ nil, message, 0 }, { started, codes.say(detail), fake.spawned })
      assert.matches("没有权限", codes.say(detail, "zh"))
      subject:stop "p"
    end)
  end)

  it("starts a project whose earlier run was played out, and one whose engine was ended by a signal", function()
    desired.p, desired.q = spec_of "p", spec_of "q"
    fake.said = { p = { event = "stopped", reason = "played_out", time = 900 },
      q = { event = "stopped", reason = "signal", time = 1999 } }
    world.tell_end = function()
      return false -- it was an earlier run's
    end
    run(function()
      assert.is_true(subject:start "p")
      assert.is_true(subject:start "q")
      subject:stop "p"
      subject:stop "q"
    end)
    assert.are.equal(2, fake.spawned)
    assert.are.same({}, ended)
  end)

  it("reports a failover, not a switch that was asked for", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "switched", from = "main", to = "backup", reason = "request" }
      assert.is_nil(switched.p)
      assert.are.equal("backup", subject:active "p")
      fake.running.p.event { event = "switched", from = "backup", to = "main", reason = "failover" }
      assert.are.equal("failover", switched.p)
      fake.running.p.event { event = "switched", from = "backup", to = "main", reason = "failback" }
      assert.are.equal("failback", switched.p)
      assert.are.equal("main", subject:active "p")
      subject:stop "p"
    end)
  end)

  -- Stops a project whose engine does not end, though it may have said within how many seconds; returns what tells
  -- whether the Stop is over.
  local function stop_deaf(id, within)
    local over = false
    desired[id] = spec_of(id)
    assert(subject:start(id))
    fake.running[id].deaf, fake.running[id].within = true, within
    luv.detach(function()
      subject:stop(id)
      over = true
    end)
    settle()
    return function()
      return over
    end
  end

  it("ends an engine that does not stop by force, each step after its time", function()
    run(function()
      local is_over = stop_deaf "p"
      pass("p", 2.9)
      assert.are.same({}, fake.killed)
      pass("p", 0.2)
      assert.are.same({ "sigterm" }, fake.killed)
      pass("p", 1.9)
      assert.are.same({ "sigterm" }, fake.killed)
      assert.is_false(is_over())
      pass("p", 0.2)
      assert.are.same({ "sigterm", "sigkill" }, fake.killed)
      assert.is_true(is_over())
      assert.is_nil(fake.running.p)
    end)
  end)

  it("gives an engine the time that it says it takes to stop, within bounds", function()
    run(function()
      for id, within in pairs { p = 5.2, q = 1e9 } do
        fake.killed = {}
        local is_over = stop_deaf(id, within)
        pass(id, math.min(within, 10) + 2.9)
        assert.are.same({}, fake.killed)
        pass(id, 0.2)
        assert.are.same({ "sigterm" }, fake.killed)
        pass(id, 2.1)
        assert.is_true(is_over())
      end
    end)
  end)

  it("measures waits by its own clock, though the time of day is set back", function()
    run(function()
      local is_over = stop_deaf "p"
      world.now = world.now - 3600
      pass("p", 3.1)
      pass("p", 2.1)
      assert.is_true(is_over())
      desired.q = spec_of "q"
      assert(subject:start "q")
      local verdict
      luv.detach(function()
        verdict = subject:wait_live("q", 8)
      end)
      world.now = world.now - 3600
      pass("q", 8)
      assert.are.equal("partial", verdict)
      subject:stop "q"
    end)
  end)

  it("ends a Stop though its keeper fails, and says so in the log", function()
    desired.p = spec_of "p"
    function fake.wait_gone()
      error "no wait"
    end
    run(function()
      assert(subject:start "p")
      subject:stop "p"
    end)
    assert.matches("no wait", table.concat(logged))
  end)

  it("tries again when a turn of a keeper fails", function()
    local broken = true
    desired.p = spec_of "p"
    local connect = fake.connect
    function fake.connect(...)
      if broken then
        error "no connect"
      end
      return connect(...)
    end
    run(function()
      local ok, message = subject:start "p"
      assert.is_nil(ok)
      assert.matches("its log says why", message)
      broken = false
      bring_up "p"
      subject:stop "p"
    end)
    assert.are.equal(1, fake.spawned)
    assert.matches("no connect", table.concat(logged))
  end)

  it("waits longer after each failed attempt, however long the attempts take", function()
    desired.p = spec_of "p"
    function fake.spawn()
      world.clock = world.clock + 40
      return nil, "not ready within 40 s"
    end
    run(function()
      subject:start "p"
      local relay = subject:keep "p"
      pass_until("p", function() return relay.attempts >= 2 end)
      settle() -- its keeper says so next
      subject:stop "p"
    end)
    local waits = {}
    for _, line in ipairs(logged) do waits[#waits + 1] = tonumber(line:match '"retry_in":([%d.]+)') end
    assert.are.same({ 0.5, 1 }, { waits[1], waits[2] })
  end)

  it("tells nobody what becomes of the output for a look", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local relay, told = subject:keep "p", 0
      function relay.changed.notify()
        told = told + 1
      end
      local said = {}
      stub(subject._around.log, "warn").invokes(function(_, words, seen)
        said[#said + 1] = words .. " " .. seen.code
      end)
      for _, state in ipairs { "connecting", "refused", "connecting", "refused", "live", "refused" } do
        fake.running.p.event { event = "output", output_id = "cme:playback", state = state,
          code = state == "refused" and "record.full" or json.null }
      end
      assert.are.equal(0, told)
      assert.are.same({ "engine event record.full", "engine event record.full" }, said) -- once, and again after live
      fake.running.p.event { event = "output", output_id = "1", state = "refused" }
      assert.are.equal(1, told)
      relay.changed.notify = nil
      subject:stop "p"
    end)
  end)

  it("keeps a project whose end could not be told and was then moved", function()
    desired.p = spec_of("p", { stop_at = 2000 })
    world.tell_end = function()
      world.tell_end = nil
      desired.p = spec_of("p", { stop_at = 3000, revision = 2 })
      error "no end"
    end
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "stopped", reason = "stop_at", time = 2000 }
      local relay = subject:keep "p"
      fake:die "p"
      assert.are.equal(relay, bring_up "p")
      subject:stop "p"
    end)
    assert.is_nil(ended.p)
    assert.matches("no end", table.concat(logged))
  end)
end)
