-- SPDX-License-Identifier: MIT

local reconcile = require "cme.server.process.reconcile"
local spec_of = require "spec.support.fakes.fake_engines".spec

describe("cme.server.process.reconcile", function()
  local function change_of(outputs, hls)
    local desired_spec = spec_of "p"
    desired_spec.outputs = { { id = "cme:playback", name = "hls", url = "hls:/edge/hls/p-output" } }
    return (reconcile.change(desired_spec, { project = "p", revision = 1, active = "main", outputs = outputs,
      hls = hls }))
  end

  it("tells an engine that writes nothing to look at", function()
    assert.is_nil(change_of({ { id = "1", name = "a" }, { id = "cme:playback", name = "hls" } }, true))
    assert.are.equal(1, #change_of({ { id = "1", name = "a" } }, true).outputs)
  end)

  it("does not ask an engine of an earlier version to write what it cannot", function()
    local outputs = { { id = "1", name = "a" }, { id = "cme:playback", name = "127.0.0.1:1935" } }
    assert.are.equal(0, #change_of(outputs).outputs)
    assert.is_nil(change_of { { id = "1", name = "a" } })
  end)

  it("tells a foreign or fresh engine everything", function()
    local desired_spec = spec_of "p"
    for _, stat in ipairs { {}, { project = "q", revision = 1, active = "backup" },
      { project = "p", revision = 1, active = "nowhere" } } do
      local change, active = reconcile.change(desired_spec, stat)
      assert.are.equal("main", active)
      assert.are.equal(stat.active ~= "nowhere", change ~= nil)
    end
  end)

  it("knows which ends of an engine are the run's", function()
    assert.are.same({ at = 5, why = "played_out" }, reconcile.end_of_run { reason = "played_out", time = 5 })
    assert.are.same({ at = 5, why = "stop_at" }, reconcile.end_of_run { reason = "stop_at", time = 5 })
    for _, event in ipairs { { reason = "signal", time = 5 }, { reason = "request", time = 5 },
      { reason = "played_out" } } do
      assert.is_nil(reconcile.end_of_run(event))
    end
  end)

  it("knows when a planned end has come", function()
    assert.are.same({ 5, nil, nil }, { reconcile.overdue({ stop_at = 5 }, 5), reconcile.overdue({ stop_at = 6 }, 5) })
    assert.is_nil(reconcile.overdue({}, 5))
  end)
end)
