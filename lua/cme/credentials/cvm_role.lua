-- SPDX-License-Identifier: MIT
-- Temporary keys of the CAM role bound to the virtual machine (CVM) that this runs on, from its metadata service:
-- GET .../cam/security-credentials/ names the role, GET .../cam/security-credentials/<role> has its keys.
-- Off a CVM the service's name does not resolve or nobody answers, so one second is all it gets; CME_METADATA=off (or
-- the option `enabled = false`) does not ask at all. CME_METADATA_ENDPOINT is asked instead where set.
-- The link is the machine's own: it goes through no proxy.
-- https://cloud.tencent.com/document/product/213/47668

local codes = require "cme.codes"
local common = require "cme.credentials.common"
local endpoint = require "cme.api.endpoint"
local json = require "cme.json"

local cvm_role = {}

local ENDPOINT = "http://metadata.tencentyun.com"
local PATH = "latest/meta-data/cam/security-credentials/"
local CONNECT_TIMEOUT, TIMEOUT = 1, 2
local LARGEST = 65536
local OFF = { off = true, ["0"] = true, ["false"] = true, no = true }

---@class cme.credentials.cvm_role: cme.credentials.source
---@field role string|nil
---@field endpoint string|nil
---@field enabled boolean
local Source = {}
Source.__index = Source
Source.name = "cvm role"

---@class cme.credentials.cvm_role.options
---@field role string|nil the role's name; else the metadata service is asked for it
---@field endpoint string|nil a host or URL; else CME_METADATA_ENDPOINT, else http://metadata.tencentyun.com
---@field enabled boolean|nil false: never ask

--- Makes the source.
---@param given cme.credentials.cvm_role.options|nil
---@return cme.credentials.cvm_role
function cvm_role.new(given)
  given = given or {}
  return setmetatable({ role = given.role, endpoint = given.endpoint, enabled = given.enabled ~= false }, Source)
end

-- What the transport says may name the host already.
local function network(message, host, cause)
  local said = cause and cause.sentence and codes.words(message, cause) or common.plain(message)
  local is_named = tostring(said):find(host:gsub(":%d+$", ""), 1, true)
  return common.fail(is_named and "credentials.none:metadata_named" or "credentials.none:metadata",
    { said = said, host = not is_named and host or nil },
    { code = cause and cause.code or "network.protocol", retryable = false, cause = cause })
end

-- The body of one document.
local function fetch(host, base, name)
  local transport = common.transport(host)
  if not transport then return common.fail "credentials.none:no_transport" end
  local http, message, cause = transport:request {
    method = "GET", url = base.url .. PATH .. name, headers = { "Host: " .. base.host }, timeout = TIMEOUT,
    connect_timeout = CONNECT_TIMEOUT, max_response = LARGEST,
  }
  if not http then return network(message, base.host, cause) end
  if http.status == 404 then
    return common.fail("credentials.none:no_role", { host = base.host })
  elseif http.status ~= 200 or #(http.body or "") > LARGEST then
    return common.fail("credentials.failed:metadata", { status = http.status, host = base.host },
      { code = "network.http_status", retryable = http.status >= 500 })
  end
  return http.body or ""
end

local function role_name(self, host, base)
  local name, message, detail = self.role, nil, nil
  if not name then name, message, detail = fetch(host, base, "") end
  if not name then return nil, message, detail end
  name = name:match "^%s*([^\r\n]-)%s*$" or ""
  -- The characters that CAM allows; anything else is a captive portal's page or worse.
  if not name:find "^[%w+=,.@_-]+$" or #name > 128 then
    return common.fail("credentials.malformed:role", { host = base.host })
  end
  return name
end

local function read(body, base)
  local values = json.object((json.decode_answer(body)))
  if values.Code ~= "Success" then
    return common.fail("credentials.refused:metadata", { code = common.plain(values.Code), host = base.host })
  end
  local found = {
    secret_id = json.string(values.TmpSecretId), secret_key = json.string(values.TmpSecretKey),
    token = json.string(values.Token), expires_at = values.ExpiredTime, source = "cvm role",
  }
  if not found.secret_id or not found.secret_key or not found.token or type(found.expires_at) ~= "number" then
    return common.fail("credentials.malformed:metadata", { host = base.host })
  end
  return found
end

function Source:find(host)
  local switch = common.variable(host, "CME_METADATA")
  if not self.enabled or OFF[switch and switch:lower()] then return common.fail "credentials.none:off" end
  local base, fact = endpoint.parse(self.endpoint or common.variable(host, "CME_METADATA_ENDPOINT") or ENDPOINT)
  if not base then return common.fail("credentials.failed:metadata_endpoint", { fact = fact }) end
  local name, message, detail = role_name(self, host, base)
  if not name then return nil, message, detail end
  local body
  body, message, detail = fetch(host, base, (name:gsub("[+=,@]", function(c) return ("%%%02X"):format(c:byte()) end)))
  if not body then return nil, message, detail end
  return read(body, base)
end

return cvm_role
