-- SPDX-License-Identifier: MIT
-- With LUA_INIT=@spec/support/fakes/fast_clock.lua the clocks of a Lua program run SPEC_CLOCK_RATE times as fast from
-- SPEC_CLOCK_ORIGIN (unix seconds) on, for it and for the Lua programs that it starts; what it waits for by them is
-- over that much sooner. Other programs, and the service, keep the machine's clock.

local rate, origin = tonumber(os.getenv "SPEC_CLOCK_RATE"), tonumber(os.getenv "SPEC_CLOCK_ORIGIN")

local http = require "cme.http"
local clocks, time, date = http.clocks, os.time, os.date

local function fast(seconds)
  return origin + (seconds - origin) * rate
end

function http.clocks()
  local steady, wall = clocks()
  return steady * rate, fast(wall)
end

function os.time(value)
  if value then return time(value) end
  return math.floor(fast((select(2, clocks()))))
end

function os.date(format, seconds)
  return date(format, seconds or os.time())
end

local methods = debug.getmetatable(http.new()).__index
local poll = methods.poll
function methods.poll(pool, seconds)
  return poll(pool, seconds / rate)
end

local has_luv, uv = pcall(require, "luv")
if has_luv then
  local hrtime = uv.hrtime
  function uv.hrtime() return math.floor(hrtime() * rate) end

  -- What waits in libuv's loop waits for timers, whose clock is the loop's own.
  local start = uv.timer_start
  local function start_sooner(timer, timeout, again, callback)
    return start(timer, math.ceil(timeout / rate), math.ceil(again / rate), callback)
  end
  uv.timer_start, debug.getregistry().uv_timer.__index.start = start_sooner, start_sooner
end
