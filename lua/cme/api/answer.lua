-- SPDX-License-Identifier: MIT
-- Reads what came back: an HTTP answer to the Response table, or to nil, message, detail. The service answers HTTP 200
-- for its own refusals, so anything else, and anything that is not its JSON envelope, came from something in between
-- or is broken. cme.api.failure words what is wrong. Pure.

local json = require "cme.json"
local lazy = require "cme.text.lazy"
local schema = require "cme.schema"

-- What only failures need is loaded at the first one: a script that meets none should not pay for it.
local codes = lazy.module(function() return require "cme.codes" end)
local failure = lazy.module(function() return require "cme.api.failure" end)

---@class cme.api.answer
local answer = {}

---@class cme.api.answer.context what was asked, and by whom
---@field action string
---@field host string
---@field secret_id string
---@field token string|nil
---@field now number unix seconds, when it was asked
---@field clock number|nil the service's clock, from the Date header of a refusal (filled in here)

local envelopes = {}

-- The fields of the whole answer to an action, Error among them.
local function envelope_fields(action)
  local fields = envelopes[action]
  if not fields then
    fields = { { name = "Response", type = "object", of = schema.actions[action].response } }
    envelopes[action] = fields
  end
  return fields
end

local function content_kind(http)
  local kind = http.headers and http.headers["content-type"]
  return kind and kind:match "^[%w/+.-]+" or "no content type"
end

--- Judges an HTTP answer.
---@param http cme.transport.response
---@param context cme.api.answer.context
---@return table|nil response the Response table, RequestId in it
---@return string|nil message
---@return cme.detail|nil detail
function answer.read(http, context)
  local envelope, message, detail = json.decode_answer(http.body or "", envelope_fields(context.action))
  local response = type(envelope) == "table" and envelope.Response or nil
  if type(response) == "table" and type(response.Error) == "table" then
    return failure.refused(context, response, http)
  elseif http.status ~= 200 then
    return failure.broken(context, "network.http_status", { status = http.status, kind = content_kind(http) }, http)
  elseif envelope == nil then
    return failure.broken(context, "network.not_json",
      { bytes = #(http.body or ""), kind = content_kind(http), cause = codes.words(message, detail) }, http)
  elseif type(response) ~= "table" then
    return failure.broken(context, "network.no_response", {}, http)
  end
  return response
end

return answer
