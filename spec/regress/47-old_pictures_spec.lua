-- SPDX-License-Identifier: MIT
-- Main and backup die at the same time, as when one encoder sends both. The one that the engine found dead last was
-- taken for alive, and its last pictures were shown once more in place of the slate.

local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local SECONDS, STALL_LIMIT = 2, 6
local LATER = 100 -- milliseconds that the backup dies later

describe("two sources that die at once", function()
  local engine, control
  local servers = {}

  teardown(function()
    for _, server in ipairs(servers) do server:stop() end
    assert.are.same({}, proc.cleanup())
  end)

  -- A source that falls silent and keeps its connection.
  local function source(tags, until_ms)
    local server, url = flv.serve(flv.map(tags, function(tag) return tag.timestamp < until_ms and tag end),
      { hold = true })
    servers[#servers + 1] = server
    return { url = url }
  end

  it("are not shown again", function()
    local tags = flv.read(media.file(proc.folder() .. "/show.flv", SECONDS + 1, media.SMALL))
    engine, control = relay.control()
    assert(control:request("set", { spec = { stall_limit = STALL_LIMIT, failover = true,
      inputs = { main = source(tags, SECONDS * 1000), backup = source(tags, SECONDS * 1000 + LATER) },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    for _, endpoint in ipairs { "main", "backup" } do
      control:expect({ event = "input", endpoint = endpoint, state = "live" }, 60)
    end
    for _, endpoint in ipairs { "main", "backup" } do
      control:expect({ event = "input", endpoint = endpoint, state = "stalled" }, 60)
    end
    for _, event in ipairs(control.events) do assert.are_not.equal("switched", event.event) end
    assert.are.equal("main", assert(control:request "stat").active)
    control:request "stop"
    assert.are.equal(0, (engine:wait()))
    control:close()
  end)
end)
