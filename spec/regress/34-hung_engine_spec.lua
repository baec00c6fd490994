-- SPDX-License-Identifier: MIT
-- An engine that hangs was left alone for ever: no frame, "Working", no log, no event, and its planned end passed. Here
-- engines are tables and clocks are moved by hand; 34-stopped_processes_spec.lua stops real ones.

local fake_engines = require "spec.support.fakes.fake_engines"
local luv = require "cme.net.loop.luv"
local pulse = require "cme.server.process.pulse"
local reach = require "cme.system.reach"
local task = require "cme.task"
local uv = require "luv"

local run, spec_of = fake_engines.run, fake_engines.spec

describe("the sign of life", function()
  -- Whether one that was heard at 0 is hung at the last of the looks.
  local function hung_at(looks, heard)
    local beat, hung = pulse.new(0), false
    for _, now in ipairs(looks) do
      hung = pulse.hung(beat, now)
      if heard and heard[now] then pulse.heard(beat, now) end
    end
    return hung
  end

  it("is missed after 10 s", function()
    assert.is_false(hung_at { 2, 4, 6, 8 })
    assert.is_true(hung_at { 2, 4, 6, 8, 9.99 })
    assert.is_true(hung_at { 2, 4, 6, 8, 10.2 })
    assert.is_false(hung_at({ 2, 4, 6, 8, 10, 12 }, { [4] = true }))
    assert.is_true(hung_at({ 2, 4, 6, 8, 10, 12, 14 }, { [4] = true }))
  end)

  it("is waited for anew after a gap in the asker's own time", function()
    assert.is_false(hung_at { 2, 32 })
    assert.is_false(hung_at { 2, 4, 6, 8, 38, 40, 42, 44, 46 })
    assert.is_true(hung_at { 2, 4, 6, 8, 38, 40, 42, 44, 46, 48 })
  end)

  it("is not given by an engine with a thread on the air that does not move", function()
    assert.is_nil(pulse.stuck { stuck = {} })
    assert.is_nil(pulse.stuck { stuck = { { part = "input 'backup'", on_air = false } } })
    assert.are.equal("input 'main', output '1'", pulse.stuck { stuck = { { part = "input 'main'", on_air = true },
      { part = "input 'backup'", on_air = false }, { part = "output '1'", on_air = true } } })
    assert.is_nil(pulse.stuck { stuck = "x" })
  end)
end)

describe("a look that fails", function()
  it("is no absence", function()
    for failure, meaning in pairs { ENOENT = "absent", ECONNREFUSED = "absent",
      EMFILE = "unknown", ENFILE = "unknown", ENOMEM = "unknown", EACCES = "unknown",
      EAGAIN = "silent", timeout = "silent" } do
      assert.are.equal(meaning, reach.meaning(failure), failure)
    end
  end)
end)

describe("a wait", function()
  it("does not end by a pause of this process: what came meanwhile is read first", function()
    local got
    local reader, writer = uv.new_pipe(false), uv.new_pipe(false)
    local ends = uv.pipe({ nonblock = true }, { nonblock = true })
    reader:open(ends.read)
    writer:open(ends.write)
    run(function()
      luv.detach(function()
        got = task.wait(function(wake)
          reader:read_start(function(_, chunk) wake(chunk) end)
        end, 0.1)
        reader:close()
      end)
      uv.sleep(1300) -- the loop stands still, and the answer comes
      writer:write "answer"
      local answered = task.signal()
      local timer = uv.new_timer()
      timer:start(0, 10, function()
        if reader:is_closing() then
          timer:close()
          answered:notify()
        end
      end)
      answered:wait(20)
    end)
    writer:close()
    uv.run "nowait"
    assert.are.equal("answer", got)
  end)

  it("ends though this process is always late", function()
    local hrtime, looks = uv.hrtime, 0
    finally(function()
      uv.hrtime = hrtime
      uv.run "nowait"
    end)
    uv.hrtime = function() -- ten looks that are 10 s apart, then time stands still
      looks = looks + 1
      return math.min(looks, 10) * 10e9
    end
    local results
    run(function()
      results = table.pack(task.wait(function() end, 0.001))
    end)
    assert.are.same({ nil, "timeout", n = 2 }, results)
    assert.is_true(looks < 10)
  end)
end)

describe("a keeper", function()
  local world, fake, desired, subject

  before_each(function()
    world = fake_engines.new()
    fake, desired, subject = world.fake, world.desired, world.subject
    desired.p = spec_of "p"
  end)

  after_each(function()
    uv.run "nowait"
  end)

  local function wait_for(condition)
    local relay = subject:keep "p"
    while not condition() do
      relay.changed:wait(20)
    end
  end

  local function looks(count)
    for _ = 1, count do
      world.clock = world.clock + pulse.PERIOD
      subject:check()
    end
  end

  it("kills an engine that hangs, says so, and starts another", function()
    run(function()
      assert(subject:start "p")
      local first = fake.running.p
      looks(5)
      assert.are.same({}, fake.killed)
      first.hung = true
      looks(4)
      assert.are.same({}, fake.killed)
      looks(1)
      assert.are.same({ { "sigkill" }, { "p" } }, { fake.killed, world.hung })
      assert.matches("engine is hung: killing it", world.logged[1])
      wait_for(function() return fake.running.p and fake.running.p.spec end)
      assert.are_not.equal(first, fake.running.p)
      looks(5)
      assert.are.equal(1, #fake.killed)
      subject:stop "p"
    end)
  end)

  it("kills one whose thread on the air does not move, and names it", function()
    run(function()
      assert(subject:start "p")
      fake.running.p.alive = { stuck = { { part = "output '1'", on_air = true } } }
      looks(5)
      assert.are.same({ "sigkill" }, fake.killed)
      assert.matches("output '1'", world.logged[1])
      subject:stop "p"
    end)
  end)

  it("takes the refusal of an engine of an older version for a sign of life", function()
    run(function()
      assert(subject:start "p")
      local request = fake.running.p.control.request
      fake.running.p.control.request = function(control, asked)
        if asked.op == "alive" then return nil, "op: unknown", "invalid.op" end
        return request(control, asked)
      end
      looks(10)
      assert.are.same({}, fake.killed)
      subject:stop "p"
    end)
  end)

  it("kills one that hung before the service came, though it never told its pid", function()
    run(function()
      fake:spawn "p"
      local first = fake.running.p
      first.hung = true
      assert.is_nil(subject:start "p")
      looks(5)
      assert.are.same({ "sigkill" }, fake.killed)
      wait_for(function() return fake.running.p and fake.running.p.spec end)
      subject:stop "p"
    end)
  end)

  it("does not take a look that fails for an engine that is gone", function()
    run(function()
      assert(subject:start "p")
      local first, connect = fake.running.p, fake.connect
      fake.connect = function() return nil, "connect: EMFILE", { code = "control.unknown" } end
      world.clock = world.clock + 2
      first.control.close()
      assert.are.same({ 1, 0 }, { fake.spawned, subject.counts.lost })
      assert.is_false(world.shown[#world.shown][2].outputs["1"].failed)
      fake.connect = connect
      wait_for(function() return subject:keep "p":is_up() end)
      assert.are.same({ 1, first }, { fake.spawned, fake.running.p })
      subject:stop "p"
    end)
  end)

  it("ends an engine that goes on past its planned end", function()
    desired.p = spec_of("p", { stop_at = 1100 })
    run(function()
      assert(subject:start "p")
      local relay = subject:keep "p"
      world.now = 1102
      looks(1)
      assert.are.same({}, world.ended)
      world.now = 1104
      looks(1)
      while not relay.finished do relay.changed:wait(20) end
      assert.are.same({ { 1100, "stop_at" }, nil }, { world.ended.p, fake.running.p })
    end)
  end)

  it("ends one that hangs at its planned end by force", function()
    desired.p = spec_of("p", { stop_at = 1100 })
    run(function()
      assert(subject:start "p")
      local relay = subject:keep "p"
      fake.running.p.hung = true
      local clock = uv.new_timer() -- the keeper's limits pass
      clock:start(0, 5, luv.callback(function()
        world.clock = world.clock + 1
        relay.changed:notify()
      end))
      world.now = 1104
      looks(1)
      while not relay.finished do relay.changed:wait(20) end
      clock:close()
      assert.are.same({ 1100, "stop_at" }, world.ended.p)
      assert.are.same({ "sigterm", "sigkill" }, fake.killed)
    end)
  end)

  -- Makes the next looks for the engine of "p" fail, so many of them; then it is reached again.
  local function fail_looks(count, code, also)
    local connect = fake.connect
    fake.connect = function()
      count = count - 1
      if count == 0 then fake.connect = connect end
      if also then also() end
      return nil, "connect: " .. code, code
    end
  end

  -- Adopts with nothing to run, and waits until the engine that runs is in nobody's hands any more.
  local function end_orphan()
    desired.p = nil
    subject:adopt({}, 1)
    local orphan = subject._around.kept.p
    while orphan and not orphan.finished do orphan.changed:wait(20) end
  end

  it("leaves the socket of an orphan that it could not look for, and ends it when it can", function()
    run(function()
      fake:spawn "p"
      fail_looks(2, "control.unknown", function() assert.is_nil(fake.swept.p) end)
      end_orphan()
      assert.are.same({ nil, true, {} }, { fake.running.p, fake.swept.p, fake.killed })
      assert.matches("control%.unknown.*engine not ended", table.concat(world.logged))
    end)
  end)

  it("ends an orphan that takes no connection by force, then removes its socket", function()
    run(function()
      fake:spawn "p"
      fake.running.p.control = { close = function() end } -- nobody is connected to it
      local connect = fake.connect
      fake.connect = function(...)
        if not fake.running.p then return connect(...) end
        assert.is_nil(fake.swept.p)
        return nil, "connect: EAGAIN", { code = "control.silent" }
      end
      end_orphan()
      assert.are.same({ nil, true, { "sigterm", "sigkill" } }, { fake.running.p, fake.swept.p, fake.killed })
    end)
  end)

  it("does not take a Stop for done while it cannot look for the engine", function()
    run(function()
      assert(subject:start "p")
      local relay, first = subject:keep "p", fake.running.p
      fail_looks(2, "control.unknown", function() assert.is_false(relay.finished) end)
      desired.p, world.clock = nil, world.clock + 2
      relay.released = true
      first.control.close()
      subject:stop "p"
      assert.are.same({ true, nil, {} }, { relay.finished, fake.running.p, fake.killed })
      assert.is_true(first.got[#first.got] == "stop")
    end)
  end)

  it("stops one whose connection is lost and that takes no other by force", function()
    run(function()
      assert(subject:start "p")
      local relay, first, connect = subject:keep "p", fake.running.p, fake.connect
      fake.connect = function(...)
        if not fake.running.p then return connect(...) end
        return nil, "connect: EAGAIN", { code = "control.silent" }
      end
      desired.p, relay.released = nil, true
      first.control.close()
      subject:stop "p"
      assert.are.same({ nil, { "sigterm", "sigkill" } }, { fake.running.p, fake.killed })
    end)
  end)

  it("goes on with one whose end was moved meanwhile", function()
    desired.p = spec_of("p", { stop_at = 1100 })
    world.tell_end = function() return false end
    run(function()
      assert(subject:start "p")
      world.now = 1104
      looks(3)
      assert.are.same({ {}, 1 }, { fake.killed, fake.spawned })
      assert.is_true(subject:keep "p":is_up())
      desired.p = nil
      subject:stop "p"
    end)
  end)
end)
