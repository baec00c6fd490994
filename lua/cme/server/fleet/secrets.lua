-- SPDX-License-Identifier: MIT
-- What all nodes of a fleet must have alike, or a client would need another key for each: the first node's files,
-- sealed in etcd, from which every further node makes its own.
--
--   PREFIX secret/credentials = sealed text
--
-- A file that says otherwise is left as it is, and the node refuses to start: it may be all that opens another state.
-- Waits; tasks only.

local codes = require "cme.codes"
local files = require "cme.system.files"

local secrets = {}

---@class cme.server.fleet.secret
---@field name string
---@field path string of the file
---@field generate fun(): string makes the first one's text

---@class cme.server.fleet.secrets.given
---@field client cme.etcd.client
---@field prefix string of the fleet's keys
---@field ring cme.keyring

local function name_of(one) return "secret/" .. one.name end

-- What this node has, or would make.
local function own_text(one)
  if files.absent(one.path) then return one.generate() end
  return files.read_secret(one.path, "in.read_file")
end

-- Writes a text sealed, if the key is still what it was.
local function put(given, one, text, kv)
  local sealed, message, detail = given.ring:seal(name_of(one), text)
  if not sealed then return nil, message, detail end
  local key = given.prefix .. name_of(one)
  return given.client:txn { compare = { { key = key, mod_revision = kv and kv.mod_revision or 0 } },
    success = { { put = { key = key, value = sealed } } } }
end

-- The text that the fleet has; this node's where there is none yet.
local function agree(given, one)
  local key = given.prefix .. name_of(one)
  local kv, message, detail = given.client:get(key)
  if kv == nil then return nil, message, detail end
  local text
  if kv then
    text = given.ring:open(name_of(one), kv.value)
    if not text then return codes.fail "server.seal_key:other" end
    if given.ring:is_current(kv.value) then return text end
  else
    text, message, detail = own_text(one)
    if not text then return nil, message, detail end
  end
  local done
  done, message, detail = put(given, one, text, kv)
  if not done then return nil, message, detail end
  if done.succeeded then return text end
  return agree(given, one) -- another node was faster
end

local function settle(given, one)
  local text, message, detail = agree(given, one)
  if not text then return nil, message, detail end
  if files.absent(one.path) then return files.write_atomically(one.path, text) end
  local own
  own, message, detail = own_text(one)
  if not own then return nil, message, detail end
  if own == text then return true end
  return codes.fail("server.fleet.secret", { path = one.path })
end

--- Has this node's files say what the fleet's say.
---@param given cme.server.fleet.secrets.given
---@param list cme.server.fleet.secret[]
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.secret, server.seal_key, or etcd's
function secrets.settle(given, list)
  for _, one in ipairs(list) do
    local ok, message, detail = settle(given, one)
    if not ok then return nil, message, detail end
  end
  return true
end

return secrets
