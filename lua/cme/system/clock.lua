-- SPDX-License-Identifier: MIT
-- The two clocks of this machine, for programs over luv. Whoever needs time is handed this table, or one like it with
-- times of a spec's own:
--   now        unix seconds: what people and other machines are told; it may be set, forward and back
--   monotonic  seconds since some moment: for all that waits or lasts; it never steps

local uv = require "luv"

---@class cme.system.clock
---@field now fun(): number
---@field monotonic fun(): number
local clock = {}

--- Reads the wall clock.
---@return number seconds unix time, with microseconds
function clock.now()
  local seconds, microseconds = uv.gettimeofday()
  return seconds + microseconds / 1e6
end

--- Reads the clock that is never set.
---@return number seconds
function clock.monotonic()
  return uv.hrtime() / 1e9
end

return clock
