-- SPDX-License-Identifier: MIT
-- Credentials from the environment, by the names that the vendor's SDKs and tccli use: TENCENTCLOUD_SECRET_ID,
-- TENCENTCLOUD_SECRET_KEY, and of temporary keys TENCENTCLOUD_TOKEN or TENCENTCLOUD_SESSION_TOKEN. With
-- TENCENTCLOUD_ROLE_ARN (and TENCENTCLOUD_ROLE_SESSION_NAME) set they are not used themselves but to assume that role.

local common = require "cme.credentials.common"
local lazy = require "cme.text.lazy"

local codes = lazy.module(function() return require "cme.codes" end)

local environment = {}

---@class cme.credentials.environment: cme.credentials.source
local Source = {}
Source.__index = Source
Source.name = "environment"

--- Makes the source.
---@return cme.credentials.environment
function environment.new()
  return setmetatable({}, Source)
end

function Source.find(_, host, now)
  local found, message, detail = common.complete({
    secret_id = common.variable(host, "TENCENTCLOUD_SECRET_ID"),
    secret_key = common.variable(host, "TENCENTCLOUD_SECRET_KEY"),
    token = common.variable(host, "TENCENTCLOUD_TOKEN") or common.variable(host, "TENCENTCLOUD_SESSION_TOKEN"),
  }, codes.reason "word:environment", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
  if not found then return nil, message, detail end
  local arn = common.variable(host, "TENCENTCLOUD_ROLE_ARN")
  if not arn then return found end
  return require "cme.credentials.assume_role".exchange(host, found,
    { role_arn = arn, session_name = common.variable(host, "TENCENTCLOUD_ROLE_SESSION_NAME") }, now,
    codes.reason "word:environment")
end

return environment
