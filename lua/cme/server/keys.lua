-- SPDX-License-Identifier: MIT
-- The keys that may sign requests. So far one: the development key in STATE/credentials, made on the first
-- start in the INI form of ~/.tencentcloud/credentials, and reused from then on. The file must be readable by
-- its owner only; one that is not is refused, never repaired, since its secret may be known by now.
-- Secrets stay in cme.sign's key objects; no message from here holds one.

local files = require "cme.server.files"
local ini = require "cme.ini"
local sign = require "cme.sign"

local bit_mode = 511 -- 0777: the permission bits of a mode

---@class cme.server.Keys
---@field default_id string                 id of the development key
---@field private _keys table<string, any>  cme.sign keys by secret id
local Keys = {}
Keys.__index = Keys
Keys.__name = "cme.server.Keys"

local keys = {}

---The `[default]` section of an INI text; pure.
---@param text string
---@return string? secret_id, string? secret_key
function keys.parse(text)
  local values = ini.read(text)
  local id, key = values.secret_id, values.secret_key
  if id and key and id:match "^[%w_%-]+$" then
    return id, key
  end
  return nil
end

---The text of a new credentials file with random secrets.
---@return string
function keys.generate()
  return ("# Development key of this cme service. Delete the file and restart to get another.\n"
    .. "[default]\nsecret_id = AKID%s\nsecret_key = %s\n"):format(sign.random_hex(16), sign.random_hex(16))
end

local function check_mode(path)
  local stat, message = files.stat(path)
  if not stat then
    return nil, message
  end
  if stat.type ~= "file" then
    return nil, ("credentials '%s': it is not a file (%s)"):format(path, stat.type)
  end
  local mode = stat.mode & bit_mode
  if mode & 63 ~= 0 then -- 077: group and others
    return nil, ("credentials '%s': other users may read it (mode %04o): run chmod 600 on it, "
      .. "or delete it to have a new key made"):format(path, mode)
  end
  return true
end

local function load_file(path)
  local ok, message = check_mode(path)
  if not ok then
    return nil, message
  end
  local text
  text, message = files.read(path)
  if not text then
    return nil, message
  end
  local id, key = keys.parse(text)
  if not id then
    return nil, ("credentials '%s': there is no [default] section with secret_id and secret_key: "
      .. "add it, or delete the file to have a new key made"):format(path)
  end
  local self
  self, message = keys.new { [id] = key }
  if not self then
    return nil, ("credentials '%s': %s: correct it, or delete the file to have a new key made"):format(path, message)
  end
  return self, nil, id
end

---@param secrets table<string, string> secret keys by secret id
---@return cme.server.Keys? keys, string? message one of them cannot sign
function keys.new(secrets)
  local self = setmetatable({ _keys = {} }, Keys)
  for id, secret in pairs(secrets) do
    local key, message = sign.new(id, secret)
    if not key then
      self:close()
      return nil, message
    end
    self._keys[id] = key
  end
  return self
end

---Loads the key file, making it first when there is none.
---@param path string
---@return cme.server.Keys?, string? message
function keys.open(path)
  if not files.stat(path) then
    local ok, message = files.write_atomically(path, keys.generate())
    if not ok then
      return nil, message
    end
  end
  local self, message, id = load_file(path)
  if not self then
    return nil, message
  end
  self.default_id = id
  return self
end

---@param secret_id string
---@return any? key a cme.sign key
function Keys:find(secret_id)
  return self._keys[secret_id]
end

---Wipes all keys.
function Keys:close()
  for id, key in pairs(self._keys) do
    key:close()
    self._keys[id] = nil
  end
end

return keys
