-- SPDX-License-Identifier: MIT
-- The edge keys, in EDGE/keys: the keys that sign push addresses, and the secret of playback and of engines.
-- They are made at the first start; only the owner can read the file.

local codes = require "cme.codes"
local files = require "cme.system.files"
local ini = require "cme.text.ini"
local sign = require "cme.sign"

local keys = {}

local TEXT = [[
# Keys of this service's push addresses: made with `key`, good with `backup_key`, too. To change them, move `key` to
# `backup_key`, put another in its place and restart the service; do it again and the old addresses are worth nothing.
# `secret` is what tokens of playback are made from; with another one, addresses of playback are asked for again.
[default]
key = %s
backup_key = %s
secret = %s
]]

--- The text of a new file with random secrets.
---@return string
function keys.generate()
  return TEXT:format(sign.random_hex(16), sign.random_hex(16), sign.random_hex(16))
end

---@param content string
---@return cme.server.edge.keys|nil keys
---@return string|nil message
---@return cme.detail|nil detail
function keys.parse(content)
  local values = ini.read(content)
  for _, name in ipairs { "key", "backup_key", "secret" } do
    local value = values[name]
    if not value or not value:find "^[%w_-]+$" or #value < 16 then
      return codes.fail("local.secret:bad_push_keys", { name = name })
    end
  end
  return { key = values.key, backup_key = values.backup_key, secret = values.secret }
end

--- Loads the file, making it first when there is none.
---@param path string
---@return cme.server.edge.keys|nil keys
---@return string|nil message
---@return cme.detail|nil detail
function keys.open(path)
  if files.absent(path) then
    local ok, message, detail = files.write_atomically(path, keys.generate())
    if not ok then return nil, message, detail end
  end
  local content, message, detail = files.read_secret(path, "in.push_keys", "advice:new_push_keys")
  if not content then return nil, message, detail end
  local found
  found, message, detail = keys.parse(content)
  if not found then return codes.within("in.push_keys", { path = path }, message, detail) end
  return found
end

return keys
