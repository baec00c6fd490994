-- SPDX-License-Identifier: MIT
-- The journal in front of a real store in memory; time passes when the spec says so.

local event = require "cme.event"
local health = require "cme.server.process.health"
local journal = require "cme.server.events.journal"
local outbox = require "cme.server.events.outbox"
local store = require "cme.server.store.sqlite"

local SPEC = { inputs = { main = { url = "http://h/m" }, backup = { url = "http://h/b" } }, active = "main",
  outputs = { { id = "1", name = "o1", url = "rtmp://h/l/k" }, { id = "2", name = "o2", url = "rtmp://h/l/k" } } }

local function now()
  return 1000
end

describe("cme.server.events.journal", function()
  local db, queue, subject, pending, logged, state, mend

  local function new_journal()
    subject = journal.new { store = db, outbox = queue, log = { error = function(_, message)
      logged[#logged + 1] = message
    end }, later = function(_, fn) pending[#pending + 1] = fn end, pause = function() mend() end }
    db:tell(subject)
  end

  before_each(function()
    pending, logged = {}, {}
    db = assert(store.open(":memory:", now))
    assert(db:create { id = "p", platform = "test", category = "STREAM_CONNECT", name = "n",
      owner = { type = "PERSON", id = "u" },
      input = { Outputs = { { Id = "1", Name = "o1", PushUrl = "rtmp://h/l/k" },
        { Id = "2", Name = "o2", PushUrl = "rtmp://h/l/k" } } } })
    queue = outbox.new(db, { "http://a/hook" }, now, {})
    new_journal()
    state = health.new(SPEC)
  end)

  after_each(function()
    db:close()
  end)

  -- Lets the time pass that the journal waits for.
  local function pass()
    local due = pending
    pending = {}
    for _, fn in ipairs(due) do fn() end
  end

  -- The events queued since the last call, in order.
  local function told()
    local found = {}
    local head = queue:heads "http://a/hook"[1]
    while head do
      local one = assert(event.parse(queue:get(head.seq).body))
      local about = one.endpoint or one.output and one.output.id or one.operator
      found[#found + 1] = one.status .. " " .. about
      queue:remove(head.seq)
      head = queue:heads "http://a/hook"[1]
    end
    return found
  end

  local function set(kind, key, word)
    health.event(state, kind == "input" and { event = "input", endpoint = key, state = word }
      or { event = "output", output_id = key, state = word })
    subject:look("p", state)
  end

  local function start()
    assert(db:apply("p", "start", { reason = "spec", operator = "u" }))
  end

  it("tells starts and ends with who asked, and nothing of changes that are no change of status", function()
    start()
    assert(db:apply("p", "switch", { reason = "spec", active = "Backup" }))
    assert(db:apply("p", "ended", { reason = "planned end" }))
    assert.is_nil(db:apply("p", "stop", { reason = "spec" }))
    assert.are.same({ "working u", "stopped cmeid_system" }, told())
  end)

  it("has the event if and only if it has the change", function()
    start()
    told()
    function queue.put()
      return nil, "disk is full"
    end
    assert.are.same({ n = 3, nil, "disk is full" }, table.pack(db:apply("p", "stop", { reason = "spec" })))
    assert.are.equal("Working", db:get "p".status)
    queue.put = nil
    assert(db:apply("p", "stop", { reason = "spec" }))
    assert.are.same({ "stopped cmeid_system" }, told())
  end)

  it("wakes who delivers after the commit only", function()
    local woken = 0
    queue.queued.notify = function()
      woken = woken + 1
      assert.are.equal("Working", db:get "p".status)
      assert(db:database():exec "BEGIN IMMEDIATE")
      assert(db:database():exec "COMMIT")
    end
    start()
    assert.are.equal(1, woken)
  end)

  it("tells an interruption once, until it was live again", function()
    start()
    told()
    set("output", "1", "live")
    set("output", "1", "backoff")
    pass()
    set("output", "1", "connecting")
    set("output", "1", "refused")
    pass()
    assert.are.same({ "output_interrupted 1" }, told())
    set("output", "1", "live")
    pass()
    set("output", "1", "backoff")
    set("input", "backup", "down")
    pass()
    assert.are.same({ "input_interrupted backup", "output_interrupted 1" }, told())
    pass()
    assert.are.same({}, told())
  end)

  it("does not tell what has mended itself before it was written down", function()
    start()
    told()
    set("input", "main", "stalled")
    set("input", "main", "live")
    pass()
    assert.are.same({}, told())
  end)

  it("tells after a restart of the service what failed meanwhile, not what was told already", function()
    start()
    set("output", "1", "backoff")
    pass()
    told()
    new_journal()
    set("output", "2", "refused")
    pass()
    assert.are.same({ "output_interrupted 2" }, told())
    new_journal()
    set("output", "1", "live")
    pass()
    new_journal()
    set("output", "1", "backoff")
    pass()
    assert.are.same({ "output_interrupted 1" }, told())
  end)

  it("tells what was seen of a run before its end, nothing after it, and all anew of the next", function()
    start()
    set("output", "1", "backoff")
    pass()
    set("output", "2", "backoff")
    assert(db:apply("p", "stop", { reason = "spec" }))
    set("input", "main", "down")
    pass()
    assert.are.same({ "working u", "output_interrupted 1", "output_interrupted 2", "stopped cmeid_system" }, told())
    start()
    pass()
    assert.are.same({ "working u" }, told())
    subject:look("p", state)
    pass()
    assert.are.same({ "input_interrupted main", "output_interrupted 1", "output_interrupted 2" }, told())
  end)

  it("forgets an output that was taken away, and tells of all when an engine ends", function()
    start()
    set("output", "2", "backoff")
    pass()
    told()
    local shorter = { inputs = SPEC.inputs, active = "main", outputs = { SPEC.outputs[1] } }
    health.retarget(state, SPEC, shorter)
    subject:look("p", state)
    pass()
    subject:look("p", health.lost(SPEC))
    pass()
    assert.are.same({ "input_interrupted backup", "input_interrupted main", "output_interrupted 1",
      "output_interrupted 2" }, told())
  end)

  it("tries again when the database fails", function()
    start()
    told()
    local transaction = db:database().transaction
    db:database().transaction = function() return nil, "disk is full" end
    local left = 2
    function mend()
      left = left - 1
      if left == 0 then db:database().transaction = transaction end
    end
    set("output", "1", "backoff")
    pass()
    assert.are.same({ "interruptions are not stored", "interruptions are not stored" }, logged)
    assert.are.same({ "output_interrupted 1" }, told())
  end)
end)
