-- SPDX-License-Identifier: MIT
-- What a node knows of standbys, and what it asks etcd for. With a real etcd: fleet_standby_spec.lua.

local json = require "cme.json"
local mirror = require "cme.etcd.mirror"
local standbys = require "cme.server.fleet.standbys"

describe("cme.server.fleet.standbys", function()
  local kvs, asked, answer, held, now, subject, keys

  local new = mirror.new
  before_each(function()
    kvs, asked, answer, held, now = {}, {}, nil, true, 100
    keys = { revision = 50, get = function(_, key) return kvs[key] end, each = function() return next, kvs end }
    function mirror.new() return keys end
    local client = { txn = function(_, request)
      asked[#asked + 1] = request
      if answer == false then return nil, "etcd does not answer", {} end
      return answer
    end }
    subject = standbys.new { client = client, prefix = "cme/", node = "a", clock = function() return now end,
      lease = { id = 7, is_held = function() return held end } }
  end)
  after_each(function() mirror.new = new end)

  local function put(project, node, warm, revision, lease, input)
    kvs["cme/stand/" .. project] = { key = "cme/stand/" .. project, create_revision = revision, lease = lease or 7,
      value = assert(json.encode { node = node, warm = warm, input = input }) }
  end

  local function node(name, running, more)
    local one = { name = name, capacity = 10, running = running }
    for key, value in pairs(more or {}) do one[key] = value end
    return one
  end

  local function look(wanted, nodes)
    subject:look(nodes or { node("a", 0), node("b", 0), node("c", 0) }, wanted)
  end

  local function add(view, how)
    local all = { now = now, draining = false, up = true, runs = "b", wanted = function() return { id = "gala" } end }
    for key, value in pairs(how or {}) do all[key] = value end
    subject:add(view, "gala", all)
    return view
  end

  local function stand()
    answer = { succeeded = true, revision = 40 }
    assert.is_true(subject:take "gala")
    put("gala", "a", false, 40)
  end

  it("waits anew for its turn where a project was stopped while nobody stood by", function()
    look { gala = "Main" }
    assert.are.equal(0, add({ revision = 3, claimed = true }).stand_waited)
    look {}
    now = now + 60
    look { gala = "Main" }
    assert.are.equal(0, add({ revision = 4, claimed = true }).stand_waited)
    now = now + 1
    look { gala = "Main" }
    assert.are.equal(1, add({ revision = 4, claimed = true }).stand_waited)
  end)

  it("makes a key where there is none, on the node's lease", function()
    stand()
    assert.are.same({ { compare = { { key = "cme/stand/gala", version = 0 } }, success = { { put = {
      key = "cme/stand/gala", value = json.encode { node = "a", warm = false }, lease = 7 } } } } }, asked)
    assert.is_true(subject:has "gala")
    answer = { succeeded = false }
    assert.is_false(subject:take "other")
    assert.is_false(subject:has "other")
  end)

  it("says once that an engine is warm and with which input, and once that it is not", function()
    stand()
    look { gala = "Backup" }
    for _ = 1, 2 do subject:tell(function() return "backup" end) end
    look { gala = "Main" } -- the engine has another input, as everybody can see
    for _ = 1, 2 do subject:tell(function() return "backup" end) end
    for _ = 1, 2 do
      subject:tell(function() end)
      now = now + 2
    end
    for _ = 1, 2 do subject:tell(function() end) end
    assert.are.equal(3, #asked)
    assert.are.same({ key = "cme/stand/gala", create_revision = 40 }, asked[2].compare[1])
    assert.are.same({ warm = true, node = "a", input = "backup" }, json.decode(asked[2].success[1].put.value))
    assert.are.same({ warm = false, node = "a" }, json.decode(asked[3].success[1].put.value))
    assert.are.equal(7, asked[3].success[1].put.lease)
  end)

  it("writes every few seconds at most, however often a source comes and goes, and what is so in the end", function()
    stand()
    look { gala = "Main" }
    -- A minute of a source that is there and away for so long.
    local function flap(seconds)
      local before, times = #asked, math.floor(seconds * 10)
      for i = 0, 599 do
        now = now + 0.1
        subject:tell(function() return i // times % 2 == 0 and "main" or nil end)
      end
      return #asked - before
    end
    assert.are.equal(1, flap(1)) -- it is there, all in all
    local said = flap(3)
    assert.is_true(said >= 10 and said <= 16, said)
    now = now + 5
    subject:tell(function() return "main" end)
    assert.are.equal("main", json.decode(asked[#asked].success[1].put.value).input)
  end)

  it("says at once what follows a switch", function()
    stand()
    look { gala = "Main" }
    for _, input in ipairs { "main", "backup" } do
      subject:tell(function() return input end)
      assert.are.equal(input, json.decode(asked[#asked].success[1].put.value).input)
    end
  end)

  it("takes one for warm that has the input of the run, and one of an earlier version that is warm", function()
    look { gala = "Backup" }
    put("gala", "b", true, 33, 6, "main")
    assert.are.same({ node = "b", warm = false, input = "main" }, subject:of "gala")
    put("gala", "b", true, 33, 6, "backup")
    assert.is_true(subject:of "gala".warm)
    put("gala", "b", true, 33, 6)
    assert.is_true(subject:of "gala".warm)
  end)

  it("writes no key without a lease, on which it would not hang", function()
    held = false
    local taken, _, detail = subject:take "gala"
    assert.are.same({ nil, "server.fleet.no_lease" }, { taken, detail.code })
    held = true
    stand()
    held = false
    subject:tell(function() return true end)
    assert.are.equal(1, #asked)
  end)

  it("gives its own key up, and tries again when etcd does not answer", function()
    stand()
    answer = false
    assert.is_nil((subject:give "gala"))
    assert.is_true(subject:has "gala")
    answer = { succeeded = true, revision = 60 }
    assert.is_true(subject:give "gala")
    assert.are.same({ delete = { key = "cme/stand/gala" } }, asked[3].success[1])
    subject:settle() -- the watch has not told of it yet
    assert.is_false(subject:has "gala")
  end)

  it("knows its keys again after a restart, and none of another lease or node", function()
    put("mine", "a", true, 33)
    put("old", "a", true, 33, 6)
    put("theirs", "b", true, 33)
    subject:settle()
    assert.are.same({ "mine" }, subject:own())
    assert.are.same({ node = "b", warm = true }, subject:of "theirs")
    kvs["cme/stand/mine"] = nil
    subject:settle()
    assert.are.same({}, subject:own())
  end)

  it("does not take a key for gone that the watch has not told of yet, and forgets all without a lease", function()
    answer = { succeeded = true, revision = 90 }
    subject:take "gala"
    subject:settle()
    assert.is_true(subject:has "gala")
    held = false
    subject:settle()
    assert.is_false(subject:has "gala")
  end)

  it("knows whose turn it is to stand by, and never the one's that runs the project", function()
    look({ gala = "Main" }, { node("a", 3), node("b", 0), node("c", 2) })
    assert.are.equal(1, add({ revision = 3, claimed = true }).stand_turn)
    now = 103
    look({ gala = "Main" }, { node("a", 3), node("b", 0), node("c", 2) })
    assert.are.equal(3, add({ revision = 3, claimed = true }).stand_waited)
    assert.is_nil(add({ revision = 3, claimed = true, mine = true }, { runs = "a" }).stand_turn)
    put("gala", "c", true, 44)
    local view = add { revision = 3, claimed = true }
    assert.are.same({ true, false }, { view.stood, view.stands })
    assert.is_nil(view.stand_turn)
  end)

  it("leaves it to another node while it drains, is without an engine for long, or has no room", function()
    stand()
    look { gala = "Main" }
    assert.is_false(add({ revision = 3, claimed = true }).unfit)
    assert.is_true(add({ revision = 3, claimed = true }, { draining = true }).unfit)
    assert.is_false(add({ revision = 3, claimed = true }, { up = false }).unfit)
    assert.is_true(add({ revision = 3, claimed = true }, { up = false, now = now + 16 }).unfit)
    look({ gala = "Main" }, { node("a", 10, { standing = 1 }) })
    assert.is_true(add({ revision = 3, claimed = true }).unfit)
    assert.is_false(add({ revision = 3, claimed = true }).unfit) -- one is enough
  end)

  it("comes later for what it had no engine for", function()
    stand()
    look { gala = "Main" }
    add({ revision = 3, claimed = true }, { up = false })
    subject:give "gala"
    kvs = {}
    look { gala = "Main" }
    assert.is_true(add({ revision = 3, claimed = true }).stand_turn >= 3)
  end)

  it("has its engine follow the run's revision and input, and asks again in time where that failed", function()
    stand()
    look { gala = "Backup" }
    assert.is_false(add({ revision = 3, claimed = true }, { told = -3, active = "backup" }).behind)
    assert.is_true(add({ revision = 3, claimed = true }, { told = -3, active = "main" }).behind)
    assert.is_true(add({ revision = 4, claimed = true }, { told = -3, active = "backup" }).behind)
    assert.are.equal("backup", subject:input "gala")
    subject:follow("gala", 4)
    assert.is_false(add({ revision = 4, claimed = true }, { told = -3, active = "main" }).behind)
    now = now + 15
    assert.is_true(add({ revision = 4, claimed = true }, { told = -3, active = "main" }).behind)
    assert.is_false(add({ revision = 5, claimed = true }).behind) -- one that comes up reads it
    look {}
    assert.is_nil(subject:input "gala")
    assert.is_false(add({ revision = 5, claimed = true }).standby)
    assert.is_false(add({}, { told = -5, active = "backup" }).behind) -- it was stopped
    look { gala = "Main" } -- it was stopped, and that is not stored
    assert.is_false(add({ stopping = true, claimed = true }, { told = -5, active = "main" }).behind)
  end)

  it("has its engine come back each time it has left the input of the run", function()
    stand()
    look { gala = "Main" }
    for _ = 1, 2 do
      assert.is_true(add({ revision = 3, claimed = true }, { told = -3, active = "backup" }).behind)
      subject:follow("gala", 3)
      assert.is_false(add({ revision = 3, claimed = true }, { told = -3, active = "backup" }).behind)
      assert.is_false(add({ revision = 3, claimed = true }, { told = -3, active = "main" }).behind)
    end
  end)

  it("has room for all others when one is the run's by now", function()
    stand()
    look({ gala = "Main" }, { node("a", 10, { standing = 1 }) })
    assert.is_nil(add({ revision = 3, claimed = true, mine = true }).unfit)
    assert.is_true(add({ revision = 3, claimed = true }).unfit)
  end)
end)
