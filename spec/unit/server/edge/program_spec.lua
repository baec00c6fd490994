-- SPDX-License-Identifier: MIT

local luv = require "cme.net.loop.luv"
local program = require "cme.server.edge.program"

describe("cme.server.edge.program", function()
  local requests, spawned, controls, answers, told

  before_each(function()
    requests, spawned, controls, told = {}, 0, {}, {}
    answers = { stat = { pid = 7, listening = { { protocol = "rtmp", address = "h:1" } } },
      set = {}, stop = {}, alive = {} }
  end)

  local function control()
    local one = { open = true }
    function one.request(_, request)
      requests[#requests + 1] = request.op
      if answers[request.op] then return answers[request.op] end
      return nil, "no answer", { code = "control.timeout" }
    end
    function one.close(self) self.open = false end
    return one
  end

  -- `there`: one runs already.
  local function new(there, spec)
    return program.new { clock = { monotonic = function() return 0 end },
      listening = function() return { rtmp = "h:1" } end,
      log = { error = function() end, warn = function() end, info = function() end },
      spec = spec or function() return { keys = {} } end, heard = function() end,
      told = function(reason) told[#told + 1] = reason end,
      engine = {
        connect = function()
          if not there then return nil, "nobody", { code = "control.absent" } end
          controls[#controls + 1] = control()
          return controls[#controls]
        end,
        spawn = function()
          spawned, there = spawned + 1, true
          return 7
        end,
        wait_gone = function() end, kill = function() end, pids = function() return {} end,
      } }
  end

  local function run(fn, ...) return luv.run(fn, ...) end

  it("adopts one that runs, and tells it the keys that are good by now", function()
    local subject = new(true)
    assert.are.equal("adopted", run(subject.raise, subject))
    assert.are.same({ "stat", "set" }, requests)
    assert.are.same({ true, 0, { pid = 7, rtmp = "h:1" } }, { subject.up, spawned, subject:about() })
  end)

  it("learns how many keys it takes before it tells them", function()
    local subject, most
    subject = new(true, function()
      most = subject.most
      return { keys = {} }
    end)
    answers.stat.keys_max = 8192
    run(subject.raise, subject)
    assert.are.equal(8192, most)
  end)

  it("has one that runs read its certificate, which may be another by now", function()
    local subject = new(true)
    answers.stat.certificate, answers.reload = "edge.pem", {}
    assert.are.equal("adopted", run(subject.raise, subject))
    assert.are.same({ "stat", "reload", "set" }, requests)
    answers.reload = nil -- one of an earlier version, or files of no use
    assert.is_nil((run(subject.reload, subject)))
    assert.is_true(subject.up)
  end)

  it("counts how often it ended without being asked to, and tells what it says of itself", function()
    local subject = new(false)
    assert.is_nil((run(subject.stat, subject, 1)))
    run(subject.raise, subject)
    assert.are.equal(answers.stat, run(subject.stat, subject, 1))
    subject:gone(true)
    subject:gone(false) -- it did not come up
    assert.are.equal(1, subject.restarts)
  end)

  it("starts one where there is none", function()
    local subject = new(false)
    assert.are.equal("started", run(subject.raise, subject))
    assert.are.equal(1, spawned)
  end)

  it("is not up while the keys are not known: an edge that runs goes on with those that it has", function()
    local subject = new(true, function() return nil, "database", { code = "server.database" } end)
    local how, message = run(subject.raise, subject)
    assert.are.same({ nil, "database", false }, { how, message, subject.up })
    assert.are.same({ "stat" }, requests)
  end)

  it("connects anew to one that does not take changed keys", function()
    local subject = new(true)
    assert.is_false((run(subject.tell, subject)))
    run(subject.raise, subject)
    assert.is_true((run(subject.tell, subject)))
    assert.is_true(controls[1].open)
    answers.set = nil
    assert.is_false((run(subject.tell, subject)))
    assert.is_false(controls[1].open)
  end)

  it("finds where one listens, and ends it when that is not where it is wanted, or it does not say", function()
    local subject = new(true)
    assert.are.same({ rtmp = "h:1" }, run(subject.find, subject, function(listening, stat)
      return listening.rtmp == "h:1" and stat.pid == 7
    end))
    assert.are.same({ "stat" }, requests)
    answers.stop = nil
    local function close_at_stop(one)
      local request = one.request
      one.request = function(self, asked)
        if asked.op == "stop" then self.open = false end
        return request(self, asked)
      end
      return one
    end
    local before = control
    control = function() return close_at_stop(before()) end -- luacheck: ignore 431
    assert.is_nil(run(subject.find, subject, function() return false end))
    assert.are.equal("stop", requests[#requests])
    answers.stat = nil
    assert.is_nil(run(subject.find, subject, function(listening) return listening.rtmp ~= nil end))
    assert.are.equal("stop", requests[#requests])
    assert.is_nil(run(subject.find, new(false), function() return true end))
  end)

  it("tells that it died, and that it was hung, once", function()
    local subject = new(true)
    run(subject.raise, subject)
    assert.are.equal("edge ended unexpectedly", subject:gone(true))
    subject:hung()
    assert.are.equal("edge ended unexpectedly", subject:gone(true))
    assert.are.equal("edge not up", subject:gone(false))
    assert.are.same({ "Died", "Hung" }, told)
  end)
end)
