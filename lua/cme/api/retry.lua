-- SPDX-License-Identifier: MIT
-- What may be tried again after a failure, and when. A failure is judged by one question: could the service have done
-- what was asked? Refused before execution or never sent: the same request goes again. Could be (the request was sent
-- and no answer came, or the service failed on it): a read goes again, a write only once somebody has looked whether it
-- was done ("settle"), because CME requests carry no token that would make a second one harmless.
-- The rule of each code is in lua/cme/text/rules.lua. Pure: the random number is an argument.

local codes = require "cme.codes"

local backoff = require "cme.net.backoff"

local retry = {}

---@class cme.api.retry.failure what is known of one failed attempt
---@field action string
---@field code string detail.code of the failure
---@field sent boolean|nil of network.*: whether a byte of the request may have reached the service; nil counts as true
---@field status integer|nil of network.http_status
---@field attempt integer attempts made that count, this one among them
---@field retries integer how many may follow the first
---@field random number 0 <= random < 1
---@field asked number|nil seconds that the answer's Retry-After asks for, within a bound

---@alias cme.api.retry.verdict
---| "again" # send it again after the wait
---| "settle" # after the wait, find out whether it was done; only if it was not may it go again
---| "clock" # refused for its time: correct the clock by the answer's Date, then at once
---| "token" # refused for its session token: get another one, then at once
---| "give_up"

-- Statuses of something between us and the service. A gateway that fails may have passed the request on; one that
-- counts requests has not; any other refuses for a reason that stays.
local STATUSES = { [429] = "rate", [500] = "unknown", [502] = "unknown", [503] = "unknown", [504] = "unknown" }

local READS = { "^Describe", "^List", "^Search", "^Flatten" }

-- Seconds that the wait before the second attempt is drawn from; it doubles for each further one. The service counts
-- requests by the second, so that going again sooner would mostly be refused again.
local POLICIES = { rate = { base = 1, cap = 20, jitter = 1 }, other = { base = 0.2, cap = 10, jitter = 1 } }
-- The service may still be at a write when somebody looks whether it was done: no look at once.
local SETTLING = { rate = { base = 1, cap = 20, jitter = 0.5 }, other = { base = 0.2, cap = 10, jitter = 0.5 } }

--- Whether an action only reads.
---@param action string
---@return boolean
function retry.is_read(action)
  for _, pattern in ipairs(READS) do
    if action:find(pattern) then return true end
  end
  return false
end

local function rule_of(code, sent, status)
  local rule = codes.retry_rule(code)
  if rule == "status" then return STATUSES[status] or "final" end
  if rule == "transport" then return sent == false and "unsent" or "unknown" end
  return rule
end

--- How long to wait before the next attempt: full jitter; before looking whether a write was done, the latter half.
---@param rule string
---@param attempt integer
---@param random number 0 <= random < 1
---@param settling boolean
---@return number seconds
function retry.wait(rule, attempt, random, settling)
  local policies = settling and SETTLING or POLICIES
  return backoff.delay(policies[rule] or policies.other, attempt, random)
end

-- After what the answer asks for, not at its end: many were told the same.
local function wait_of(failure, rule, settling)
  return (failure.asked or 0) + retry.wait(rule, failure.attempt, failure.random, settling)
end

local REPEATED = { rate = true, unsent = true, unknown = true }

--- Decides what follows a failed attempt.
---@param failure cme.api.retry.failure
---@return cme.api.retry.verdict verdict
---@return number wait seconds; 0 where there is nothing to wait for
---@return boolean unknown the service may have done a write
function retry.decide(failure)
  local rule = rule_of(failure.code, failure.sent, failure.status)
  if rule == "clock" or rule == "token" then return rule, 0, false end
  if not retry.is_read(failure.action) then
    if rule == "unknown" or rule == "unread" then return "settle", wait_of(failure, rule, true), true end
    if rule == "cancelled" then return "give_up", 0, failure.sent ~= false end
  end
  if REPEATED[rule] and failure.attempt <= failure.retries then return "again", wait_of(failure, rule, false), false end
  return "give_up", 0, false
end

--- Whether the same call may be made again without harm, and with some hope: what detail.retryable says.
---@param action string
---@param code string
---@param sent boolean|nil see cme.api.retry.failure
---@param status integer|nil
---@return boolean
function retry.is_retryable(action, code, sent, status)
  local rule = rule_of(code, sent, status)
  return rule == "rate" or rule == "unsent" or rule == "unknown" and retry.is_read(action)
end

return retry
