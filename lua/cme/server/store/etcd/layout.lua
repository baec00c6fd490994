-- SPDX-License-Identifier: MIT
-- The keys of the store in etcd, and the forms of their values: JSON, in which what may hold a stream key or another
-- secret is sealed for the key that it stands in. Pure but for the nonces.
--
--   PREFIX/state/       kept in memory by every service, so it must stay small
--     format            { version, check }           check: sealed by the key file that all services must have
--     node              { id, host, folder }         the service that this state belongs to
--     importing         {}                           a state is being imported
--     head              who wrote last               put by every transaction (cme.etcd.mirror)
--     writers/ID        its last transaction         by which an answer that was lost is found
--     platforms/NAME    { created_at }
--     projects/ID       a row, input sealed
--     gone/ID           { changes }                  of a project that was deleted and whose history is still kept
--     outbox/ID         sealed events of one transaction
--     interrupted/ID    the parts of a project
--     files/ID/FILE     { node }               the node of a fleet that writes the file
--     keys/ID           a row
--   PREFIX/history/ID/NUMBER                         a change; the number has twelve digits
--
-- Times are integer milliseconds.

local codes = require "cme.codes"
local json = require "cme.json"

local layout = {}

---@class cme.server.store.etcd.layout
---@field state string prefix of what is kept in memory
---@field private _prefix string
---@field private _ring cme.keyring
local Layout = {}
Layout.__index = Layout
Layout.__name = "cme.server.store.etcd.layout"

--- Makes one.
---@param prefix string without a slash at its end
---@param ring cme.keyring|nil nil: nothing is to be sealed or opened
---@return cme.server.store.etcd.layout
function layout.new(prefix, ring)
  return setmetatable({ state = prefix .. "/state/", _prefix = prefix, _ring = ring }, Layout)
end

--- A key of the state.
---@param kind string "projects"
---@param id string|nil
---@return string
function Layout:key(kind, id)
  return self.state .. kind .. (id and "/" .. id or "")
end

--- What a key of the state is of.
---@param key string
---@return string kind
---@return string|nil id
function Layout:parse(key)
  local rest = key:sub(#self.state + 1)
  local kind, id = rest:match "^([^/]+)/(.*)$"
  return kind or rest, id
end

--- The prefix of a project's history.
---@param id string
---@return string
function Layout:history(id)
  return ("%s/history/%s/"):format(self._prefix, id)
end

--- The key of one change of a project's history.
---@param id string
---@param number integer
---@return string
function Layout:change(id, number)
  return ("%s%012d"):format(self:history(id), number)
end

--- The prefix of all that the store has.
---@return string
function Layout:all() return self._prefix .. "/" end

-- The name that a text is sealed for: that of its key, which a prefix of another name does not change.
local function name_of(self, key)
  return key:sub(#self._prefix + 2)
end

--- Seals a text for a key.
---@param key string
---@param text string
---@return string|nil sealed
---@return string|nil message it is too long
---@return cme.detail|nil detail code server.database.etcd
function Layout:seal(key, text)
  local sealed, message, detail = self._ring:seal(name_of(self, key), text)
  if sealed then return sealed end
  return codes.fail("server.database.etcd", { cause = codes.words(message, detail) })
end

--- Opens what was sealed for a key.
---@param key string
---@param sealed string
---@return string|nil text nil: it was changed, or another key file sealed it
---@return string|nil message
---@return cme.detail|nil detail code sign.*
function Layout:open(key, sealed)
  return self._ring:open(name_of(self, key), sealed)
end

--- Whether a text was sealed by the key that seals now.
---@param sealed string
---@return boolean
function Layout:is_current(sealed)
  return self._ring:is_current(sealed)
end

--- Whether the key file opens what the store has.
---@param key string
---@param sealed any
---@return boolean
function Layout:opens(key, sealed)
  return type(sealed) == "string" and self:open(key, sealed) ~= nil
end

--- Reads a value.
---@param text string|nil
---@return table|nil value nil: there is none, or it is damaged
function layout.read(text)
  local value = text and json.decode(text)
  return type(value) == "table" and value or nil
end

--- Writes a value.
---@param value table
---@return string
function layout.write(value) return assert(json.encode(value)) end

return layout
