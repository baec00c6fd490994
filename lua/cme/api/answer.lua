-- SPDX-License-Identifier: MIT
-- Reads what came back: an HTTP answer to the Response table, or to nil, message, detail. The service answers HTTP 200
-- for its own refusals, so anything else, and anything that is not its JSON envelope, came from something in between
-- or is broken. Refusals that a user can settle say how. Secrets do not get into messages: URLs in the service's own
-- text are redacted, and the token is blanked. Pure.

local json = require "cme.json"
local redact = require "cme.redact"
local schema = require "cme.schema"

---@class cme.answer
local answer = {}

---@class cme.answer.context what was asked, and by whom
---@field action string
---@field host string
---@field secret_id string
---@field token string|nil
---@field now number unix seconds, when it was asked
---@field clock number|nil the service's clock, from the Date header of a refusal (filled in here)

local MESSAGE_LIMIT = 1000
-- A hostile text is cut before it is searched.
local SEARCH_LIMIT = 2048

-- What only failures need is loaded at the first one: a script that meets none should not pay for it.
local function is_retryable(context, code, sent, status)
  return require "cme.api.retry".is_retryable(context.action, code, sent, status)
end

-- A text without a secret.
local function without(message, secret)
  local parts, from = {}, 1
  while secret do
    local at, last = message:find(secret, from, true)
    if not at then break end
    parts[#parts + 1] = message:sub(from, at - 1) .. "***"
    from = last + 1
  end
  return table.concat(parts) .. message:sub(from)
end

-- The service's words, fit to be shown: bounded, one line, without stream keys and token.
local function presentable(message, context)
  message = redact.text(without(message, context.token), SEARCH_LIMIT):gsub("%c+", " ")
  if #message > MESSAGE_LIMIT then
    -- Not in the middle of a character.
    message = message:sub(1, MESSAGE_LIMIT):gsub("[\192-\255][\128-\191]*$", "") .. "..."
  end
  return message
end

local function detail_for(context, code, http_status, request_id)
  return {
    code = code,
    op = context.action,
    request_id = request_id,
    http_status = http_status,
    retryable = false,
    attempts = 1,
  }
end

local function refused(context, response, http)
  local err = response.Error
  local code = type(err.Code) == "string" and err.Code or "InternalError"
  local said = type(err.Message) == "string" and presentable(err.Message, context) or ""
  local date = http.headers and http.headers.date
  context.clock = date and require "cme.time".parse_http(date)
  local advice = require "cme.api.advice".on(code, said, context)
  local request_id = type(response.RequestId) == "string" and response.RequestId or nil
  local detail = detail_for(context, "api." .. code, http.status, request_id)
  detail.retryable = is_retryable(context, detail.code)
  if err.Pending ~= nil then
    local pending = require "cme.project.pending"
    detail.pending = pending.read(err.Pending, function(text) return presentable(text, context) end)
  end
  local message = ("%s: %s%s%s"):format(context.action, presentable(code, context), said ~= "" and ": " .. said or "",
    advice and " (" .. advice .. ")" or "")
  return nil, message, detail
end

local function broken(context, code, fact, http)
  local detail = detail_for(context, "network." .. code, http.status)
  detail.retryable = is_retryable(context, detail.code, nil, http.status)
  return nil, ("%s: %s (%s)"):format(context.action, fact, context.host), detail
end

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

local function judge_body(http, context)
  local envelope, message = json.decode_answer(http.body or "", envelope_fields(context.action))
  local response = type(envelope) == "table" and envelope.Response or nil
  if type(response) == "table" and type(response.Error) == "table" then
    return refused(context, response, http)
  elseif http.status ~= 200 then
    return broken(context, "http_status", ("HTTP status %d with %s instead of an answer of the service: check the "
      .. "endpoint, and proxies in between"):format(http.status, content_kind(http)), http)
  elseif envelope == nil then
    return broken(context, "not_json", ("the answer cannot be read, %d bytes of %s: %s"):format(#(http.body or ""),
      content_kind(http), message), http)
  elseif type(response) ~= "table" then
    return broken(context, "no_response", "the answer has no Response object: check that the endpoint is a CME service",
      http)
  end
  return response
end

--- Judges an HTTP answer.
---@param http cme.transport.response
---@param context cme.answer.context
---@return table|nil response the Response table, RequestId in it
---@return string|nil message
---@return cme.detail|nil detail
function answer.read(http, context)
  return judge_body(http, context)
end

local LOOPBACK = { "^localhost$", "^127%.%d+%.%d+%.%d+$", "^%[::1%]$" }

local function is_loopback(name)
  for _, pattern in ipairs(LOOPBACK) do
    if name:find(pattern) then return true end
  end
  return false
end

-- What to do when nobody listens at the endpoint, or what listens on this machine speaks no TLS.
local function connection_advice(code, message, name)
  if code == "network.connect" then
    return is_loopback(name) and ": is cme serve running?" or ": check the endpoint and the network"
  end
  local no_tls = message:find("wrong version number", 1, true) or message:find("lost in the TLS handshake", 1, true)
  return no_tls and is_loopback(name) and ": a cme serve without a certificate is reached by http://" or ""
end

--- Words a transport's failure.
---@param message string of the transport
---@param cause table|nil its detail
---@param context cme.answer.context
---@return nil, string, cme.detail
function answer.failed(message, cause, context)
  local detail = detail_for(context, cause and cause.code or "network.protocol")
  detail.retryable = is_retryable(context, detail.code, cause and cause.sent)
  detail.cause = cause
  local name = context.host:gsub(":%d+$", "")
  local named = message:find(name, 1, true)
  return nil, ("%s: %s%s%s"):format(context.action, presentable(message, context),
    named and "" or " (" .. context.host .. ")",
    connection_advice(detail.code, message, name)), detail
end

return answer
