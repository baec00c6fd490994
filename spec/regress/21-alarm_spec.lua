-- SPDX-License-Identifier: MIT
-- The checks of `cme run` find an alarm that rings nowhere; a planned end that wins the race against the stop is none.

local cjson = require "cjson"

local alerts = require "cme.cli.alerts"
local fake = require "spec.support.fakes.fake"
local proc = require "spec.support.proc"
local runner = require "cme.show.runner"
local schedule = require "cme.show.schedule"
local service = require "spec.support.programs.service"

describe("the checks of a show", function()
  it("send a test note by every way, and find what does not take it", function()
    local ran = {}
    local transport = fake.transport(fake.http("", 204))
    local teller = alerts.new({ project = { name = "gala" },
      alerts = { webhook = "http://h/x", command = { "page" }, call = function() error "wrong" end } }, {
      process = { run = function(_, words, input)
        ran[1] = { words[1], cjson.decode(input) }
        return { code = 1, signal = 0 }
      end },
      transport = transport, project = { id = "p" }, network = {}, sleep = function() end, spawn = error,
      failed = error,
    })
    local findings = teller:test(fake.NOW)
    assert.are.same({ "alert webhook", true }, { findings[1].what, findings[1].ok })
    assert.are.same({ "alert command", false, "'page' failed: exit code 1" },
      { findings[2].what, findings[2].ok, findings[2].message })
    assert.are.same({ "alert call", false }, { findings[3].what, findings[3].ok })
    assert.are.same({ "page", "notice", "test" }, { ran[1][1], ran[1][2].kind, ran[1][2].id })
  end)

  it("say that the alert program is not there, long before it is needed", function()
    local serve, folder = service.start(), proc.folder()
    local file = assert(io.open(folder .. "/gala.lua", "w"))
    file:write(([[return { start_at = %d, stop_at = %d, alerts = { command = { "no-such-program" } },
      project = { name = "gala", owner = "me", input = "rtmp://127.0.0.1:9/a/b",
        outputs = { "rtmp://127.0.0.1:9/a/c" } } }]])
      :format(os.time() + 300, os.time() + 3600))
    file:close()
    local run = proc.spawn({ "bin/cme", "run", folder .. "/gala.lua" }, { env = serve:environment() })
    run:expect("check alert command: start 'no%-such%-program': no such file or directory", 90)
    run:stop()
    serve:stop()
    proc.cleanup()
  end)
end)

describe("a planned end that comes before the stop", function()
  -- A show from 0 to 100 on a service that ends it by itself as soon as somebody asks for the stop.
  local function play(it)
    local now, told = 0, {}
    local show = { path = "s.lua", project = { name = "n" }, stop_at = 100, checks = { ahead = 1 }, hooks = {},
      failover = false, alerts = { after = 0.5 }, on_sigterm = "leave", if_stopped = "alert" }
    local outcome = runner.run(show, nil, { project = it, interval = 1, now = function() return now end,
      attach = function() return true end, check = function() return {} end, save = function() return true end,
      say = function() end, ask = function(_, fn, ...) return fn(...) end,
      pause = function(seconds)
        now = now + math.max(seconds, 0.25)
        return false
      end,
      alert = function(alert, done)
        told[#told + 1] = ("%s %s: %s"):format(alert.kind, alert.id or "", alert.reason)
        done()
      end })
    return outcome, told
  end

  local function project(methods)
    local status = "idle"
    local made = { id = "p",
      ensure = function()
        status = "working"
        return {}
      end,
      info = function() return { status = status, stop_at = status == "working" and 100 or nil, outputs = {} } end,
      health = function() return { inputs = {}, outputs = {} } end,
      set_stop_at = function() return true end }
    for name, method in pairs(methods) do
      made[name] = function() return method(function(to) status = to end) end
    end
    return made
  end

  it("is the end of the show, and no alert", function()
    local outcome, told = play(project { stop = function(set)
      set "idle"
      return nil, "the project is Idle: there is nothing to stop", { code = "api.FailedOperation.StreamConnect" }
    end })
    assert.are.equal("over", outcome.result)
    assert.are.same({}, told)
    assert.is_nil(outcome.message)
  end)

  it("is none either when the service's clock is a second ahead", function()
    assert.are.equal("over", (schedule.next({ stop_at = 100, if_stopped = "restart" }, { started_at = 1 }, "idle", 99)))
    assert.are.equal("watch", (schedule.next({ stop_at = 100, if_stopped = "alert" }, { started_at = 1 }, "idle", 90)))
  end)
end)
