-- SPDX-License-Identifier: MIT
-- The relays as the actions see them, against engines that are tables. What a keeper does is in keeper_spec.lua.

local fake_engines = require "spec.support.fakes.fake_engines"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

local run, settle, spec_of = fake_engines.run, fake_engines.settle, fake_engines.spec

describe("cme.server.process.keepers", function()
  local world, fake, desired, switched, subject, logged

  before_each(function()
    world = fake_engines.new()
    fake, desired, switched = world.fake, world.desired, world.switched
    subject, logged = world.subject, world.logged
  end)

  after_each(function()
    uv.run "nowait" -- timers get their close callbacks; luv crashes at exit otherwise
  end)

  it("starts an engine, tells it the spec, and stops it", function()
    desired.p = spec_of "p"
    run(function()
      assert.is_true(subject:start "p")
      assert.are.equal(desired.p.outputs, fake.running.p.spec.outputs)
      local pid = fake.running.p.pid
      subject:stop "p"
      assert.is_nil(fake.running.p)
      assert.is_true(fake.gone[pid])
      assert.are.equal(1, fake.spawned)
      assert.are.equal("gone", subject:wait_live("p", 1))
    end)
  end)

  it("tells of the run nothing that the engine of a standby says", function()
    desired.p = spec_of("p", { active = "backup" })
    run(function()
      assert.is_true(subject:start "p")
      assert.are.same({ "backup", "backup" }, { subject:active "p", subject:input "p" })
      assert.is_table(subject:stat "p")
      world.standbys.p = true
      assert.are.same({ nil, "backup" }, { subject:active "p", subject:input "p" })
      assert.is_false(subject:on_slate "p")
      local stat, _, detail = subject:stat "p"
      assert.are.same({ nil, "control.lost" }, { stat, detail.code })
      subject:stop "p"
    end)
  end)

  it("knows whether an engine has the input that it is asked about, and sends that", function()
    desired.p = spec_of "p"
    run(function()
      assert.is_false(subject:is_fed("p", "main"))
      assert.is_true(subject:start "p")
      fake.running.p.event { event = "input", endpoint = "backup", state = "live" }
      assert.are.same({ false, false }, { subject:is_fed("p", "main"), subject:is_fed("p", "backup") })
      fake.running.p.event { event = "input", endpoint = "main", state = "live" }
      assert.are.same({ true, false }, { subject:is_fed("p", "main"), subject:is_fed("p", "backup") })
      subject:stop "p"
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
    fake.running.p = fake_engines.program(7)
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
    fake.running.p = fake_engines.program(7)
    fake.running.p.stat = { pid = 7, project = "p", revision = 1, active = "backup" }
    run(function()
      subject:adopt({ "p" }, 1)
      assert.are.same({ "stat", "set" }, fake.running.p.got)
      assert.are.equal("backup", fake.running.p.spec.active)
      subject:stop "p"
    end)
  end)

  it("stops the engines of projects that should not run", function()
    fake.running.orphan = fake_engines.program(9)
    run(function()
      subject:adopt({}, 1)
    end)
    assert.is_nil(fake.running.orphan)
    assert.is_true(fake.swept.orphan)
  end)

  it("starts a project only when the orphan of its id has ended", function()
    fake.running.p, desired.p = fake_engines.program(9), spec_of "p"
    local gate = task.signal()
    function fake:wait_gone()
      if self.running.p == nil and self.spawned == 0 then
        gate:wait()
      end
    end
    run(function()
      subject:adopt({}, 1)
      local started
      luv.detach(function()
        started = subject:start "p"
      end)
      assert.is_nil(started)
      assert.are.equal(0, fake.spawned)
      gate:notify()
      settle()
      assert.is_true(started)
      assert.are.equal(1, fake.spawned)
      subject:stop "p"
    end)
  end)

  it("tells a running engine what is desired world.now, and not to switch", function()
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
      assert.matches("output 'new'", faults[#faults].message)
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
      assert.matches("output 'o'", faults[#faults].message)
      subject:stop "p"
    end)
  end)

  it("tells a change to an engine that was being brought up while it was made", function()
    desired.p = spec_of "p"
    local connect = fake.connect
    local gate = task.signal()
    function fake.connect(...)
      local control, message, code = connect(...)
      if control then
        gate:wait()
      end
      return control, message, code
    end
    run(function()
      local started
      luv.detach(function()
        started = subject:start "p"
      end)
      desired.p = spec_of("p", { revision = 2 })
      assert.is_true(subject:update "p")
      assert.is_nil(started)
      gate:notify()
      settle()
      assert.is_true(started)
      assert.are.same({ "stat", "set", "set" }, fake.running.p.got)
      assert.are.equal(2, fake.running.p.spec.revision)
      subject:stop "p"
    end)
  end)

  it("has nothing to tell of a project without an engine", function()
    assert.is_true(subject:update "p")
  end)

  it("waits for events until all is live, or says what is not", function()
    desired.p = spec_of "p"
    run(function()
      assert(subject:start "p")
      local event, verdict, faults = fake.running.p.event, nil, nil
      luv.detach(function()
        verdict, faults = subject:wait_live("p", 1000)
      end)
      event { event = "input", endpoint = "main", state = "live" }
      assert.is_nil(verdict)
      event { event = "output", output_id = "1", state = "refused", code = "publish.refused", reason = "no" }
      settle()
      assert.are.equal("partial", verdict)
      assert.matches("^output 'o'", faults[1].message)
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
      luv.detach(function()
        verdict = subject:wait_live("p", 1000)
      end)
      subject:stop "p"
      assert.are.equal("gone", verdict)
    end)
  end)

  it("lets a project start though ending the orphan of its id failed", function()
    fake.running.p, desired.p = fake_engines.program(9), spec_of "p"
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
