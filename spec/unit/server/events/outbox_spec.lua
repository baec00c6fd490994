-- SPDX-License-Identifier: MIT

local outbox = require "cme.server.events.outbox"
local store = require "cme.server.store.sqlite"

describe("cme.server.events.outbox", function()
  local db, now, logged, queue

  before_each(function()
    now, logged = 1000, {}
    db = assert(store.open(":memory:", function() return now end))
    queue = outbox.new(db, { "http://a/hook", "http://b/hook" }, function() return now end,
      { error = function(_, message, fields) logged[#logged + 1] = { message, fields } end })
  end)

  after_each(function()
    outbox.max_length = 10000
    db:close()
  end)

  local function bodies(url)
    local found = {}
    for _, head in ipairs(assert(queue:heads(url))) do
      found[#found + 1] = head.project .. " " .. queue:get(head.seq).body
    end
    return found
  end

  it("has every event for every URL, with one id, oldest of each project first", function()
    for _, put in ipairs { { "p", { n = 1 } }, { "q", { n = 2 } }, { "p", { n = 3 } } } do
      assert(queue:put(table.unpack(put)))
    end
    for _, url in ipairs(queue.urls) do
      assert.are.same({ 'p {"n":1}', 'q {"n":2}' }, bodies(url))
    end
    local a, b = queue:heads "http://a/hook"[1], queue:heads "http://b/hook"[1]
    assert.are.equal(queue:get(a.seq).id, queue:get(b.seq).id)
    assert.matches("^%x+$", queue:get(a.seq).id)
    assert.are.equal(1000, queue:get(a.seq).created_at)
    assert(queue:remove(a.seq))
    assert.is_nil(queue:get(a.seq))
    assert.are.same({ 'q {"n":2}', 'p {"n":3}' }, bodies "http://a/hook")
    assert.are.same({ 'p {"n":1}', 'q {"n":2}' }, bodies "http://b/hook")
  end)

  it("is part of its caller's transaction", function()
    assert.is_nil(db:database():transaction(function()
      assert(queue:put("p", { n = 1 }))
      return nil, "no"
    end))
    assert.are.same({}, bodies "http://a/hook")
  end)

  it("keeps the newest of each URL, and says what it gave up", function()
    outbox.max_length = 3
    for n = 1, 5 do
      assert(queue:put("p" .. n, { n = n }))
    end
    assert.are.same({ 'p3 {"n":3}', 'p4 {"n":4}', 'p5 {"n":5}' }, bodies "http://b/hook")
    assert.are.same({ ["http://a/hook"] = 2, ["http://b/hook"] = 2 }, queue.dropped)
    assert.are.equal("events given up", logged[1][1])
  end)

  it("gives up what is three days old, of URLs that nobody names any more too", function()
    assert(queue:put("p", { n = 1 }))
    now = now + 1
    assert(queue:put("p", { n = 2 }))
    queue.urls = { "http://a/hook" }
    now = 1000 + outbox.max_age + 0.5
    assert.is_true(queue:expire())
    assert.are.same({ 'p {"n":2}' }, bodies "http://a/hook")
    assert.are.same({ 'p {"n":2}' }, bodies "http://b/hook")
    assert.are.equal(1, queue.dropped["http://b/hook"])
  end)

  it("tells how many wait, and since when", function()
    assert.are.same({}, queue:depth())
    assert(queue:put("p", {}))
    now = 1005
    assert(queue:put("p", {}))
    assert.are.same({ count = 2, oldest = 1000 }, queue:depth()["http://a/hook"])
  end)
end)
