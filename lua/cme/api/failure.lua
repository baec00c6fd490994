-- SPDX-License-Identifier: MIT
-- Words the failures of a call: refusals of the service, answers that are not its own, and what a transport met.
-- Refusals that a user can settle say how. Secrets do not get into messages: URLs in the service's own text are
-- redacted, and the token is blanked. Loaded at the first failure. Pure.

local codes = require "cme.codes"
local redact = require "cme.redact"

---@class cme.api.failure
local failure = {}

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

local MESSAGE_LIMIT = 1000
-- A hostile text is cut before it is searched.
local SEARCH_LIMIT = 2048

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

local function in_action(context, message, detail)
  return codes.within("in.action", { action = context.action }, message, detail)
end

-- What a refusal says, as a sentence and its values. A service of ours sends the reason beside its message, to be said
-- in any language, and says itself what to do.
local function refusal(context, err, code, show)
  local said = type(err.Message) == "string" and show(err.Message) or ""
  local advice = type(err.Reason) ~= "table" and require "cme.api.advice".on(code, context) or nil
  local values = { code = show(code), said = codes.unpack(err.Reason, show) or said, advice = advice }
  if advice then return "api:refused_with_advice", values end
  return said ~= "" and "api:refused_saying" or "api:refused", values
end

--- Words a refusal of the service, for which an answer's Error is.
---@param context cme.api.answer.context
---@param response table the answer's Response
---@param http cme.transport.response
---@return nil, string, cme.detail
function failure.refused(context, response, http)
  local err = response.Error
  local code = type(err.Code) == "string" and err.Code or "InternalError"
  local date = http.headers and http.headers.date
  context.clock = date and require "cme.time".parse_http(date)
  local request_id = type(response.RequestId) == "string" and response.RequestId or nil
  local detail = detail_for(context, "api." .. code, http.status, request_id)
  detail.retryable = is_retryable(context, detail.code)
  local function show(said) return presentable(said, context) end
  if err.Pending ~= nil then detail.pending = require "cme.api.pending".read(err.Pending, show) end
  local sentence, values = refusal(context, err, code, show)
  return in_action(context, select(2, codes.fail(sentence, values, detail)))
end

--- Words an answer that is not the service's.
---@param context cme.api.answer.context
---@param sentence string of the catalogue
---@param values table
---@param http cme.transport.response
---@return nil, string, cme.detail
function failure.broken(context, sentence, values, http)
  local detail = detail_for(context, codes.of(sentence), http.status)
  detail.retryable = is_retryable(context, detail.code, nil, http.status)
  values.host = context.host
  return in_action(context, select(2, codes.fail(sentence, values, detail)))
end

local LOOPBACK = { "^localhost$", "^127%.%d+%.%d+%.%d+$", "^%[::1%]$" }

local function is_loopback(name)
  for _, pattern in ipairs(LOOPBACK) do
    if name:find(pattern) then return true end
  end
  return false
end

-- Facts of src/http/error.c, which is the first value of its sentences.
local NO_TLS = { ["connection lost in the TLS handshake"] = true, ["the server does not speak TLS"] = true }

-- What OpenSSL says of a certificate whose CA it does not know.
local function is_unknown_ca(reason)
  return type(reason) == "string"
    and (reason:find "unable to get local issuer certificate" or reason:find "self.signed certificate") ~= nil
end

-- What to do when nobody listens at the endpoint, its CA is not known, or what listens on this machine speaks no TLS.
local function connection_advice(detail, name)
  local here = is_loopback(name)
  if detail.code == "network.connect" then
    return here and "network.connect:is_it_running" or "network.connect:check_endpoint"
  end
  local fact, _, reason = unpack(detail.values or {}, 1, 3)
  if fact == "certificate not accepted" and is_unknown_ca(reason) then return "network.tls:name_ca" end
  return here and NO_TLS[fact] and "network.tls:no_tls_here" or nil
end

--- Words a transport's failure.
---@param message string of the transport
---@param cause table|nil its detail
---@param context cme.api.answer.context
---@return nil, string, cme.detail
function failure.failed(message, cause, context)
  local detail = detail_for(context, cause and cause.code or "network.protocol")
  detail.retryable = is_retryable(context, detail.code, cause and cause.sent)
  detail.cause = cause
  local name = context.host:gsub(":%d+$", "")
  if cause and cause.sentence then
    detail.sentence, detail.values, detail.within = cause.sentence, cause.values, { unpack(cause.within or {}) }
  else
    -- A caller's own transport, which may or may not have named the host.
    message = presentable(message, context)
    if not message:find(name, 1, true) then message = ("%s (%s)"):format(message, context.host) end
  end
  local advice = connection_advice(detail, name)
  if advice then codes.around(advice, nil, message, detail) end
  return in_action(context, message, detail)
end

return failure
