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

--- What the one who reads a refusal can do.
---@param code string the service's
---@param context cme.api.answer.context
---@return cme.reason|nil advice nil when there is none
function advice.on(code, context)
  local known = ADVICE[code] or ADVICE[code:match "^[^.]+"]
  if type(known) == "function" then return known(context) end
  return known and codes.reason("advice:" .. known)
end

return advice
