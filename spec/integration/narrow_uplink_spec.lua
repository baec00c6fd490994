-- SPDX-License-Identifier: MIT
-- Three destinations over a network that is slower than what they are sent: a loopback of their own with a limit, so
-- that what the kernel does to them is what a full uplink does. It takes the right to make one.

local media = require "spec.support.programs.media"
local narrow = require "spec.support.programs.narrow"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local LONG = 60 -- seconds

describe("cme-relay on a network that carries half of what is sent", function()
  local network, engine, control
  local sinks = {}

  setup(function()
    network = narrow.new()
    if not network then return end
    local show = media.file(proc.folder() .. "/show.flv", 10, media.SHOW)
    local outputs, socket = {}, proc.folder() .. "/control"
    for i = 1, 3 do
      local url = ("rtmp://127.0.0.1:%d/live/hush"):format(19350 + i)
      sinks[i] = proc.spawn(network:argv { "ffmpeg", "-v", "error", "-listen", "1", "-i", url, "-c", "copy", "-f",
        "null", "-" })
      outputs[i] = { id = tostring(i), name = "", url = url }
    end
    engine = proc.spawn(network:argv { relay.program, "--control", socket })
    engine:expect("listening on %S+\n", LONG)
    control = relay.connect(socket)
    assert(control:request("set", { spec = { project = "p", revision = 1, active = "main", outputs = outputs,
      inputs = { main = { urls = { show }, loop = -1 } } } }))
    for i = 1, 3 do control:until_output(tostring(i), "live", LONG) end
  end)

  teardown(function()
    if network then
      assert(control:request "stop")
      engine:wait()
      control:close()
      for _, sink in ipairs(sinks) do sink:stop() end
      network:close()
    end
    assert.are.same({}, proc.cleanup())
  end)

  it("says so once, with the rate that goes out, and when it carries all again", function()
    if not network then
      pending "a network of its own is not permitted here"
      return
    end
    assert.is_true(network:limit "6mbit")
    local event = control:expect({ event = "uplink", full = true }, LONG)
    assert.is_true(event.kbps > 1000 and event.kbps < 3 * 4000, event.kbps)
    assert.is_true(network:limit "1gbit")
    control:expect({ event = "uplink", full = false }, LONG)
    local full, slow = 0, 0
    for _, each in ipairs(control.events) do
      full, slow = full + (each.full == true and 1 or 0), slow + (each.code == "output.slow" and 1 or 0)
    end
    assert.same({ 1, 0 }, { full, slow })
  end)
end)
