-- SPDX-License-Identifier: MIT
-- What a node does about a project, with parts that are tables. With real ones: fleet_standby_spec.lua.

local luv = require "cme.net.loop.luv"
local steps = require "cme.server.fleet.steps"
local task = require "cme.task"

describe("cme.server.fleet.steps", function()
  local self, did, own, stands, take, over, give

  local function note(what) return function(_, project) did[#did + 1] = what .. " " .. project end end

  before_each(function()
    did, own, stands, over = {}, {}, {}, {}
    function take() return 40 end
    function give() return true end
    local lease = { id = 7 }
    function lease.is_held(this) return this.id ~= nil end
    self = { _lease = lease, _held = {}, _busy = {}, _starting = {}, _giving = {},
      _coming = {}, _followed = {}, _down = {},
      _woken = task.signal(),
      _claims = { own = function() return own end, take = function(...) return take(...) end,
        is_over = function(_, project, epoch) return over[project] == epoch end,
        give = function(_, project, epoch)
          over[project] = epoch
          return give()
        end },
      _orders = { target = function() end },
      _given = { clock = { monotonic = os.clock }, log = { info = function() end, warn = function() end } },
      _standbys = { has = function(_, project) return stands[project] ~= nil end, follow = note "follow",
        input = function(_, project) return stands[project] end,
        own = function()
          local list = {}
          for project in pairs(stands) do list[#list + 1] = project end
          return list
        end },
      _work = { taken = function(project) did[#did + 1] = "taken " .. project end,
        store = { working_revision = function() return 3 end }, keepers = {},
        relays = { renew = note "renew", update = function(_, project)
          did[#did + 1] = "update " .. project
          return true
        end, is_up = function() return true end, input = function() return "main" end,
        switch = function(_, project, to)
          did[#did + 1] = ("switch %s %s"):format(project, to)
          return true
        end } } }
    function self.prepares(_, project) return self._held[project] ~= nil or stands[project] ~= nil end
    function self.stands(_, project) return stands[project] ~= nil and not self._held[project] end
  end)

  local function run(fn, ...)
    luv.run(fn, ...)
    luv.run(task.sleep, 0) -- what was detached
  end

  it("has the engine of a standby publish, and do the rest, when the run is this node's", function()
    steps.become(self, "gala")
    assert.are.same({}, did)
    stands.gala = "main"
    steps.become(self, "gala")
    assert.are.same({ "renew gala", "taken gala" }, did)
  end)

  it("does so as well for a run that it made without hearing the answer", function()
    stands.gala, own = "main", { gala = 40, other = 41 }
    run(steps.find_own, self)
    assert.are.same({ gala = 40, other = 41 }, self._held)
    assert.are.same({ "renew gala", "taken gala" }, did)
    run(steps.find_own, self)
    assert.are.equal(2, #did)
  end)

  it("finds no run that it is at, or has no lease for", function()
    own = { busy = 41, starting = 42 }
    self._busy.busy, self._starting.starting = "take", 1
    run(steps.find_own, self)
    assert.are.same({}, self._held)
    self._busy, self._starting, self._lease.id = {}, {}, nil
    run(steps.find_own, self)
    assert.are.same({}, self._held)
  end)

  it("holds nothing that was made on a lease which is lost", function()
    function take() return nil, "no lease", { code = "server.fleet.no_lease" } end
    local epoch, _, detail = luv.run(steps.take, self, "gala")
    assert.are.same({ nil, "server.fleet.no_lease" }, { epoch, detail.code })
    assert.are.same({}, self._held)
    function take() return 41 end
    assert.are.equal(41, luv.run(steps.take, self, "gala"))
    assert.are.same({ gala = 41 }, self._held)
  end)

  it("forgets what is of no use any more", function()
    self._claims.sweep = function() did[#did + 1] = "sweep" end
    self._avoid, self._free = { old = 100, new = 101 }, { old = 1, new = 1 }
    steps.sweep(self, { new = 3 }, 100)
    assert.are.same({ { "sweep" }, { new = 101 }, { new = 1 } }, { did, self._avoid, self._free })
  end)

  it("lets an engine publish until the end of the lease, and no more once the run was to be given up", function()
    self._held.gala, self._lease.until_ms = 40, 5000
    assert.are.same({ epoch = 40, until_ms = 5000 }, steps.lease_of(self, "gala"))
    assert.is_nil(steps.lease_of(self, "other"))
    stands.other = "main"
    assert.are.same({ until_ms = 5000 }, steps.lease_of(self, "other"))
    function give() return nil, "etcd is away", { code = "network.timeout" } end
    steps.by_name.give(self, "gala")
    assert.are.same({ gala = 40 }, self._held)
    assert.is_nil(steps.lease_of(self, "gala"))
  end)

  it("gives a run up for certain before it takes the project again", function()
    self._held.gala, over.gala = 40, 40
    function give() return nil, "etcd is away", { code = "network.timeout" } end
    local epoch, _, detail = luv.run(steps.take, self, "gala")
    assert.are.same({ nil, "network.timeout" }, { epoch, (detail or {}).code })
    function give() return true end
    function take() return 41 end
    assert.are.equal(41, luv.run(steps.take, self, "gala"))
    assert.are.same({ gala = 41 }, self._held)
    assert.are.equal(41, luv.run(steps.take, self, "gala"))
  end)

  it("counts a standby that is taken as a run alone", function()
    stands = { one = "main", two = "main", three = "main" }
    self._held, self._busy = { one = 40, other = 41 }, { two = "take", three = "align" }
    assert.are.same({ 3, 1 }, { steps.count(self) })
  end)

  it("has the engine of a standby take the input of the run, and does not wait for it", function()
    stands.gala = "backup"
    local answer = task.signal()
    function self._work.relays.update()
      answer:wait()
      return true
    end
    luv.run(function()
      steps.by_name.align(self, "gala")
      assert.are.same({ "follow gala" }, did)
      answer:notify()
      task.sleep(0)
    end)
    assert.are.same({ "follow gala", "switch gala backup" }, did)
  end)

  it("leaves the input of an engine alone whose run is this node's by now", function()
    stands.gala = "backup"
    self._held.gala = 40
    run(steps.by_name.align, self, "gala")
    assert.are.same({ "follow gala", "update gala" }, did)
  end)
end)
