-- SPDX-License-Identifier: MIT

local reconcile = require "cme.server.process.reconcile"
local spec_of = require "spec.support.fakes.fake_engines".spec

describe("cme.server.process.reconcile", function()
  it("tells an engine that gives its output to another edge, or to none", function()
    local desired_spec = spec_of "p"
    desired_spec.outputs = { { id = "cme:playback", name = "127.0.0.1:1935", url = "rtmp://127.0.0.1/show/p" } }
    local function told(outputs)
      return reconcile.change(desired_spec, { project = "p", revision = 1, active = "main", outputs = outputs }) ~= nil
    end
    assert.is_false(told { { id = "1", name = "a" }, { id = "cme:playback", name = "127.0.0.1:1935" } })
    assert.is_true(told { { id = "1", name = "a" }, { id = "cme:playback", name = "127.0.0.1:1936" } })
    assert.is_true(told { { id = "1", name = "a" } })
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
