-- SPDX-License-Identifier: MIT
-- The loop over a stand-in pool whose clock moves only by waiting. What tasks mean is task_spec's.

local curl = require "cme.net.transport.curl"
local fake_http = require "spec.support.fakes.fake_http"
local loop = require "cme.net.loop.curl"
local task = require "cme.task"
local tree = require "cme.task.tree"
require "cme.net.host"

describe("cme.net.loop.curl", function()
  local http, transport, real_shared
  local cme = task

  setup(function()
    real_shared = curl.shared
    curl.shared = function() return transport end
  end)
  teardown(function() curl.shared = real_shared end)

  before_each(function()
    http = fake_http.new()
    transport = curl.new(http)
  end)

  local function flying()
    return http.pool and next(http.pool.flying)
  end

  it("sends a task's requests together and hands each its answer", function()
    local got = {}
    cme.run(function()
      cme.parallel({ 3, 1, 2 }, function(seconds, i)
        got[i] = transport:request { after = seconds, answer = { { status = 200 + seconds } } }.status
      end)
    end)
    assert.are.same({ 203, 201, 202 }, got)
    assert.are.equal(3, http.most)
    assert.are.equal(1003, http.now)
  end)

  it("gives a failed request's tuple to its task", function()
    local detail = { code = "network.reset", sent = true }
    local response, message, why = cme.run(function()
      return transport:request { answer = { nil, "lost", detail } }
    end)
    assert.is_nil(response)
    assert.are.same({ "lost", detail }, { message, why })
  end)

  it("uses the run's pool whichever curl transport is asked", function()
    local other = curl.new(fake_http.new())
    assert.are.equal(200, cme.run(function() return other:request({}).status end))
    assert.are.equal(1, http.pool.last)
  end)

  it("cancels the requests of cancelled tasks, and of all that run when run returns", function()
    cme.run(function()
      local one = cme.spawn(function() transport:request { after = 60 } end)
      cme.spawn(function() transport:request { after = 50 } end)
      cme.sleep(1)
      one:cancel()
      assert.are.same({ 1 }, http.pool.cancelled)
      cme.sleep(1)
    end)
    assert.are.same({ 1, 2 }, http.pool.cancelled)
    assert.is_nil(flying())
    assert.is_nil(http.pool:next())
    assert.are.equal(200, transport:request({}).status)
    assert.is_nil(next(transport._done))
  end)

  it("keeps requests past the descriptors in line, and those who leave the line leave it in order", function()
    http.limit = 4 -- the least is 16 slots
    local done = 0
    cme.run(function()
      local list = {}
      for i = 1, 60 do
        list[i] = cme.spawn(function()
          transport:request { after = 1 }
          done = done + 1
        end)
      end
      cme.sleep(0.5)
      for i = 40, 10, -1 do list[i]:cancel() end
      for _, one in ipairs(list) do one:wait() end
    end)
    assert.are.equal(16, http.most)
    assert.are.equal(29, done)
  end)

  it("gives a slot back when a request is misuse", function()
    http.limit = 4
    cme.run(function()
      for _ = 1, 40 do
        local ok, message = pcall(transport.request, transport, { misuse = true })
        assert.is_false(ok)
        assert.matches("option 'misuse'", message)
      end
      assert.are.equal(200, transport:request({}).status)
    end)
  end)

  it("lets two tasks that never stop be overtaken by an answer", function()
    cme.run(function()
      local got
      for _ = 1, 2 do
        cme.spawn(function() while not got do cme.sleep(0) end end)
      end
      got = transport:request { after = 0 }
      assert.are.equal(200, got.status)
    end)
  end)

  it("says so when no task can ever go on", function()
    local one = loop.new(transport)
    local ok, message = pcall(tree.run, one, function() one:park(task.current()) end)
    assert.is_false(ok)
    assert.matches("deadlock: no task can ever go on", message)
  end)

  it("passes an error of the loop itself on, with nothing left", function()
    local poll
    local ended = false
    local ok, message = pcall(cme.run, function()
      poll = http.pool.poll
      getmetatable(http.pool).poll = function() error("interrupted!", 0) end
      cme.spawn(function() transport:request { after = 5 } end)
      cme.sleep(3)
      ended = true
    end)
    getmetatable(http.pool).poll = poll
    assert.are.same({ false, "interrupted!" }, { ok, message })
    assert.are.same({ 1 }, http.pool.cancelled)
    assert.is_false(ended)
    assert.are.equal(1, cme.run(function() return 1 end))
  end)

  it("closes to-be-closed variables of a cancelled task, and reports their errors", function()
    local closed = {}
    local function closing(name, fn)
      return setmetatable({}, { __close = function()
        closed[#closed + 1] = name
        if fn then fn() end
      end })
    end
    local _, message = pcall(cme.run, function()
      cme.spawn(function()
        local _ <close> = closing "parent"
        cme.spawn(function()
          local _ <close> = closing("child", function() error("cannot clean", 0) end)
          cme.sleep(1000)
        end)
        cme.sleep(1000)
      end)
      cme.sleep(1)
    end)
    assert.are.same({ "child", "parent" }, closed)
    assert.is_nil(message)
    local ok, why = pcall(cme.run, function()
      cme.spawn(function()
        local _ <close> = closing("last", function() cme.sleep(1) end)
        cme.sleep(1000)
      end)
      cme.sleep(1)
    end)
    assert.is_false(ok)
    assert.matches("cleanup failed: .*sleep: cannot wait inside a function that C calls", why)
  end)
end)
