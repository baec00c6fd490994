-- SPDX-License-Identifier: MIT

local cases = require "spec.support.proofs.task_cases"
local curl = require "cme.net.transport.curl"
local fake_http = require "spec.support.fakes.fake_http"
local task = require "cme.task"
require "cme.net.host"

describe("cme.task", function()
  local http, transport, cme, real_shared

  -- The module over a stand-in pool: its waits move a clock instead of taking time.
  setup(function()
    real_shared = curl.shared
    curl.shared = function() return transport end
  end)
  teardown(function() curl.shared = real_shared end)

  before_each(function()
    http = fake_http.new()
    transport = curl.new(http)
    cme = setmetatable({}, { __index = task })
  end)

  local function flying()
    return http.pool and next(http.pool.flying)
  end

  for _, case in ipairs(cases) do
    it("promises: " .. case[1], function()
      case[2](cme)
      assert.is_nil(task.current())
      assert.is_nil(flying())
      assert.is_nil(http.pool and http.pool:next())
    end)
  end

  it("raises where a task cannot wait", function()
    cme.run(function()
      local wrapped = coroutine.wrap(function() cme.sleep(1) end)
      assert.has_error(wrapped)
      local _, message = pcall(coroutine.wrap(function() cme.sleep(1) end))
      assert.matches("task_spec.lua:%d+: sleep: inside cme.run a coroutine of your own cannot wait", message)
      _, message = pcall(table.sort, { 2, 1 }, function() cme.sleep(1) end)
      assert.matches("sleep: cannot wait inside a function that C calls", message)
    end)
    local _, message = pcall(cme.run, function() coroutine.yield() end)
    assert.matches("a task called coroutine.yield outside .*task_spec.lua", message)
  end)

  it("blocks outside of a run", function()
    cme.sleep(5)
    assert.are.equal(1005, http.now)
    assert.are.equal(200, transport:request({ after = 2 }).status)
    assert.are.equal(1007, http.now)
  end)

  it("sleeps until a time of the wall clock, also when that is set meanwhile", function()
    local shift = 1e9
    http.clocks = function() return http.now, http.now + shift end
    cme.sleep_until(1e9 + 1030)
    assert.are.equal(1030, http.now)
    cme.sleep_until(5)
    assert.are.equal(1030, http.now)
    cme.run(function()
      cme.spawn(function()
        cme.sleep(90)
        shift = shift - 100 -- set back
      end)
      cme.sleep_until "2001-09-09T02:10:40Z" -- 1e9 + 1440
    end)
    assert.are.equal(1540, http.now)
    cme.run(function()
      cme.spawn(function()
        cme.sleep(90)
        shift = shift + 1000 -- and set forward
      end)
      cme.sleep_until "2001-09-09T02:30:40Z" -- 1e9 + 2640: 1200 s from here, had the clock been left alone
    end)
    assert.are.equal(1740, http.now)
  end)

  it("leaves no task behind for the collector to find", function()
    local seen = setmetatable({}, { __mode = "k" })
    cme.run(function()
      for _ = 1, 20 do
        seen[cme.spawn(cme.sleep, 1000)] = true
        seen[cme.spawn(function() return transport:request { after = 1000 } end)] = true
      end
      cme.sleep(1)
    end)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)

  it("forgets finished children while the parent goes on", function()
    cme.run(function()
      for _ = 1, 50 do cme.spawn(function() end):wait() end
      local one = cme.spawn(cme.sleep, 1000)
      cme.sleep(1)
      one:cancel()
      assert.is_nil(next(task.current()._children))
      assert.is_nil(task.current()._loop._timers:next())
    end)
  end)
end)
