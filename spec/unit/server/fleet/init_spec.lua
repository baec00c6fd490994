-- SPDX-License-Identifier: MIT
-- What a node does over time, with parts that are tables, one engine, and a clock that a spec moves. With real ones:
-- the specs of fleets in spec/integration.

local claims = require "cme.server.fleet.claims"
local encoders = require "cme.server.fleet.encoders"
local fleet = require "cme.server.fleet"
local lease = require "cme.server.fleet.lease"
local luv = require "cme.net.loop.luv"
local nodes = require "cme.server.fleet.nodes"
local orders = require "cme.server.fleet.orders"
local outage = require "cme.etcd.outage"
local standbys = require "cme.server.fleet.standbys"
local steady = require "cme.server.steady"
local task = require "cme.task"

local MODULES = { lease = lease, claims = claims, nodes = nodes, orders = orders, encoders = encoders,
  standbys = standbys }

describe("cme.server.fleet", function()
  local given, made, state, subject, logged, hindered

  local function nothing() end
  local function always(value) return function() return value end end

  -- The parts that ask etcd. `state` has what they say: own, claims by project, list of nodes, up, kept, working.
  local PARTS = {
    lease = function()
      return { id = 7, until_ms = 0, is_held = function() return true end, keep = nothing, run = nothing }
    end,
    claims = function()
      return { load = always(true), run = nothing, own_lease = nothing, confirms = always(true),
        key = nothing, sweep = nothing, is_over = function(_, project, epoch) return state.over[project] == epoch end,
        own = function(self)
          local found = {}
          for project, epoch in pairs(state.own) do
            found[project] = not self:is_over(project, epoch) and epoch or nil
          end
          return found
        end,
        holder = function(_, project) return state.claims[project] end,
        counts = function() return {} end, take = function(_, project)
          if state.slow then state.slow:wait() end
          state.taken = state.taken + 1
          state.own[project] = 50
          return 50
        end, give = function(_, project, epoch)
          state.given[#state.given + 1], state.over[project] = project, epoch
          if state.early then given.claims.gone(project, epoch) end
          return true
        end }
    end,
    nodes = function()
      return { load = always(true), run = nothing, find = nothing, admits = always(true),
        announce = always(true), list = function()
        local list = {}
        for i, one in ipairs(state.nodes) do list[i] = setmetatable({}, { __index = one }) end
        return list
      end }
    end,
    orders = function()
      local one = { load = always(true), run = nothing, target = nothing }
      function one.drains() return state.draining end
      return one
    end,
    encoders = function() return { load = always(true), run = nothing } end,
    standbys = function()
      return { load = always(true), run = nothing, settle = nothing, own = function() return {} end, of = nothing,
        has = always(false), input = nothing, look = nothing, add = function(_, view) return view end, tell = nothing }
    end,
  }

  local function log_of(level)
    return function(_, words, seen)
      seen = seen or {}
      if seen.nodes then hindered[seen.project] = seen.nodes end
      logged[#logged + 1] = { level, words, seen.project, seen.error }
    end
  end

  local function keepers()
    return { kept = function() return state.kept end, is_kept = function() return state.kept[1] ~= nil end,
      release = function()
        state.kept = {}
        return nothing
      end, keep = function(_, project) state.kept = { project } end, drop = nothing, renew = nothing,
      is_up = function() return state.up end, revision = always(3), input = always "main", update = always(true),
      is_fed = always(false) }
  end

  local new = {}
  before_each(function()
    given, made, logged, hindered = {}, {}, {}, {}
    state = { now = 100, capacity = 10, own = {},
      over = {}, claims = {}, given = {}, kept = {}, up = true, working = {},
      draining = false, taken = 0,
      nodes = { { name = "a", capacity = 10, running = 0 }, { name = "b", capacity = 10, running = 0 } } }
    for name, module in pairs(MODULES) do
      new[name] = module.new
      module.new = function(its)
        given[name], made[name] = its, PARTS[name]()
        return made[name]
      end
    end
  end)
  after_each(function()
    subject:close()
    for name, module in pairs(MODULES) do module.new = new[name] end
  end)

  local function settle() luv.run(task.sleep, 0) end

  local function look()
    given.lease.renewed()
    settle()
  end

  -- A node that has begun.
  local function begin()
    subject = assert(fleet.open { options = { node = "a", capacity = state.capacity, labels = {}, lease = 6 },
      prefix = "f/", id = "1", life = "l", clock = { monotonic = function() return state.now end }, boot = always(0),
      outage = outage.new(nil), log = { info = log_of "info", warn = log_of "warn", error = log_of "error" } })
    local relays = keepers()
    subject:serve { store = { working_ids = function() return state.working end, category = always "C",
      working_revision = function(_, project) return state.working[project] end, guard_runs = nothing,
      standbys = function() return {} end }, keepers = { relays }, relays = relays, taken = nothing,
      is_stopping = always(false), keepers_of = function() return { relays } end }
    subject:begin()
    look()
  end

  local function errors()
    local list = {}
    for _, one in ipairs(logged) do list[#list + 1] = one[1] == "error" and one[4] or nil end
    return list
  end

  it("hands over a run whose engine has been down for a while, and does not count what was before it had the run",
    function()
      state.own, state.working, state.kept = { gala = 40 }, { gala = 3 }, { "gala" }
      begin()
      state.up = false
      look()
      state.own = {}
      given.lease.lost "its time is over"
      settle()
      assert.are.same({ false, { "its time is over" } }, { subject:has "gala", errors() })
      state.now, state.own, state.kept = 4000, { gala = 50 }, { "gala" }
      look()
      assert.are.same({ true, {} }, { subject:has "gala", state.given })
      state.own = {}
      given.claims.gone("gala", 50)
      state.now, state.own, state.kept = 8000, { gala = 60 }, { "gala" }
      look()
      assert.are.same({ true, {} }, { subject:has "gala", state.given })
      state.now = 8016
      look()
      look()
      assert.are.same({ false, { "gala" } }, { subject:has "gala", state.given })
      assert.are.same({ "its time is over" }, errors())
    end)

  local function warnings(project)
    local list = {}
    for _, one in ipairs(logged) do list[#list + 1] = one[1] == "warn" and one[3] == project and one[2] or nil end
    return list
  end

  it("says once that nobody has room for a project that is nobody's, until somebody has it", function()
    state.working, state.nodes[1].capacity, state.nodes[2].draining = { gala = 3 }, 0, true
    begin()
    state.now = 114
    look()
    assert.are.same({ {}, 0 }, { warnings "gala", subject:waiting() })
    state.now = 115
    for _ = 1, 2 do look() end
    assert.are.same({ { "no node takes a project" }, 1 }, { warnings "gala", subject:waiting() })
    assert.are.equal("a full, b draining", hindered.gala)
    local room, message, detail = subject:has_room "gala"
    assert.are.same({ nil, "server.fleet.no_room" }, { room, detail.code })
    assert.matches("a full, b draining$", message)
    state.claims.gala = { node = "b", epoch = 40 }
    look()
    assert.are.equal(0, subject:waiting())
    state.claims.gala = nil
    look()
    state.now = 130
    look()
    assert.are.same({ 2, 1 }, { #warnings "gala", subject:waiting() })
    state.working = {}
    look()
    assert.are.equal(0, subject:waiting())
    assert.are.same({}, errors())
  end)

  it("does not take a run for lost that it gives up, when etcd tells of that before it answers", function()
    state.own, state.early = { gala = 40 }, true
    begin()
    state.own = {}
    for _ = 1, 2 do look() end
    assert.are.same({ { "gala" }, false, {} }, { state.given, subject:has "gala", warnings "gala" })
  end)

  it("starts no more than it has room for, also at once", function()
    state.capacity = 2
    begin()
    for name, case in pairs { full = { slow = task.signal() }, ["full:draining"] = { draining = true } } do
      state.slow, state.draining = case.slow, case.draining
      state.own = {}
      local answers = {}
      for i = 1, 3 do
        luv.detach(function() answers[i] = table.pack(subject:start(name .. i, function() return "started" end)) end)
      end
      if case.slow then case.slow:notify() end
      settle()
      assert.are.same({ nil, "server.fleet.full" }, { answers[3][1], answers[3][3].code })
      assert.are.equal(case.slow and "started" or nil, answers[2][1])
    end
    assert.are.same({}, errors())
  end)

  it("waits for its turn for a project that was stopped while nobody had it, and is started again", function()
    state.working, state.nodes[1].running = { gala = 3 }, 5
    begin()
    state.working = {}
    look()
    state.now, state.working = 500, { gala = 4 }
    look()
    assert.are.equal(0, state.taken)
    state.now = 502
    look()
    assert.are.same({ 1, {} }, { state.taken, errors() })
  end)

  it("goes on to say how it is after an error of its own", function()
    local pause = steady.PAUSE
    finally(function() steady.PAUSE = pause end)
    steady.PAUSE = 0
    begin()
    local times = 0
    function made.nodes.announce()
      times = times + 1
      if times == 1 then error "broken" end
      return true
    end
    for _ = 1, 3 do look() end
    assert.is_true(times > 1)
    assert.matches("broken", errors()[1], 1, true)
  end)

  it("says once of what is to leave that it stays, where the others have no room", function()
    state.own, state.working, state.kept = { gala = 40 }, { gala = 3 }, { "gala" }
    state.draining, state.nodes[2].running = true, 10
    begin()
    for _ = 1, 2 do look() end
    assert.are.same({ { "no other node can take a project: it stays" }, {} }, { warnings "gala", state.given })
    assert.are.equal("a draining, b full", hindered.gala)
    state.nodes[2].running = 9
    look()
    look()
    assert.are.same({ { "gala" }, {} }, { state.given, errors() })
  end)
end)
