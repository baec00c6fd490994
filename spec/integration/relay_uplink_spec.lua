-- SPDX-License-Identifier: MIT
-- Outputs that fall behind: all at once, as when the uplink is full, and one alone.

local faulty = require "spec.support.fakes.faulty_destination"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local APPS = { "a", "b", "c" }
local SLOW = 100000 -- bytes a second: a fifth of the show
local BUFFER = 65536 -- of the way, or it would take seconds until anything is held
local LONG = 60 -- seconds

describe("cme-relay with a full uplink", function()
  local platform, source, ways, engine, control

  setup(function()
    platform = nginx.start { apps = { "src", "a", "b", "c" } }
    source = media.replay(platform:url("src", "show"), media.file(proc.folder() .. "/show.flv", 10, media.SHOW))
    platform:expect_publish "src"
    ways = {}
    local outputs = {}
    for i, app in ipairs(APPS) do
      ways[app] = faulty.start { to = platform.port, buffer = BUFFER }
      outputs[i] = { id = app, name = "", url = ("rtmp://127.0.0.1:%d/%s/hush"):format(ways[app].port, app) }
    end
    engine, control = relay.control()
    assert(control:request("set", { spec = { project = "p", revision = 1, active = "main", outputs = outputs,
      inputs = { main = { url = platform:url("src", "show") } } } }))
    for _, app in ipairs(APPS) do control:until_output(app, "live") end
  end)

  teardown(function()
    assert(control:request "stop")
    assert.equal(0, (engine:wait()), engine:output())
    control:close()
    for _, way in pairs(ways) do way:close() end
    source:stop()
    platform:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function slow_ones()
    local count = 0
    for _, event in ipairs(control.events) do count = count + (event.code == "output.slow" and 1 or 0) end
    return count
  end

  it("says so once, with the rate that goes out", function()
    for _, way in pairs(ways) do way:set("slow", SLOW) end
    local event = control:expect({ event = "uplink", full = true }, LONG)
    assert.equal("uplink.full", event.code)
    assert.is_true(event.kbps > 0 and event.kbps < 3 * 4000, event.kbps)
    assert.is_true(control:request("stat").uplink_full)
    for _, way in pairs(ways) do way:set "pass" end
    control:expect({ event = "uplink", full = false }, LONG)
    assert.equal(0, slow_ones())
  end)

  it("says of one alone that it is slow", function()
    ways.b:set("slow", SLOW)
    control:expect({ event = "output", output_id = "b", state = "live", code = "output.slow" }, LONG)
    assert.is_false(control:request("stat").uplink_full)
    ways.b:set "pass"
    assert.equal(1, slow_ones())
  end)
end)
