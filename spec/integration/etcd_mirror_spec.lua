-- SPDX-License-Identifier: MIT
-- Keys that are kept in memory by a watch, over Debian's etcd: never older than asked for, whatever happens to it.

local cme = require "cme"
local etcd = require "cme.etcd"
local http = require "cme.http"
local luv = require "cme.net.loop.luv"
local mirror = require "cme.etcd.mirror"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"

local LIMIT = 20 * proc.PATIENCE

describe("cme.etcd.mirror", function()
  local server, store, told, count, at = nil, nil, nil, 0, nil

  setup(function() server = programs.start() end)
  teardown(function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)

  before_each(function()
    store = etcd.new { endpoints = server.endpoints, timeout = LIMIT, quiet = 1 }
    told, count = {}, count + 1
    at = ("spec-%d/"):format(count)
  end)

  local function new(more)
    local given = { client = store, prefix = at, head = at .. "head", clock = http.clocks,
      changed = function(key, now, before)
        told[#told + 1] = ("%s %s>%s"):format(key:sub(#at + 1), before and before.value or "-",
          now and now.value or "-")
      end }
    for name, value in pairs(more or {}) do given[name] = value end
    return mirror.new(given)
  end

  -- As every writer does: the head with each change.
  local function put(name, value)
    return assert(store:txn { success = { { put = { key = at .. name, value = value } },
      { put = { key = at .. "head", value = "" } } } }).revision
  end

  local function value_of(subject, name)
    local kv = subject:get(at .. name)
    return kv and kv.value
  end

  it("has what was written before it was asked, each time", function()
    luv.run(function()
      put("a", "0")
      local subject = new()
      cme.spawn(subject.run, subject)
      for i = 1, 30 do
        put("a", tostring(i))
        assert(subject:confirm(LIMIT))
        assert.are.equal(tostring(i), value_of(subject, "a"))
      end
      assert(store:txn { success = { { delete = { key = at .. "a" } },
        { put = { key = at .. "head", value = "" } } } })
      assert(subject:confirm(LIMIT))
      assert.is_nil(value_of(subject, "a"))
    end)
  end)

  it("serves many who ask at once by few readings, each begun after they asked", function()
    luv.run(function()
      put("a", "0")
      local readings, range = 0, store.range
      store.range = function(...) readings = readings + 1 return range(...) end
      local subject = new()
      cme.spawn(subject.run, subject)
      local list = {}
      for i = 1, 50 do list[i] = i end
      cme.parallel(list, function(i)
        if i % 10 == 0 then put("k" .. i, "x") end
        assert(subject:confirm(LIMIT))
        if i % 10 == 0 then assert.are.equal("x", value_of(subject, "k" .. i)) end
      end)
      assert.is_true(readings < 20, tostring(readings))
    end)
  end)

  it("reads again after compaction and tells the difference alone", function()
    luv.run(function()
      put("a", "1")
      put("b", "1")
      put("c", "1")
      local subject = new()
      assert(subject:load())
      told = {}
      put("a", "2")
      assert(store:delete { key = at .. "b" })
      assert(store:compact(put("d", "1")))
      cme.spawn(subject.run, subject)
      assert(subject:confirm(LIMIT))
      table.sort(told)
      assert.are.same({ "a 1>2", "b 1>-", "d ->1", "head >" }, told)
      put("c", "2")
      assert(subject:confirm(LIMIT))
      assert.are.equal("2", value_of(subject, "c"))
    end)
  end)

  it("has what etcd has after an older state was restored", function()
    local data, copy = server.dir .. "/m1", server.dir .. "/copy"
    local function exchange_state(from, to)
      server:kill_member(1)
      assert(proc.run { "rm", "-rf", to } == 0 and proc.run { "cp", "-a", from, to } == 0)
      server:start_member(1)
      server:expect_serving(1)
    end
    luv.run(function()
      put("a", "1")
      put("b", "1")
      exchange_state(data, copy)
      local subject = new()
      cme.spawn(subject.run, subject)
      for i = 2, 9 do put("a", tostring(i)) end
      assert(store:delete { key = at .. "b" })
      put("d", "1")
      assert(subject:confirm(LIMIT))
      assert.are.same({ "9", nil, "1" }, { value_of(subject, "a"), value_of(subject, "b"), value_of(subject, "d") })
      exchange_state(copy, data)
      put("c", "1") -- at a revision that was told before
      assert(subject:confirm(LIMIT))
      assert.are.same({ "1", "1", "1" }, { value_of(subject, "a"), value_of(subject, "b"), value_of(subject, "c") })
      assert.is_nil(value_of(subject, "d"))
      local due = http.clocks() + LIMIT
      put("c", "2")
      while value_of(subject, "c") ~= "2" do -- by the watch
        assert(http.clocks() < due)
        cme.sleep(0.02)
      end
    end)
  end)

  it("says so when etcd is away, keeps what it has, and goes on", function()
    luv.run(function()
      put("a", "1")
      local subject = new()
      cme.spawn(subject.run, subject)
      assert(subject:confirm(LIMIT))
      local confirmed = subject.confirmed_at
      server:signal(1, "sigstop")
      local ok, _, detail = subject:confirm(1)
      assert.are.same({ nil, "network.timeout" }, { ok, detail.code })
      assert.are.same({ "1", confirmed }, { value_of(subject, "a"), subject.confirmed_at })
      server:signal(1, "sigcont")
      put("a", "2")
      assert(subject:confirm(LIMIT))
      assert.are.equal("2", value_of(subject, "a"))
    end)
  end)

  it("lets others go on when one who asks for all is cancelled", function()
    luv.run(function()
      put("a", "1")
      local subject = new()
      cme.spawn(subject.run, subject)
      assert(subject:confirm(LIMIT))
      server:signal(1, "sigstop")
      local first = cme.spawn(subject.confirm, subject, LIMIT)
      cme.sleep(0.05)
      local second = cme.spawn(subject.confirm, subject, LIMIT)
      cme.sleep(0.05)
      assert.are.equal("network.timeout", select(3, subject:confirm(0.1)).code)
      first:cancel()
      server:signal(1, "sigcont")
      assert.is_true(second:wait())
    end)
  end)

  it("has what it was told that its client wrote, and takes nothing older for newer", function()
    luv.run(function()
      put("a", "1")
      put("b", "1")
      local subject = new()
      assert(subject:load())
      put("a", "old") -- which the watch tells later
      put("b", "old")
      local revision = put("a", "2")
      assert(store:delete { key = at .. "b" })
      subject:wrote(revision, { [at .. "a"] = "2" })
      subject:wrote(revision + 1, { [at .. "b"] = false })
      assert.are.same({ "2", revision }, { value_of(subject, "a"), subject:get(at .. "a").mod_revision })
      told = {}
      cme.spawn(subject.run, subject)
      assert(subject:confirm(LIMIT))
      assert(subject:load())
      assert.are.same({ "2" }, { value_of(subject, "a"), value_of(subject, "b") })
      for _, one in ipairs(told) do assert.not_matches("old", one) end
      put("b", "3") -- one that is made again is not taken for the deleted one
      assert(subject:confirm(LIMIT))
      assert.are.equal("3", value_of(subject, "b"))
    end)
  end)
end)
