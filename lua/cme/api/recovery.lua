-- SPDX-License-Identifier: MIT
-- What a client does after an attempt that failed, as cme.api.retry decides: wait and go again, correct the clock, get
-- other keys, find out whether the write was done, or give up. Loaded at the first failure.

local codes = require "cme.codes"
local retry = require "cme.api.retry"

---@class cme.api.recovery
local recovery = {}

-- Each remedy gives true when the call goes again; else false and the call's result.

local function give_up(call, message, detail)
  detail.attempts = call.attempts
  return false, nil, message, detail
end

local function outcome_unknown(call, message, detail, why)
  detail.unknown_outcome = true
  message = select(2, codes.around(why and "in.unknown_outcome_since" or "in.unknown_outcome", { why = why }, message,
    detail))
  return give_up(call, message, detail)
end

local REMEDIES = {}

function REMEDIES.again()
  return true
end

function REMEDIES.give_up(_, call, message, detail, unknown)
  if unknown then return outcome_unknown(call, message, detail) end
  return give_up(call, message, detail)
end

-- Once in a call; an answer whose Date is the time that was signed would only be refused again.
function REMEDIES.clock(state, call, message, detail)
  local off = call.clock and call.clock - call.now
  if call.corrected or not off or math.abs(off) < 1 then return give_up(call, message, detail) end
  call.corrected, call.free = true, call.free + 1
  state.offset = call.offset + off -- not state.offset: another task may have corrected it already
  return true
end

function REMEDIES.token(state, call, message, detail)
  if call.refreshed then return give_up(call, message, detail) end
  state.provider:invalidate(call.found) -- does nothing when another task's refusal has had them replaced
  local found = state.provider:get(call.now)
  if not found or found.token == call.token and found.secret_id == call.secret_id then
    return give_up(call, message, detail)
  end
  call.refreshed, call.free = true, call.free + 1
  return true
end

function REMEDIES.settle(state, call, message, detail)
  local done, why, about = call.settle()
  if done then return false, done end
  if done == nil then return outcome_unknown(call, message, detail, about and codes.words(why, about) or why) end
  if call.attempts - call.free <= state.retries then return true end
  detail.retryable = true
  return give_up(call, message, detail)
end

--- Does what follows from an attempt that failed.
---@param state cme.client.private
---@param call table the client's call
---@param left number seconds that the call has
---@param transport cme.transport to wait with
---@param message string of the failure
---@param detail cme.detail
---@return boolean again
---@return table|nil response the call's result when it does not go again
---@return string|nil message
---@return cme.detail|nil detail
function recovery.after(state, call, left, transport, message, detail)
  local verdict, wait, unknown = retry.decide {
    action = call.action,
    code = detail.code,
    sent = detail.cause and detail.cause.sent,
    status = detail.http_status,
    attempt = call.attempts - call.free,
    retries = state.retries,
    random = state.random(),
    asked = call.asked or 0,
  }
  if verdict == "settle" and not call.settle or wait >= left then verdict, wait = "give_up", 0 end
  if wait > 0 then transport:sleep(wait) end
  return REMEDIES[verdict](state, call, message, detail, unknown)
end

return recovery
