-- SPDX-License-Identifier: MIT

local encoders = require "cme.server.fleet.encoders"
local json = require "cme.json"

describe("cme.server.fleet.encoders", function()
  local keys, revision, writes, moved

  before_each(function() keys, revision, writes, moved = {}, 1, 0, {} end)

  -- etcd, as far as it is asked.
  local client = {}
  function client.pages(_, _, page)
    local list = {}
    for _, kv in pairs(keys) do list[#list + 1] = kv end
    page(list)
    return revision
  end
  function client.txn(_, request)
    local compare, op = request.compare[1], request.success[1]
    local kv = keys[compare.key]
    local good = (kv and kv.mod_revision or 0) == compare.mod_revision
    if good then
      revision, writes = revision + 1, writes + 1
      keys[compare.key] = op.put and { key = compare.key, value = op.put.value, lease = op.put.lease,
        mod_revision = revision, create_revision = revision, version = 1 } or nil
    end
    return { succeeded = good, revision = revision }
  end

  local function held(id) return { id = id, is_held = function(self) return self.id ~= nil end } end

  local function node(name, lease)
    local one = encoders.new { client = client, prefix = "f/", node = name, clock = os.clock,
      lease = type(lease) == "table" and lease or held(lease) }
    one:share("rtmp://" .. name, function(project) moved[#moved + 1] = name .. " " .. project end)
    return one
  end

  local function came(since) return { { id = "5b1d", project = "gala", endpoint = "main", since = since } } end

  local function settle(one, list)
    assert(one:load())
    assert.is_true(one:settle(list))
    assert(one:load())
  end

  local function at() return keys["f/push/5b1d"] and json.decode(keys["f/push/5b1d"].value).node end

  it("has all nodes know to which one an encoder pushes, until it is gone", function()
    local a, b = node("a", 7), node("b", 8)
    settle(b, came(1))
    local push = { node = "b", edge = "rtmp://b", project = "gala", endpoint = "main" }
    assert.are.same(push, json.decode(keys["f/push/5b1d"].value))
    assert.are.equal(8, keys["f/push/5b1d"].lease)
    settle(a, {})
    assert.are.same({ "rtmp://b", { push } }, { a:edge_of "5b1d", a:of "gala" })
    assert.is_nil(b:edge_of "5b1d")
    assert.are.same({}, a:of "other")
    settle(b, {})
    settle(a, {})
    assert.are.same({}, a:of "gala")
    assert.are.equal("rtmp://b", a:edge_of "5b1d") -- where it is awaited
    settle(b, came(2))
    settle(a, {})
    settle(a, came(3))
    assert.is_nil(a:edge_of "5b1d")
    assert.are.same({ "a gala", "a gala" }, moved) -- there, and here; to b it came where it was awaited
    settle(b, came(2))
    assert.are.same({ "rtmp://a", "b gala" }, { b:edge_of "5b1d", moved[3] })
  end)

  it("goes by the encoder that came last, whose node may not be lost yet", function()
    local a, b = node("a", 7), node("b", 8)
    settle(a, {})
    settle(b, came(1))
    settle(a, came(5))
    assert.are.equal("a", at())
    settle(b, came(1)) -- that one is there all the same
    assert.are.equal("a", at())
    settle(b, came(9))
    assert.are.equal("b", at())
    settle(b, {})
    settle(a, came(5))
    assert.are.equal("a", at())
  end)

  it("takes those that are there at its start for no newer than another node's", function()
    settle(node("b", 8), came(1))
    settle(node("a", 7), came(5))
    assert.are.equal("b", at())
  end)

  it("writes what is known on its lease once, and again on another lease", function()
    local a = node("a", 7)
    settle(a, came(1))
    settle(a, came(1))
    settle(a, came(2))
    assert.are.equal(1, writes)
    a:share("rtmps://a")
    settle(a, came(2))
    assert.are.equal(2, writes)
    a = node("a", 9)
    settle(a, came(2))
    assert.are.same({ 3, 9 }, { writes, keys["f/push/5b1d"].lease })
    settle(node("a", nil), came(3))
    assert.are.equal(3, writes)
  end)

  it("writes no key without a lease, nor on another one, when that ends while it writes", function()
    local lease, txn = held(7), client.txn
    finally(function() client.txn = txn end)
    local list = {}
    for i = 1, 3 do list[i] = { id = "k" .. i, project = "gala", endpoint = "main", since = 1 } end
    for i, after in ipairs { false, 8 } do
      keys, writes, lease.id = {}, 0, 7
      local a = node("a", lease)
      assert(a:load())
      function client.txn(...)
        lease.id = after or nil
        return txn(...)
      end
      assert.is_true(a:settle(list))
      assert.are.equal(1, writes)
      for _, kv in pairs(keys) do assert.are.equal(7, kv.lease) end
      client.txn, lease.id = txn, 8
      assert(a:load())
      assert.is_true(a:settle(list))
      assert.are.equal(4, writes, i)
      for _, kv in pairs(keys) do assert.are.equal(8, kv.lease) end
    end
  end)

  it("leaves a key alone that is another one by now, and says why etcd took none", function()
    local a = node("a", 7)
    assert(a:load())
    settle(node("b", 8), came(1))
    assert.is_true(a:settle(came(1)))
    assert.are.equal("b", at())
    local txn = client.txn
    client.txn = function() return nil, "etcd is away", { code = "etcd.no_quorum" } end
    assert.are.same({ nil, "etcd is away", { code = "etcd.no_quorum" } }, { node("c", 9):settle(came(1)) })
    client.txn = txn
  end)

  it("does not go by what it cannot read", function()
    keys["f/push/5b1d"] = { key = "f/push/5b1d", value = "[1]", mod_revision = 1, create_revision = 1, lease = 3 }
    local a = node("a", 7)
    assert(a:load())
    assert.is_nil(a:edge_of "5b1d")
    assert.are.same({}, a:of "gala")
  end)

  it("forgets those that are gone rather than to grow", function()
    local a, b = node("a", 7), node("b", 8)
    local list = {}
    for i = 1, 5000 do list[i] = { id = "k" .. i, project = "p" .. i, endpoint = "main", since = 1 } end
    settle(b, list)
    assert(a:load())
    settle(b, {})
    assert(a:load())
    local known = 0
    for i = 1, 5000 do known = known + (a:edge_of("k" .. i) and 1 or 0) end
    assert.are.equal(5000 - 4096, known)
  end)

  it("finds the edge where the API is, if it listens there", function()
    local function url(api, host) return encoders.edge_url(api, { host = host, port = 1935 }) end
    assert.are.equal("rtmp://10.0.0.1:1935", url("http://10.0.0.1:8156", "0.0.0.0"))
    assert.are.equal("rtmp://10.0.0.1:1935", url("https://10.0.0.1:8156", "10.0.0.1"))
    assert.are.equal("rtmp://h1:1935", url("https://h1", "0.0.0.0"))
    assert.is_nil(url("http://10.0.0.1:8156", "127.0.0.1"))
    assert.is_nil(url(nil, "0.0.0.0"))
    assert.is_nil(url("https://[fd00::1]:8156", "0.0.0.0"))
  end)
end)
