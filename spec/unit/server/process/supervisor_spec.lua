-- SPDX-License-Identifier: MIT
-- A supervisor with a process that is a table, and a clock that moves when the spec says so.

local fake_engines = require "spec.support.fakes.fake_engines"
local log = require "cme.server.log"
local pulse = require "cme.server.process.pulse"
local supervisor = require "cme.server.process.supervisor"
local task = require "cme.task"
local uv = require "luv"

describe("cme.server.process.supervisor", function()
  local now, logged, subject, subject_of

  before_each(function()
    now, logged = 0, {}
    subject = { what = "thing", changed = task.signal(), raised = 0, killed = 0, lives = {} }
    function subject:over() return self.is_over end
    function subject:raise()
      self.raised = self.raised + 1
      local life = table.remove(self.lives, 1) or { over = true }
      if life.error then error(life.error) end
      self.life, self.is_over = life, life.over
      return life.how, life.message
    end
    function subject:tried(message) self.told = message end
    function subject:watch() now = now + self.life.lasts end
    function subject.gone(_, was_up) return was_up and "thing ended" or "thing not up" end
    function subject:crashed() self.has_crashed = true end
    function subject:alive() return self.answers end
    function subject:kill()
      self.killed = self.killed + 1
      return self.unseen == nil, self.unseen
    end
    function subject:hung() self.was_hung = true end
    function subject.about() return { name = "x" } end
    subject_of = supervisor.new(subject, { monotonic = function() return now end },
      log.new("info", function(line) logged[#logged + 1] = line end, os.time))
    -- no wait is real
    subject.changed = { waits = {}, wait = function(self, seconds)
      self.waits[#self.waits + 1] = seconds
      return nil, "timeout"
    end, notify = function() end }
  end)

  after_each(function() uv.run "nowait" end)

  local function run(lives)
    subject.lives = lives
    fake_engines.run(function() subject_of:run() end)
    return subject.changed.waits
  end

  it("waits longer after each failure, and from the start again after a steady life", function()
    local failed, short, long = { message = "no" }, { how = "started", lasts = 29 }, { how = "adopted", lasts = 30 }
    assert.are.same({ 0.5, 1, 2, 0.5, 1 }, run { failed, short, failed, long, failed })
    assert.are.equal(6, subject.raised)
    local text = table.concat(logged)
    assert.matches('"message":"thing not up".-"error":"no"', text)
    assert.matches('"message":"thing started".-"message":"thing ended"', text)
    assert.matches('"message":"thing adopted"', text)
  end)

  it("says nothing and tries no more when nothing is left to keep", function()
    subject.gone = function() return nil end
    assert.are.same({}, run { { message = "no" }, { message = "no" } })
    assert.are.equal(1, subject.raised)
    assert.are.same({}, logged)
  end)

  it("goes on after an error of ours, which the log has", function()
    assert.are.same({ 0.5, 1 }, run { { error = "spec broke" }, { message = "no" } })
    assert.is_true(subject.has_crashed)
    assert.matches("spec broke", logged[1])
  end)

  it("insists until a thing is done", function()
    local left = 3
    local done = subject_of:insist("not ended", function()
      left = left - 1
      return left == 0, "still there"
    end, function() return false end)
    assert.are.same({ true, { 0.5, 1 } }, { done, subject.changed.waits })
    assert.matches("still there", logged[2])
  end)

  local function pass(seconds)
    for _ = 1, seconds / pulse.PERIOD do
      now = now + pulse.PERIOD
      subject_of:check()
    end
  end

  it("kills a process that gives no sign of life, once", function()
    subject.answers = true
    subject_of:expect_pulse()
    pass(4 * pulse.LIMIT)
    assert.are.equal(0, subject.killed)
    subject.answers = false
    pass(pulse.LIMIT)
    assert.are.same({ 1, true }, { subject.killed, subject.was_hung })
    pass(pulse.LIMIT - pulse.PERIOD)
    assert.are.equal(1, subject.killed)
    subject_of:forget_pulse()
    pass(4 * pulse.LIMIT)
    assert.are.equal(1, subject.killed)
  end)

  it("tries again to kill one that it could not look for", function()
    subject.unseen = "out of descriptors"
    subject_of:expect_pulse()
    pass(pulse.LIMIT)
    assert.are.equal(1, subject.killed)
    assert.is_nil(subject.was_hung)
    assert.matches("out of descriptors", logged[#logged])
    pass(pulse.PERIOD)
    assert.are.equal(2, subject.killed)
  end)
end)
