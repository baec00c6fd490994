-- SPDX-License-Identifier: MIT
-- One request of API 3.0 to one answer: which form it has (TC3 with JSON or a query, v1 with a query or a form),
-- who signed it, which action it names, whether its parameters are the schema's; then the action, then the
-- envelope. SDKs see errors only in HTTP 200 answers of exactly `application/json`, so every answer of the API is
-- one. Knows nothing of sockets: a message comes in, status, headers and text go out.

local access = require "cme.server.http.access"
local answer = require "cme.server.call"
local auth = require "cme.server.http.auth"
local codes = require "cme.codes"
local flatten = require "cme.api.flatten"
local json = require "cme.json"
local limits = require "cme.api.limits"
local query = require "cme.server.http.query"
local schema = require "cme.schema"
local sign = require "cme.sign"
local text = require "cme.text.strings"

local api = {}

local MAX_QUERY = 32 * 1024 -- bytes, as the cloud has it

---@class cme.server.http.call what an action gets
---@field params table       checked by the schema; nulls are gone
---@field action string
---@field request_id string
---@field forwarded boolean|nil another node of the fleet asks for it
---@field grant cme.server.store.grant of the key that signed it

---@class cme.server.http.request : cme.server.http.message
---@field path string
---@field too_large boolean  the body passed the limit and is gone

---@class cme.server.http.api
---@field private _options { keys: cme.server.store.keys, actions: table, limiter: cme.server.http.limiter|nil,
---  now: function, counted: function|nil, log: cme.server.log }
local Api = {}
Api.__index = Api
Api.__name = "cme.server.http.api"

---@param options { keys: cme.server.store.keys, actions: table<string, cme.server.Action>,
---  limiter: cme.server.http.limiter|nil, now: (fun(): number), log: cme.server.log,
---  counted: (fun(action: string|nil, code: string|nil, seconds: number))|nil } without a limiter: as many as come;
--- `counted` is
---  told of every request
---@return cme.server.http.api
function api.new(options)
  return setmetatable({ _options = options }, Api)
end

--- A random UUID (version 4).
---@return string
function api.new_request_id()
  local hex = sign.random_hex(16)
  local nth = 1 + tonumber(hex:sub(17, 17), 16) % 4
  local variant = ("89ab"):sub(nth, nth)
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), variant, hex:sub(18, 20),
    hex:sub(21, 32))
end

-- ---- parameters

-- schema.check counts null as absent; the actions need not know it at all.
local function drop_nulls(value)
  for name, member in pairs(value) do
    if member == json.null then
      value[name] = nil
    elseif type(member) == "table" then
      drop_nulls(member)
    end
  end
  return value
end

-- The member whose text is not UTF-8: named, since "somewhere in the body" helps nobody.
local function broken_member(body)
  for name, value in body:gmatch '"([%w_]+)"%s*:%s*"([^"]*)"' do
    if not text.utf8_len(value) then return name end
  end
  return nil
end

local function not_utf8(member)
  if member == "Name" then return codes.fail "api.InvalidParameterValue.Name:not_utf8" end
  if member then return codes.fail("api.InvalidParameter:field_not_utf8", { field = member }) end
  return codes.fail "api.InvalidParameter:body_not_utf8"
end

-- The cloud takes a body of nothing, and SDKs send `null` for a request without members.
local function is_nothing(params)
  return params == json.null or type(params) == "table" and next(params) == nil
end

local function decode_body(body, fields)
  if not body:find "%S" then return {} end
  local params, message, detail = json.decode(body, fields, limits.request.parameters)
  if params == nil then
    if detail.code == "invalid.not_utf8" then return not_utf8(broken_member(body)) end
    return codes.fail("api.InvalidParameter:body", { reason = answer.part(message, detail) })
  end
  if is_nothing(params) then return {} end
  if type(params) ~= "table" then return codes.fail "api.InvalidParameter:not_object" end
  return params
end

local CHECK_CODES = {
  ["invalid.unknown_field"] = "UnknownParameter",
  ["invalid.missing_field"] = "MissingParameter",
  ["invalid.wrong_type"] = "InvalidParameter",
}

-- Any text with a NUL would be cut short by someone down the road.
local function find_nul(value)
  for name, member in pairs(value) do
    if type(member) == "string" and member:find("\0", 1, true) then return tostring(name) end
    local inner = type(member) == "table" and find_nul(member)
    if inner then return inner end
  end
  return nil
end

local function check_params(params, fields)
  local ok, message, detail = schema.check(params, fields)
  if not ok then
    if detail.code == "invalid.not_utf8" then return not_utf8(detail.field) end
    return codes.fail("api:said", { said = answer.part(message, detail) },
      { code = "api." .. (CHECK_CODES[detail.code] or "InvalidParameter") })
  end
  local nul = find_nul(params)
  if nul then return codes.fail("api.InvalidParameter:nul", { field = nul }) end
  return drop_nulls(params)
end

-- ---- the forms of a request

---@class cme.server.http.form how a request carries what it says
---@field action string|nil
---@field version string|nil
---@field grant cme.server.store.grant
---@field read fun(fields: table): table|nil, string|nil, cme.detail|nil parameters as a tree

local V1_COMMON = {
  "Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "Signature", "SignatureMethod", "Token",
  "Language", "RequestClient",
}

local function read_flat(params)
  return function(fields)
    local tree, why, detail = flatten.tree(params, fields)
    if not tree then return codes.fail("api.InvalidParameter:said", { said = answer.part(why, detail) }) end
    return tree
  end
end

local function is_form(message)
  if message.method ~= "POST" then return false end
  return (message.header "content-type" or ""):lower():find("application/x-www-form-urlencoded", 1, true) == 1
end

local function flat_text(message)
  return message.method == "GET" and message.query or message.body
end

-- Counts a form's parameters where it lies.
local function has_many_parameters(message)
  local most = limits.request.parameters
  if message.method == "GET" or not message.exceeds then return query.exceeds(flat_text(message), most) end
  return message.exceeds("&", most - 1)
end

-- The text of a query or form that is not too much to read.
local function take_flat(message, limit)
  if has_many_parameters(message) then
    return codes.fail("api.InvalidParameter:many_parameters", { limit = limits.request.parameters })
  end
  local raw = flat_text(message)
  if #raw > limit then return codes.fail("api.RequestSizeLimitExceeded:parameters", { count = #raw, limit = limit }) end
  return raw
end

local function parse_flat(raw)
  local params, why, detail = query.parse(raw)
  if not params then return codes.fail("api.InvalidParameter:said", { said = answer.part(why, detail) }) end
  return params
end

local function v1_form(self, message, limit)
  local raw, why, detail = take_flat(message, limit)
  if not raw then return nil, why, detail end
  local common, params = {}, nil
  for _, name in ipairs(V1_COMMON) do common[name] = query.find(raw, name) end
  local grant
  grant, why, detail = auth.v1(message, common, function()
    local fault, refusal
    params, fault, refusal = parse_flat(raw)
    return params, fault, refusal
  end, self._options.keys, self._options.now())
  if not grant then return nil, why, detail end
  for _, name in ipairs(V1_COMMON) do params[name] = nil end
  return { action = common.Action, version = common.Version, grant = grant, read = read_flat(params) }
end

local function tc3_reader(message)
  if message.method == "GET" then
    local params, why, detail = parse_flat(message.query)
    if not params then return nil, why, detail end
    return read_flat(params)
  end
  local media_type = (message.header "content-type" or ""):lower():match "^[^;%s]*"
  if media_type ~= "application/json" then
    return codes.fail("api.InvalidRequest:content_type", { value = answer.shown(media_type) })
  end
  return function(fields) return decode_body(message.body, fields) end
end

local function tc3_form(self, message)
  if message.method == "GET" then
    local ok, why, detail = take_flat(message, MAX_QUERY)
    if not ok then return nil, why, detail end
  end
  local grant, why, detail = auth.tc3(message, self._options.keys, self._options.now())
  if not grant then return nil, why, detail end
  local read
  read, why, detail = tc3_reader(message)
  if not read then return nil, why, detail end
  return { action = message.header "x-tc-action", version = message.header "x-tc-version", grant = grant,
    read = read }
end

-- Requests of the v1 form have no Authorization header; their signature is a parameter.
local function read_form(self, message)
  if not message.header "authorization" then
    if message.method == "GET" and ("&" .. message.query):find("&Signature=", 1, true) then
      return v1_form(self, message, MAX_QUERY)
    end
    if is_form(message) then return v1_form(self, message, limits.request.body) end
  end
  return tc3_form(self, message)
end

-- ---- the action

local function unknown_action(name)
  local near = text.nearest(name, schema.action_names)
  if near then return codes.fail("api.InvalidAction:near", { action = answer.shown(name), near = near }) end
  return codes.fail("api.InvalidAction:unknown", { action = answer.shown(name) })
end

local function find_action(self, form)
  if not form.version or form.version == "" then return codes.fail "api.MissingParameter:version" end
  if form.version ~= schema.version then
    return codes.fail("api.NoSuchVersion:version", { value = form.version:sub(1, 32), version = schema.version })
  end
  if not form.action or form.action == "" then return codes.fail "api.MissingParameter:action" end
  if not schema.actions[form.action] then return unknown_action(form.action) end
  local action = self._options.actions[form.action]
  if action then return action end
  return codes.fail("api.UnsupportedOperation:action", { action = form.action })
end

-- The words are the cloud's.
local function check_rate(self, form)
  local limiter = self._options.limiter
  if not limiter then return true end
  local allowed, count = limiter:take(form.grant.secret_id, form.action)
  if allowed then return true end
  return codes.fail("api.RequestLimitExceeded:rate", { count = count, limit = limiter.per_second })
end

-- What the action is called with: its parameters, read and checked.
local function read_call(form, request_id)
  local fields = schema.actions[form.action].request
  local params, why, detail = form.read(fields)
  if not params then return nil, why, detail end
  params, why, detail = check_params(params, fields)
  if not params then return nil, why, detail end
  local ok
  ok, why, detail = access.key(form.grant, params.Platform)
  if not ok then return nil, why, detail end
  return { action = form.action, params = params, request_id = request_id, grant = form.grant }
end

local function perform(self, message, request_id, seen)
  if message.method ~= "GET" and message.method ~= "POST" then return codes.fail "api.UnsupportedProtocol:method" end
  if message.too_large then return codes.fail("api.RequestSizeLimitExceeded:body", { limit = limits.request.body }) end
  local form, why, detail = read_form(self, message)
  if not form then return nil, why, detail end
  seen.action = form.action
  local action, ok, call
  action, why, detail = find_action(self, form)
  if not action then return nil, why, detail end
  ok, why, detail = check_rate(self, form)
  if not ok then return nil, why, detail end
  call, why, detail = read_call(form, request_id)
  if not call then return nil, why, detail end
  return action(call)
end

-- ---- the answer

local function envelope(response, request_id)
  response.RequestId = request_id
  return assert(json.encode { Response = response })
end

-- The language that a request asks for, whether or not it can be read further.
local function language_of(message)
  local header = message.header "x-tc-language"
  if header or message.header "authorization" then return header end
  if message.method ~= "GET" and not is_form(message) or has_many_parameters(message) then return nil end
  return query.find(flat_text(message), "Language")
end

-- A reason in the language that a request asks for: English for all but "zh-CN".
local function say(reason, language)
  return codes.say(reason, language == "zh-CN" and language or nil)
end

-- What of a start does not work yet, beside the message: a member of ours, which the cloud's SDKs pass over.
local function pending_set(pending, language)
  local set = json.array {}
  for i, fault in ipairs(pending) do
    local reason = answer.presentable(fault.reason)
    set[i] = { Type = fault.what, Id = fault.id, Code = fault.code, Message = say(reason, language),
      Reason = codes.pack(reason) }
  end
  return set
end

-- Response.Error: the one place where a refusal becomes an answer. Reason is ours: the same for a client that says it
-- in its own language.
local function failure_of(detail, language)
  local reason = answer.presentable(detail)
  return { Code = answer.cloud_code(detail), Message = say(reason, language), Reason = codes.pack(reason),
    Pending = detail.pending and pending_set(detail.pending, language) or nil }
end

-- Performs a request; the text of its answer. Leaves in `seen` the action, where it could be read, and the code of a
-- refusal.
local function respond(self, message, request_id, seen)
  local log = self._options.log
  local response, why, detail = perform(self, message, request_id, seen)
  seen.code = detail and answer.cloud_code(detail)
  log:debug("request", { request_id = request_id, action = message.header "x-tc-action", code = seen.code })
  if response then return envelope(response, request_id) end
  if seen.code == "InternalError" then log:error("internal error", { request_id = request_id, error = why }) end
  return envelope({ Error = failure_of(detail, language_of(message)) }, request_id)
end

local function trace_headers(message)
  local headers = { ["Content-Type"] = "application/json" }
  local trace = message.header "x-tc-traceid"
  if trace and #trace <= 128 and trace:match "^[%w%-_.:]+$" then
    headers["X-TC-TraceId"] = trace
  end
  return headers
end

--- Answers one request; may wait, so it runs in a task.
---@param message cme.server.http.request
---@return integer status
---@return table<string, string> headers
---@return string body
function Api:handle(message)
  local request_id = api.new_request_id()
  local headers = trace_headers(message)
  if message.path ~= "/" then
    local failure = failure_of(codes.detail "api.InvalidRequest:path", language_of(message))
    return 404, headers, envelope({ Error = failure }, request_id)
  end
  local seen, began = {}, self._options.now()
  local good, body = xpcall(respond, debug.traceback, self, message, request_id, seen)
  if not good then
    seen.code = "InternalError"
    self._options.log:error("request failed", { request_id = request_id, error = tostring(body) })
    body = envelope({ Error = failure_of(codes.detail "api.InternalError:bug", language_of(message)) }, request_id)
  end
  if self._options.counted then
    self._options.counted(seen.action, seen.code, self._options.now() - began)
  end
  return 200, headers, body
end

return api
