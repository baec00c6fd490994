-- SPDX-License-Identifier: MIT
-- The keys that were added by command, in etcd: sealed by the master key of the state folder, as in SQLite.
-- cme.server.store.kept_keys seals and unseals.

local layout = require "cme.server.store.etcd.layout"

local sealed_keys = {}

local EXPIRED = 50 -- keys of one transaction: etcd takes only so many operations in one

---@class cme.server.store.etcd.sealed_keys: cme.server.store.interface.sealed_keys
---@field private _transactions cme.server.store.etcd.transactions
---@field private _layout cme.server.store.etcd.layout
---@field private _keys table<string, { row: cme.server.store.interface.sealed_key, order: integer }> by secret id
local SealedKeys = {}
SealedKeys.__index = SealedKeys
SealedKeys.__name = "cme.server.store.etcd.sealed_keys"

---@param given { transactions: cme.server.store.etcd.transactions, layout: cme.server.store.etcd.layout }
---@return cme.server.store.etcd.sealed_keys
function sealed_keys.new(given)
  return setmetatable({ _transactions = given.transactions, _layout = given.layout, _keys = {} }, SealedKeys)
end

--- A key has changed.
---@param id string
---@param kv cme.etcd.kv|nil
function SealedKeys:changed(id, kv)
  local row = kv and layout.read(kv.value)
  if row then row.secret_id = id end
  self._keys[id] = row and { row = row, order = kv.create_revision } or nil
end

function SealedKeys:count()
  local count = 0
  for _ in pairs(self._keys) do count = count + 1 end
  return count
end

local function add(self, row)
  self._transactions:put(self._layout:key("keys", row.secret_id), layout.write { name = row.name, sealed = row.sealed,
    token_sha256 = row.token_sha256, platforms = row.platforms, created_at = row.created_at,
    expires_at = row.expires_at })
  return true
end

function SealedKeys:add(row)
  return self._transactions:run(add, self, row)
end

local function expired(self, before)
  local ids = {}
  for id, one in pairs(self._keys) do
    if one.row.expires_at and one.row.expires_at < before then ids[#ids + 1] = id end
  end
  return ids
end

local function delete(self, ids, from)
  for at = from, math.min(from + EXPIRED - 1, #ids) do
    self._transactions:delete(self._layout:key("keys", ids[at]))
  end
  return true
end

function SealedKeys:expire(before)
  local ids = expired(self, before)
  for from = 1, #ids, EXPIRED do
    local ok, message, detail = self._transactions:run(delete, self, ids, from)
    if not ok then return nil, message, detail end
  end
  return true
end

function SealedKeys:all()
  local found, list = {}, {}
  for _, one in pairs(self._keys) do found[#found + 1] = one end
  table.sort(found, function(a, b) return a.order < b.order end)
  for i, one in ipairs(found) do list[i] = one.row end
  return list
end

function SealedKeys:find(secret_id)
  local one = self._keys[secret_id]
  return one and one.row or false
end

local function remove(self, key)
  return { self._transactions:remove(key) and 1 or 0 }
end

function SealedKeys:remove(secret_id)
  local answer, message, detail = self._transactions:run(remove, self, self._layout:key("keys", secret_id))
  if not answer then return nil, message, detail end
  return answer[1]
end

return sealed_keys
