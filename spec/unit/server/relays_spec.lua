-- SPDX-License-Identifier: MIT
-- The keepers against engines that live in this file: `fake` is an Engine whose programs are tables.

local log = require "cme.server.log"
local relays = require "cme.server.relays"
local task = require "cme.server.task"
local uv = require "luv"

local function spec_of(id, more)
  local spec = { project = id, revision = 1,
    inputs = { main = { url = "http://a/x" }, backup = { url = "http://b/x" } },
    active = "main", outputs = { { id = "1", name = "o", url = "rtmp://c/l/k" } } }
  for name, value in pairs(more or {}) do
    spec[name] = value
  end
  return spec
end

-- One running engine as the supervisor sees it.
local function new_program(pid)
  return { pid = pid, got = {}, stat = { pid = pid } }
end

local function new_fake()
  local fake = { running = {}, spawned = 0, swept = {}, killed = {}, gone = {} }

  function fake:spawn(id)
    if self.refuse then
      return nil, self.refuse
    end
    self.spawned = self.spawned + 1
    self.running[id] = new_program(100 + self.spawned)
    return self.running[id].pid
  end

  function fake:connect(id, on_event, on_close)
    local program = self.running[id]
    if not program then
      return nil, "connection refused"
    end
    local control = { open = true }
    function control.request(_, request)
      if not control.open then
        return nil, "the engine is gone", "control.lost"
      end
      program.got[#program.got + 1] = request.op
      if request.op == "stat" then
        return program.stat
      elseif request.op == "set" then
        if program.refuse_set then
          return nil, program.refuse_set
        end
        program.spec = request.spec
      elseif request.op == "stop" and not program.deaf then
        fake:die(id)
      end
      return {}
    end
    function control.close()
      if control.open then
        control.open = false
        on_close()
      end
    end
    program.control, program.event = control, on_event
    return control
  end

  function fake:die(id)
    local program = self.running[id]
    self.running[id] = nil
    program.control.close()
  end

  function fake:kill(pid, signal)
    self.killed[#self.killed + 1] = signal
    for id, program in pairs(self.running) do
      if program.pid == pid and signal == "sigkill" then
        self:die(id)
      end
    end
  end

  function fake:wait_gone(id)
    self.gone[id] = true
  end

  function fake:ids()
    local ids = {}
    for id in pairs(self.running) do
      ids[#ids + 1] = id
    end
    return ids
  end

  function fake:last_stop(id)
    return self.said and self.said[id]
  end

  function fake:sweep(id)
    self.swept[id] = true
  end

  return fake
end

describe("cme.server.relays", function()
  local fake, desired, ended, switched, shown, now, clock, subject, logged, tell_end

  -- Runs a function as a task and the loop until it is done.
  local function run(fn)
    local done, failure = false, nil
    task.spawn(function()
      local ok, why = xpcall(fn, debug.traceback)
      failure = not ok and why or nil
      done = true
    end)
    while not done do
      assert(uv.loop_alive(), "the task waits for nothing")
      uv.run "once"
    end
    assert(not failure, failure)
  end

  local function new_subject()
    return relays.new {
      engine = fake, now = function()
        return now
      end,
      clock = function()
        return clock
      end,
      log = log.new("error", function(line)
        logged[#logged + 1] = line
      end, os.time),
      hooks = {
        desired = function(id)
          return desired[id]
        end,
        ended = function(id, at, why)
          if tell_end and tell_end(why) == false then
            return false
          end
          ended[id] = { at, why }
          return true
        end,
        switched = function(id, reason)
          switched[id] = reason
        end,
        health = function(id, health)
          shown[#shown + 1] = { id, health }
        end,
      },
    }
  end

  before_each(function()
    fake, desired, ended, switched, shown, now, logged = new_fake(), {}, {}, {}, {}, 1000, {}
    clock, tell_end = 0, nil
    subject = new_subject()
  end)

  after_each(function()
    uv.run "nowait" -- timers get their close callbacks; luv crashes at exit otherwise
  end)

  it("starts an engine, tells it the spec, and stops it", function()
    desired.p = spec_of "p"
    run(function()
      assert.is_true(subject:start "p")
      assert.are.equal(desired.p.outputs, fake.running.p.spec.outputs)
      subject:stop "p"
      assert.is_nil(fake.running.p)
      assert.is_true(fake.gone.p)
      assert.are.equal(1, fake.spawned)
      assert.are.equal("gone", subject:wait_live("p", 1))
    end)
  end)

  it("says why an engine cannot be started, or does not take its spec", function()
    desired.p = spec_of "p"
    fake.refuse = "no such program"
    run(function()
      local ok, message = subject:start "p"
      assert.is_nil(ok)
      assert.are.equal("no such program", message)
      subject:stop "p"
      fake.refuse = nil
      local spawn = fake.spawn
      function fake:spawn(id)
        local pid = spawn(self, id)
        self.running[id].refuse_set = "bad url"
        return pid
      end
      ok, message = subject:start "p"
      assert.is_nil(ok)
      assert.are.equal("bad url", message)
      subject:stop "p"
      assert.is_nil(fake.running.p, "an engine that refused its spec is not left behind")
    end)
  end)

  it("adopts an engine that has the spec without touching it, and takes its active input", function()
    desired.p = spec_of "p"
    fake.running.p = new_program(7)
    fake.running.p.stat = { pid = 7, project = "p", revision = 1, active = "backup" }
    run(function()
      subject:adopt({ "p" }, 1)
      assert.are.same({ "stat" }, fake.running.p.got)
      assert.are.equal("backup", subject:active "p")
      assert.are.equal("failover", switched.p)
      assert.are.equal(0, fake.spawned)
      subject:stop "p"
    end)
  end)

  it("tells an adopted engine what changed meanwhile", function()
    desired.p = spec_of("p", { revision = 2 })
    fake.running.p = new_program(7)
    fake.running.p.stat = { pid = 7, project = "p", revision = 1, active = "backup" }
    run(function()
      subject:adopt({ "p" }, 1)
      assert.are.same({ "stat", "set" }, fake.running.p.got)
      assert.are.equal("backup", fake.running.p.spec.active)
      subject:stop "p"
    end)
  end)

  it("stops the engines of projects that should not run", function()
    fake.running.orphan = new_program(9)
    run(function()
      subject:adopt({}, 1)
    end)
    assert.is_nil(fake.running.orphan)
    assert.is_true(fake.swept.orphan)
  end)

  it("starts a project only when the orphan of its id has ended", function()
    fake.running.p, desired.p = new_program(9), spec_of "p"
    local gate = task.signal()
    function fake:wait_gone()
      if self.running.p == nil and self.spawned == 0 then
        gate:wait()
      end
    end
    run(function()
      subject:adopt({}, 1)
      local started
      task.spawn(function()
        started = subject:start "p"
      end)
      assert.is_nil(started)
      assert.are.equal(0, fake.spawned)
      gate:notify()
      assert.is_true(started)
      assert.are.equal(1, fake.spawned)
      subject:stop "p"
    end)
  end)

  it("starts an engine again when it dies", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local first = fake.running.p
      fake:die "p"
      local relay = subject:keep "p"
      while not fake.running.p or not fake.running.p.spec do
        relay.changed:wait(5)
      end
      assert.are_not.equal(first, fake.running.p)
      subject:stop "p"
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
      local lost = shown[3][2]
      assert.are.same({ "down", "down", "backoff", "internal", true }, { lost.inputs.main.state,
        lost.inputs.backup.state, lost.outputs["1"].state, lost.outputs["1"].code, lost.outputs["1"].failed })
      assert.are.same({ started = 1, adopted = 0, lost = 1 }, subject.counts)
      local relay = subject:keep "p"
      while not relay.up or not relay.control.open do
        relay.changed:wait(5)
      end
      assert.are.same({ 4, "waiting" }, { #shown, shown[4][2].outputs["1"].state })
      relay.released = true
      fake.running.p.event { event = "output", output_id = "1", state = "backoff" }
      assert.are.equal(4, #shown)
      relay.released = false
      subject:stop "p"
    end)
    assert.are.same({ started = 2, adopted = 0, lost = 1 }, subject.counts)
  end)

  it("tells nobody of a connection that was lost alone, and the engine what changed meanwhile", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = fake.running.p
      program.stat = { pid = program.pid, project = "p", revision = 1, active = "backup", outputs = {
        { id = "1", state = "live" } } }
      desired.p = spec_of("p", { revision = 2, stop_at = 5000 })
      clock = clock + 1
      program.control.close()
      assert.are.same({ { "stat", "set", "stat", "set" }, 5000, "backup" },
        { program.got, program.spec.stop_at, program.spec.active })
      for _, one in ipairs(shown) do
        assert.is_false(one[2].outputs["1"].failed)
      end
      assert.are.same({ started = 1, adopted = 0, lost = 0 }, subject.counts)
      program.control.close() -- at once again: it is of no use
      assert.are.equal("internal", shown[#shown][2].outputs["1"].code)
      assert.are.equal(1, subject.counts.lost)
      subject:stop "p"
    end)
    assert.are.equal(1, fake.spawned)
  end)

  it("says that an engine is lost when it accepts connections and does nothing else", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local program = fake.running.p
      program.stat = nil
      clock = clock + 1
      program.control.close()
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
      local relay = subject:keep "p"
      while not fake.running.p or not fake.running.p.spec do
        relay.changed:wait(5)
      end
      assert.are.equal("backup", fake.running.p.spec.active)
      subject:stop "p"
    end)
  end)

  it("tells a running engine what is desired now, and not to switch", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "switched", from = "main", to = "backup", reason = "failover" }
      desired.p = spec_of("p", { revision = 2, active = "backup", outputs = {
        { id = "1", name = "o", url = "rtmp://c/l/k" }, { id = "2", name = "new", url = "rtmp://d/l/k" } } })
      assert.is_true(subject:update "p")
      assert.are.equal(2, fake.running.p.spec.revision)
      assert.are.equal("main", fake.running.p.spec.active, "the engine takes another value for a switch")
      local _, faults = subject:wait_live("p", 0)
      assert.matches("output 'new'", faults[#faults])
      assert(subject:switch("p", "backup"))
      desired.p = spec_of("p", { revision = 3, active = "main" })
      assert.is_true(subject:update "p")
      assert.are.equal("backup", fake.running.p.spec.active)
      desired.p = spec_of("p", { revision = 4, inputs = { main = { url = "http://a/x" } } })
      fake.running.p.event { event = "switched", from = "backup", to = "main", reason = "failover" }
      assert.is_true(subject:update "p")
      assert.are.equal("main", fake.running.p.spec.active, "an input that is no more cannot be active")
      subject:stop "p"
    end)
  end)

  it("says that an engine refused a change, and knows it as it was", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      fake.running.p.refuse_set = "outputs: too many"
      desired.p = spec_of("p", { revision = 2, outputs = {} })
      local ok, message = subject:update "p"
      assert.is_nil(ok)
      assert.are.equal("outputs: too many", message)
      assert.are.equal(1, subject:keep("p").spec.revision)
      local _, faults = subject:wait_live("p", 0)
      assert.matches("output 'o'", faults[#faults])
      subject:stop "p"
    end)
  end)

  it("tells a change to an engine that was being brought up while it was made", function()
    desired.p = spec_of "p"
    local connect = fake.connect
    local gate = task.signal()
    function fake.connect(...)
      local control = connect(...)
      if control then
        gate:wait()
      end
      return control
    end
    run(function()
      local started
      task.spawn(function()
        started = subject:start "p"
      end)
      desired.p = spec_of("p", { revision = 2 })
      assert.is_true(subject:update "p")
      assert.is_nil(started)
      gate:notify()
      assert.is_true(started)
      assert.are.same({ "stat", "set", "set" }, fake.running.p.got)
      assert.are.equal(2, fake.running.p.spec.revision)
      subject:stop "p"
    end)
  end)

  it("has nothing to tell of a project without an engine", function()
    assert.is_true(subject:update "p")
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

  it("starts a project whose earlier run was played out, and one whose engine was ended by a signal", function()
    desired.p, desired.q = spec_of "p", spec_of "q"
    fake.said = { p = { event = "stopped", reason = "played_out", time = 900 },
      q = { event = "stopped", reason = "signal", time = 1999 } }
    tell_end = function()
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

  it("waits for events until all is live, or says what is not", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local event, verdict, faults = fake.running.p.event, nil, nil
      task.spawn(function()
        verdict, faults = subject:wait_live("p", 1000)
      end)
      event { event = "input", endpoint = "main", state = "live" }
      assert.is_nil(verdict)
      event { event = "output", output_id = "1", state = "refused", code = "publish.refused", reason = "no" }
      assert.are.equal("partial", verdict)
      assert.matches("^output 'o'", faults[1])
      event { event = "output", output_id = "1", state = "live" }
      assert.are.equal("live", subject:wait_live("p", 1000))
      subject:stop "p"
    end)
  end)

  it("ends a wait for a start when the project is stopped", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local verdict
      task.spawn(function()
        verdict = subject:wait_live("p", 1000)
      end)
      subject:stop "p"
      assert.are.equal("gone", verdict)
    end)
  end)

  -- Lets seconds pass by for whoever waits for a change of a project.
  local function pass(id, seconds)
    clock = clock + seconds
    subject._around.kept[id].changed:notify()
  end

  -- Stops a project whose engine does not answer the stop; returns what tells whether the Stop is over.
  local function stop_deaf(id)
    local over = false
    desired[id] = spec_of(id)
    assert(subject:start(id))
    fake.running[id].deaf = true
    task.spawn(function()
      subject:stop(id)
      over = true
    end)
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

  it("measures waits by its own clock, though the time of day is set back", function()
    run(function()
      local is_over = stop_deaf "p"
      now = now - 3600
      pass("p", 3.1)
      pass("p", 2.1)
      assert.is_true(is_over())
      desired.q = spec_of "q"
      assert(subject:start "q")
      local verdict
      task.spawn(function()
        verdict = subject:wait_live("q", 8)
      end)
      now = now - 3600
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
      local relay = subject:keep "p"
      while not relay.spec do
        relay.changed:wait(5)
      end
      subject:stop "p"
    end)
    assert.are.equal(1, fake.spawned)
    assert.matches("no connect", table.concat(logged))
  end)

  it("tells nobody what becomes of the output for a look", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local relay, told = subject:keep "p", 0
      function relay.changed.notify()
        told = told + 1
      end
      fake.running.p.event { event = "output", output_id = "cme:playback", state = "refused" }
      assert.are.equal(0, told)
      fake.running.p.event { event = "output", output_id = "1", state = "refused" }
      assert.are.equal(1, told)
      relay.changed.notify = nil
      subject:stop "p"
    end)
  end)

  it("keeps a project whose end could not be told and was then moved", function()
    desired.p = spec_of("p", { stop_at = 2000 })
    tell_end = function()
      tell_end = nil
      desired.p = spec_of("p", { stop_at = 3000, revision = 2 })
      error "no end"
    end
    run(function()
      assert(subject:start "p")
      fake.running.p.event { event = "stopped", reason = "stop_at", time = 2000 }
      local relay = subject:keep "p"
      fake:die "p"
      while not fake.running.p or not fake.running.p.spec do
        relay.changed:wait(5)
      end
      assert.are.equal(relay, subject:keep "p")
      subject:stop "p"
    end)
    assert.is_nil(ended.p)
    assert.matches("no end", table.concat(logged))
  end)

  it("lets a project start though ending the orphan of its id failed", function()
    fake.running.p, desired.p = new_program(9), spec_of "p"
    function fake.sweep()
      error "no sweep"
    end
    run(function()
      subject:adopt({}, 1)
      assert(subject:start "p")
      subject:stop "p"
    end)
    assert.matches("no sweep", table.concat(logged))
  end)

  it("lets go of engines without stopping them", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      subject:detach()
      assert.are.same({ "stat", "set" }, fake.running.p.got)
      assert.are.equal(1, fake.spawned)
    end)
  end)
end)
