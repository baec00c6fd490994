-- SPDX-License-Identifier: MIT
-- Temporary keys of a pod in the vendor's Kubernetes (TKE): the cluster writes an OIDC token into a file and says in
-- TKE_REGION, TKE_PROVIDER_ID, TKE_WEB_IDENTITY_TOKEN_FILE and TKE_ROLE_ARN what to exchange it for at the STS.
-- The token in the file changes, so it is read at each refresh. None of the four set: does not apply; some: an error.

local common = require "cme.credentials.common"
local sts = require "cme.credentials.sts"

local tke = {}

local NAMES = { "TKE_REGION", "TKE_PROVIDER_ID", "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN" }
local DURATION = 7200

---@class cme.credentials.tke: cme.credentials.source
local Source = {}
Source.__index = Source
Source.name = "tke"

---@class cme.credentials.tke.options
---@field session_name string|nil shown in audit logs, default "cme"
---@field duration integer|nil lifetime of the keys in seconds, default 7200
---@field endpoint string|nil the STS, a host or URL

--- Makes the source.
---@param given cme.credentials.tke.options|nil
---@return cme.credentials.tke
function tke.new(given)
  given = given or {}
  return setmetatable({ session_name = given.session_name, duration = given.duration, endpoint = given.endpoint },
    Source)
end

function Source:find(host, now)
  local missing = common.unset(host, NAMES)
  if #missing == #NAMES then
    return common.fail("credentials.none:tke", { names = table.concat(missing, ", ") })
  elseif missing[1] then
    return common.fail(missing[2] and "credentials.incomplete:tke" or "credentials.incomplete:tke_one",
      { names = table.concat(missing, ", ") })
  end
  local path = common.variable(host, "TKE_WEB_IDENTITY_TOKEN_FILE")
  local token, reason = common.read_file(host, path)
  token = token and token:match "^%s*(.-)%s*$"
  if not token or token == "" then
    return common.fail("credentials.unreadable:tke", { path = path, reason = reason or "empty" })
  end
  return sts.call(host, {
    source = self.name, action = "AssumeRoleWithWebIdentity", now = now, endpoint = self.endpoint,
    region = common.variable(host, "TKE_REGION"),
    params = {
      ProviderId = common.variable(host, "TKE_PROVIDER_ID"),
      WebIdentityToken = token,
      RoleArn = common.variable(host, "TKE_ROLE_ARN"),
      RoleSessionName = self.session_name or "cme",
      DurationSeconds = self.duration or DURATION,
    },
  })
end

return tke
