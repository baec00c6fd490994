-- SPDX-License-Identifier: MIT
-- With LUA_INIT=@spec/support/fakes/leaping_clock.lua the clocks of a Lua program leap ahead by SPEC_CLOCK_LEAP_BY
-- seconds once the file SPEC_CLOCK_LEAP is there: what it waits for is over when a spec says so, and not before.

local path, by = os.getenv "SPEC_CLOCK_LEAP", tonumber(os.getenv "SPEC_CLOCK_LEAP_BY")
local LOOK_SECONDS = 0.1 -- for the file

local http = require "cme.http"
local clocks, time = http.clocks, os.time

local function leap()
  local file = io.open(path)
  if file then file:close() end
  return file and by or 0
end

function http.clocks()
  local steady, wall = clocks()
  return steady + leap(), wall + leap()
end

function os.time(value)
  return value and time(value) or time() + leap()
end

local methods = debug.getmetatable(http.new()).__index
local poll = methods.poll
function methods.poll(pool, seconds)
  return poll(pool, math.min(seconds, LOOK_SECONDS))
end
