-- SPDX-License-Identifier: MIT
-- A client: credentials, endpoint and defaults, and `call`, which does any of the service's actions: check by schema,
-- encode, sign (TC3), send, judge the answer. One call is one request; who may try again is decided elsewhere.
-- Secrets are not fields of the object: they live in a private table keyed by it, and the key is wiped when collected.
-- The clock, the environment, the disk and the transport are arguments.

local answer = require "cme.answer"
local credentials = require "cme.credentials"
local endpoint = require "cme.endpoint"
local json = require "cme.json"
local options = require "cme.options"
local schema = require "cme.schema"
local text = require "cme.text"

local client = {}

---@class cme.client
---@field platform string|nil sent as Platform where an action has it and the caller gave none
---@field endpoint string the URL that calls go to
---@field transport cme.transport|nil nil until the first call when none was given
---@field now fun(): number unix seconds
local Client = {}
Client.__index = Client
Client.__name = "cme.client"

---@class cme.client.options
---@field secret_id string|nil else TENCENTCLOUD_SECRET_ID, else the credentials file
---@field secret_key string|nil
---@field token string|nil of temporary keys
---@field credential cme.credential|nil the three above in one table
---@field platform string|nil else CME_PLATFORM
---@field endpoint string|nil a host or a URL; else CME_ENDPOINT, else the cloud
---@field region string|nil CME needs none
---@field language "zh-CN"|"en-US"|nil of the service's messages
---@field timeout number|nil seconds for one call, 60
---@field connect_timeout number|nil seconds until connected, 10
---@field proxy string|nil
---@field ca_file string|nil certificates to trust beside the system's
---@field transport cme.transport|nil
---@field now (fun(): number)|nil the clock, os.time

local function is_transport(value)
  if type(value.request) ~= "function" then return "a transport with a request method is needed" end
end

local function is_language(value)
  if value ~= "zh-CN" and value ~= "en-US" then return "'zh-CN' or 'en-US' is needed" end
end

local OPTIONS = {
  secret_id = { "string", fact = options.plain_text },
  secret_key = { "string", fact = options.plain_text },
  token = { "string", fact = options.plain_text },
  credential = { "table" },
  platform = { "string", fact = options.plain_text },
  endpoint = { "string" },
  region = { "string", fact = options.plain_text },
  language = { "string", fact = is_language },
  timeout = { "number", fact = options.positive },
  connect_timeout = { "number", fact = options.positive },
  proxy = { "string", fact = options.plain_text },
  ca_file = { "string", fact = options.plain_text },
  transport = { "table", fact = is_transport },
  now = { "function" },
}

local SYSTEM = { getenv = os.getenv, open = io.open }
-- The service refuses larger ones (API 3.0, TC3 with JSON).
local LARGEST_BODY = 10485760
local CONTENT_TYPE = "application/json"

-- Per client: { key, secret_id, token } or { message, detail } when there are no credentials.
local private = setmetatable({}, { __mode = "k" })

local function choose_endpoint(given, getenv)
  local name, written = "option 'endpoint'", given.endpoint
  if not written then name, written = "CME_ENDPOINT", getenv "CME_ENDPOINT" end
  if not written or written == "" then written = schema.host end
  local parsed, fact = endpoint.parse(written)
  if not parsed then options.misuse(("cme.client: %s: %s"):format(name, fact)) end
  return parsed
end

local function choose_credential(given, system)
  if given.credential and (given.secret_id or given.secret_key or given.token) then
    options.misuse "cme.client: option 'credential': give either it or secret_id, secret_key and token"
  end
  local written = given.credential
    or { secret_id = given.secret_id, secret_key = given.secret_key, token = given.token }
  local found = credentials.explicit(written, given.credential and "cme.client: credential" or "cme.client")
  if found then return found end
  return credentials.find(system)
end

-- Missing credentials are no misuse: they are reported by the first call, in whose place the message can be acted on.
local function make_key(given, system)
  local found, message, detail = choose_credential(given, system)
  if not found then return { message = message, detail = detail } end
  local key, why, cause = require "cme.sign".new(found.secret_id, found.secret_key)
  if not key then return { message = why, detail = cause } end
  return { key = key, secret_id = found.secret_id, token = found.token }
end

--- Makes a client.
---@param given cme.client.options|nil
---@param system cme.system|nil environment and disk; the real ones when nil
---@return cme.client
function client.new(given, system)
  system = system or SYSTEM
  local checked = options.check("cme.client", given, OPTIONS)
  local where = choose_endpoint(checked, system.getenv)
  local platform = system.getenv "CME_PLATFORM"
  local self = setmetatable({
    platform = checked.platform or (platform ~= "" and platform or nil),
    endpoint = where.url,
    transport = checked.transport,
    now = checked.now or os.time,
    _host = where.host,
    _timeout = checked.timeout or 60,
    _connect_timeout = checked.connect_timeout or 10,
    _proxy = checked.proxy,
    _ca_file = checked.ca_file,
    _region = checked.region,
    _language = checked.language,
  }, Client)
  private[self] = make_key(checked, system)
  return self
end

function Client:__tostring()
  local id = private[self].secret_id
  return ("cme.client (%s, %s)"):format(self.endpoint, id and text.mask(id) or "no credentials")
end

-- An invalid.* failure of this module, made complete.
local function invalid(action, message, detail)
  detail.op, detail.retryable, detail.attempts = action, false, 0
  return nil, ("%s: %s"):format(action, message), detail
end

local function find_action(name)
  local action = schema.actions[name]
  if action then return action end
  local near = text.nearest(name, schema.action_names)
  return invalid(name:sub(1, 60), "unknown action" .. (near and (" (did you mean '%s'?)"):format(near) or ""),
    { code = "invalid.unknown_action" })
end

-- The request with the client's platform in it; the caller's table stays as it is.
local function with_platform(self, params, fields)
  if params.Platform ~= nil or not self.platform or not schema.index(fields).Platform then return params end
  local copy = { Platform = self.platform }
  for name, value in pairs(params) do copy[name] = value end
  return copy
end

local function encode(self, name, action, params)
  local body, message, detail = json.encode(with_platform(self, params, action.request), action.request)
  if not body then
    if detail.field == "Platform" and detail.code == "invalid.missing_field" then
      message = message .. " (give cme.client a platform, or set CME_PLATFORM)"
    end
    return invalid(name, message, detail)
  elseif #body > LARGEST_BODY then
    return invalid(name, ("the request is %d bytes, the service takes %d"):format(#body, LARGEST_BODY),
      { code = "invalid.too_large" })
  end
  return body
end

local function headers_for(self, name, timestamp, authorization, token)
  local headers = {
    "Content-Type: " .. CONTENT_TYPE,
    "Host: " .. self._host,
    "Authorization: " .. authorization,
    "X-TC-Action: " .. name,
    "X-TC-Version: " .. schema.version,
    ("X-TC-Timestamp: %.0f"):format(timestamp),
  }
  if self._region then headers[#headers + 1] = "X-TC-Region: " .. self._region end
  if token then headers[#headers + 1] = "X-TC-Token: " .. token end
  if self._language then headers[#headers + 1] = "X-TC-Language: " .. self._language end
  return headers
end

-- Signs and sends one request.
local function send(self, name, body, secret)
  local now = self.now()
  local timestamp = math.floor(now)
  local context = { action = name, host = self._host, secret_id = secret.secret_id, token = secret.token, now = now }
  local authorization, why, cause = secret.key:tc3 {
    service = schema.service, host = self._host, timestamp = timestamp, payload = body, content_type = CONTENT_TYPE,
  }
  if not authorization then return invalid(name, why, cause) end
  self.transport = self.transport or require "cme.transport.curl".shared()
  local http, message, detail = self.transport:request {
    method = "POST",
    url = self.endpoint,
    headers = headers_for(self, name, timestamp, authorization, secret.token),
    body = body,
    timeout = self._timeout,
    connect_timeout = self._connect_timeout,
    ca_file = self._ca_file,
    proxy = self._proxy,
  }
  if not http then return answer.failed(message, detail, context) end
  return answer.read(http, context)
end

--- Does one of the service's actions. Nothing is sent unless the request fits the schema.
---@param name string e.g. "DescribeProjects"
---@param params table|nil the request in the service's own names; Platform is filled in from the client
---@return table|nil response the Response table: integers stay integers, null is cme.json's null
---@return string|nil message
---@return cme.detail|nil detail
---@usage local found = assert(client:call("DescribeProjects", { Limit = 20 })) --> found.TotalCount
function Client:call(name, params)
  if not private[self] then options.misuse "cme.client: call it as client:call(action, params)" end
  if type(name) ~= "string" then options.misuse("cme.client: call: an action's name is needed, got " .. type(name)) end
  if params ~= nil and type(params) ~= "table" then
    options.misuse(("cme.client: call: %s: a table of parameters is needed, got %s"):format(name, type(params)))
  end
  local action, unknown, why = find_action(name)
  if not action then return nil, unknown, why end
  local body, message, detail = encode(self, name, action, params or {})
  if not body then return nil, message, detail end
  local secret = private[self]
  if not secret.key then
    return invalid(name, secret.message, { code = secret.detail.code, cause = secret.detail })
  end
  return send(self, name, body, secret)
end

--- A project of this client; see cme.project.
---@param spec cme.project.spec|string
---@return cme.project
function Client:project(spec)
  return require "cme.project".new(self, spec)
end

return client
