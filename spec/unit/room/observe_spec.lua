-- SPDX-License-Identifier: MIT
require "spec.support.room"
local observe = require "room.observe"

describe("room.observe", function()
  local watched

  before_each(function() watched = nil end)

  -- What a look brings: "status", the state of the main input, and that of the output.
  local function look(status, input, output, more)
    local view = { id = "p", status = status, active = "main", started_at = 5, stopped_at = 9,
      inputs = { { key = "main", state = input, since = 7 } },
      outputs = { { id = "1", name = "A", state = output, since = 8, failure = { message = "gone" } } } }
    for name, value in pairs(more or {}) do view[name] = value end
    local events
    watched, events = observe.compare(watched, view, 100)
    local told = {}
    for i, event in ipairs(events) do
      told[i] = ("%s %s %g %s"):format(event.status, event.endpoint or event.output or "-", event.time,
        event.reason or "-")
    end
    return told
  end

  it("tells that a broadcast began and ended", function()
    assert.are.same({}, look "idle")
    assert.are.same({ "started - 5 -" }, look("working", "live", "live"))
    assert.are.same({ "stopped - 9 -" }, look "idle")
  end)

  it("tells an interruption once, however often it is tried again, and when it is over", function()
    look("working", "live", "live")
    assert.are.same({ "output_interrupted A 8 gone" }, look("working", "live", "backoff"))
    assert.are.same({}, look("working", "live", "connecting"))
    assert.are.same({}, look("working", "live", "backoff"))
    assert.are.same({}, look("working", "live", nil))
    assert.are.same({ "output_recovered A 8 -" }, look("working", "live", "live"))
    assert.are.same({ "input_interrupted main 7 -" }, look("working", "down", "live"))
    assert.are.same({ "input_recovered main 7 -" }, look("working", "live", "live"))
  end)

  it("tells what had failed before it looked, and nothing of what is off the air", function()
    assert.are.same({ "output_interrupted A 8 gone" }, look("working", "live", "refused"))
    assert.are.same({}, look("working", "live", "stopped"))
    assert.are.same({}, look("working", "live", "live"))
  end)

  it("tells that the slate comes and goes", function()
    look("working", "live", "live")
    assert.are.same({ "slate_on - 100 -" }, look("working", "live", "live", { on_slate = true }))
    assert.are.same({}, look("working", "live", "live", { on_slate = true }))
    assert.are.same({ "slate_off - 100 -" }, look("working", "live", "live"))
    look("working", "live", "live", { on_slate = true })
    assert.are.same({ "stopped - 9 -" }, look "idle")
  end)

  -- What a look brings of an output's viewers, and of the whole.
  local function seen(more, good, state)
    local view = { outputs = { { id = "1", name = "A", state = "live",
      look = { good = good, state = state, since = 8 } } } }
    for name, value in pairs(more or {}) do view[name] = value end
    return look("working", "live", "live", view)
  end

  it("tells what viewers see, each state once, and nothing of what is not known", function()
    look("working", "live", "live")
    assert.are.same({}, seen({}, true, "ok"))
    assert.are.same({ "look_wrong A 8 -" }, seen({}, false, "black"))
    assert.are.same({}, seen({}, false, "black"))
    assert.are.same({}, seen({}, nil, "ok"))
    assert.are.same({ "look_wrong A 8 -" }, seen({}, false, "gone"))
    assert.are.same({ "look_right A 8 -" }, seen({}, true, "still"))
  end)

  it("tells how uplink, merge and recording do, not that they are as they are to be", function()
    assert.are.same({}, seen { recording = "live" })
    assert.are.same({ "uplink_full - 100 -" }, seen { recording = "live", uplink_full = true })
    assert.are.same({ "uplink_free - 100 -" }, seen { recording = "live" })
    assert.are.same({ "merge_aligned - 100 -" }, seen { merge = "aligned" })
    assert.are.same({}, seen { merge = "aligning" })
    assert.are.same({ "merge_far - 100 -" }, seen { merge = "far" })
    assert.are.same({ "recording_failed - 100 full" },
      seen { merge = "far", recording = "backoff", recording_failure = { message = "full" } })
    assert.are.same({ "recording_works - 100 -" }, seen { merge = "far", recording = "live" })
  end)

  it("tells which node stands by with the picture, and that none does any more", function()
    local function standby(state, node) return { standby = state and { state = state, node = node } } end
    assert.are.same({}, seen(standby "missing"))
    assert.are.same({}, seen(standby("starting", "b")))
    assert.are.same({ "standby_warm - 100 b" }, seen(standby("warm", "b")))
    assert.are.same({}, seen(standby("warm", "b")))
    assert.are.same({ "standby_starting - 100 b" }, seen(standby("starting", "b")))
    assert.are.same({ "standby_warm - 100 c" }, seen(standby("warm", "c")))
    assert.are.same({ "standby_missing - 100 -" }, seen(standby "missing"))
    assert.are.same({ "standby_warm - 100 c" }, seen(standby("warm", "c")))
    assert.are.same({}, seen(standby(nil))) -- none is to
  end)

  it("tells that another input is on the air", function()
    look("working", "live", "live")
    assert.are.same({ "switched backup 100 -" }, look("working", "live", "live", { active = "backup" }))
  end)
end)
