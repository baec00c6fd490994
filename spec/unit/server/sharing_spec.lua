-- SPDX-License-Identifier: MIT
-- What a node of a fleet makes of what its engines say and are told; the node itself is a table here.

local json = require "cme.json"
local recordings = require "cme.server.recordings"
local sharing = require "cme.server.sharing"

local function spec_of(id)
  return { project = id, revision = 7, inputs = { main = {}, backup = {} }, active = "main",
    failover = true, failback_after = 60,
    outputs = { { id = "1" }, { id = recordings.OUTPUT_ID } } }
end

describe("cme.server.sharing", function()
  local heard, stands, callbacks, parts, served, record, active, refusal, listened

  -- The callbacks that a service has without a fleet; each notes that it was called.
  local function plain()
    local made = { desired = function(id) return record and spec_of(id) or nil end }
    for _, name in ipairs { "event", "stat", "gone", "hung", "switched", "health", "ended" } do
      made[name] = function(...)
        heard[#heard + 1] = { name, ... }
        return name == "ended"
      end
    end
    return made
  end

  local function note(name) return function(_, ...) heard[#heard + 1] = { name, ... } end end

  local function names()
    local list = {}
    for i, one in ipairs(heard) do list[i] = one[1] end
    return list
  end

  before_each(function()
    heard, stands, record, active, refusal = {}, true, { active = "Main", status = "Working" }, "main", nil
    callbacks = plain()
    local node = { stands = function() return stands end, has = function() return not stands end,
      prepares = function() return true end, serve = function(_, work) served = work end }
    parts = { fleet = { node = node }, services = {}, slates = { event = note "slate event", stat = note "slate stat" },
      store = { listen = function(_, fn) listened = fn end, get = function() return record end,
        category = function() return "C" end },
      relays = { forget = note "forget", update = function() return refusal == nil, refusal end,
        active = function() return active end },
      processes = function() return {} end }
    sharing.join(parts, callbacks, { log = { error = note "error" }, etcd = { fleet = {} },
      clock = { now = function() return 1000 end } })
  end)

  it("hears of a standby's engine nothing but how its slate is", function()
    callbacks.event("p", { event = "programme" })
    callbacks.stat("p", { outputs = {} })
    for _, name in ipairs { "gone", "hung", "switched", "health" } do callbacks[name]("p", "failover") end
    assert.are.same({ { "slate event", "p", { event = "programme" } }, { "slate stat", "p", { outputs = {} } } }, heard)
  end)

  it("hears all of the engine of a run", function()
    stands = false
    for _, name in ipairs { "event", "stat", "gone", "hung", "switched", "health" } do callbacks[name]("p", {}) end
    assert.is_true(callbacks.ended("p", 1, "stop_at"))
    assert.are.same({ "event", "stat", "gone", "hung", "switched", "health", "ended" }, names())
  end)

  it("tells a standby's engine to stay with its input, of no recording, and another revision than the run's", function()
    local spec = callbacks.desired "p"
    assert.are.same({ -7, { { id = "1" } } }, { spec.revision, spec.outputs })
    assert.are.same({ false, json.null }, { spec.failover, spec.failback_after })
    stands = false
    assert.are.same(spec_of "p", callbacks.desired "p")
    stands, record = true, nil
    assert.is_nil((callbacks.desired "p"))
  end)

  it("has a standby's engine end with the run, and starts none when that is over", function()
    local function over() return { callbacks.ended("p", 1000, "stop_at"), callbacks.desired "p" == nil } end
    assert.are.same({ false, false }, over())
    record.stop_at = 1002
    assert.are.same({ false, false }, over())
    record.stop_at = 1001
    assert.are.same({ true, true }, over())
    record.stop_at, record.status = nil, "Idle"
    assert.are.same({ true, true }, over())
    record = nil
    assert.are.same({ true, true }, over())
    assert.are.same({}, heard)
  end)

  it("leaves nothing of a project that another node deletes", function()
    parts.services.C = { deleted = note "deleted", created = note "created" }
    parts.services.D = {}
    listened("p", "C")
    listened("p", nil) -- it cannot be read
    assert.are.same({ { "created", "p" } }, heard)
    record = nil
    listened("p", nil)
    assert.are.same({ { "created", "p" }, { "forget", "p" }, { "deleted", "p" } }, heard)
  end)

  it("tells an engine that runs its project now all of it, and stores the input that it has", function()
    served.taken "p"
    assert.are.same({}, names())
    stands, active = false, "backup"
    served.taken "p"
    assert.are.same({ { "switched", "p", "failover" } }, heard)
    active, refusal = "main", "why"
    served.taken "p"
    assert.are.equal("error", heard[#heard][1])
  end)
end)
