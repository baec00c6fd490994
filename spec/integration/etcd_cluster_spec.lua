-- SPDX-License-Identifier: MIT
-- cme.etcd with three members of Debian's etcd: one that is killed, a leader that hangs, and too few that are left.

local cme = require "cme"
local etcd = require "cme.etcd"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"

local LIMIT = 40 * proc.PATIENCE

describe("cme.etcd with three members", function()
  local cluster

  before_each(function() cluster = programs.start { members = 3 } end)
  after_each(function()
    cluster:stop()
    assert.are.same({}, proc.cleanup())
  end)

  -- A client that asks these members, in this order.
  local function client(order, more)
    local given = { endpoints = {}, timeout = LIMIT, quiet = 1 }
    for i, at in ipairs(order) do given.endpoints[i] = cluster.endpoints[at] end
    for name, value in pairs(more or {}) do given[name] = value end
    return etcd.new(given)
  end

  -- The place of the leader.
  local function leader()
    local found
    proc.eventually("a leader", LIMIT, function()
      for i in ipairs(cluster.members) do
        local status = client({ i })._exchange:call("/v3/maintenance/status", {}, { timeout = 5, safe = true })
        if status and status.leader == status.header.member_id then found = i end
      end
      return found
    end)
    return found
  end

  -- Puts a value until it is known to be there: a write whose outcome is not known is looked up first.
  local function put(store, key, value)
    local ok, message, detail
    for _ = 1, 20 do
      ok, message, detail = store:put({ key = key, value = value }, { timeout = 4 })
      if ok then return end
      local kv = store:get(key)
      if kv and kv.value == value then return end
    end
    error(message .. " " .. tostring(detail.code))
  end

  -- Waits for a value in a watch.
  local function expect(watch, value)
    local seen = {}
    while true do
      local news = assert(watch:next(LIMIT))
      for _, event in ipairs(news.events or {}) do
        seen[#seen + 1] = event.kv.value
        if event.kv.value == value then return seen end
      end
    end
  end

  it("goes to the next member when its own is killed, and misses nothing", function()
    luv.run(function()
      local store = client { 1, 2, 3 }
      local watch = store:watch { key = "a", revision = assert(store:put { key = "a", value = "1" }).revision }
      expect(watch, "1")
      cluster:kill_member(1)
      local writer = client { 2, 3 }
      put(writer, "a", "2")
      put(writer, "a", "3")
      local seen = expect(watch, "3")
      assert.are.equal("2", seen[1])
      assert.are.equal("3", assert(store:get "a").value)
      cluster:start_member(1)
      put(client { 1 }, "a", "4")
      expect(watch, "4")
      watch:close()
    end)
  end)

  it("goes back to its own when that is back, and misses nothing meanwhile", function()
    luv.run(function()
      local store = client({ 1, 2, 3 }, { home = 0.2 })
      local watch = store:watch { key = "a", revision = assert(store:put { key = "a", value = "0" }).revision }
      expect(watch, "0")
      local look = luv.detach(store.keep_home, store)
      cluster:kill_member(1)
      put(store, "a", "1")
      expect(watch, "1")
      assert.are_not.equal(cluster.endpoints[1], watch._endpoint)
      cluster:start_member(1)
      local count = 1
      repeat
        count = count + 1
        put(store, "a", tostring(count)) -- a member that comes back may have the others elect
        assert.are.equal(tostring(count), assert(store:get "a").value)
        expect(watch, tostring(count))
        cme.sleep(0.05)
      until watch._endpoint == cluster.endpoints[1] or count > 2000
      assert.are.equal(cluster.endpoints[1], watch._endpoint)
      look:cancel()
      watch:close()
    end)
  end)

  it("leaves a leader that hangs", function()
    luv.run(function()
      local first = leader()
      local others = {}
      for i = 1, 3 do
        if i ~= first then others[#others + 1] = i end
      end
      local store = client { first, others[1], others[2] }
      local lease = assert(store:grant(60))
      local watch = store:watch { key = "a", revision = assert(store:put { key = "a", value = "1" }).revision }
      expect(watch, "1")
      cluster:signal(first, "sigstop")
      put(client(others), "a", "2")
      expect(watch, "2")
      assert.are.equal("2", assert(store:get "a").value)
      assert.are.equal(60, store:keepalive(lease.id))
      cluster:signal(first, "sigcont")
      watch:close()
    end)
  end)

  it("says that most members are gone, reads what one has, and goes on when they are back", function()
    luv.run(function()
      local store = client({ 1 }, { timeout = 3 })
      put(store, "a", "1")
      local watch = store:watch { key = "a", revision = assert(store:get "a").mod_revision }
      expect(watch, "1")
      cluster:kill_member(2)
      cluster:kill_member(3)
      local ok, message, detail = store:get "a"
      assert.is_nil(ok, message)
      assert.is_true(detail.code == "etcd.no_quorum" or detail.code == "network.timeout", detail.code)
      assert.are.equal("1", assert(store:range { key = "a", serializable = true }).kvs[1].value)
      ok, message, detail = store:put { key = "a", value = "x" }
      assert.are.same({ nil, true }, { ok, detail.unknown_outcome }, message)
      cme.sleep(0)
      cluster:start_member(2)
      cluster:start_member(3)
      put(client({ 2, 3 }, { timeout = LIMIT }), "a", "2")
      expect(watch, "2")
      watch:close()
    end)
  end)
end)
