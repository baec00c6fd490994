-- SPDX-License-Identifier: MIT
-- Credentials from the INI file of the vendor's SDKs: the one that TENCENTCLOUD_CREDENTIALS_FILE names, else
-- ~/.tencentcloud/credentials, else /etc/tencentcloud/credentials; `secret_id`, `secret_key` and `token` of its
-- [default] section. A file that was named must be there and have them; the others may be missing.

local codes = require "cme.codes"
local common = require "cme.credentials.common"
local ini = require "cme.text.ini"

local file = {}

---@class cme.credentials.file: cme.credentials.source
---@field path string|nil the file, when the caller named it
---@field profile string the section
local Source = {}
Source.__index = Source
Source.name = "file"

---@class cme.credentials.file.options
---@field path string|nil
---@field profile string|nil the section, "default"

--- Makes the source.
---@param given cme.credentials.file.options|nil
---@return cme.credentials.file
function file.new(given)
  given = given or {}
  return setmetatable({ path = given.path, profile = given.profile or "default" }, Source)
end

-- The files to look at; and, when the first must be there, who named it.
local function paths(self, host)
  if self.path then return { self.path }, codes.reason "word:option_path" end
  local named = common.variable(host, "TENCENTCLOUD_CREDENTIALS_FILE")
  if named then return { named }, "TENCENTCLOUD_CREDENTIALS_FILE" end
  local home = common.variable(host, "HOME")
  return { home and home .. "/.tencentcloud/credentials", "/etc/tencentcloud/credentials" }
end

local function look(self, path, content)
  local values = ini.read(content, self.profile)
  local where = codes.reason("in.file", { path = path })
  local found, message, detail = common.complete(
    { secret_id = values.secret_id, secret_key = values.secret_key, token = values.token }, where, "secret_id",
    "secret_key")
  if found or detail.code ~= "credentials.none" then return found, message, detail end
  return common.fail("credentials.none:section", { path = path, profile = self.profile })
end

function Source:find(host)
  local list, named = paths(self, host)
  local missing = {}
  for i = 1, 2 do
    local path = list[i]
    local content, reason
    if path then content, reason = common.read_file(host, path) end
    if content then
      local found, message, detail = look(self, path, content)
      if not found and named and detail.code == "credentials.none" then
        return common.fail("credentials.incomplete:section", { path = path, profile = self.profile })
      end
      return found, message, detail
    elseif path and named then
      return common.fail("credentials.unreadable", { path = path, reason = codes.system(reason), named = named })
    end
    if path then
      missing[#missing + 1] = codes.reason("credentials.none:file", { path = path, reason = codes.system(reason) })
    end
  end
  return common.fail("credentials.none:files", { files = missing })
end

return file
