-- SPDX-License-Identifier: MIT
-- The keys that may sign requests: the development key in STATE/credentials, made on the first start in the INI form
-- of ~/.tencentcloud/credentials and reused from then on, and those that were added by command
-- (cme.server.store.kept_keys). Secrets stay in cme.sign's key objects; no message from here holds one.

local files = require "cme.system.files"
local ini = require "cme.text.ini"
local sign = require "cme.sign"

---@class cme.server.store.keys
---@field default_id string                         id of the development key
---@field private _grants table<string, cme.server.store.grant> of the development key, by secret id
---@field private _kept cme.server.store.kept_keys|nil    keys added by command
local Keys = {}
Keys.__index = Keys
Keys.__name = "cme.server.store.keys"

local keys = {}

--- The `[default]` section of an INI text; pure.
---@param text string
---@return string|nil secret_id, string|nil secret_key
function keys.parse(text)
  local values = ini.read(text)
  local id, key = values.secret_id, values.secret_key
  if id and key and id:match "^[%w_%-]+$" then return id, key end
  return nil
end

--- The text of a new credentials file with random secrets.
---@return string
function keys.generate()
  return ("# Development key of this cme service. Delete the file and restart to get another.\n"
    .. "[default]\nsecret_id = AKID%s\nsecret_key = %s\n"):format(sign.random_hex(16), sign.random_hex(16))
end

local function load_file(path)
  local text, message = files.read_secret(path, "credentials", "delete it to have a new key made")
  if not text then return nil, message end
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
---@return cme.server.store.keys|nil keys, string|nil message one of them cannot sign
function keys.new(secrets)
  local self = setmetatable({ _grants = {} }, Keys)
  for id, secret in pairs(secrets) do
    local key, message = sign.new(id, secret)
    if not key then
      self:close()
      return nil, message
    end
    self._grants[id] = { secret_id = id, key = key }
  end
  return self
end

--- Loads the key file, making it first when there is none.
---@param path string
---@param kept cme.server.store.kept_keys|nil closed with this one
---@return cme.server.store.keys|nil, string|nil message
function keys.open(path, kept)
  if files.absent(path) then
    local ok, message = files.write_atomically(path, keys.generate())
    if not ok then return nil, message end
  end
  local self, message, id = load_file(path)
  if not self then return nil, message end
  self.default_id, self._kept = id, kept
  return self
end

---@param secret_id string
---@return cme.server.store.grant|nil grant nil without a message: there is no such key
---@return string|nil message why it could not be looked up
---@return cme.detail|nil detail
function Keys:find(secret_id)
  local grant = self._grants[secret_id]
  if grant or not self._kept then return grant end
  return self._kept:find(secret_id)
end

--- Wipes all keys.
function Keys:close()
  for id, grant in pairs(self._grants) do
    grant.key:close()
    self._grants[id] = nil
  end
  if self._kept then
    self._kept:close()
  end
end

return keys
