-- SPDX-License-Identifier: MIT
-- Who sent a request: TC3-HMAC-SHA256 and v1 signatures, recomputed by the same C code that clients sign with.
-- Signatures are taken over the bytes as received: raw query, raw body, header values as sent. Official SDKs
-- disagree on the host they sign (with or without port, one with its scheme) and on the service in the scope
-- (`cme`, or the endpoint's first label), so each reading of the same request is tried. Comparisons take constant
-- time. A request of more than 300 s ago or ahead is refused before its signature is looked at.
-- Pure: the clock and the keys are arguments. No message holds a secret.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local sign = require "cme.sign"
local time = require "cme.time"

local auth = {}

local WINDOW = 300 -- seconds, as the cloud has it
local UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
local MAX_SIGNED_HEADERS = 64 -- each is searched for among all headers

---@class cme.server.http.message a request as received
---@field method string
---@field query string                            raw, without "?"
---@field body string
---@field header fun(name: string): string|nil
---@field digest (fun(): string)|nil               SHA-256 of the body in hex, taken where it lies; nil: take it of body
---@field exceeds (fun(byte: string, most: integer): boolean)|nil whether the body has that byte more often; nil: look

---@class cme.server.http.authorization
---@field secret_id string
---@field date string
---@field service string
---@field signed string[]   names of the signed headers, lower case, in their order
---@field signature string

local function split_signed(list)
  local names, seen = {}, {}
  for name in list:gmatch "[^;]+" do
    names[#names + 1] = name
    seen[name] = true
  end
  return names, seen
end

--- Takes an Authorization value apart; pure.
---@param value string
---@return cme.server.http.authorization|nil authorization
---@return cme.detail|nil why
function auth.parse(value)
  local rest = value:match "^TC3%-HMAC%-SHA256%s+(.+)$"
  if not rest then return nil, codes.reason "word:not_tc" end
  local credential = rest:match "Credential=([^,%s]+)"
  local list = rest:match "SignedHeaders=([^,%s]+)"
  local signature = rest:match "[,%s]Signature=(%x+)"
  if not (credential and list and signature) then return nil, codes.reason "word:authorization_parts" end
  local id, date, service = credential:match "^([^/]+)/(%d%d%d%d%-%d%d%-%d%d)/(.+)/tc3_request$"
  if not id then return nil, codes.reason "word:credential" end
  local names, seen = split_signed(list)
  if list ~= list:lower() or not (seen["content-type"] and seen.host) then
    return nil, codes.reason "word:signed_headers"
  end
  if #names > MAX_SIGNED_HEADERS then
    return nil, codes.reason("word:many_signed_headers", { limit = MAX_SIGNED_HEADERS })
  end
  return { secret_id = id, date = date, service = service, signed = names, signature = signature:lower() }
end

--- The readings of a Host header that clients are known to sign: as received, then without the port.
---@param host string
---@return string[]
function auth.hosts(host)
  local bare = host:match "^(.+):%d+$"
  return { host, bare }
end

--- Whether a service name may stand in the scope: the product's, or the host's first label.
---@param service string
---@param host string as received, perhaps with a scheme
---@return boolean
function auth.service_fits(service, host)
  if service == "cme" then return true end
  local name = host:gsub("^%a+://", "")
  local label = name:match "^[^.]*"
  return service == label or service == label:gsub(":%d+$", "")
end

local function check_clock(timestamp, now)
  local off = timestamp - now
  if math.abs(off) <= WINDOW then return true end
  return codes.fail("api.AuthFailure.SignatureExpire:clock",
    { seconds = math.abs(off) // 1, side = codes.reason(off > 0 and "word:later" or "word:earlier"), limit = WINDOW })
end

local function trim(value)
  return value:match "^%s*(.-)%s*$"
end

-- The signed headers as their signer had them, for one reading of host and content type.
local function signed_headers(authorization, message, host, content_type)
  local list = {}
  for i, name in ipairs(authorization.signed) do
    local value
    if name == "host" then
      value = host
    elseif name == "content-type" then
      value = content_type
    else
      value = (message.header(name) or ""):lower()
    end
    list[i] = { name, trim(value) }
  end
  return list
end

-- Taken once, however many readings of the request are tried.
local function payload_hash(message)
  if message.header "x-tc-content-sha256" == UNSIGNED_PAYLOAD then return sign.sha256_hex(UNSIGNED_PAYLOAD) end
  if message.method == "GET" then return sign.sha256_hex "" end
  return message.digest and message.digest() or sign.sha256_hex(message.body)
end

local function tc3_matches(key, authorization, message, timestamp)
  local type_as_sent = message.header "content-type" or ""
  local types = { type_as_sent }
  if type_as_sent:lower() ~= type_as_sent then
    types[2] = type_as_sent:lower()
  end
  local hash = payload_hash(message)
  for _, host in ipairs(auth.hosts(message.header "host" or "")) do
    for _, content_type in ipairs(types) do
      local fields = {
        signed_headers = signed_headers(authorization, message, host, content_type),
        method = message.method,
        query = message.method == "GET" and message.query or "",
        timestamp = timestamp,
        date = authorization.date,
        service = authorization.service,
        payload_hash = hash,
      }
      local signature = key:tc3_signature(fields)
      if signature and sign.equal(signature, authorization.signature) then return true end
    end
  end
  return false
end

local function check_scope(authorization, message, timestamp)
  if authorization.date ~= os.date("!%Y-%m-%d", timestamp) then
    return codes.fail "api.AuthFailure.SignatureFailure:date"
  end
  if not auth.service_fits(authorization.service, message.header "host" or "") then
    return codes.fail "api.AuthFailure.SignatureFailure:service"
  end
  return true
end

local function find_grant(keys, secret_id)
  local grant, message, detail = keys:find(secret_id)
  if grant then return grant end
  if message then return codes.fail("api.InternalError:find_key", { reason = answer.part(message, detail) }) end
  return codes.fail "api.AuthFailure.SecretIdNotFound:unknown"
end

-- Checks a request's session token against its key.
local function check_token(grant, token, now)
  local sent = token ~= nil and token ~= ""
  if not grant.token_sha256 then
    if not sent then return true end
    return codes.fail "api.AuthFailure.TokenFailure:no_token"
  end
  if not sent then return codes.fail "api.AuthFailure.TokenFailure:token_missing" end
  if not sign.equal(sign.sha256_hex(token), grant.token_sha256) then
    return codes.fail "api.AuthFailure.TokenFailure:other_token"
  end
  if now >= grant.expires_at then
    return codes.fail("api.AuthFailure.TokenFailure:expired", { time = time.format(grant.expires_at) })
  end
  return true
end

local function parse_timestamp(text)
  return text and #text <= 11 and text:match "^%d+$" and math.tointeger(tonumber(text)) or nil
end

-- 11 digits end in the year 5138; more would overflow os.date long before it could be in the window.
local function read_timestamp(text, name)
  if not text or text == "" then return codes.fail("api.MissingParameter:common", { name = name }) end
  local timestamp = parse_timestamp(text)
  if timestamp then return timestamp end
  return codes.fail("api.InvalidParameter:timestamp", { name = name })
end

---@class cme.server.http.claim what a request says of its sender, whichever form it has
---@field secret_id string
---@field timestamp integer
---@field token string|nil
---@field matches fun(key: any): boolean|nil, string|nil, cme.detail|nil whether this key signed it; or nil, message,
---  detail

-- The checks that both forms share, in their order: cheap checks first, so that a caller without a key costs
-- nothing.
local function admit(claim, keys, now)
  local ok, text, detail = check_clock(claim.timestamp, now)
  if not ok then return nil, text, detail end
  local grant
  grant, text, detail = find_grant(keys, claim.secret_id)
  if not grant then return nil, text, detail end
  ok, text, detail = claim.matches(grant.key)
  if ok == nil then return nil, text, detail end
  if not ok then return codes.fail "api.AuthFailure.SignatureFailure:mismatch" end
  ok, text, detail = check_token(grant, claim.token, now)
  if not ok then return nil, text, detail end
  return grant
end

local function read_authorization(message)
  local value = message.header "authorization"
  if not value or value == "" then return codes.fail "api.AuthFailure.InvalidAuthorization:missing" end
  if value == "SKIP" then return codes.fail "api.AuthFailure.InvalidAuthorization:unsigned" end
  local authorization, why = auth.parse(value)
  if authorization then return authorization end
  return codes.fail("api.AuthFailure.InvalidAuthorization:malformed", { reason = why })
end

--- Checks a TC3 request.
---@param message cme.server.http.message
---@param keys cme.server.store.keys
---@param now number unix seconds
---@return cme.server.store.grant|nil grant
---@return string|nil text
---@return cme.detail|nil detail
function auth.tc3(message, keys, now)
  local authorization, text, detail = read_authorization(message)
  if not authorization then return nil, text, detail end
  local timestamp
  timestamp, text, detail = read_timestamp(message.header "x-tc-timestamp", "X-TC-Timestamp")
  if not timestamp then return nil, text, detail end
  return admit({
    secret_id = authorization.secret_id,
    timestamp = timestamp,
    token = message.header "x-tc-token",
    matches = function(key)
      local ok, why, refusal = check_scope(authorization, message, timestamp)
      if not ok then return nil, why, refusal end
      return tc3_matches(key, authorization, message, timestamp)
    end,
  }, keys, now)
end

local V1_ALGORITHMS = { HmacSHA1 = true, HmacSHA256 = true }

local function v1_matches(key, message, params, algorithm)
  local signed = {}
  for name, value in pairs(params) do
    signed[name] = name ~= "Signature" and value or nil
  end
  for _, host in ipairs(auth.hosts(message.header "host" or "")) do
    local signature = key:v1 { method = message.method, host = host, params = signed, algorithm = algorithm }
    if signature and sign.equal(signature, trim(params.Signature)) then return true end
  end
  return false
end

-- What a v1 request must carry beside its signature; returns its timestamp.
local function check_v1_params(params)
  for _, name in ipairs { "SecretId", "Signature", "Nonce" } do
    if not params[name] or params[name] == "" then return codes.fail("api.MissingParameter:common", { name = name }) end
  end
  if not params.Nonce:match "^%d+$" then return codes.fail "api.InvalidParameter:nonce" end
  return read_timestamp(params.Timestamp, "Timestamp")
end

--- Checks a request signed in the older form, whose signature is one of its parameters.
---@param message cme.server.http.message
---@param common table<string, string> at least the common parameters, decoded
---@param read fun(): table<string, string>|nil, string|nil, cme.detail|nil all parameters, decoded; asked once the key
--- is
---  known
---@param keys cme.server.store.keys
---@param now number
---@return cme.server.store.grant|nil grant
---@return string|nil text
---@return cme.detail|nil detail
function auth.v1(message, common, read, keys, now)
  local timestamp, text, detail = check_v1_params(common)
  if not timestamp then return nil, text, detail end
  local algorithm = common.SignatureMethod or "HmacSHA1"
  if not V1_ALGORITHMS[algorithm] then return codes.fail "api.InvalidParameter:signature_method" end
  return admit({
    secret_id = common.SecretId,
    timestamp = timestamp,
    token = common.Token,
    matches = function(key)
      local params, why, refusal = read()
      if not params then return nil, why, refusal end
      return v1_matches(key, message, params, algorithm)
    end,
  }, keys, now)
end

return auth
