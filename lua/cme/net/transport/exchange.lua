-- SPDX-License-Identifier: MIT
-- One request that is being sent inside nginx: its deadlines, whether the server may have seen it, and the failures of
-- its socket. The transport (cosockets, resty.http) sets `sock` and `sent`.

local codes = require "cme.codes"

local exchange = {}

---@class cme.net.transport.exchange
---@field request cme.transport.request
---@field target cme.net.url where it goes
---@field proxy cme.net.url|nil what it goes through
---@field started number on ngx.now's clock, as are the deadlines
---@field deadline number
---@field connect_deadline number
---@field max_response integer
---@field sock table with settimeouts and close
---@field reused boolean|nil whether the connection carried a request before
---@field sent boolean whether a byte of the request may have reached the server
local Exchange = {}
Exchange.__index = Exchange
Exchange.__name = "cme.net.transport.exchange"

local TIMEOUT, CONNECT_TIMEOUT, MAX_RESPONSE = 60, 10, 10485760

-- nginx says in words what failed; this is where they become codes. The first match counts; else the step's own code.
local REASONS = {
  { "timeout$", "network.timeout" },
  { "resolve", "network.resolve" },
  { "certificate", "network.tls" },
  { "handshake", "network.tls" },
}
local ADVICE = {
  { "^certificate not accepted$", "advice:nginx_is_named" },
  { "no resolver defined", "advice:nginx_resolver" },
  { "unable to get local issuer certificate", "advice:nginx_name_ca" },
  { "self.signed certificate", "advice:nginx_name_ca" },
  { "certificate chain too long", "advice:nginx_depth" },
}
local REFUSED = "certificate not accepted"
-- Words of nginx that have their Chinese; others are shown as they came.
local SAID = {
  timeout = "word:nginx_timeout",
  closed = "word:nginx_closed",
  ["connection refused"] = "word:connection_refused",
  ["connection reset by peer"] = "word:nginx_reset",
  [REFUSED] = "word:certificate_not_accepted",
}

--- Makes one; its time begins to count.
---@param request cme.transport.request
---@param target cme.net.url
---@param proxy cme.net.url|nil
---@return cme.net.transport.exchange
function exchange.new(request, target, proxy)
  local started, timeout = ngx.now(), request.timeout or TIMEOUT
  return setmetatable({
    request = request, target = target, proxy = proxy, sent = false, started = started, deadline = started + timeout,
    connect_deadline = started + math.min(timeout, request.connect_timeout or CONNECT_TIMEOUT),
    max_response = request.max_response or MAX_RESPONSE,
  }, Exchange)
end

local function find(list, text)
  for _, entry in ipairs(list) do
    if text:find(entry[1]) then return entry[2] end
  end
end

function Exchange:close()
  if self.sock then self.sock:close() end
end

-- What nginx said, as a part of a failure.
local function said(reason)
  local words = SAID[reason] and codes.reason(SAID[reason]) or { text = reason }
  local advice = find(ADVICE, reason)
  return advice and codes.reason("word:advised", { reason = words, advice = codes.reason(advice) }) or words
end

--- Ends it without an answer, by a failure that is known already.
---@param step string the sentence of what was being done, "in.connect_to"
---@param message string
---@param detail cme.detail
---@return nil
---@return string message
---@return cme.detail detail
function Exchange:broken(step, message, detail)
  self:close()
  detail.sent = self.sent
  return codes.within(step, { host = self.target.authority }, message, detail)
end

--- Ends it without an answer.
---@param code string of the step, when the reason does not say more
---@param step string the sentence of what was being done
---@param reason string of nginx
---@return nil
---@return string message
---@return cme.detail detail
function Exchange:fail(code, step, reason)
  return self:broken(step, select(2, codes.fail("word:said", { reason = said(reason) },
    { code = find(REASONS, reason) or code })))
end

--- Calls what does a TLS handshake. When all of the server's part is there at the first look, lua-resty-core finds out
--- about a refused certificate by an assertion; that is a failure like any other.
---@param fn function
---@param ... any
---@return any ok
---@return string|nil reason
function exchange.shake_hands(fn, ...)
  local ran, ok, reason = pcall(fn, ...)
  if ran then return ok, reason end
  if tostring(ok):find("assertion failed", 1, true) then return nil, REFUSED end
  error(ok, 0)
end

---@param step string the sentence of what was being done
---@return nil
---@return string message
---@return cme.detail detail
function Exchange:timed_out(step)
  return self:fail("network.timeout", step, "timeout")
end

--- Bounds the next step.
---@param deadline number
---@return boolean in_time false when the time is over
function Exchange:allow(deadline)
  local ms = math.ceil((deadline - ngx.now()) * 1000)
  if ms <= 0 then return false end
  self.sock:settimeouts(ms, ms, ms)
  return true
end

return exchange
