-- SPDX-License-Identifier: MIT
-- Temporary keys of a role, asked of the STS with other keys that may assume it. Those come from a provider of their
-- own, so they are refreshed like any others (a CVM's role may assume a role of another account).

local codes = require "cme.codes"
local common = require "cme.credentials.common"
local json = require "cme.json"
local sts = require "cme.credentials.sts"

local assume_role = {}

local DURATION = 7200

---@class cme.credentials.assume_role: cme.credentials.source
local Source = {}
Source.__index = Source
Source.name = "assume role"

---@class cme.credentials.assume_role.options
---@field role_arn string such as "qcs::cam::uin/12345678:roleName/broadcaster"
---@field session_name string|nil 2 to 128 of letters, digits and =,.@_-: shown in audit logs, default "cme"
---@field duration integer|nil lifetime of the keys in seconds, 1 to 43200, default 7200
---@field external_id string|nil the external id that the role's owner requires
---@field policy string|table|nil a CAM policy that narrows the role's rights, as JSON text or as a table
---@field region string|nil of the STS; the keys are valid everywhere
---@field endpoint string|nil the STS, a host or URL; else CME_STS_ENDPOINT, else sts.tencentcloudapi.com
---@field credential cme.credential|cme.credentials.provider|function|nil the keys that assume it; nil: the default
--- chain

--- Makes the source.
---@param given cme.credentials.assume_role.options checked by the caller
---@param signer cme.credentials.provider who assumes it
---@return cme.credentials.assume_role
function assume_role.new(given, signer)
  return setmetatable({ given = given, signer = signer }, Source)
end

-- The STS decodes the policy once more than it decodes the body.
local function encoded(policy)
  if type(policy) == "table" then
    local message, detail
    policy, message, detail = json.encode(policy)
    if not policy then return common.fail("credentials.malformed:policy", { cause = codes.words(message, detail) }) end
  end
  return (policy:gsub("[^%w._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function params_of(given)
  local policy, message, detail
  if given.policy then
    policy, message, detail = encoded(given.policy)
    if not policy then return nil, message, detail end
  end
  return {
    RoleArn = given.role_arn,
    RoleSessionName = given.session_name or "cme",
    DurationSeconds = given.duration or DURATION,
    ExternalId = given.external_id,
    Policy = policy,
  }
end

--- Exchanges keys for those of a role.
---@param host cme.credentials.host
---@param signer cme.credential
---@param given cme.credentials.assume_role.options
---@param now number
---@param source string|cme.reason|nil for messages
---@return cme.credential|nil credential
---@return string|nil message
---@return table|nil detail
function assume_role.exchange(host, signer, given, now, source)
  local params, message, detail = params_of(given)
  if not params then return nil, message, detail end
  return sts.call(host, {
    source = source or codes.reason "word:assume_role", action = "AssumeRole", params = params, signer = signer,
    now = now,
    region = given.region, endpoint = given.endpoint,
  })
end

function Source:find(host, now)
  local signer, message, detail = self.signer:bind(host):get(now)
  if not signer then
    local about = codes.words(message, detail)
    about.code, about.retryable, about.cause = detail.code, detail.retryable, detail
    return codes.within("word:assume_role", nil, message, about)
  end
  return assume_role.exchange(host, signer, self.given, now)
end

--- The keys to assume the role with may be the ones that went bad.
function Source:forget()
  self.signer:invalidate()
end

return assume_role
