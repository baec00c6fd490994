-- SPDX-License-Identifier: MIT
-- Where the keys come from: what the caller gave, else the environment, else the INI file that Tencent's own tools
-- read. The first place that has anything decides; a half-filled place is an error, not a reason to look further,
-- because mixing an id from here with a key from there only fails later and with a worse message.
-- getenv and open are arguments, so that specs touch neither environment nor disk.

local options = require "cme.options"

---@class cme.credentials
local credentials = {}

---@class cme.credential
---@field secret_id string
---@field secret_key string
---@field token string|nil of temporary keys
---@field source string where it was found, for messages

---@class cme.system what the module asks of its host
---@field getenv fun(name: string): string|nil
---@field open fun(path: string, mode: string): file*|nil, string|nil

-- A credentials file is a few lines; more than this is not one.
local LARGEST = 65536

local EXPLICIT = {
  secret_id = { "string", fact = options.plain_text },
  secret_key = { "string", fact = options.plain_text },
  token = { "string", fact = options.plain_text },
}

local NONE = "no credentials (give cme.client secret_id and secret_key, or set TENCENTCLOUD_SECRET_ID and "
  .. "TENCENTCLOUD_SECRET_KEY, or write them to %s)"

local function fail(code, message)
  return nil, message, { code = "credentials." .. code, retryable = false }
end

-- A pair that is wholly there, wholly absent (nothing returned), or half there.
local function complete(found, source, id_name, key_name)
  if found.secret_id and found.secret_key then
    return { secret_id = found.secret_id, secret_key = found.secret_key, token = found.token, source = source }
  elseif found.secret_id or found.secret_key then
    local has, lacks = id_name, key_name
    if found.secret_key then has, lacks = lacks, has end
    return fail("incomplete", ("credentials: %s: %s is there but %s is missing"):format(source, has, lacks))
  end
end

local function trim(value)
  return value:match "^%s*(.-)%s*$"
end

-- An empty variable counts as unset, as Tencent's SDKs do it.
local function variable(getenv, name)
  local value = getenv(name)
  return value and trim(value) ~= "" and trim(value) or nil
end

local function from_environment(getenv)
  return complete({
    secret_id = variable(getenv, "TENCENTCLOUD_SECRET_ID"),
    secret_key = variable(getenv, "TENCENTCLOUD_SECRET_KEY"),
    token = variable(getenv, "TENCENTCLOUD_TOKEN") or variable(getenv, "TENCENTCLOUD_SESSION_TOKEN"),
  }, "environment", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
end

--- Reads the [default] section of an INI text.
---@param ini string
---@return table<string, string> values
function credentials.parse_ini(ini)
  local values, section = {}, "default"
  for line in ini:gmatch "[^\r\n]+" do
    local name = line:match "^%s*%[%s*(.-)%s*%]%s*$"
    local key, value = line:match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
    if name then
      section = name
    elseif key and section == "default" and value ~= "" then
      values[key] = value
    end
  end
  return values
end

-- The file's path, and whether the caller insists on it.
local function file_path(getenv)
  local named = variable(getenv, "TENCENTCLOUD_CREDENTIALS_FILE")
  if named then return named, true end
  local home = variable(getenv, "HOME")
  return home and home .. "/.tencentcloud/credentials", false
end

local function from_file(system)
  local path, named = file_path(system.getenv)
  local file, reason
  if path then file, reason = system.open(path, "rb") end
  if not file then
    if named then return fail("unreadable", ("credentials '%s': %s"):format(path, reason or "cannot be opened")) end
    return fail("none", NONE:format(path or "~/.tencentcloud/credentials"))
  end
  local ini = file:read(LARGEST) or ""
  file:close()
  local values = credentials.parse_ini(ini)
  local found, message, detail = complete(values, ("file '%s'"):format(path), "secret_id", "secret_key")
  if found or message then return found, message, detail end
  return fail("none", ("credentials '%s': no secret_id and secret_key in its [default] section"):format(path))
end

--- Checks what a caller wrote out.
---@param given table secret_id, secret_key, token
---@param what string who takes it, for the raised text
---@return cme.credential|nil credential nil when nothing was given; half given raises
function credentials.explicit(given, what)
  local found = options.check(what, given, EXPLICIT)
  if not found.secret_id and not found.secret_key then
    if found.token then options.misuse(what .. ": option 'token': needs secret_id and secret_key beside it") end
    return nil
  end
  local credential = complete(found, "options", "secret_id", "secret_key")
  if not credential then
    options.misuse(("%s: option '%s': missing"):format(what, found.secret_id and "secret_key" or "secret_id"))
  end
  return credential
end

--- Looks in the environment, then in the file.
---@param system cme.system
---@return cme.credential|nil credential
---@return string|nil message says where it was looked for
---@return table|nil detail code credentials.none, credentials.incomplete or credentials.unreadable
function credentials.find(system)
  local found, message, detail = from_environment(system.getenv)
  if found or message then return found, message, detail end
  return from_file(system)
end

return credentials
