-- SPDX-License-Identifier: MIT
-- An engine that publishes by lease alone: what goes out while it has one, and that nothing does without.

local uv = require "luv"

local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local relay_stage = require "spec.support.programs.relay_stage"

local LONG, SHORT = 60 * 1000, 500 -- ms

-- Milliseconds of CLOCK_BOOTTIME.
local function boot_ms()
  local file = assert(io.open "/proc/uptime")
  local seconds = file:read "n"
  file:close()
  return math.floor(seconds * 1000)
end

describe("cme-relay --leased", function()
  local stage

  setup(function()
    stage = relay_stage.start()
  end)

  teardown(function()
    proc.cleanup()
  end)

  local function start(outputs)
    local engine, control = relay.control "--leased"
    assert(control:request("set", { spec = stage:spec(outputs) }))
    proc.eventually("a live source", 20, function()
      return control:request("stat").inputs.main.state == "live"
    end)
    return engine, control
  end

  local function lease(control, epoch, ms)
    return assert(control:request("lease", { epoch = epoch, until_ms = boot_ms() + ms }))
  end

  -- A lease that is over soon; of a later epoch where that was over before the engine heard of it.
  local function lease_shortly(control, epoch)
    while not control:request("lease", { epoch = epoch, until_ms = boot_ms() + SHORT }) do epoch = epoch + 1 end
    return epoch
  end

  it("publishes while it has a lease, and not before", function()
    local name = stage:key()
    local engine, control = start { stage:output("1", "a", name) }
    control:until_output("1", "fenced")
    assert.same({ epoch = 0, left_ms = 0 }, control:request("stat").lease)
    assert.equal(0, stage:publishes("a", name))
    assert.same({ epoch = 3 }, lease(control, 3, LONG))
    control:until_output("1", "live")
    local stat = control:request("stat").lease
    assert.equal(3, stat.epoch)
    assert.is_true(stat.left_ms > 0 and stat.left_ms <= LONG)
    stage:stop(engine, control)
    assert.equal(1, stage:publishes("a", name))
  end)

  it("is off the air when the lease ends, whoever lives, and goes on with the next", function()
    local name = stage:key()
    local engine, control = start { stage:output("1", "b", name) }
    lease(control, 1, LONG)
    control:until_output("1", "live")
    local last = lease_shortly(control, 2)
    control:expect { event = "output", output_id = "1", state = "fenced" }
    assert.equal("live", control:request("stat").inputs.main.state)
    local sent = control:output "1".packets
    stage.platform:expect_silence "b"
    lease(control, last + 1, LONG)
    control:until_output("1", "live")
    assert.is_true(control:output "1".packets >= sent)
    stage:stop(engine, control)
    assert.equal(2, stage:publishes("b", name))
  end)

  it("shuts at a release, and takes that epoch no more", function()
    local name = stage:key()
    local engine, control = start { stage:output("1", "c", name) }
    lease(control, 7, LONG)
    control:until_output("1", "live")
    assert.same({ epoch = 7 }, (control:request("release", { epoch = 7 })))
    control:until_output("1", "fenced")
    for epoch, fact in pairs { [6] = "a later one", [7] = "it was released" } do
      local _, fault = control:request("lease", { epoch = epoch, until_ms = boot_ms() + LONG })
      assert.equal("lease.refused", fault.code)
      assert.truthy(fault.message:find(fact, 1, true))
    end
    local _, past = control:request("lease", { epoch = 8, until_ms = boot_ms() - 1 })
    assert.equal("lease.refused", past.code)
    assert.equal("fenced", control:output "1".state)
    stage:stop(engine, control)
  end)

  it("ends as a standby when its time has passed, unless that is renewed or it has had a lease", function()
    local engine, control = start { stage:output("1", "d", stage:key()) }
    assert.same({}, control:request("stand", { until_ms = boot_ms() + LONG }))
    assert.same({}, control:request("stand", { until_ms = boot_ms() + SHORT }))
    control:expect { event = "stopped", reason = "abandoned" }
    assert.equal(0, (engine:wait(20)))
    engine, control = start { stage:output("1", "d", stage:key()) }
    local over = boot_ms() + 10 * SHORT
    assert(control:request("stand", { until_ms = over }))
    lease_shortly(control, 1)
    proc.eventually("the time of the standby to pass", 20, function() return boot_ms() > over + SHORT end)
    assert.equal("live", control:request("stat").inputs.main.state)
    stage:stop(engine, control)
    engine, control = relay.control()
    local _, fault = control:request("stand", { until_ms = boot_ms() + LONG })
    assert.equal("lease.refused", fault.code)
    stage:stop(engine, control)
  end)

  it("is shut where the engine was not asked for it, or what it is told makes no sense", function()
    local engine, control = relay.control()
    local _, fault = control:request("lease", { epoch = 1, until_ms = boot_ms() + LONG })
    assert.equal("lease.refused", fault.code)
    for _, fields in ipairs { {}, { epoch = 0, until_ms = 1 }, { epoch = 1 }, { epoch = 1, until_ms = "soon" } } do
      local _, wrong = control:request("lease", fields)
      assert.equal("invalid.request", wrong.code)
    end
    stage:stop(engine, control)
  end)

  it("ends what writes its other outputs, even while that is stopped", function()
    local sink, count = uv.new_udp(), 0
    assert(sink:bind("127.0.0.1", 0))
    sink:recv_start(function(_, data) count = count + (data and 1 or 0) end)
    local engine, control = start { { id = "1", url = ("udp://127.0.0.1:%d"):format(sink:getsockname().port) } }
    lease(control, 1, LONG)
    control:until_output("1", "live")
    local writer = proc.children(engine.pid)[1]
    for _ = 1, 3 do lease(control, 1, LONG + 1000) end -- a renewal ends nothing
    local before = count
    proc.eventually("datagrams after the renewal", 20, function() return count > before + 20 end)
    assert.same({ writer }, proc.children(engine.pid))
    proc.halt(writer)
    local last = lease_shortly(control, 2)
    control:expect { event = "output", output_id = "1", state = "fenced" }
    proc.eventually("the writer's end", 20, function() return proc.is_ended(writer) end)
    before = count
    lease(control, last + 1, LONG)
    control:until_output("1", "live")
    proc.eventually("datagrams of the next", 20, function() return count > before + 20 end)
    stage:stop(engine, control)
    sink:close()
  end)
end)
