-- SPDX-License-Identifier: MIT
-- The keys that were added by command, in SQLite, sealed. cme.server.store.kept_keys seals and unseals.

local sealed_keys = {}

---@class cme.server.store.sqlite.sealed_keys: cme.server.store.interface.sealed_keys
---@field private _db cme.server.store.db
local SealedKeys = {}
SealedKeys.__index = SealedKeys
SealedKeys.__name = "cme.server.store.sqlite.sealed_keys"

---@param conn cme.server.store.db the store's
---@return cme.server.store.sqlite.sealed_keys
function sealed_keys.new(conn) return setmetatable({ _db = conn }, SealedKeys) end

function SealedKeys:count()
  local rows, message, detail = self._db:rows "SELECT COUNT(*) AS count FROM keys"
  if not rows then return nil, message, detail end
  return rows[1].count
end

function SealedKeys:add(row)
  return self._db:exec([[INSERT INTO keys (secret_id, name, sealed, token_sha256, platforms, created_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)]], row.secret_id, row.name, row.sealed, row.token_sha256, row.platforms,
    row.created_at, row.expires_at)
end

function SealedKeys:expire(before)
  return self._db:exec("DELETE FROM keys WHERE expires_at < ?", before)
end

function SealedKeys:all()
  return self._db:rows "SELECT * FROM keys ORDER BY seq"
end

function SealedKeys:find(secret_id)
  local rows, message, detail = self._db:rows("SELECT * FROM keys WHERE secret_id = ?", secret_id)
  if not rows then return nil, message, detail end
  return rows[1] or false
end

function SealedKeys:remove(secret_id)
  return self._db:exec("DELETE FROM keys WHERE secret_id = ?", secret_id)
end

return sealed_keys
