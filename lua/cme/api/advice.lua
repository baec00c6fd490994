-- SPDX-License-Identifier: MIT
-- What to do about a refusal, in words, where the service does not say so itself. Loaded at the first refusal. Pure.

local text = require "cme.text.strings"

local advice = {}

-- What a refusal means for the one who reads it, where the service does not say. Keys are codes; a function gets the
-- context.
local ADVICE = {
  ["AuthFailure.SignatureFailure"] = function(context)
    return ("check secret_key: it is not the key of secret id %s"):format(text.mask(context.secret_id))
  end,
  ["AuthFailure.SecretIdNotFound"] = function(context)
    return ("check secret_id: %s is unknown to %s or disabled"):format(text.mask(context.secret_id), context.host)
  end,
  ["AuthFailure.InvalidSecretId"] = "check secret_id: it is not of the kind that this service takes",
  ["AuthFailure.TokenFailure"] = "check token: it is wrong or has expired",
  ["AuthFailure.SignatureExpire"] = function(context)
    local off = context.clock and math.floor(context.now - context.clock + 0.5)
    if not off then return "set this machine's clock: it is more than 5 minutes off" end
    return ("set this machine's clock: it is %d s %s"):format(math.abs(off), off < 0 and "behind" or "ahead")
  end,
  ["AuthFailure.UnauthorizedOperation"] = "the key has no permission for this: grant it in CAM",
  ["UnauthorizedOperation"] = "the key has no permission for this: grant it in CAM",
  ["ResourceNotFound.Platform"] = "check platform, or CME_PLATFORM",
  ["InvalidParameterValue.Platform"] = "check platform, or CME_PLATFORM",
  ["InvalidParameterValue.ProjectId"] = "check the id and the platform: it may have been deleted",
  ["RequestLimitExceeded"] = "more calls in a second than the service allows: try again later",
  ["LimitExceeded.BillItemLiveDispatchMaxCount"] = "all relays of the plan are running: stop one or extend the plan",
  ["LimitExceeded.BillItemLiveDispatchDuration"] = "the plan's push hours are used up: extend it",
  ["NoSuchVersion"] = "is the endpoint a CME service?",
}

-- How advice in a service's message begins, which is written `fact: advice`: two remedies would only disagree.
local IMPERATIVES = {
  check = true, use = true, set = true, send = true, give = true, grant = true, start = true, stop = true, wait = true,
  free = true, add = true, write = true, unset = true, make = true, ask = true, try = true, see = true, run = true,
  leave = true, delete = true, correct = true,
}

local function advises(said)
  for word in said:gmatch ": (%l+)%f[^%w]" do
    if IMPERATIVES[word] then return true end
  end
  return false
end

--- What the one who reads a refusal can do.
---@param code string the service's
---@param said string its message
---@param context cme.answer.context
---@return string|nil advice nil when there is none, or the message has its own
function advice.on(code, said, context)
  if advises(said) then return nil end
  local known = ADVICE[code] or ADVICE[code:match "^[^.]+"]
  return type(known) == "function" and known(context) or known
end

return advice
