-- SPDX-License-Identifier: MIT
-- What a keeper decides; what it does is in relays_spec.lua.

local keeper = require "cme.server.keeper"

local function spec_of(id, more)
  local spec = { project = id, revision = 1,
    inputs = { main = { url = "http://a/x" }, backup = { url = "http://b/x" } },
    active = "main", outputs = { { id = "1", name = "o", url = "rtmp://c/l/k" } } }
  for name, value in pairs(more or {}) do
    spec[name] = value
  end
  return spec
end

describe("cme.server.keeper", function()
  it("tries ever more slowly, up to a bound", function()
    assert.are.equal(0.5, keeper.backoff(1))
    assert.are.equal(2, keeper.backoff(3))
    assert.are.equal(30, keeper.backoff(7))
    assert.are.equal(30, keeper.backoff(1000))
  end)

  it("tells an engine that gives its output to another edge, or to none", function()
    local desired_spec = spec_of "p"
    desired_spec.outputs = { { id = "cme:playback", name = "127.0.0.1:1935", url = "rtmp://127.0.0.1/show/p" } }
    local function told(outputs)
      return keeper.reconcile(desired_spec, { project = "p", revision = 1, active = "main", outputs = outputs }) ~= nil
    end
    assert.is_false(told { { id = "1", name = "a" }, { id = "cme:playback", name = "127.0.0.1:1935" } })
    assert.is_true(told { { id = "1", name = "a" }, { id = "cme:playback", name = "127.0.0.1:1936" } })
    assert.is_true(told { { id = "1", name = "a" } })
  end)

  it("tells a foreign or fresh engine everything", function()
    local desired_spec = spec_of "p"
    for _, stat in ipairs { {}, { project = "q", revision = 1, active = "backup" },
      { project = "p", revision = 1, active = "nowhere" } } do
      local change, active = keeper.reconcile(desired_spec, stat)
      assert.are.equal("main", active)
      assert.are.equal(stat.active ~= "nowhere", change ~= nil)
    end
  end)

  it("knows which ends of an engine are the run's", function()
    assert.are.same({ at = 5, why = "played_out" }, keeper.end_of_run { reason = "played_out", time = 5 })
    assert.are.same({ at = 5, why = "stop_at" }, keeper.end_of_run { reason = "stop_at", time = 5 })
    for _, event in ipairs { { reason = "signal", time = 5 }, { reason = "request", time = 5 },
      { reason = "played_out" } } do
      assert.is_nil(keeper.end_of_run(event))
    end
  end)

  it("knows when a planned end has come", function()
    assert.are.same({ 5, nil, nil }, { keeper.overdue({ stop_at = 5 }, 5), keeper.overdue({ stop_at = 6 }, 5) })
    assert.is_nil(keeper.overdue({}, 5))
  end)
end)
