-- SPDX-License-Identifier: MIT
-- The file of an engine's slate: one that cannot be read, and one that is given by hand.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local slate_stage = require "spec.support.programs.slate_stage"

describe("cme-relay with the file of a slate", function()
  local stage, slate

  setup(function() stage, slate = slate_stage.start() end)

  teardown(function() proc.cleanup() end)

  it("leaves the broadcast as it is when its file is broken, and says so", function()
    local broken = proc.folder() .. "/broken.flv"
    local file <close> = assert(io.open(broken, "w"))
    file:write "no FLV at all, but long enough"
    file:close()
    local source = stage:publish("bare", media.MAIN)
    local engine, control = relay.control()
    assert(control:request("set", { spec = slate_stage.spec(stage, "bare", stage:output("1", "c", stage:key()),
      { slate = { file = broken, after = 0.5 } }) }))
    local event = control:expect { event = "input", endpoint = "slate", state = "down" }
    assert.equal("media.unsupported", event.code)
    control:until_output("1", "live")
    source:kill "sigkill"
    control:expect { event = "input", endpoint = "main", state = "down" }
    proc.elapse(1)
    assert.is_false(control:request "stat".on_slate)
    stage:publish("bare", media.MAIN)
    control:expect({ event = "input", endpoint = "main", state = "live" }, 30)
    stage:stop(engine, control)
  end)

  it("is given by hand, too", function()
    local engine = relay.start("-i", ("rtmp://127.0.0.1:%d/live/x"):format(proc.free_port()), "-o",
      stage.platform:url("a", stage:key()), "--slate", slate, "--slate-after", "0.5")
    engine:expect '"event":"slate","on":true'
    engine:expect '"output_id":"1","state":"live"'
    engine:kill()
    assert.equal(0, engine:wait())
  end)
end)
