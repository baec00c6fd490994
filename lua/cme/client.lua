-- SPDX-License-Identifier: MIT
-- A client: credentials, endpoint and defaults, and `call`, which calls any action of the service. A call is checked
-- against the schema, encoded, signed and sent; the answer is judged, and a failed attempt is repeated where that can
-- do no harm. cme.api.form makes requests, cme.api.retry decides about retries, cme.api.rate limits the rate; the
-- client joins them. Secrets are not fields of the object: they are in a private table keyed by it, and the key is
-- wiped when collected. The clock, the environment, the disk, randomness and the transport are arguments.

local answer = require "cme.api.answer"
local endpoint = require "cme.api.endpoint"
local form = require "cme.api.form"
local lazy = require "cme.text.lazy"
local options = require "cme.text.options"
local rate = require "cme.api.rate"
local schema = require "cme.schema"
local text = require "cme.text.strings"

-- What only failures need is loaded at the first one.
local codes = lazy.module(function() return require "cme.codes" end)
local failure = lazy.module(function() return require "cme.api.failure" end)
local recovery = lazy.module(function() return require "cme.api.recovery" end)

local client = {}

---@class cme.client
---@field platform string|nil sent as Platform if the action has this field and the caller did not set it
---@field endpoint string the URL that calls go to
---@field transport cme.transport|nil nil until the first call if none was given
---@field now fun(): number unix seconds, this machine's
local Client = {}
Client.__index = Client
Client.__name = "cme.client"

---@class cme.client.options
---@field secret_id string|nil default: the chain of cme.credentials: environment, files, tccli, the machine's role
---@field secret_key string|nil
---@field token string|nil of temporary keys
---@field credential cme.credential|cme.credentials.provider|function|nil the three above in one table, a provider of
--- cme.credentials, or a function that gives such a table
---@field platform string|nil default: CME_PLATFORM
---@field endpoint string|nil a host or a URL; default: CME_ENDPOINT, or the cloud
---@field region string|nil CME does not need one
---@field language "zh-CN"|"en-US"|nil of the service's messages
---@field timeout number|nil seconds for one attempt, default 60
---@field connect_timeout number|nil seconds until connected, default 10
---@field retries integer|nil retries after a failed attempt, default 3; 0: none
---@field rate number|false|nil requests per second for each action, default 20; false: no limit
---@field sign_method "TC3-HMAC-SHA256"|"HmacSHA1"|"HmacSHA256"|nil default TC3-HMAC-SHA256; the others are signature
--- v1
---@field http_method "POST"|"GET"|nil default POST; a GET carries at most 32 KB of parameters
---@field unsigned_payload boolean|nil leave the body out of the signature (TC3 only)
---@field proxy string|nil URL of a proxy, http://user:password@host:port; no variable of the environment is read
---@field no_proxy string|nil hosts to reach without the proxy, separated by commas
---@field ca_file string|nil file of CA certificates to trust in addition to the system's; default: CME_CA_FILE
---@field transport cme.transport|nil
---@field now (fun(): number)|nil the clock; default os.time

---@class cme.call.options
---@field timeout number|nil seconds for the whole call, including waits and retries; default: no limit. One attempt
--- takes at most the client's timeout. Fetching keys first is not included
---@field settle (fun(): table|false|nil, string|nil, table|nil)|nil finds out whether a write was done if an attempt
--- left that open. It returns the response if it was done, false if it certainly was not, nil and the reason if that is
--- unknown

local function is_transport(value)
  if type(value.request) ~= "function" or type(value.sleep) ~= "function" then
    return "a transport with the methods request and sleep is needed"
  end
end

-- A `fact` for one of a few texts.
local function one_of(...)
  local allowed = { ... }
  local fact = ("'%s' is needed"):format(table.concat(allowed, "' or '"))
  return function(value)
    for _, one in ipairs(allowed) do
      if value == one then return nil end
    end
    return fact
  end
end

local function is_retries(value)
  if value % 1 ~= 0 or value < 0 or value > 100 then return "a whole number from 0 to 100 is needed" end
end

local function is_rate(value)
  if value == true then return "a number of requests per second, or false for no limit, is needed" end
  return value and options.positive(value)
end

local OPTIONS = {
  secret_id = { "string", fact = options.plain_text },
  secret_key = { "string", fact = options.plain_text },
  token = { "string", fact = options.plain_text },
  credential = { { "table", "function" } },
  platform = { "string", fact = options.plain_text },
  endpoint = { "string" },
  region = { "string", fact = options.plain_text },
  language = { "string", fact = one_of("zh-CN", "en-US") },
  timeout = { "number", fact = options.timeout },
  connect_timeout = { "number", fact = options.timeout },
  retries = { "number", fact = is_retries },
  rate = { { "number", "boolean" }, fact = is_rate },
  sign_method = { "string", fact = one_of("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256") },
  http_method = { "string", fact = one_of("POST", "GET") },
  unsigned_payload = { "boolean" },
  proxy = { "string", fact = options.plain_text },
  no_proxy = { "string", fact = options.plain_text },
  ca_file = { "string", fact = options.plain_text },
  transport = { "table", fact = is_transport },
  now = { "function" },
}

local CALL_OPTIONS = { settle = { "function" }, timeout = { "number", fact = options.timeout } }

-- Fit for jitter and nonces; Lua's own generator starts alike in every process of LuaJIT.
local function random()
  local hex = require "cme.sign".random_hex(6)
  return hex and tonumber(hex, 16) / 2 ^ 48 or math.random()
end

local SHORTEST = 0.001 -- seconds that a transport can be given
local LONGEST_ASKED = 60 -- seconds; what a Retry-After asks for beyond that is not waited for

local SYSTEM = { getenv = os.getenv, open = io.open, random = random }

---@class cme.client.private
---@field provider cme.credentials.provider
---@field secret table|nil { key, secret_id, token, found }: what the provider gave last, made into a key
---@field form cme.api.form
---@field target cme.api.form.target
---@field rate cme.api.rate|nil
---@field retries integer
---@field random fun(): number
---@field offset number seconds that this machine's clock is corrected by; 0 until the service refused for the time
---@field headers table<string, string>|nil of the last answer, for its Date
---@field answered_at number|nil this machine's clock then

---@type table<cme.client, cme.client.private>
local private = setmetatable({}, { __mode = "k" })

-- The caller's clock, looked at: what it says goes into signatures and waits.
local function clock_of(given)
  return given and function()
    local seconds = given()
    if type(seconds) ~= "number" or seconds - seconds ~= 0 then
      options.misuse(("cme.client: option 'now': unix seconds are needed, got %s"):format(tostring(seconds):sub(1, 40)))
    end
    return seconds
  end
end

-- A variable of the environment that is empty is not set.
local function set(value) return value ~= "" and value or nil end

local function choose_endpoint(given, getenv)
  local name, written = "option 'endpoint'", given.endpoint
  if not written then name, written = "CME_ENDPOINT", getenv "CME_ENDPOINT" end
  if not written or written == "" then written = schema.host end
  local parsed, fact = endpoint.parse(written)
  if not parsed then options.misuse(("cme.client: %s: %s"):format(name, fact)) end
  return parsed
end

-- What looks keys up has the client's way out and its transport, made when needed. It does not have the client itself:
-- on Lua 5.1 nothing that is kept for the client may refer to it, or it would never be collected.
local function key_host(given, system, draw)
  return {
    getenv = system.getenv,
    open = system.open,
    transport = function() return given.transport or require "cme.net.transport".shared() end,
    proxy = given.proxy,
    no_proxy = given.no_proxy,
    ca_file = given.ca_file,
    timeout = given.timeout,
    connect_timeout = given.connect_timeout,
    random = draw,
  }
end

-- What looks for keys is loaded where the options do not say them.
local function choose_provider(given)
  if not (given.secret_id or given.secret_key or given.token) then
    return require "cme.credentials".of(given.credential, "cme.client: credential")
  elseif given.credential ~= nil then
    options.misuse "cme.client: option 'credential': give either it or secret_id, secret_key and token"
  end
  local keys = { secret_id = given.secret_id, secret_key = given.secret_key, token = given.token }
  return require "cme.credentials.written".provider(keys, "cme.client")
end

local function choose_form(given)
  local sign_method = given.sign_method or "TC3-HMAC-SHA256"
  if given.unsigned_payload and form.METHODS[sign_method] ~= "tc3" then
    options.misuse "cme.client: option 'unsigned_payload': only for sign_method 'TC3-HMAC-SHA256'"
  end
  return form.find(sign_method, given.http_method or "POST")
end

local function make_target(given, where, draw)
  return {
    url = where.url,
    host = where.host,
    region = given.region,
    language = given.language,
    algorithm = given.sign_method,
    unsigned_payload = given.unsigned_payload,
    timeout = given.timeout or 60,
    connect_timeout = given.connect_timeout or 10,
    ca_file = given.ca_file,
    proxy = given.proxy,
    no_proxy = given.no_proxy,
    random = draw,
  }
end

local function make_private(given, where, system)
  local draw = system.random or random
  return {
    provider = choose_provider(given):bind(key_host(given, system, draw)),
    form = choose_form(given),
    target = make_target(given, where, draw),
    rate = given.rate ~= false and rate.new(given.rate or 20) or nil,
    retries = given.retries or 3,
    random = draw,
    offset = 0,
  }
end

--- Makes a client.
---@param given cme.client.options|nil
---@param system table|nil environment, disk and randomness; the real ones when nil
---@return cme.client
function client.new(given, system)
  system = system or SYSTEM
  local checked = options.check("cme.client", given, OPTIONS)
  checked.ca_file = checked.ca_file or set(system.getenv "CME_CA_FILE")
  local where = choose_endpoint(checked, system.getenv)
  local self = setmetatable({
    platform = checked.platform or set(system.getenv "CME_PLATFORM"),
    endpoint = where.url,
    transport = checked.transport,
    now = clock_of(checked.now) or os.time,
  }, Client)
  private[self] = make_private(checked, where, system)
  return self
end

function Client:__tostring()
  local state = private[self]
  local id = state.provider:secret_id()
  return ("cme.client (%s, %s)"):format(self.endpoint, id and text.mask(id) or "no credentials yet")
end

-- An invalid.* failure, made complete.
local function invalid(action, message, detail)
  detail.op, detail.retryable, detail.attempts = action, false, 0
  return codes.within("in.action", { action = action }, message, detail)
end

local function find_action(name)
  local action = schema.actions[name]
  if action then return action end
  local near = text.nearest(name, schema.action_names)
  return invalid(name:sub(1, 60),
    select(2, codes.fail(near and "invalid.unknown_action:typo" or "invalid.unknown_action", { near = near })))
end

-- The request with the client's platform in it; the caller's table stays as it is.
local function with_platform(self, params, fields)
  if params.Platform ~= nil or not self.platform or not schema.index(fields).Platform then return params end
  local copy = { Platform = self.platform }
  for name, value in pairs(params) do copy[name] = value end
  return copy
end

local function encode(self, state, name, action, params)
  local payload, message, detail = state.form.encode(with_platform(self, params, action.request), action.request)
  if not payload then
    if detail.field == "Platform" and detail.code == "invalid.missing_field" then
      message = select(2, codes.around("invalid.missing_field:platform", nil, message, detail))
    end
    return invalid(name, message, detail)
  elseif #payload > state.form.limit then
    return invalid(name, select(2, codes.fail("invalid.too_large:request",
      { bytes = #payload, limit = state.form.limit, method = state.form.method })))
  end
  return payload
end

-- ---- one attempt

-- The key of what the provider gives now; made anew only when that has changed.
local function current_secret(state, now)
  local found, message, detail = state.provider:get(now)
  if not found then
    local about = codes.words(message, detail)
    about.code, about.retryable, about.cause = detail.code, detail.retryable, detail
    return nil, message, about
  end
  local old = state.secret
  if old and old.found == found then return old end
  local same = old and old.found.secret_id == found.secret_id and old.found.secret_key == found.secret_key
  local key, why, cause
  if same then key = old.key else key, why, cause = require "cme.sign".new(found.secret_id, found.secret_key) end
  if not key then return nil, why, cause end
  if old and not same then old.key:close() end
  state.secret = { key = key, secret_id = found.secret_id, token = found.token, found = found }
  return state.secret
end

-- By the transport's time where it tells one: os.time knows whole seconds only, too coarse for twenty of them.
local function fine_time(self)
  local transport = self.transport
  return transport.time and transport:time() or self.now()
end

-- Seconds that a call still has.
local function left_of(self, call)
  return call.deadline and call.deadline - fine_time(self) or math.huge
end

-- False when the turn comes after the call's deadline.
local function wait_for_turn(self, state, call)
  local wait = state.rate:take(call.action, fine_time(self))
  if wait >= left_of(self, call) then return false end
  if wait > 0 then self.transport:sleep(wait) end
  return true
end

-- Gives a request no more time than the call has; false when it has none.
local function bound(self, call, request)
  if not call.deadline then return true end
  local left = left_of(self, call)
  if left < SHORTEST then return false end
  request.timeout = math.min(request.timeout, left)
  request.connect_timeout = math.min(request.connect_timeout, left)
  return true
end

local function not_sent(call, message, detail)
  detail.op, detail.retryable, detail.attempts = call.action, detail.retryable == true, call.attempts
  local _, whole = codes.within("in.action", { action = call.action }, message, detail)
  return nil, whole, detail, true
end

local function out_of_time(call)
  return not_sent(call, select(2, codes.fail("network.timeout:not_sent", nil, { retryable = true })))
end

-- Signs and sends one request. `call` is also the context of its answer. A fourth result, true, says that nothing was
-- sent for a reason of our own, which going again would not change.
local function attempt(self, state, call)
  local transport = self.transport
  if state.rate and not wait_for_turn(self, state, call) then return out_of_time(call) end
  local clock = self.now()
  local now = clock + state.offset
  local secret, message, detail = current_secret(state, now)
  if not secret then return not_sent(call, message, detail) end
  call.now, call.offset, call.found = now, state.offset, secret.found
  call.secret_id, call.token = secret.secret_id, secret.token
  local request, why, cause = state.form.request(state.target, call, secret, math.floor(now))
  if not request then return not_sent(call, why, cause) end
  if not bound(self, call, request) then return out_of_time(call) end
  call.attempts = call.attempts + 1
  local http
  http, message, detail = transport:request(request)
  call.asked = http and http.status ~= 200 and require "cme.net.backoff".asked(http.status, http.headers, LONGEST_ASKED)
  if not http then return failure.failed(message, detail, call) end
  state.headers, state.answered_at = http.headers, clock
  return answer.read(http, call)
end

local function perform(self, state, call)
  self.transport = self.transport or require "cme.net.transport".shared()
  call.deadline = call.timeout and fine_time(self) + call.timeout
  while true do
    local response, message, detail, ours = attempt(self, state, call)
    if response or ours then return response, message, detail end
    local again
    again, response, message, detail = recovery.after(state, call, left_of(self, call), self.transport, message, detail)
    if not again then return response, message, detail end
  end
end

--- Calls an action of the service. Nothing is sent unless the request fits the schema. A failed attempt is repeated
--- where that can do no harm (see cme.api.retry). detail.attempts counts attempts; detail.unknown_outcome is true if a
--- write may or may not have been done.
---@param name string e.g. "DescribeProjects"
---@param params table|nil the request in the service's own names; Platform is filled in from the client
---@param given cme.call.options|nil
---@return table|nil response the Response table: integers stay integers, null is cme.json's null
---@return string|nil message
---@return cme.detail|nil detail
---@usage local found = assert(client:call("DescribeProjects", { Limit = 20 })) --> found.TotalCount
function Client:call(name, params, given)
  local state = private[self]
  if not state then options.misuse "cme.client: call it as client:call(action, params)" end
  if type(name) ~= "string" then options.misuse("cme.client: call: an action's name is needed, got " .. type(name)) end
  if params ~= nil and type(params) ~= "table" then
    options.misuse(("cme.client: call: %s: a table of parameters is needed, got %s"):format(name, type(params)))
  end
  if given ~= nil then given = options.check("cme.client: call: " .. name, given, CALL_OPTIONS) end
  local action, unknown, why = find_action(name)
  if not action then return nil, unknown, why end
  local payload, message, detail = encode(self, state, name, action, params or {})
  if not payload then return nil, message, detail end
  return perform(self, state, {
    action = name,
    payload = payload,
    host = state.target.host,
    settle = given and given.settle,
    timeout = given and given.timeout,
    attempts = 0, -- requests sent
    free = 0, -- of them, those that do not count against `retries`
  })
end

--- Tells how far the service's clock is ahead of this machine's, by the Date header of its last answer.
---@return number seconds accurate accurate to a second or two; 0 before the first answer
function Client:offset()
  local state = private[self]
  local said = state.headers and state.headers.date
  local date = said and require "cme.time".parse_http(said)
  return date and date - state.answered_at or 0
end

---@class cme.client.identity
---@field secret_id string masked, such as "AKID***LE"
---@field source string where the key was found
---@field expires_at number|nil unix seconds, of temporary keys

--- Tells whose key signs the calls, without secrets. Looks for a key if none has been needed yet.
---@return cme.client.identity|nil identity
---@return string|nil message
---@return cme.detail|nil detail
function Client:identity()
  local found, message, detail = private[self].provider:get(self.now())
  if not found then return nil, message, detail end
  return { secret_id = text.mask(found.secret_id), source = found.source or "options", expires_at = found.expires_at }
end

--- Reports the inputs and outputs of many projects, as show:health() does for one, with one call per hundred projects.
--- `cme serve` only.
---@param ids string[]|nil ids of projects; nil: all that are working. Unknown ids are left out
---@param given cme.project.timeout|nil
---@return table<string, cme.project.health>|nil health by project id
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service, such as the cloud, has no such action
---@usage for id, health in pairs(assert(client:health())) do log(id, health.active, #health.outputs) end
function Client:health(ids, given)
  return require "cme.project.health".of_many(self, ids, given)
end

--- Creates a project object of this client. Nothing is sent.
---@param spec cme.project.spec|string a spec, or the id of an existing project, which becomes a relay or a cast at its
--- first call
---@return cme.relay_project|cme.cast_project
function Client:project(spec)
  return require "cme.project".new(self, spec)
end

--- Iterates over projects, newest first, reading the service's list page by page. Each step returns a project, and what
--- the list says about it in the form of info(). If a page cannot be read, the last step returns false, message and
--- detail, so that a partial list is not mistaken for the whole.
---@param given cme.project.filter|nil
---@return fun(): cme.relay_project|cme.cast_project|false|nil, cme.project.info|string, cme.detail|nil
---@usage for show, info in client:projects { status = "working" } do assert(show, info):extend(1800) end
function Client:projects(given)
  return require "cme.project".projects(self, given)
end

--- Finds a project by its name and, if given, its owner.
---@param given cme.project.find.options
---@return cme.relay_project|cme.cast_project|nil project
---@return cme.project.info|string info what the service's list says about it; otherwise the message
---@return cme.detail|nil detail code invalid.not_found, or invalid.ambiguous if there are several
---@usage local show = assert(client:find { name = "live-1", owner = "me" })
function Client:find(given)
  return require "cme.project".find(self, given)
end

return client
