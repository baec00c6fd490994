-- SPDX-License-Identifier: MIT
-- What the control room is told by its environment. Pure but for `getenv` and `open`, which are arguments.
--
--   ROOM_PASSWORD             to log in with, at least 10 characters; only a digest of it is kept
--   ROOM_ORIGIN               what browsers call the room when it is not by an address, https://room.example.com
--   ROOM_SESSION_SECONDS      how long a login holds without anybody at the page, 12 hours
--   ROOM_DEVICE_KEY_FILE      what cookies of devices that were signed in are signed with; a new one without it
--   ROOM_WEBHOOK_SECRET_FILE  the service's webhook_secret; without it no event is taken
-- CME_ENDPOINT, CME_PLATFORM and the key are the client's own.

local sign = require "cme.sign"

local config = {}

local SHORTEST = 10
local SESSION_SECONDS = 12 * 3600

---@class room.config
---@field salt string of this start
---@field digest string HMAC of the password under the salt
---@field origin string|nil
---@field session_seconds number
---@field device_key string
---@field hook_secrets string[]|nil

local function fail(name, fact)
  return nil, ("control room: %s: %s"):format(name, fact)
end

-- The first word of each line: several while one replaces another.
local function read_secrets(open, path)
  local file, why = open(path, "rb")
  if not file then return nil, why end
  local secrets = {}
  for line in (file:read "*a"):gmatch "[^\r\n]+" do secrets[#secrets + 1] = line:match "^%S+" end
  file:close()
  if not secrets[1] then return nil, "it is empty" end
  return secrets
end

local function read_device_key(path, open)
  if path == "" then return sign.random_hex(32) end
  local keys, why = read_secrets(open, path)
  if not keys then return fail("ROOM_DEVICE_KEY_FILE", ("file '%s': %s"):format(path, why)) end
  if #keys[1] < 32 then return fail("ROOM_DEVICE_KEY_FILE", "32 characters at least are needed") end
  return keys[1]
end

--- The HMAC that a password is compared by.
---@param salt string
---@param password string
---@return string hex
function config.digest(salt, password)
  return assert(sign.hmac_sha256_hex(salt, password))
end

---@param getenv fun(name: string): string|nil
---@param open fun(path: string, mode: string): file*|nil, string|nil
---@return room.config|nil
---@return string|nil message
function config.read(getenv, open)
  local password, origin = getenv "ROOM_PASSWORD" or "", getenv "ROOM_ORIGIN" or ""
  local seconds, path = getenv "ROOM_SESSION_SECONDS" or "", getenv "ROOM_WEBHOOK_SECRET_FILE" or ""
  if #password < SHORTEST then return fail("ROOM_PASSWORD", ("at least %d characters are needed"):format(SHORTEST)) end
  if origin ~= "" and not origin:find "^https?://[%w.-]+$" and not origin:find "^https?://[%w.-]+:%d+$" then
    return fail("ROOM_ORIGIN", "write it like https://room.example.com, without a path")
  end
  local lifetime = seconds == "" and SESSION_SECONDS or tonumber(seconds)
  if not lifetime or not (lifetime >= 1 and lifetime <= 30 * 86400) then
    return fail("ROOM_SESSION_SECONDS", "1 to 2592000 are possible")
  end
  local secrets, why
  if path ~= "" then
    secrets, why = read_secrets(open, path)
    if not secrets then return fail("ROOM_WEBHOOK_SECRET_FILE", ("file '%s': %s"):format(path, why)) end
  end
  local device_key
  device_key, why = read_device_key(getenv "ROOM_DEVICE_KEY_FILE" or "", open)
  if not device_key then return nil, why end
  local salt = assert(sign.random_hex(16))
  return { salt = salt, digest = config.digest(salt, password), origin = origin ~= "" and origin:lower() or nil,
    session_seconds = lifetime, hook_secrets = secrets, device_key = device_key }
end

return config
