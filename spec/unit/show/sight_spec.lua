-- SPDX-License-Identifier: MIT
local sight = require "cme.show.sight"

local INFO = { status = "working", active = "main", started_at = 5, stop_at = 90,
  outputs = { { id = "1", name = "A" }, { id = "2", name = "B" } } }

local function health(main, first, error)
  return { inputs = { main = { state = main, error = { message = "silent", time = 8 } } },
    outputs = { { id = "1", state = first, since = 7, error = error }, { id = "2", state = "live", since = 6 } } }
end

describe("cme.show.sight", function()
  it("sees what is live and what is not", function()
    local seen = sight.of(INFO, health("stalled", "refused", { message = "no", time = 7 }), 10)
    assert.same({ main = false }, seen.inputs)
    assert.same({ main = "silent" }, seen.reasons)
    assert.same({ id = "1", name = "A", good = false, since = 7, failed_at = 7, reason = "no" }, seen.outputs[1])
    assert.is_true(seen.outputs[2].good)
    assert.same({ 10, "working", "main", 5, 90 },
      { seen.at, seen.status, seen.active, seen.started_at, seen.stop_at })
  end)

  it("sees why main and backup are not merged, not that one is alone", function()
    local found = health("live", "live")
    for state, fault in pairs { different = "no", far = "no", repeats = "no", aligned = false, alone = false,
      aligning = false } do
      found.merge = { state = state, error = { message = "no" } }
      assert.equal(fault or nil, sight.of(INFO, found, 10).merge_fault)
    end
  end)

  it("sees whether the uplink is full, and why", function()
    local found = health("live", "live")
    found.uplink = { full = true, error = { message = "full" } }
    assert.same({ full = true, reason = "full" }, sight.of(INFO, found, 10).uplink)
    assert.is_nil(sight.of(INFO, health("live", "live"), 10).uplink)
  end)

  it("knows nothing of what is on its way for the first time", function()
    local seen = sight.of(INFO, health("connecting", "waiting"), 10)
    assert.same({}, seen.inputs)
    assert.is_nil(seen.outputs[1].good)
  end)

  it("sees the slate on the air, and why there is none", function()
    local told = health("down", "live")
    assert.is_nil(sight.of(INFO, told, 10).on_slate)
    told.on_slate, told.slate = true, { state = "on" }
    local seen = sight.of(INFO, told, 10)
    assert.same({ true, nil }, { seen.on_slate, seen.slate_fault })
    told.on_slate, told.slate = false, { state = "failed", error = { message = "no ffmpeg" } }
    seen = sight.of(INFO, told, 10)
    assert.same({ false, "no ffmpeg" }, { seen.on_slate, seen.slate_fault })
  end)

  it("does not take another try for a recovery", function()
    local before = sight.of(INFO, health("down", "backoff"), 10)
    local seen = sight.of(INFO, health("connecting", "connecting"), 11, before)
    assert.is_false(seen.inputs.main)
    assert.is_false(seen.outputs[1].good)
    seen = sight.of(INFO, health("live", "live"), 12, seen)
    assert.is_true(seen.inputs.main)
    assert.is_true(seen.outputs[1].good)
  end)

  it("sees the outputs' names only where the service tells no more", function()
    local seen = sight.of(INFO, nil, 10)
    assert.same({}, seen.inputs)
    assert.same({ id = "1", name = "A" }, seen.outputs[1])
  end)

  it("takes a list that waits its turn for good, and one that is played out for no fault", function()
    assert.is_true(sight.of(INFO, health("ready", "live"), 10).inputs.main)
    assert.is_nil(sight.of(INFO, health("ended", "live"), 10).inputs.main)
  end)

  it("does not count an output that an operator took off the air", function()
    local seen = sight.of(INFO, health("live", "stopped"), 10)
    assert.same({ 1, "2" }, { #seen.outputs, seen.outputs[1].id })
  end)

  it("takes the sources of a media cast for no endpoints", function()
    local cast = { status = "working", active = "source-7", outputs = {} }
    assert.is_nil(sight.of(cast, { inputs = {}, outputs = {} }, 10).active)
  end)

  it("sees nothing of a project that is idle", function()
    assert.same({}, sight.of({ status = "idle", outputs = INFO.outputs }, nil, 10).outputs)
  end)
end)
