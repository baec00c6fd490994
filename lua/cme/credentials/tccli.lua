-- SPDX-License-Identifier: MIT
-- Credentials of the vendor's command line tool: ~/.tccli/<profile>.credential, a JSON object with `secretId`,
-- `secretKey`, `token`, and after `tccli auth login` or `tccli sso login` also `expiresAt` (unix seconds); with
-- `role-arn` and `role-session-name` the keys serve to assume that role. The profile is TCCLI_PROFILE or "default".
-- tccli renews a login at each of its own runs; here the file is only read, again when its keys are about to expire.

local codes = require "cme.codes"
local common = require "cme.credentials.common"
local json = require "cme.json"

local tccli = {}

---@class cme.credentials.tccli: cme.credentials.source
---@field profile string|nil
local Source = {}
Source.__index = Source
Source.name = "tccli"

---@class cme.credentials.tccli.options
---@field profile string|nil else TCCLI_PROFILE, else "default"

--- Makes the source.
---@param given cme.credentials.tccli.options|nil
---@return cme.credentials.tccli
function tccli.new(given)
  return setmetatable({ profile = given and given.profile }, Source)
end

local function text_of(value)
  return json.string(value) ~= "" and json.string(value) or nil
end

local function read(values, where)
  return common.complete({
    secret_id = text_of(values.secretId),
    secret_key = text_of(values.secretKey),
    token = text_of(values.token),
    expires_at = type(values.expiresAt) == "number" and values.expiresAt or nil,
  }, where, "secretId", "secretKey")
end

-- The object in the file.
local function load(self, host)
  local home = common.variable(host, "HOME")
  if not home then return common.fail "credentials.none:home" end
  local profile = self.profile or common.variable(host, "TCCLI_PROFILE") or "default"
  if profile:find "[/%c]" then return common.fail "credentials.malformed:profile" end
  local path = ("%s/.tccli/%s.credential"):format(home, profile)
  local where = codes.reason("in.tccli", { path = path })
  local content, reason = common.read_file(host, path)
  if not content then return common.fail("credentials.none:tccli", { path = path, reason = codes.system(reason) }) end
  local values = json.decode(content)
  if type(values) ~= "table" then return common.fail("credentials.malformed:json", { source = where }) end
  values.where = where
  return values
end

function Source:find(host, now)
  local values, message, detail = load(self, host)
  if not values then return nil, message, detail end
  local found
  found, message, detail = read(values, values.where)
  if not found then return nil, message, detail end
  if found.expires_at and found.expires_at <= now then
    return common.fail("credentials.expired:login", { source = values.where })
  end
  local arn = text_of(values["role-arn"])
  if not arn then return found end
  return require "cme.credentials.assume_role".exchange(host, found,
    { role_arn = arn, session_name = text_of(values["role-session-name"]) }, now, values.where)
end

return tccli
