-- SPDX-License-Identifier: MIT
-- Delivering with receivers that are functions of this file, and a clock that moves when the spec says so.

local event = require "cme.event"
local luv = require "cme.net.loop.luv"
local outbox = require "cme.server.events.outbox"
local store = require "cme.server.store.sqlite"
local task = require "cme.task"
local uv = require "luv"
local webhook = require "cme.server.events.webhook"

local A, B = "http://a/hook/sekret", "http://b/hook"
local SECRETS = { "new-secret-of-this-spec", "old-secret-of-this-spec" }

describe("cme.server.events.webhook", function()
  describe("decides", function()
    it("what an answer means", function()
      for status, verdict in pairs { [200] = "delivered", [204] = "delivered", [301] = "refused", [400] = "refused",
        [404] = "refused", [500] = "refused", [429] = "down", [502] = "down", [503] = "down", [504] = "down" } do
        assert.are.equal(verdict, webhook.verdict(status), tostring(status))
      end
      assert.are.equal("down", webhook.verdict(nil))
    end)

    it("what is sent now: one of a project, four in all, one while the receiver is down", function()
      local function target(more)
        local made = { resume_at = 0, failures = 0, in_flight = 0, waits = {}, busy = {} }
        for name, value in pairs(more or {}) do made[name] = value end
        return made
      end
      local heads = {}
      for i = 1, 6 do heads[i] = { seq = i, project = "p" .. i } end
      local function seqs(given)
        local due, at = webhook.due(given, heads, 100)
        local list = {}
        for i, head in ipairs(due) do list[i] = head.seq end
        return table.concat(list, " "), at
      end
      assert.are.same({ "1 2 3 4" }, { seqs(target()) })
      assert.are.same({ "2 5 6" }, { seqs(target { in_flight = 1, busy = { p1 = true, p3 = true, p4 = true } }) })
      assert.are.same({ "1" }, { seqs(target { failures = 1 }) })
      assert.are.same({ "" }, { seqs(target { failures = 1, in_flight = 1, busy = { p1 = true } }) })
      assert.are.same({ "", 101 }, { seqs(target { resume_at = 101 }) })
      assert.are.same({ "2 3 5 6", 104 }, { seqs(target { waits = { p1 = { at = 105 }, p4 = { at = 104 },
        p5 = { at = 100 } } }) })
    end)
  end)

  describe("delivers", function()
    local db, queue, subject, monotonic, sent, answers, logged, held
    local clock = { now = function() return 1000 end, monotonic = function() return monotonic end }

    before_each(function()
      monotonic, sent, answers, logged, held = 0, {}, {}, {}, {}
      db = assert(store.open(":memory:", clock.now))
      local function log(_, message, fields)
        logged[#logged + 1] = message .. " " .. tostring(fields.url) .. " " .. tostring(fields.error)
      end
      queue = outbox.new(db, { A, B }, clock.now, { error = log })
      local http = { close = function() end }
      function http.request(_, request)
        sent[#sent + 1] = request
        return answers[request.url](request)
      end
      answers[A] = function() return { status = 200 } end
      answers[B] = answers[A]
      subject = webhook.new { outbox = queue, http = http, secrets = function() return SECRETS end,
        log = { error = log, warn = log, info = log }, clock = clock,
        random = function() return 1 end, ca_file = "ca.pem" }
      subject:start()
    end)

    after_each(function()
      subject:close()
      db:close()
      uv.run "nowait"
    end)

    local function put(project, n)
      assert(queue:put(project, { n = n }))
      queue:announce()
    end

    local function bodies(url)
      local list = {}
      for _, request in ipairs(sent) do
        if request.url == url then list[#list + 1] = request.body end
      end
      return table.concat(list, " ")
    end

    local function waiting(url)
      return (queue:depth()[url] or { count = 0 }).count
    end

    -- Lets the clock move on; the loop's own timers are not waited for.
    local function pass(seconds)
      monotonic = monotonic + seconds
      queue:announce()
    end

    -- An answer that comes when the spec lets it.
    local function hold(url)
      answers[url] = function()
        return task.wait(function(wake) held[#held + 1] = wake end)
      end
    end

    it("each event to each URL, signed with each secret, and removes it", function()
      put("p", 1)
      assert.are.same({ '{"n":1}', '{"n":1}', 0, 0 }, { bodies(A), bodies(B), waiting(A), waiting(B) })
      local headers = {}
      for _, line in ipairs(sent[1].headers) do
        local name, value = line:match "^([^:]+): (.*)$"
        headers[name] = value
      end
      for _, secret in ipairs(SECRETS) do
        assert.are.equal(1000, event.verify { secret = secret, headers = headers, body = sent[1].body, now = 1000 })
      end
      assert.is_nil(event.verify { secret = "another", headers = headers, body = sent[1].body, now = 1000 })
      assert.are.same({ "application/json", "ca.pem" }, { headers["Content-Type"], sent[1].ca_file })
      assert.is_true(sent[1].timeout > 0 and sent[1].connect_timeout > 0)
    end)

    it("keeps the order of a project while its receiver refuses, and lets others pass", function()
      answers[A] = function(request) return { status = request.body == '{"n":1}' and 400 or 200 } end
      put("p", 1)
      put("p", 2)
      put("q", 3)
      assert.are.equal('{"n":1} {"n":3}', bodies(A))
      assert.are.equal('{"n":1} {"n":2} {"n":3}', bodies(B))
      answers[A] = answers[B]
      pass(0.9)
      assert.are.equal('{"n":1} {"n":3}', bodies(A))
      pass(0.1)
      assert.are.equal('{"n":1} {"n":3} {"n":1} {"n":2}', bodies(A))
      assert.are.same({ 0, 3, 1 }, { waiting(A), subject.targets[1].delivered, subject.targets[1].failed })
      assert.are.equal("event not delivered http://a/hook/*** HTTP status 400", logged[1])
    end)

    it("leaves a receiver that is down alone for longer and longer, and tries with one event", function()
      answers[A] = function() return nil, "connection refused", { code = "network.connect" } end
      for i = 1, 5 do put("p" .. i, i) end
      assert.are.equal('{"n":1}', bodies(A))
      pass(1)
      pass(1)
      assert.are.equal('{"n":1} {"n":1}', bodies(A))
      pass(1)
      assert.are.equal('{"n":1} {"n":1} {"n":1}', bodies(A))
      answers[A] = answers[B]
      pass(4)
      assert.are.equal('{"n":1} {"n":1} {"n":1} {"n":1} {"n":2} {"n":3} {"n":4} {"n":5}', bodies(A))
      assert.are.equal(0, waiting(A))
      assert.are.equal('{"n":1} {"n":2} {"n":3} {"n":4} {"n":5}', bodies(B))
    end)

    it("waits for one that hangs with four events, while others are served", function()
      hold(A)
      for i = 1, 6 do put("p" .. i, i) end
      put("p1", 7)
      assert.are.equal('{"n":1} {"n":2} {"n":3} {"n":4}', bodies(A))
      assert.are.equal(0, waiting(B))
      for _ = 1, 7 do table.remove(held, 1) { status = 200 } end
      assert.are.same({ 0, '{"n":1} {"n":2} {"n":3} {"n":4} {"n":5} {"n":6} {"n":7}' }, { waiting(A), bodies(A) })
    end)

    it("sends an event again with its id when it could not be removed", function()
      local remove = queue.remove
      function queue.remove() return nil, "disk is full" end
      queue.urls, subject.targets[2] = { A }, nil
      put("p", 1)
      queue.remove = remove
      pass(5)
      assert.are.same({ 2, 0 }, { #sent, waiting(A) })
      local function id_of(request)
        for _, line in ipairs(request.headers) do
          if line:find "^X%-CME%-Event%-Id" then return line end
        end
      end
      assert.are.equal(id_of(sent[1]), id_of(sent[2]))
    end)

    it("leaves a receiver alone for as long as it asks", function()
      answers[A] = function() return { status = 503, headers = { ["retry-after"] = "120" } } end
      put("p", 1)
      answers[A] = function() return { status = 200 } end
      pass(119)
      assert.are.equal(1, waiting(A))
      pass(1)
      assert.are.equal(0, waiting(A))
    end)

    it("goes on after an error of ours", function()
      answers[A] = function() error "spec" end
      local said
      local on_error = luv.on_error
      luv.on_error = function(traceback) said = traceback end
      put("p", 1)
      luv.on_error = on_error
      assert.matches("spec", said)
      answers[A] = answers[B]
      pass(300)
      assert.are.equal(0, waiting(A))
    end)

    it("delivers what an earlier service left", function()
      subject:close()
      assert(queue:put("p", { n = 1 }))
      local later = webhook.new { outbox = queue, http = { close = function() end, request = function(_, request)
        sent[#sent + 1] = request
        return { status = 200 }
      end }, secrets = function() return SECRETS end, log = {}, clock = clock }
      later:start()
      assert.are.same({ 0, 0 }, { waiting(A), waiting(B) })
      later:close()
    end)
  end)
end)
