-- SPDX-License-Identifier: MIT
-- The keys that are added and revoked by command, among the store's `sealed_keys`: the secret key sealed by
-- STATE/master.key (cme.sign's sealer), the session token of a temporary one as its SHA-256. A copy of the database
-- alone reveals neither. Every find() asks the database, so a running service sees at its next request what a command
-- changed; unsealed keys are kept until their row changes or is deleted. master.key is made with the first key, inside
-- the transaction that stores the key, so that two commands at the same time make only one.

local codes = require "cme.codes"
local files = require "cme.system.files"
local sign = require "cme.sign"

local kept_keys = {}

local FRESH = 5 -- seconds for the store to answer
local AGAIN = 1 -- seconds for one that did not answer the last time
local MAX_OPEN = 1024 -- signing keys kept at once; beyond it all are unsealed anew
local FORGET_AFTER_MS = 24 * 3600 * 1000 -- an expired key is TokenFailure for that long, then unknown

---@class cme.server.store.grant what a key may do
---@field secret_id string
---@field key cme.sign_key
---@field token_sha256 string|nil of the session token that goes with it; nil: none does
---@field expires_at number|nil  unix seconds
---@field platforms string[]|nil nil: all

---@class cme.server.store.kept_key
---@field secret_id string
---@field name string
---@field platforms string[]|nil nil: all
---@field temporary boolean      it has a session token
---@field created_at number      unix seconds
---@field expires_at number|nil

---@class cme.server.store.kept_keys
---@field private _store cme.server.store.interface
---@field private _path string                                  of master.key
---@field private _now fun(): number
---@field private _sealer cme.sealer|nil                        once it was needed
---@field private _open table<string, { sealed: string, grant: cme.server.store.grant }> by secret id
---@field private _count integer                                entries of _open
local KeptKeys = {}
KeptKeys.__index = KeptKeys
KeptKeys.__name = "cme.server.store.kept_keys"

---@param store cme.server.store.interface
---@param path string of master.key
---@param now fun(): number unix seconds
---@return cme.server.store.kept_keys
function kept_keys.new(store, path, now)
  return setmetatable({ _store = store, _path = path, _now = now, _open = {}, _count = 0 }, KeptKeys)
end

local function to_seconds(ms)
  return ms and ms / 1000 or nil
end

-- Names of platforms hold no space.
local function split(text)
  if not text then return nil end
  local list = {}
  for name in text:gmatch "%S+" do
    list[#list + 1] = name
  end
  return list
end

-- ---- the master key

local function load_sealer(self)
  if self._sealer then return self._sealer end
  local text, message, detail = files.read_secret(self._path, "in.master_key")
  if not text then return nil, message, detail end
  self._sealer, message, detail = sign.sealer((text:gsub("%s+$", "")))
  if self._sealer then return self._sealer end
  return codes.fail("server.master_key", { path = self._path, cause = codes.words(message, detail) })
end

-- A second master key would leave the keys that the first sealed unreadable.
local function make_master_key(self)
  local count, message, detail = self._store.sealed_keys:count()
  if not count then return nil, message, detail end
  if count > 0 then return codes.fail("server.master_key:missing", { path = self._path }) end
  return files.write_atomically(self._path, sign.random_hex(32) .. "\n")
end

local function ensure_sealer(self)
  if files.absent(self._path) then
    local ok, message, detail = make_master_key(self)
    if not ok then return nil, message, detail end
  end
  return load_sealer(self)
end

-- ---- adding and revoking

---@class cme.server.store.new_key shown once, kept nowhere
---@field secret_id string
---@field secret_key string
---@field token string|nil

local function insert(self, options, fresh)
  local sealer, message, detail = ensure_sealer(self)
  if not sealer then return nil, message, detail end
  local now_ms = math.floor(self._now() * 1000)
  return self._store.sealed_keys:add {
    secret_id = fresh.secret_id, name = options.name, created_at = now_ms,
    sealed = assert(sealer:seal(fresh.secret_id, fresh.secret_key)),
    token_sha256 = fresh.token and sign.sha256_hex(fresh.token) or nil,
    platforms = options.platforms and table.concat(options.platforms, " "),
    expires_at = options.expires_at and math.floor(options.expires_at * 1000),
  }
end

--- Makes a key. One that expires has a session token, which must be sent with every request.
---@param options { name: string, platforms: string[]|nil, expires_at: number|nil } platforms: none of their names has a
--- space
---@return cme.server.store.new_key|nil
---@return string|nil message
---@return cme.detail|nil detail
function KeptKeys:add(options)
  local fresh = {
    secret_id = "AKID" .. sign.random_hex(16),
    secret_key = sign.random_hex(16),
    token = options.expires_at and sign.random_hex(32) or nil,
  }
  local before = math.floor(self._now() * 1000) - FORGET_AFTER_MS
  local ok, message, detail = self._store.sealed_keys:expire(before) -- no part of the transaction: there may be many
  if not ok then return nil, message, detail end
  ok, message, detail = self._store:transaction(insert, self, options, fresh)
  if not ok then return nil, message, detail end
  return fresh
end

---@return cme.server.store.kept_key[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function KeptKeys:list()
  local rows, message, detail = self._store.sealed_keys:all()
  if not rows then return nil, message, detail end
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = {
      secret_id = row.secret_id, name = row.name, platforms = split(row.platforms),
      temporary = row.token_sha256 ~= nil, created_at = to_seconds(row.created_at),
      expires_at = to_seconds(row.expires_at),
    }
  end
  return list
end

--- Forgets a key and its secret.
---@param secret_id string
---@return boolean|nil revoked false: there is none of this id
---@return string|nil message
---@return cme.detail|nil detail
function KeptKeys:revoke(secret_id)
  local changed, message, detail = self._store.sealed_keys:remove(secret_id)
  if not changed then return nil, message, detail end
  return changed > 0
end

-- ---- finding

local function forget(self, secret_id)
  local entry = self._open[secret_id]
  if entry then
    entry.grant.key:close()
    self._open[secret_id] = nil
    self._count = self._count - 1
  end
end

local function forget_all(self)
  for secret_id in pairs(self._open) do
    forget(self, secret_id)
  end
end

local function unseal(self, row)
  local sealer, message, detail = load_sealer(self)
  if not sealer then return nil, message, detail end
  local key
  key, message, detail = sealer:key(row.secret_id, row.sealed)
  if not key then
    return codes.fail("server.sealed_key", { id = row.secret_id, cause = codes.words(message, detail) })
  end
  return { secret_id = row.secret_id, key = key, token_sha256 = row.token_sha256,
    expires_at = to_seconds(row.expires_at), platforms = split(row.platforms) }
end

---@param secret_id string
---@return cme.server.store.grant|nil grant nil without a message: there is no such key
---@return string|nil message the database or the master key failed
---@return cme.detail|nil detail
function KeptKeys:find(secret_id)
  if secret_id:find("\0", 1, true) then return nil end
  self._store:fresh(FRESH, AGAIN) -- when it does not answer, what it knew last decides
  local row, message, detail = self._store.sealed_keys:find(secret_id)
  if row == nil then return nil, message, detail end
  local entry = self._open[secret_id]
  if row and entry and entry.sealed == row.sealed then return entry.grant end
  forget(self, secret_id)
  if not row then return nil end
  if self._count >= MAX_OPEN then
    forget_all(self)
  end
  local grant
  grant, message, detail = unseal(self, row)
  if not grant then return nil, message, detail end
  self._open[secret_id] = { sealed = row.sealed, grant = grant }
  self._count = self._count + 1
  return grant
end

--- Wipes what was unsealed, and the master key.
function KeptKeys:close()
  forget_all(self)
  if self._sealer then
    self._sealer:close()
    self._sealer = nil
  end
end

return kept_keys
