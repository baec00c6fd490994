-- SPDX-License-Identifier: MIT
-- The four ways in which a request of API 3.0 travels: TC3 or v1 signed, by POST or GET. TC3 over POST carries JSON and
-- is what everything uses unless told otherwise; the other three carry flat parameters, v1 its common parameters and
-- signature among them. A form encodes a request once, and makes a signed HTTP request of it for each attempt, because
-- the time (and v1's nonce) is part of the signature.
-- What is signed is what is sent: Host, content type, query and body are built once and used for both. Pure.

local json = require "cme.json"
local schema = require "cme.schema"

local form = {}

---@class cme.api.form
---@field method "POST"|"GET"
---@field limit integer bytes of parameters that the service takes
---@field encode fun(params: table, fields: cme.schema.field[]): string|nil, string|nil, table|nil payload or fail tuple
---@field request cme.api.form.request signs what encode gave

---@alias cme.api.form.request fun(target: cme.api.form.target, call: cme.api.form.call,
--- secret: cme.api.form.secret, at: integer): cme.transport.request|nil, string|nil, table|nil

---@class cme.api.form.target what the requests of one client have in common
---@field url string ends with "/"
---@field host string
---@field region string|nil
---@field language string|nil
---@field algorithm string of v1
---@field unsigned_payload boolean|nil
---@field timeout number
---@field connect_timeout number
---@field ca_file string|nil
---@field proxy string|nil may hold a password
---@field no_proxy string|nil
---@field random fun(): number 0 <= random < 1

---@class cme.api.form.call
---@field action string
---@field payload string what encode gave

---@class cme.api.form.secret
---@field key cme.sign_key
---@field secret_id string
---@field token string|nil

-- Loaded by the forms that need it: most clients use TC3 over POST.
local function flatten()
  return require "cme.api.flatten"
end

local JSON = "application/json"
local FLAT = "application/x-www-form-urlencoded"
local UNSIGNED = "UNSIGNED-PAYLOAD"
local VERSION_LINE = "X-TC-Version: " .. schema.version

local function exchange(target, method, url, headers, body)
  return {
    method = method,
    url = url,
    headers = headers,
    body = body,
    timeout = target.timeout,
    connect_timeout = target.connect_timeout,
    ca_file = target.ca_file,
    proxy = target.proxy,
    no_proxy = target.no_proxy,
    lazy_headers = true, -- what only failures and client:offset() look at
  }
end

-- ---- TC3

local function tc3_headers(target, call, secret, at, authorization, content_type)
  local headers = {
    "Content-Type: " .. content_type,
    "Host: " .. target.host,
    "Authorization: " .. authorization,
    "X-TC-Action: " .. call.action,
    VERSION_LINE,
    ("X-TC-Timestamp: %d"):format(at),
  }
  if target.region then headers[#headers + 1] = "X-TC-Region: " .. target.region end
  if secret.token then headers[#headers + 1] = "X-TC-Token: " .. secret.token end
  if target.language then headers[#headers + 1] = "X-TC-Language: " .. target.language end
  if target.unsigned_payload then headers[#headers + 1] = "X-TC-Content-SHA256: " .. UNSIGNED end
  return headers
end

local function tc3_post(target, call, secret, at)
  local authorization, message, detail = secret.key:tc3 {
    service = schema.service, host = target.host, timestamp = at, payload = call.payload, content_type = JSON,
    unsigned_payload = target.unsigned_payload,
  }
  if not authorization then return nil, message, detail end
  return exchange(target, "POST", target.url, tc3_headers(target, call, secret, at, authorization, JSON), call.payload)
end

-- A query is not there at all when it is empty: "/?" and "/" are the same to the signature, but not to every proxy.
local function with_query(url, query)
  return query == "" and url or url .. "?" .. query
end

local function tc3_get(target, call, secret, at)
  local authorization, message, detail = secret.key:tc3 {
    service = schema.service, host = target.host, timestamp = at, method = "GET", query = call.payload,
    content_type = FLAT, unsigned_payload = target.unsigned_payload,
  }
  if not authorization then return nil, message, detail end
  return exchange(target, "GET", with_query(target.url, call.payload),
    tc3_headers(target, call, secret, at, authorization, FLAT))
end

-- ---- v1

local function unescape(digits)
  return string.char(tonumber(digits, 16))
end

-- The action's own parameters again, out of what encode wrote: an attempt adds its own to them.
local function own_params(payload)
  local params = {}
  for name, value in payload:gmatch "([^&=]+)=([^&]*)" do params[name] = value:gsub("%%(%x%x)", unescape) end
  return params
end

local function v1_text(target, call, secret, at, method)
  local params = own_params(call.payload)
  params.Action, params.Version, params.SecretId = call.action, schema.version, secret.secret_id
  params.Region, params.Language, params.Token = target.region, target.language, secret.token
  params.Timestamp, params.SignatureMethod = ("%.0f"):format(at), target.algorithm
  params.Nonce = ("%.0f"):format(1 + math.floor(target.random() * 2147483646))
  local signature, message, detail = secret.key:v1 {
    method = method, host = target.host, params = params, algorithm = target.algorithm,
  }
  if not signature then return nil, message, detail end
  params.Signature = signature
  return flatten().encode(params)
end

local function v1_post(target, call, secret, at)
  local body, message, detail = v1_text(target, call, secret, at, "POST")
  if not body then return nil, message, detail end
  return exchange(target, "POST", target.url, { "Content-Type: " .. FLAT, "Host: " .. target.host }, body)
end

local function v1_get(target, call, secret, at)
  local query, message, detail = v1_text(target, call, secret, at, "GET")
  if not query then return nil, message, detail end
  return exchange(target, "GET", with_query(target.url, query), { "Host: " .. target.host })
end

-- ---- the forms

local function encode_flat(params, fields)
  local ok, message, detail = schema.check(params, fields)
  if not ok then return nil, message, detail end
  return flatten().encode(flatten().params(params, fields))
end

local FORMS = {
  tc3 = {
    POST = { method = "POST", limit = 10485760, encode = json.encode, request = tc3_post },
    GET = { method = "GET", limit = 32768, encode = encode_flat, request = tc3_get },
  },
  v1 = {
    POST = { method = "POST", limit = 1048576, encode = encode_flat, request = v1_post },
    GET = { method = "GET", limit = 32768, encode = encode_flat, request = v1_get },
  },
}

---@type table<string, string> family by sign_method
form.METHODS = { ["TC3-HMAC-SHA256"] = "tc3", HmacSHA1 = "v1", HmacSHA256 = "v1" }

--- Finds a form.
---@param sign_method "TC3-HMAC-SHA256"|"HmacSHA1"|"HmacSHA256"
---@param http_method "POST"|"GET"
---@return cme.api.form
function form.find(sign_method, http_method)
  return FORMS[form.METHODS[sign_method]][http_method]
end

return form
