-- SPDX-License-Identifier: MIT
-- What to do about a refusal, in words, where the service does not say so itself. Loaded at the first refusal. Pure.

local codes = require "cme.codes"
local text = require "cme.text.strings"

local advice = {}

-- What a refusal means for the one who reads it, where the service does not say: the sentence advice:NAME. Keys are
-- codes; a function gets the context.
local ADVICE = {
  ["AuthFailure.SignatureFailure"] = function(context)
    return codes.reason("advice:secret_key", { id = text.mask(context.secret_id) })
  end,
  ["AuthFailure.SecretIdNotFound"] = function(context)
    return codes.reason("advice:secret_id_unknown", { id = text.mask(context.secret_id), host = context.host })
  end,
  ["AuthFailure.InvalidSecretId"] = "secret_id",
  ["AuthFailure.TokenFailure"] = "token",
  ["AuthFailure.SignatureExpire"] = function(context)
    local off = context.clock and math.floor(context.now - context.clock + 0.5)
    if not off then return codes.reason "advice:clock" end
    return codes.reason(off < 0 and "advice:clock_behind" or "advice:clock_ahead", { seconds = math.abs(off) })
  end,
  ["AuthFailure.UnauthorizedOperation"] = "permission",
  ["UnauthorizedOperation"] = "permission",
  ["ResourceNotFound.Platform"] = "platform",
  ["InvalidParameterValue.Platform"] = "platform",
  ["InvalidParameterValue.ProjectId"] = "project_id",
  ["RequestLimitExceeded"] = "rate",
  ["LimitExceeded.BillItemLiveDispatchMaxCount"] = "plan_relays",
  ["LimitExceeded.BillItemLiveDispatchDuration"] = "plan_hours",
  ["NoSuchVersion"] = "endpoint",
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
---@return cme.reason|nil advice nil when there is none, or the message has its own
function advice.on(code, said, context)
  if advises(said) then return nil end
  local known = ADVICE[code] or ADVICE[code:match "^[^.]+"]
  if type(known) == "function" then return known(context) end
  return known and codes.reason("advice:" .. known)
end

return advice
