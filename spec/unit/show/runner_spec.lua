-- SPDX-License-Identifier: MIT
local json = require "cme.json"
local runner = require "cme.show.runner"

-- A service with one project, a clock that pauses move on, and what a runner says of them.
local function stage(plan)
  local it = { now = 0, said = {}, alerts = {}, calls = {}, status = "idle", active = "main", saves = 0, at = {},
    inputs = { main = { state = "live" }, backup = { state = "live" } }, output = { state = "live", since = 0 } }
  it.show = { path = "s.lua", project = { name = "n" }, start_at = 100, stop_at = 200, checks = { ahead = 50 },
    hooks = {}, failover = { after = 5, failback_after = false }, alerts = { after = 3 }, on_sigterm = "leave",
    if_stopped = "alert" }
  for name, value in pairs(plan or {}) do it.show[name] = value end

  local project = { id = nil }
  local function call(name, fn)
    project[name] = function(_, ...)
      it.calls[#it.calls + 1] = name
      if it.refuse and it.refuse[name] then return nil, it.refuse[name], { code = it.code or "network.connect" } end
      return fn(...)
    end
  end
  call("ensure", function(given)
    project.id = "p"
    if given.status == "working" then it.status, it.stop_at, it.started_at = "working", given.stop_at, it.now end
    if it.partial then return {}, "not all of it", { code = "api.x", pending = {} } end
    return {}
  end)
  call("info", function()
    return { status = it.status, active = it.active, started_at = it.started_at, stop_at = it.stop_at,
      outputs = { { id = "1", name = "A" } } }
  end)
  call("health", function()
    it.output.id = "1"
    return { inputs = it.inputs, outputs = { it.output } }
  end)
  call("switch", function(to)
    it.active = to
    return true
  end)
  call("set_stop_at", function(at)
    it.stop_at = at
    return true
  end)
  call("stop", function()
    it.status = "idle"
    return true
  end)
  it.project = project

  -- What happens at a moment: stage.at[seconds] = function.
  local function pass(seconds)
    local due = {}
    for moment in pairs(it.at) do
      if moment <= it.now + seconds then due[#due + 1] = moment end
    end
    table.sort(due)
    it.now = it.now + seconds
    for _, moment in ipairs(due) do
      local happen = it.at[moment]
      it.at[moment] = nil
      happen()
    end
    return it.quit == true
  end
  it.parts = {
    project = project, interval = 1, now = function() return it.now end, pause = pass,
    ask = function(_, fn, ...) return fn(...) end,
    attach = function() return it.there or false end,
    save = function(memory)
      it.saves, it.saved = it.saves + 1, assert(json.encode(memory))
      return true
    end,
    alert = function(alert, told)
      if it.deaf then return end
      told()
      it.alerts[#it.alerts + 1] = ("%s %s %s"):format(alert.state, alert.kind, alert.id or "-")
    end,
    say = function(what) it.said[#it.said + 1] = what end,
    check = function() return it.findings or {} end,
  }
  function it.run(memory) return runner.run(it.show, memory, it.parts) end
  return it
end

local function count(list, wanted)
  local found = 0
  for _, one in ipairs(list) do
    if one == wanted then found = found + 1 end
  end
  return found
end

describe("cme.show.runner", function()
  it("carries out a show: checks ahead, prepares, starts and stops on time", function()
    local it_was = {}
    local on = stage { hooks = { started = function(event) it_was.started = event.at end,
      ended = function(event) it_was.ended = event.at end } }
    local outcome = on.run()
    assert.equal("over", outcome.result)
    assert.same({ started = 100, ended = 200 }, it_was)
    assert.equal(200, on.stop_at)
    assert.equal(1, count(on.calls, "stop"))
    assert.same({}, on.alerts)
    assert.equal(100, outcome.tally.outputs[1].up)
    assert.same({ "waiting", "checked", "prepared", "waiting", "started", "ended" }, on.said)
  end)

  it("tells what its checks find, early, and goes on", function()
    local on = stage()
    on.findings = { { what = "clock", ok = true }, { what = "source main", ok = false, message = "not there" } }
    on.at[60] = function() assert.same({ "note notice check source main" }, on.alerts) end
    assert.equal("over", on.run().result)
    assert.is_nil(on.at[60])
  end)

  it("goes on where a program that was killed had got to, and doubles nothing", function()
    local on = stage()
    on.at[150] = function() error "killed" end
    assert.has_error(function() on.run() end)
    local memory = assert(json.decode(on.saved))
    on.project.id, on.calls, on.alerts = "p", {}, {}
    local outcome = on.run(memory)
    assert.equal("over", outcome.result)
    assert.equal(0, count(on.calls, "ensure"))
    assert.equal(1, count(on.calls, "stop"))
    assert.same({}, outcome.tally.outputs[1].gaps)
    assert.equal(100, outcome.tally.outputs[1].up)
    assert.equal("over", on.run(assert(json.decode(on.saved))).result)
    assert.equal(1, count(on.calls, "stop"))
  end)

  it("goes over to the backup when main is bad, and tells the incident once", function()
    local on = stage()
    on.at[120] = function() on.inputs.main = { state = "down", error = { message = "reset" } } end
    on.at[150] = function() on.inputs.main = { state = "live" } end
    local switched = {}
    on.show.hooks.switched = function(event) switched[#switched + 1] = event end
    local outcome = on.run()
    assert.equal("backup", on.active)
    assert.equal(1, count(on.calls, "switch"))
    assert.same({ "open input main", "closed input main" }, on.alerts)
    assert.equal(1, #outcome.tally.switches)
    assert.equal("main input bad for 5 s", switched[1].reason)
  end)

  it("tells that an output is down, once, and when it is back", function()
    local on = stage()
    on.at[120] = function() on.output = { state = "backoff", error = { message = "reset", time = 120 } } end
    on.at[140] = function() on.output = { state = "live", since = 140, error = { message = "reset", time = 120 } } end
    local outcome = on.run()
    assert.same({ "open output 1", "closed output 1" }, on.alerts)
    assert.same({ { from = 120, to = 140, reason = "reset" } }, outcome.tally.outputs[1].gaps)
  end)

  it("says that only a part works, and goes on", function()
    local on = stage()
    on.partial = true
    assert.equal("over", on.run().result)
    assert.equal(1, count(on.said, "started"))
  end)

  it("tries a start again that the service could not do", function()
    local on = stage()
    on.at[90] = function() on.refuse, on.code = { ensure = "no" }, "api.InternalError" end
    on.at[110] = function() on.refuse = nil end
    assert.equal("over", on.run().result)
    assert.equal(1, count(on.said, "started"))
    assert.same({ "note notice start" }, on.alerts)
  end)

  it("ends when its own plan is refused", function()
    local on = stage()
    on.refuse, on.code = { ensure = "two projects have this name" }, "invalid.ambiguous"
    local outcome = on.run()
    assert.equal("failed", outcome.result)
    assert.equal("two projects have this name", outcome.message)
  end)

  it("does not start again what somebody stopped, but tells it", function()
    local on = stage()
    on.at[130] = function() on.status = "idle" end
    assert.equal("over", on.run().result)
    assert.equal(1, count(on.calls, "ensure") - 1)
    assert.same({ "open stopped -" }, on.alerts)
  end)

  it("starts it again where the show says so", function()
    local on = stage { if_stopped = "restart" }
    on.at[130] = function() on.status = "idle" end
    on.run()
    assert.equal(2, count(on.said, "started"))
  end)

  it("puts the service's stop time right", function()
    local on = stage()
    on.at[130] = function() on.stop_at = 500 end
    on.run()
    assert.equal(1, count(on.calls, "set_stop_at"))
    assert.equal(200, on.stop_at)
  end)

  it("tells that the service does not answer, and goes on when it does", function()
    local on = stage()
    on.at[120] = function() on.refuse = { info = "refused" } end
    on.at[140] = function() on.refuse = nil end
    assert.equal("over", on.run().result)
    assert.same({ "open service -", "closed service -" }, on.alerts)
  end)

  it("has written an alert down when it begins to tell it", function()
    local on, missing = stage(), {}
    on.at[120], on.at[140] = function() on.output.state = "backoff" end, function() on.output.state = "live" end
    local tell = on.parts.alert
    on.parts.alert = function(alert, ...)
      local untold = assert(json.decode(on.saved)).untold
      local last = untold[#untold] or {}
      if last.state ~= alert.state or last.at ~= alert.at then missing[#missing + 1] = alert.state end
      return tell(alert, ...)
    end
    on.run()
    assert.same({ "open output 1", "closed output 1" }, on.alerts)
    assert.same({}, missing)
  end)

  it("tells an alert that it could not tell before it was killed", function()
    local on = stage()
    on.at[120] = function()
      on.deaf = true
      on.output = { state = "backoff", error = { message = "reset", time = 120 } }
    end
    on.at[150] = function() error "killed" end
    assert.has_error(function() on.run() end)
    assert.same({}, on.alerts)
    on.deaf, on.project.id = nil, "p"
    on.run(assert(json.decode(on.saved)))
    assert.same({ "open output 1" }, on.alerts)
  end)

  it("takes another project's memory for none", function()
    local on = stage()
    on.at[150] = function() error "killed" end
    assert.has_error(function() on.run() end)
    local memory = assert(json.decode(on.saved))
    memory.project = "another"
    on.status, on.project.id, on.calls = "idle", nil, {}
    on.run(memory)
    assert.equal(1, count(on.calls, "ensure"))
  end)

  it("checks again in the next run when it is told to end meanwhile", function()
    local on = stage()
    on.parts.check = function()
      on.quit = true
      return nil
    end
    assert.equal("left", on.run().result)
    assert.is_nil(json.decode(on.saved).checked_at)
  end)

  it("does not keep a late show waiting for its checks, and gives them no more time than there is", function()
    local on, seconds = stage(), {}
    on.parts.check = function(may)
      seconds[#seconds + 1] = may
      return {}
    end
    on.now = 150
    assert.equal("over", on.run().result)
    assert.same({}, seconds)
    on = stage()
    on.parts.check = function(may)
      seconds[#seconds + 1] = may
      return {}
    end
    on.now = 80
    on.run()
    assert.same({ 20 }, seconds)
  end)

  it("does not put a stop time right again and again that the service does not take", function()
    local on = stage()
    on.project.set_stop_at = function()
      on.calls[#on.calls + 1] = "set_stop_at"
      return true
    end
    on.at[130] = function() on.stop_at = 500 end
    on.at[160] = function() on.stop_at = 600 end
    on.run()
    assert.equal(2, count(on.calls, "set_stop_at"))
  end)

  it("stops a broadcast that may be on the air when it is told to end and the service does not answer", function()
    local on = stage { on_sigterm = "stop" }
    on.at[150] = function() on.refuse, on.quit = { info = "refused" }, true end
    assert.same({ "stopped", 1 }, { on.run().result, count(on.calls, "stop") })
    on = stage { on_sigterm = "stop" }
    on.at[150] = function() on.refuse, on.quit = { info = "refused", stop = "refused" }, true end
    assert.same({ "failed", "refused" }, { on.run().result, on.refuse.stop })
  end)

  it("says what failed last when it was never on the air", function()
    local on = stage()
    on.at[60] = function() on.refuse, on.code = { ensure = "no" }, "api.AuthFailure" end
    local outcome = on.run()
    assert.same({ "over", "no", "api.AuthFailure" }, { outcome.result, outcome.message, outcome.detail.code })
  end)

  it("gives hooks the project", function()
    local on = stage { hooks = { started = function(_, project) project:switch "backup" end } }
    on.run()
    assert.equal(1, count(on.calls, "switch"))
  end)

  it("gives up stopping only when the service's own stop is long due", function()
    local on = stage()
    on.at[190] = function() on.refuse = { info = "refused", stop = "refused" } end
    assert.equal("over", on.run().result)
    assert.is_true(on.now > 800)
  end)

  it("leaves the broadcast on the air when it is told to end, or stops it", function()
    for sigterm, want in pairs { leave = { "left", "working", 0 }, stop = { "stopped", "idle", 1 } } do
      local on = stage { on_sigterm = sigterm }
      on.at[150] = function() on.quit = true end
      assert.same(want, { on.run().result, on.status, count(on.calls, "stop") })
    end
  end)

  it("gives up what the service does not answer once it is told to end, and alerts nobody of that", function()
    for sigterm, want in pairs { leave = { "left" }, stop = { "failed", "network.timeout" } } do
      local on = stage { on_sigterm = sigterm }
      on.at[150] = function()
        on.quit = true
        on.parts.ask = function() return nil, "cancelled", { code = "task.cancelled" } end
      end
      local outcome = on.run()
      assert.same(want, { outcome.result, outcome.detail and outcome.detail.code })
      assert.same({}, on.alerts)
    end
  end)

  it("is told to end while a start hangs", function()
    local on = stage()
    on.parts.ask = function(_, fn, ...)
      if fn ~= on.project.ensure then return fn(...) end
      on.quit = true
      return nil, "cancelled", { code = "task.cancelled" }
    end
    assert.equal("left", on.run().result)
    assert.same({}, on.alerts)
  end)

  it("keeps stream keys in a hook's error out of alerts and memory", function()
    local on = stage { hooks = { started = function() error "no rtmp://h.example/app/hushkey" end } }
    local told
    local alert = on.parts.alert
    on.parts.alert = function(one, ...)
      told = told or one.reason
      return alert(one, ...)
    end
    on.run()
    assert.matches("no rtmp://h.example/app/%*%*%*", told)
  end)

  describe("reconnects an output whose viewers see nothing", function()
    local on

    before_each(function()
      on = stage { on_look = { gone = "kick" } }
      on.viewed, on.off = { state = "ok", good = true }, false
      on.project.info = function()
        return { status = on.status, active = on.active, started_at = on.started_at, stop_at = on.stop_at,
          outputs = { { id = "1", name = "A", watch = "https://h/a.flv" } } }
      end
      for method, off in pairs { disable_output = true, enable_output = false } do
        on.project[method] = function()
          on.calls[#on.calls + 1] = method
          if on.refuse and on.refuse[method] then return nil, on.refuse[method], { code = on.code } end
          on.off = off
          return true
        end
      end
      on.parts.watch, on.parts.view = function() end, function() return on.viewed end
      on.at[120] = function() on.viewed = { state = "gone", good = false } end
    end)

    it("once", function()
      on.run()
      assert.same({ 1, 1, false }, { count(on.calls, "disable_output"), count(on.calls, "enable_output"), on.off })
    end)

    it("also when it was killed in between", function()
      local enable = on.project.enable_output
      on.project.enable_output = function() error "killed" end
      assert.has_error(function() on.run() end)
      assert.is_true(on.off)
      on.project.enable_output, on.project.id = enable, "p"
      on.run(assert(json.decode(on.saved)))
      assert.same({ 1, 1, false }, { count(on.calls, "disable_output"), count(on.calls, "enable_output"), on.off })
    end)

    it("also when the answer to the first half was lost with the program", function()
      local disable = on.project.disable_output
      on.project.disable_output = function()
        disable()
        error "killed"
      end
      assert.has_error(function() on.run() end)
      on.project.disable_output, on.project.id = disable, "p"
      on.run(assert(json.decode(on.saved)))
      assert.is_false(on.off)
    end)

    it("lets go of one that was removed", function()
      on.refuse, on.code = { enable_output = "no such output" }, "api.InvalidParameter"
      local info = on.project.info
      on.at[121] = function()
        on.project.info = function()
          local found = info()
          found.outputs = {}
          return found
        end
      end
      on.run()
      assert.is_true(count(on.calls, "enable_output") < 5)
    end)

    it("tries again while the service is silent", function()
      on.refuse, on.code = { enable_output = "no answer" }, "network.connect"
      on.at[150] = function() on.refuse = nil end
      on.run()
      assert.is_false(on.off)
    end)
  end)

  it("survives a hook that raises", function()
    local on = stage { hooks = { started = function() error "mine" end } }
    assert.equal("over", on.run().result)
    assert.same({ "note notice hook started" }, on.alerts)
  end)

  it("asks for health no more where there is none", function()
    local on = stage()
    on.refuse, on.code = { health = "no" }, "invalid.unsupported"
    local outcome = on.run()
    assert.equal(1, count(on.calls, "health"))
    assert.same({}, on.alerts)
    assert.equal(0, outcome.tally.outputs[1].up)
  end)
end)
