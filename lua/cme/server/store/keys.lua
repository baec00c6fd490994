-- SPDX-License-Identifier: MIT
-- The keys that may sign requests: the development key in STATE/credentials, made on the first start in the INI form
-- of ~/.tencentcloud/credentials and reused from then on, and those that were added by command
-- (cme.server.store.kept_keys). Secrets stay in cme.sign's key objects; no message from here holds one.

local codes = require "cme.codes"
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

local function refuse(path, sentence, values)
  return codes.within("in.credentials", { path = path }, select(2, codes.fail(sentence, values)))
end

local function load_file(path)
  local text, message, detail = files.read_secret(path, "in.credentials", "advice:new_key")
  if not text then return nil, message, detail end
  local id, key = keys.parse(text)
  if not id then return refuse(path, "local.secret:no_credentials") end
  local self
  self, message, detail = keys.new { [id] = key }
  if not self then return refuse(path, "local.secret:bad_credentials", { cause = codes.words(message, detail) }) end
  self.default_id = id
  return self
end

---@param secrets table<string, string> secret keys by secret id
---@return cme.server.store.keys|nil keys
---@return string|nil message one of them cannot sign
---@return cme.detail|nil detail
function keys.new(secrets)
  local self = setmetatable({ _grants = {} }, Keys)
  for id, secret in pairs(secrets) do
    local key, message, detail = sign.new(id, secret)
    if not key then
      self:close()
      return nil, message, detail
    end
    self._grants[id] = { secret_id = id, key = key }
  end
  return self
end

--- Loads the key file, making it first when there is none.
---@param path string
---@param kept cme.server.store.kept_keys|nil closed with this one
---@return cme.server.store.keys|nil
---@return string|nil message
---@return cme.detail|nil detail
function keys.open(path, kept)
  if files.absent(path) then
    local ok, message, detail = files.write_atomically(path, keys.generate())
    if not ok then return nil, message, detail end
  end
  local self, message, detail = load_file(path)
  if not self then return nil, message, detail end
  self._kept = kept
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
