-- SPDX-License-Identifier: MIT
-- How a watch reads its stream: over a transport and a clock that are stand-ins.

local codes = require "cme.codes"
local etcd = require "cme.etcd"
local json = require "cme.json"

local CREATED = '{"result":{"header":{"revision":"4"},"created":true}}\n'

local function event(revision, value)
  return ('{"result":{"header":{"revision":"99"},"events":[{"kv":{"key":"YQ==","value":"%s","mod_revision":"%d"}}]}}\n')
    :format(value, revision)
end

describe("cme.etcd.watch", function()
  local now, streams, opened, alive

  -- Each stream is a list of pieces; false is silence for as long as it is waited, and the end of the list the
  -- connection's.
  local transport = {}
  function transport.open(_, request)
    local pieces = table.remove(streams, 1)
    opened[#opened + 1] = { host = request.url:match "^http://(%w+)",
      from = (json.decode(request.body).create_request or {}).start_revision }
    if not pieces then return codes.fail("network.connect", nil, { sent = false }) end
    local at = 0
    return {
      status = pieces.status or 200,
      read = function(_, seconds)
        at = at + 1
        if pieces[at] == false then
          now = now + seconds
          return codes.fail("network.timeout:silence", { host = "a", limit = seconds })
        elseif pieces[at] then
          return pieces[at]
        end
        return codes.fail("network.reset:incomplete")
      end,
      close = function() end,
    }
  end
  function transport.request()
    alive.asked = alive.asked + 1
    if alive.answer then return { status = 200, body = ('{"header":{"revision":"%d"}}'):format(alive.revision) } end
    now = now + 1
    return codes.fail("network.timeout", nil, { sent = true })
  end
  function transport.sleep(_, seconds)
    now = now + seconds
    if coroutine.isyieldable() then coroutine.yield "slept" end
  end

  local function watch(revision)
    local store = etcd.new { endpoints = { "http://a:1", "http://b:1" }, transport = transport, quiet = 5,
      clock = function() return now end }
    return store:watch { key = "a", revision = revision }
  end

  before_each(function() now, streams, opened, alive = 1000, {}, {}, { asked = 0, answer = true, revision = 99 } end)

  it("reads lines however they are cut", function()
    local text = CREATED .. event(5, "MQ==") .. event(6, "Mg==")
    for size = 1, #text, 7 do
      local pieces = {}
      for at = 1, #text, size do pieces[#pieces + 1] = text:sub(at, at + size - 1) end
      streams = { pieces }
      local one = watch(5)
      assert.are.equal("1", one:next(10).events[1].kv.value)
      assert.are.equal("2", one:next(10).events[1].kv.value)
    end
  end)

  it("goes on at the next member from the revision after the last event", function()
    streams = { { CREATED .. event(5, "MQ==") .. event(7, "Mg==") }, { CREATED, event(8, "Mw==") } }
    local one = watch(5)
    one:next(10)
    one:next(10)
    assert.are.equal("3", one:next(10).events[1].kv.value)
    assert.are.same({ { host = "a", from = "5" }, { host = "b", from = "8" } }, opened)
  end)

  it("goes back to the first member when requests do, from the revision after the last event", function()
    local store = etcd.new { endpoints = { "http://a:1", "http://b:1" }, transport = transport, quiet = 5,
      clock = function() return now end }
    local look = coroutine.wrap(function() store:keep_home() end)
    look()
    streams = { { CREATED }, { CREATED, event(5, "MQ=="), event(6, "Mg==") }, { CREATED, event(7, "Mw==") } }
    local one = store:watch { key = "a", revision = 5 }
    assert.are.equal("1", one:next(10).events[1].kv.value)
    look()
    assert.are.equal("3", one:next(10).events[1].kv.value)
    assert.are.same({ { host = "a", from = "5" }, { host = "b", from = "5" }, { host = "a", from = "6" } }, opened)
  end)

  it("goes on from where it began when nothing has happened yet", function()
    streams = { { CREATED }, { CREATED, event(8, "Mw==") } }
    assert.are.equal("3", watch(nil):next(10).events[1].kv.value)
    assert.are.same({ nil, "5" }, { opened[1].from, opened[2].from })
  end)

  it("asks a silent member whether it lives, and leaves it when not", function()
    streams = { { CREATED, false, false, event(8, "Mw==") } }
    assert.are.equal("3", watch(5):next(60).events[1].kv.value)
    assert.are.equal(2, alive.asked)
    alive.answer = false
    streams = { { CREATED, false }, { CREATED, event(8, "Mw==") } }
    local one = watch(5)
    assert.are.equal("3", one:next(60).events[1].kv.value)
    assert.are.equal("b", opened[#opened].host)
  end)

  it("is silent in time, and can be asked again", function()
    streams = { { CREATED, false, event(8, "Mw==") } }
    local one = watch(5)
    assert.are.equal("network.timeout", select(3, one:next(2)).code)
    assert.are.equal(0, alive.asked)
    assert.are.equal("3", one:next(2).events[1].kv.value)
  end)

  it("tells compaction after what came before it", function()
    streams = { { CREATED .. event(5, "MQ==")
      .. '{"result":{"header":{},"canceled":true,"compact_revision":"9"}}\n' .. event(6, "Mg==") } }
    local one = watch(5)
    assert.is_table(one:next(10).events)
    assert.are.equal(9, one:next(10).compacted)
    assert.are.equal("etcd.compacted", select(3, one:next(10)).code)
    streams = { { CREATED .. event(12, "Mw==") } }
    one:from(12)
    assert.are.equal("3", one:next(10).events[1].kv.value)
    assert.are.equal("12", opened[2].from)
  end)

  it("tells that the store is another one, when its revision has stepped back", function()
    alive.revision = 8
    streams = { { CREATED .. event(8, "MQ=="), false, false, false }, { CREATED .. event(7, "Mg==") } }
    local one = watch(5)
    assert.is_table(one:next(10).events)
    assert.are.equal("network.timeout", select(3, one:next(7)).code) -- it has not
    alive.revision = 6
    local news = one:next(10)
    assert.are.same({ 6, true }, { news.compacted, news.anew })
    one:from(7)
    assert.are.equal("2", one:next(10).events[1].kv.value)
  end)

  it("tells that the store is another one, when it is another cluster's", function()
    local function created(cluster)
      return ('{"result":{"header":{"cluster_id":"%s","revision":"9"},"created":true}}\n'):format(cluster)
    end
    streams = { { created "1" .. event(5, "MQ==") }, { created "1" }, { created "2" .. event(9, "Mg==") },
      { created "2" .. event(10, "Mw==") } }
    local one = watch(5)
    assert.is_table(one:next(10).events)
    assert.is_true(one:next(10).anew)
    one:from(10)
    assert.are.equal("3", one:next(10).events[1].kv.value)
  end)

  it("goes to another member when its own has no leader, and ends when it may not watch", function()
    streams = { { CREATED .. '{"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}}\n' },
      { CREATED .. event(5, "MQ==") } }
    assert.is_table(watch(5):next(10).events)
    assert.are.equal("b", opened[2].host)
    local refused = '{"result":{"created":true,"canceled":true,"cancel_reason":"rpc error: code = PermissionDenied '
      .. 'desc = etcdserver: permission denied"}}\n'
    streams = { { refused }, { refused } }
    local one = watch(5)
    assert.are.equal("etcd.denied", select(3, one:next(10)).code)
    assert.are.equal("etcd.closed", select(3, one:next(10)).code)
  end)

  it("pauses after a connection that brought nothing, and says why there is nothing", function()
    for _, pieces in ipairs { { CREATED .. '{"error":{"grpc_code":14,"message":"etcdserver: no leader"}}\n' },
      { CREATED } } do
      streams, opened = {}, {}
      for i = 1, 1000 do streams[i] = pieces end
      local _, _, detail = watch(5):next(2)
      assert.are.equal("network.timeout", detail.code)
      assert.are.equal(#pieces[1] > #CREATED and "etcd.no_quorum" or "network.reset", detail.cause.code)
      assert.is_true(#opened > 5 and #opened < 15, #opened)
    end
    streams, opened = { { CREATED .. event(5, "MQ==") }, { CREATED .. event(6, "Mg==") } }, {}
    local one, began = watch(5), now
    one:next(10)
    one:next(10)
    assert.are.equal(began, now) -- one that did is followed by another at once
  end)

  it("ends when it is cancelled for a reason that nobody knows, and goes on when that passes", function()
    local function cancelled(reason)
      return ('{"result":{"canceled":true,"cancel_reason":"rpc error: code = %s"}}\n'):format(reason)
    end
    streams = { { CREATED .. cancelled "InvalidArgument desc = etcdserver: something new" } }
    local _, message, detail = watch(5):next(10)
    assert.are.equal("etcd.refused", detail.code)
    assert.matches("something new", message)
    streams = { { cancelled "Unavailable desc = transport is closing" }, { CREATED .. event(5, "MQ==") } }
    assert.is_table(watch(5):next(10).events)
  end)

  it("goes on when etcd's gateway refuses the watch in the form of 3.6", function()
    for _, refusal in ipairs { '{"code":14,"message":"etcdserver: no leader"}\n',
      '{"error":{"code":14,"message":"etcdserver: no leader"}}\n' } do
      streams = { { status = 503, refusal }, { CREATED .. event(5, "MQ==") } }
      assert.is_table(watch(5):next(10).events)
    end
    streams = { { status = 403, '{"code":7,"message":"etcdserver: permission denied"}\n' } }
    streams[2] = streams[1]
    assert.are.equal("etcd.denied", select(3, watch(5):next(10)).code)
  end)

  it("ends when what comes is not etcd's", function()
    for _, piece in ipairs { "<html>\n", "{}\n" } do
      streams = { { piece } }
      assert.are.equal("etcd.protocol", select(3, watch(5):next(10)).code)
    end
    streams = { { status = 502, "<html>\n" } }
    assert.matches("502", select(2, watch(5):next(10)))
  end)
end)
