-- SPDX-License-Identifier: MIT
-- One call of the vendor's Security Token Service (version 2018-08-13), which gives temporary keys for a role:
-- AssumeRole is signed with keys that may assume it, AssumeRoleWithWebIdentity proves itself with an OIDC token and is
-- not signed (`Authorization: SKIP`). Both may be repeated without harm. The host is CME_STS_ENDPOINT where set.
-- https://www.tencentcloud.com/document/api/1150/49456

local codes = require "cme.codes"
local common = require "cme.credentials.common"
local endpoint = require "cme.api.endpoint"
local json = require "cme.json"

local sts = {}

local HOST = "sts.tencentcloudapi.com"
local VERSION = "2018-08-13"
-- STS wants a region, the keys are good in all.
local REGION = "ap-guangzhou"
local CONTENT_TYPE = "application/json"
local LONGEST, LONGEST_CONNECT = 10, 5
-- What may be otherwise at the next try.
local PASSING = {
  RequestLimitExceeded = true, InternalError = true, ServiceUnavailable = true, ResourceUnavailable = true,
}

---@class cme.credentials.sts.request
---@field source string|cme.reason for messages
---@field action string
---@field params table in the service's names
---@field signer cme.credential|nil nil: unsigned
---@field region string|nil
---@field endpoint string|nil a host or URL
---@field now number

local function where_to(host, request)
  local written = request.endpoint or common.variable(host, "CME_STS_ENDPOINT") or HOST
  local parsed, fact = endpoint.parse(written)
  if parsed then return parsed end
  return common.fail("credentials.failed:sts_endpoint", { source = request.source, fact = fact })
end

local function unsigned(request, message, cause)
  return common.fail("credentials.malformed:signer", { source = request.source, cause = codes.words(message, cause) },
    cause)
end

local function authorization(request, parsed, body, timestamp)
  local signer = request.signer
  if not signer then return "SKIP" end
  local key, message, cause = require "cme.sign".new(signer.secret_id, signer.secret_key)
  if not key then return unsigned(request, message, cause) end
  local value
  value, message, cause = key:tc3 {
    service = "sts", host = parsed.host, timestamp = timestamp, payload = body, content_type = CONTENT_TYPE,
  }
  key:close()
  if not value then return unsigned(request, message, cause) end
  return value
end

local function headers_for(request, parsed, timestamp, value)
  local headers = {
    "Content-Type: " .. CONTENT_TYPE,
    "Host: " .. parsed.host,
    "Authorization: " .. value,
    "X-TC-Action: " .. request.action,
    "X-TC-Version: " .. VERSION,
    "X-TC-Region: " .. (request.region or REGION),
    ("X-TC-Timestamp: %.0f"):format(timestamp),
  }
  local token = request.signer and request.signer.token
  if token then headers[#headers + 1] = "X-TC-Token: " .. token end
  return headers
end

-- What must not come back in a message.
local function secrets_of(request)
  return { request.params.WebIdentityToken, request.signer and request.signer.secret_key,
    request.signer and request.signer.token }
end

local function refused(request, response)
  local err = json.object(response.Error)
  local code = common.plain(err.Code):sub(1, 100)
  local cause = { code = "api." .. code, request_id = json.string(response.RequestId),
    retryable = PASSING[code:match "^[^.]+"] == true }
  return common.fail("credentials.refused", { source = request.source, action = request.action, code = code,
    said = common.plain(err.Message, secrets_of(request)) }, cause)
end

local function read(request, http)
  local envelope = json.decode_answer(http.body or "")
  local response = json.object(json.object(envelope).Response)
  if type(response.Error) == "table" then return refused(request, response) end
  local given = json.object(response.Credentials)
  local found = {
    secret_id = json.string(given.TmpSecretId), secret_key = json.string(given.TmpSecretKey),
    token = json.string(given.Token), expires_at = response.ExpiredTime, source = tostring(request.source),
  }
  if http.status ~= 200 or not found.secret_id or type(found.expires_at) ~= "number" then
    return common.fail("credentials.failed:sts",
      { source = request.source, action = request.action, status = http.status },
      { code = "network.protocol", retryable = http.status >= 500 })
  end
  return found
end

--- Asks for temporary keys.
---@param host cme.credentials.host
---@param request cme.credentials.sts.request
---@return cme.credential|nil credential with token and expires_at
---@return string|nil message
---@return table|nil detail
function sts.call(host, request)
  local transport = common.transport(host)
  if not transport then return common.fail("credentials.failed:no_transport", { source = request.source }) end
  local parsed, message, detail = where_to(host, request)
  if not parsed then return nil, message, detail end
  local body, why, fault = json.encode(request.params)
  if not body then
    return common.fail("credentials.malformed:request",
      { source = request.source, action = request.action, cause = codes.words(why, fault) })
  end
  local timestamp = math.floor(request.now)
  local value
  value, message, detail = authorization(request, parsed, body, timestamp)
  if not value then return nil, message, detail end
  local http, trouble, cause = transport:request {
    method = "POST", url = parsed.url, headers = headers_for(request, parsed, timestamp, value), body = body,
    timeout = math.min(host.timeout or LONGEST, LONGEST),
    connect_timeout = math.min(host.connect_timeout or LONGEST_CONNECT, LONGEST_CONNECT),
    ca_file = host.ca_file, proxy = host.proxy, no_proxy = host.no_proxy,
  }
  if not http then
    return common.fail("credentials.failed", { source = request.source, action = request.action,
      said = common.plain(trouble), host = parsed.host },
      { code = cause and cause.code or "network.protocol", retryable = true, cause = cause })
  end
  return read(request, http)
end

return sts
