-- SPDX-License-Identifier: MIT
-- What a mirror says of an outage: over a client whose watch is a stand-in. The rest is in
-- integration/etcd_mirror_spec.lua.

local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local mirror = require "cme.etcd.mirror"
local task = require "cme.task"

describe("cme.etcd.mirror", function()
  local said, answers, watched

  -- A client whose watch gives one answer after the other, and then nothing more.
  local client = {}
  function client.pages(_, _, visit)
    visit {}
    return 7
  end
  function client.watch(_, asked)
    watched[#watched + 1] = asked.revision
    return {
      next = function()
        local answer = table.remove(answers, 1)
        if not answer then task.sleep(60) end
        return answer()
      end,
      from = function(_, revision) watched[#watched + 1] = revision end,
      close = function() end,
    }
  end

  local function silence(code)
    return function()
      local cause = code and select(3, codes.fail(code, { host = "h1" })) or nil
      return codes.fail("network.timeout:watch", nil, { sent = true, cause = cause })
    end
  end

  local function run(list)
    said, answers, watched = {}, list, {}
    local subject = mirror.new { client = client, prefix = "p/", head = "p/head", clock = os.clock,
      failed = function(message) said[#said + 1] = message or "well" end }
    luv.run(function()
      local one = luv.detach(subject.run, subject)
      task.sleep(0)
      one:cancel()
    end)
    return subject
  end

  it("takes what a restored store has, though it is older than what is here", function()
    local kvs, revision, other = {}, 20, {}
    local function has(at, list)
      revision, kvs = at, {}
      for key, mod in pairs(list) do
        kvs[#kvs + 1] = { key = "p/" .. key, value = "v" .. mod, mod_revision = mod, create_revision = mod,
          version = 1 }
      end
    end
    function other.pages(_, _, visit)
      visit(kvs)
      return revision
    end
    function other.range() return { revision = revision, kvs = {} } end
    local changes = {}
    local subject = mirror.new { client = other, prefix = "p/", head = "p/head", clock = os.clock,
      changed = function(key, kv) changes[#changes + 1] = key .. (kv and kv.value or "-") end }
    local function holds(list)
      local seen = {}
      for key, kv in subject:each() do seen[key:sub(3)] = kv.mod_revision end
      assert.are.same(list, seen)
    end
    luv.run(function()
      has(20, { a = 11, b = 20, c = 5 })
      assert(subject:load())
      subject:wrote(25, { ["p/w"] = "v25" })
      assert(subject:load())
      holds { a = 11, b = 20, c = 5, w = 25 } -- what it wrote is newer than what is read
      has(12, { a = 11, b = 3, d = 12 })
      changes = {}
      assert(subject:confirm(10))
      table.sort(changes)
      assert.are.same({ "p/bv3", "p/c-", "p/dv12", "p/w-" }, changes)
      holds { a = 11, b = 3, d = 12 }
      has(1000, { a = 2 }) -- with a revision that is raised
      assert(subject:load(nil, true))
      holds { a = 2 }
    end)
  end)

  it("is as old as the beginning of the last reading", function()
    local now, slow = 100, {}
    function slow.pages(_, _, visit)
      now = now + 3
      visit {}
      return 7
    end
    function slow.range()
      now = now + 2
      return { revision = 7, kvs = {} }
    end
    local subject = mirror.new { client = slow, prefix = "p/", head = "p/head", clock = function() return now end }
    luv.run(function()
      assert(subject:load())
      assert.are.equal(3, subject:age())
      now = now + 5
      assert(subject:confirm(10))
      assert.are.equal(2, subject:age())
    end)
  end)

  it("says that etcd does not answer, and that it does again", function()
    run { silence(nil), silence "network.connect", silence "network.connect", silence(nil), silence(nil) }
    assert.are.same({ 3, "well" }, { #said, said[3] })
    assert.matches("connect", said[1])
    run { silence "etcd.no_quorum", function() return { revision = 9, events = {} } end }
    assert.are.same({ 2, "well" }, { #said, said[2] })
  end)
end)
