-- SPDX-License-Identifier: MIT
-- Exponential back-off: the wait after a failure doubles with each failure in a row, up to a cap. Everything that is
-- tried again waits by this module: calls, event deliveries, alerts, and processes that ended. Pure: the random number
-- and how long something lived are arguments.
--
--   a policy { base = 1, cap = 8, jitter = 0.5 }:   failure  1     2     3     4     5
--                                                   wait     0.5-1 1-2   2-4   4-8   4-8 s

local backoff = {}

local MOST_DOUBLINGS = 32 -- keeps 2 ^ n finite after a year of failures

---@class cme.net.backoff.policy
---@field base number seconds, the longest wait after the first failure
---@field cap number seconds, the longest wait of all
---@field jitter number|nil the part of each wait that is drawn at random, 0 to 1; 0 when nil. With 1 those who failed
--- together do not come back together
---@field steady number|nil seconds; something that lived that long before it failed starts a new series

--- Computes how long to wait after a failure.
---@param policy cme.net.backoff.policy
---@param failures integer in a row, this one among them; at least 1
---@param random number|nil 0 <= random < 1; needed with jitter only
---@return number seconds
function backoff.delay(policy, failures, random)
  local most = math.min(policy.cap, policy.base * 2 ^ math.min(failures - 1, MOST_DOUBLINGS))
  local jitter = policy.jitter or 0
  if jitter == 0 then return most end
  return most * (1 - jitter + jitter * random)
end

--- Counts a failure of something that may have lived before: its life ends the series of failures, an attempt that
--- took long does not.
---@param policy cme.net.backoff.policy
---@param failures integer in a row before this one
---@param lived number|nil seconds that it was up; nil or 0: it never was
---@return integer failures in a row, this one among them
function backoff.count(policy, failures, lived)
  if lived and policy.steady and lived >= policy.steady then return 1 end
  return failures + 1
end

-- Statuses whose Retry-After is for the one who is told: too many requests, and no service for now.
local ASKING = { [429] = true, [503] = true }

--- How long an HTTP answer asks to be left alone, by Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is set
--- against the answer's own Date.
---@param status integer
---@param headers table<string, string>|nil lower-case names
---@param cap number seconds, the longest that is honoured
---@return number seconds 0: it asks for nothing
function backoff.asked(status, headers, cap)
  local value = ASKING[status] and headers and headers["retry-after"]
  if not value then return 0 end
  local seconds = tonumber(value:match "^%s*(%d+)%s*$")
  if not seconds then
    local time = require "cme.time"
    local at, now = time.parse_http(value), headers.date and time.parse_http(headers.date)
    seconds = at and now and at - now or 0
  end
  return math.max(0, math.min(cap, seconds))
end

return backoff
