-- SPDX-License-Identifier: MIT
-- Which node runs what, by leases in Debian's etcd: at most one has a project, and it hears when that is over.

local cme = require "cme"
local claims = require "cme.server.fleet.claims"
local etcd = require "cme.etcd"
local http = require "cme.http"
local lease = require "cme.server.fleet.lease"
local luv = require "cme.net.loop.luv"
local nodes = require "cme.server.fleet.nodes"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"

local LIMIT = 20 * proc.PATIENCE
local LONG, SHORT = 60, 3 -- seconds of a lease; etcd has none below 2
local REFUSED = { ["server.fleet.raced"] = true, ["server.fleet.held"] = true }

local function boot()
  return math.floor(select(3, http.clocks()) * 1000)
end

describe("cme.server.fleet", function()
  local server, count, prefix = nil, 0, nil

  setup(function() server = programs.start() end)
  teardown(function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
  before_each(function()
    count = count + 1
    prefix = ("spec-%d/"):format(count)
  end)

  local function until_so(what, condition)
    local due = http.clocks() + LIMIT
    while not condition() do
      assert(http.clocks() < due, "waited in vain for " .. what)
      cme.sleep(0.02)
    end
  end

  -- A node with a lease; what it is told is in `told`.
  local function node(name, ttl)
    local self = { told = {}, client = etcd.new { endpoints = server.endpoints, timeout = LIMIT, quiet = 1 } }
    local function tell(...) self.told[#self.told + 1] = table.concat({ ... }, " ") end
    function self.heard(text)
      for _, one in ipairs(self.told) do
        if one:find(text, 1, true) then return true end
      end
    end
    self.lease = lease.new({ client = self.client, ttl = ttl or LONG, boot = boot, random = math.random,
      renewed = function(until_ms) self.until_ms = until_ms end, lost = function() tell "lost" end })
    self.claims = claims.new { client = self.client, prefix = prefix, node = name, lease = self.lease,
      clock = http.clocks, gone = function(project, epoch) tell("gone", project, epoch) end, grace = 0.1 }
    assert(self.claims:load())
    self.lease:keep(self.claims:own_lease())
    cme.spawn(self.lease.run, self.lease)
    cme.spawn(self.claims.run, self.claims)
    until_so("a lease", function() return self.lease.id end)
    return self
  end

  it("gives a project to one node at a time, with an epoch that grows", function()
    luv.run(function()
      local a, b = node "a", node "b"
      local first = assert(a.claims:take "gala")
      assert.are.equal(first, a.claims:take "gala") -- as after an answer that was lost
      local none, message, detail = b.claims:take "gala"
      assert.are.same({ nil, "project 'gala': node 'a' runs it", "server.fleet.held" }, { none, message, detail.code })
      assert.is_true(a.claims:give("gala", first))
      local second = assert(b.claims:take "gala")
      assert.is_true(second > first)
      assert.are.same({ false }, { a.claims:give("gala", first) })
      until_so("b's claim to be known to a", function()
        local holder = a.claims:holder "gala"
        return holder and holder.node == "b" and holder.epoch == second
      end)
      until_so("the end of its own to be told", function() return a.heard("gone gala " .. first) end)
      assert.is_nil(b.heard "gone")
    end)
  end)

  it("lets one of many that take at once have it", function()
    luv.run(function()
      local takers, won = {}, 0
      for i = 1, 4 do takers[i] = node("n" .. i) end
      cme.parallel(takers, function(one)
        local epoch, _, detail = one.claims:take "gala"
        if epoch then won = won + 1 else assert.truthy(REFUSED[detail.code]) end
      end, 4)
      assert.are.equal(1, won)
    end)
  end)

  it("tells a node whose lease is gone, by the watch and by the keepalive, and lets another take over", function()
    luv.run(function()
      local a, b = node("a", SHORT), node "b"
      local epoch = assert(a.claims:take "gala")
      local before = a.lease.id
      assert(b.client:revoke(before))
      until_so("the watch to tell", function() return a.heard("gone gala " .. epoch) end)
      until_so("the keepalive to tell", function() return a.heard "lost" end)
      until_so("another lease", function() return a.lease.id and a.lease.id ~= before end)
      assert.is_true(assert(b.claims:take "gala") > epoch)
      assert.are.equal("server.fleet.held", select(3, a.claims:take "gala").code)
    end)
  end)

  it("holds nothing for certain that etcd does not confirm, and counts from before it asked", function()
    luv.run(function()
      local a = node("a", SHORT)
      assert.is_true(a.until_ms <= boot() + SHORT * 1000)
      local first = a.until_ms
      until_so("a renewal", function() return a.until_ms > first end)
      server:signal(1, "sigstop")
      until_so("the end of what is certain", function() return a.heard "lost" end)
      assert.is_true(boot() >= a.until_ms)
      assert.is_nil(a.lease.id)
      server:signal(1, "sigcont")
      until_so("another lease", function() return a.lease.id end)
    end)
  end)

  it("keeps the lease of a service that was killed, with all that hangs on it", function()
    luv.run(function()
      local a = node "a"
      local epoch = assert(a.claims:take "gala")
      local again = node "a"
      assert.are.equal(a.lease.id, again.lease.id)
      assert.are.equal(epoch, again.claims:take "gala")
      local gone = a.lease.id
      assert(a.client:revoke(gone))
      local third = lease.new { client = a.client, ttl = LONG, boot = boot, random = math.random,
        renewed = function() end, lost = function() end }
      third:keep(gone) -- is no hindrance
      cme.spawn(third.run, third)
      until_so("another lease", function() return third.id end)
      assert.is_true(third.id ~= gone)
    end)
  end)

  it("loses everything that hangs on a lease when that is taken from it", function()
    luv.run(function()
      local a, b = node "a", node "b"
      local epoch = assert(a.claims:take "gala")
      assert(a.client:revoke(a.lease.id))
      until_so("the end to be told", function() return a.heard("gone gala " .. epoch) end)
      assert.is_true(assert(b.claims:take "gala") > epoch)
    end)
  end)

  it("knows which nodes live and how full they are", function()
    luv.run(function()
      local a, b = node "a", node "b"
      local lists = {}
      for name, one in pairs { a = a, b = b } do
        lists[name] = nodes.new { client = one.client, prefix = prefix, node = name, lease = one.lease,
          clock = http.clocks }
        assert(lists[name]:load())
        cme.spawn(lists[name].run, lists[name])
      end
      assert(lists.a:announce { capacity = 40, running = 3, labels = { media = "yes" } })
      assert(lists.b:announce { capacity = 10, running = 0, draining = true })
      assert(a.client:put { key = prefix .. "node/odd", value = "[1]" })
      local function seen()
        local out = {}
        for i, one in ipairs(lists.a:list()) do
          local media = one.labels and one.labels.media
          out[i] = ("%s %d/%d %s %s"):format(one.name, one.running, one.capacity, one.draining, media)
        end
        return table.concat(out, ", ")
      end
      until_so("both", function() return seen() == "a 3/40 nil yes, b 0/10 true nil" end)
      assert(lists.b:announce { capacity = 10, running = 4 })
      until_so("the change", function() return seen() == "a 3/40 nil yes, b 4/10 nil nil" end)
      assert(b.client:revoke(b.lease.id))
      until_so("the end of one", function() return seen() == "a 3/40 nil yes" end)
    end)
  end)
end)
