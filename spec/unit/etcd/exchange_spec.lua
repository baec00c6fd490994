-- SPDX-License-Identifier: MIT
-- Which member is asked, and again when: over a transport and a clock that are stand-ins.

local codes = require "cme.codes"
local etcd = require "cme.etcd"
local exchange = require "cme.etcd.exchange"

local OK = { status = 200, body = '{"header":{"revision":"1"},"succeeded":true}' }
local BUSY = { status = 429, body = '{"error":"etcdserver: too many requests","code":8}' }
local LATE = { status = 503, body = '{"error":"etcdserver: request timed out","code":14}' }
local TOKEN = { status = 401, body = '{"error":"etcdserver: invalid auth token","code":16}' }

describe("cme.etcd.exchange", function()
  local asked, now, answers, slept

  -- Answers by member; "hang" takes all the time it is given.
  local transport = {}
  function transport.request(_, request)
    local member = request.url:match "^http://(%w+)"
    asked[#asked + 1] = member
    local answer = answers[member]
    if type(answer) == "function" then answer = answer(request) end
    if answer == "hang" then
      now = now + request.timeout
      return codes.fail("network.timeout", nil, { sent = true })
    elseif answer == "gone" then
      return codes.fail("network.connect", nil, { sent = false })
    end
    return answer
  end
  function transport.sleep(_, seconds)
    now, slept = now + seconds, seconds
    if coroutine.isyieldable() then coroutine.yield "slept" end
  end

  local function client(more)
    local given = { endpoints = { "http://a:1", "http://b:1", "http://c:1/" }, timeout = 6, transport = transport,
      clock = function() return now end }
    for name, value in pairs(more or {}) do given[name] = value end
    return etcd.new(given)
  end

  before_each(function() asked, now, answers = {}, 1000, { a = OK, b = OK, c = OK } end)

  it("stays with the member that answers", function()
    local store = client()
    for _ = 1, 3 do assert(store:range { key = "k" }) end
    assert.are.same({ "a", "a", "a" }, asked)
  end)

  it("asks the next when one is not there, and stays there", function()
    answers.a = "gone"
    local store = client()
    assert(store:put { key = "k", value = "" })
    assert(store:put { key = "k", value = "" })
    assert.are.same({ "a", "b", "b" }, asked)
  end)

  it("goes back to the first one when that is in touch with the others again, and sends it nothing before", function()
    local store = client { home = 3 }
    local look = coroutine.wrap(function() store:keep_home() end)
    look()
    answers.a = "gone"
    assert(store:put { key = "k", value = "" })
    for _, answer in ipairs { "gone", LATE, BUSY, "hang" } do
      answers.a = answer
      look()
      assert(store:put { key = "k", value = "" })
    end
    assert.are.same({ "a", "b", "a", "b", "a", "b", "a", "b", "a", "b" }, asked)
    assert.are.equal(3, slept)
    assert.are.equal(1000 + 5 * 3 + 2, now) -- who hangs has the time of a connection
    answers.a, asked = OK, {}
    look()
    assert(store:put { key = "k", value = "" })
    look()
    assert.are.same({ "a", "a" }, asked) -- the look, the request; at home there is nothing to look for
  end)

  it("gives a member that hangs its share of the time when it reads", function()
    answers.a, answers.b = "hang", "hang"
    assert(client():range { key = "k" })
    assert.are.same({ "a", "b", "c" }, asked)
    assert.is_true(math.abs(now - 1004.5) < 0.01, now) -- half of 6 s, and half of the rest
  end)

  it("does not write a second time when the first may have been done", function()
    for _, answer in ipairs { "hang", LATE } do
      asked, answers.a = {}, answer
      local ok, _, detail = client():put { key = "k", value = "" }
      assert.are.same({ nil, true, { "a" } }, { ok, detail.unknown_outcome, asked })
    end
    answers.a, asked = BUSY, {} -- it was not
    assert(client():put { key = "k", value = "" })
    assert.are.same({ "a", "b" }, asked)
  end)

  it("takes a txn that only reads for a reading", function()
    answers.a = LATE
    assert(client():txn { success = { { range = { key = "k" } } } })
    assert.are.same({ "a", "b" }, asked)
    local ok = client():txn { success = { { put = { key = "k", value = "" } } } }
    assert.is_nil(ok)
  end)

  it("goes round until the time is over, with pauses", function()
    answers.a, answers.b, answers.c = "gone", "gone", "gone"
    local _, message, detail = client():get "k"
    assert.are.same({ "network.connect", nil }, { detail.code, detail.unknown_outcome })
    assert.matches("^etcd /v3/kv/range: ", message)
    assert.is_true(#asked > 6 and #asked < 100 and now <= 1006, #asked)
  end)

  it("logs in once, and again when the token is refused", function()
    local tokens, wanted = 0, "t1"
    answers.a = function(request)
      if request.url:find "authenticate" then
        tokens = tokens + 1
        return { status = 200, body = ('{"token":"t%d"}'):format(tokens) }
      end
      for _, line in ipairs(request.headers) do
        if line == "Authorization: " .. wanted then return OK end
      end
      return TOKEN
    end
    local store = client { user = "u", password = "hush" }
    assert(store:put { key = "k", value = "" })
    wanted = "t2"
    assert(store:put { key = "k", value = "" })
    assert.are.equal(2, tokens)
    wanted = "never"
    assert.are.equal("etcd.token", select(3, store:put { key = "k", value = "" }).code)
    assert.are.equal(3, tokens)
  end)

  it("goes on to the next member with a keepalive while there is time, and stays there", function()
    local kept = { status = 200, body = '{"result":{"ID":"123","TTL":"3"}}\n' }
    answers.a, answers.b = "hang", kept
    local store = client()
    assert.are.equal(3, store:keepalive(123, { timeout = 1.5 }))
    assert.is_true(math.abs(now - 1000.75) < 0.01, now) -- half of what is left, and no pause
    assert.are.equal(3, store:keepalive(123, { timeout = 1.5 }))
    assert.are.same({ "a", "b", "b" }, asked)
  end)

  it("reads errors in the form of etcd 3.5, and in that of 3.6", function()
    local function code(status, body) return select(3, exchange.read("http://a:1", status, body)).code end
    assert.are.equal("etcd.no_login", code(400, '{"error":"etcdserver: authentication is not enabled","code":9,'
      .. '"message":"etcdserver: authentication is not enabled"}'))
    assert.are.equal("etcd.no_login", code(400, '{"code":9,"message":"etcdserver: authentication is not enabled"}'))
    assert.are.equal("etcd.no_quorum", code(503, '{"error":{"grpc_code":14,"http_code":503,"message":"closing"}}\n'))
    assert.are.equal("etcd.no_quorum", code(503, '{"error":{"code":14,"message":"closing","details":[]}}\n'))
    assert.are.equal("etcd.no_quorum", code(503, '{"code":14}'))
    assert.are.equal("etcd.protocol", code(404, '{"message":"no such page"}'))
    assert.is_table(exchange.read("http://a:1", 200, '{"message":"hello","code":9}'))
  end)

  it("takes a lease that lives for no time for one that is gone", function()
    answers.a = { status = 200, body = '{"result":{"header":{"revision":"4"},"ID":"123"}}\n' }
    assert.are.equal("etcd.lease_gone", select(3, client():keepalive(123)).code)
    answers.a = { status = 200, body = '{"result":{"ID":"123","TTL":"6"}}\n' }
    assert.are.equal(6, client():keepalive(123))
  end)
end)
