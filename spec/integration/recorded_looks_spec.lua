-- SPDX-License-Identifier: MIT
-- What viewers of a cloud broadcast see. The cloud knows neither health nor `watch`: `cme run` and `cme look` against
-- recorded exchanges of its API, and real play addresses.

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local looking = require "spec.support.programs.looking"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local recorded = require "spec.support.fakes.recorded"
local show_stage = require "spec.support.programs.show_stage"

local FAR = 2000000000 -- unix seconds: the recording's end, so that nobody has to move it
local PATIENCE = 90

local SHOW = [[return {
  project = { name = "gala", owner = "user_1", input = "https://play.example.com/main.flv", outputs = {
    { id = "1", name = "A", url = "rtmp://push.example.com/cme/hush1", watch = %q },
    { id = "2", name = "B", url = "rtmp://push.example.com/cme/hush2", watch = %q } } },
  start_at = 1700000000, stop_at = %d, on_sigterm = "stop", look_every = 2, look_source = false,
  alerts = { command = { "sh", "-c", "cat >>%s" } },
}]]

describe("what viewers of the cloud's broadcasts see:", function()
  local folder, viewers, show, alerts

  setup(function()
    folder = proc.folder()
    viewers = nginx.start { apps = { "play" } }
    for name, kind in pairs { green = broadcasts.BROKEN.green, film = broadcasts.GOOD.film } do
      broadcasts.publish(viewers:url("play", name), looking.film(folder, name, kind))
    end
    viewers:expect_publish("play", 2)
    show, alerts = folder .. "/gala.lua", folder .. "/alerts"
    show_stage.write(show, SHOW:format(viewers:url("play", "green"), viewers:url("play", "film"), FAR, alerts))
  end)

  teardown(function()
    proc.cleanup()
  end)

  -- The figures of viewers that the show has written down so far, by name.
  local function figures()
    local memory, found = require "cme.show.notebook".load(folder .. "/gala.memory.json"), {}
    for _, one in ipairs(memory and memory.tally.viewers or {}) do found[one.name] = one end
    return found
  end

  it("cme run alerts with a picture, and reports what viewers had", function()
    local service = recorded.start "show_looks"
    local run = proc.spawn({ "bin/cme", "run", show, "--json" }, { env = service:environment() })
    proc.eventually(function() return "an alert, and figures:\n" .. run:output() end, PATIENCE, function()
      local known = figures()
      return show_stage.read_lines(alerts)[1] and known.A and known.A.known > 0 and known.B and known.B.good > 0
    end)
    run:kill()
    assert.equal(exit.DONE, (run:wait(40)), run:output())
    service:finish()
    local told = show_stage.read_lines(alerts)
    assert.same({ 1, "viewers", "A", "flat" }, { #told, told[1].kind, told[1].name, told[1].look })
    local file = assert(io.open(told[1].picture, "rb"))
    assert.equal("\xff\xd8", file:read(2))
    file:close()
    local had = {} -- they stand in the order in which they were first seen
    for _, one in ipairs(show_stage.tally_of(run).viewers) do had[one.name] = one end
    assert.equal(0, had.A.good)
    assert.is_true(had.B.good > 0 and had.B.good == had.B.known)
  end)

  it("cme look takes the addresses of the show file", function()
    local code, last = looking.look(show, "--for", "14s", "--every", "2s")
    assert.same({ exit.PARTLY, "A", "flat", "B", "ok" }, { code, last[1].output, last[1].state, last[2].output,
      last[2].state })
  end)

  it("leaves nothing behind", function()
    proc.stop_all()
    assert.are.same({}, proc.cleanup())
  end)
end)
