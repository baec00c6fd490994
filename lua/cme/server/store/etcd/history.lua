-- SPDX-License-Identifier: MIT
-- The changes of each project in etcd, a key for each, which are not kept in memory: a project's row has how many there
-- were (`changes`) and the last change of its status (`since`), which a refusal quotes. The newest 200 of each existing
-- project are kept, and those of deleted projects while they are among the newest 10,000 of such.

local layout = require "cme.server.store.etcd.layout"
local rows = require "cme.server.store.rows"
local wire = require "cme.etcd.wire"

local history = {}

local MAX_CHANGES = 200 -- kept of a project
local MAX_GONE = 10000 -- of projects that are gone
local MAX_FORGOTTEN = 20 -- projects in one transaction

---@class cme.server.store.etcd.history
---@field private _transactions cme.server.store.etcd.transactions
---@field private _layout cme.server.store.etcd.layout
---@field private _client cme.etcd.client
---@field private _gone table<string, { changes: integer, order: integer }> projects that were deleted, by id
local History = {}
History.__index = History
History.__name = "cme.server.store.etcd.history"

---@param given { transactions: cme.server.store.etcd.transactions, layout: cme.server.store.etcd.layout,
---  client: cme.etcd.client }
---@return cme.server.store.etcd.history
function history.new(given)
  return setmetatable({ _transactions = given.transactions, _layout = given.layout, _client = given.client,
    _gone = {} }, History)
end

--- A key of a deleted project has changed.
---@param id string
---@param kv cme.etcd.kv|nil
function History:changed(id, kv)
  local value = kv and layout.read(kv.value)
  self._gone[id] = value and { changes = value.changes or 0, order = kv.mod_revision } or nil
end

--- Writes a change down. Inside the transaction of the change.
---@param row table of the project, changed here
---@param entry { project: string, at: integer, operation: string, from: string, to: string, reason: string }
function History:note(row, entry)
  local number = (row.changes or 0) + 1
  row.changes = number
  if entry.from ~= entry.to then row.since = { at = entry.at, reason = entry.reason } end
  self._transactions:overwrite(self._layout:change(entry.project, number), layout.write { at = entry.at,
    operation = entry.operation, from = entry.from, to = entry.to, reason = entry.reason })
  if number > MAX_CHANGES then
    self._transactions:overwrite(self._layout:change(entry.project, number - MAX_CHANGES), false)
  end
end

-- The deleted projects past the bound, oldest first.
local function past_bound(gone)
  local list, total, out = {}, 0, {}
  for id, one in pairs(gone) do list[#list + 1] = { id = id, changes = one.changes, order = one.order } end
  table.sort(list, function(a, b) return a.order > b.order end)
  for _, one in ipairs(list) do
    total = total + math.min(one.changes, MAX_CHANGES)
    if total > MAX_GONE then out[#out + 1] = one.id end
  end
  return out
end

--- A project is deleted: its history stays for a while. Inside the transaction.
---@param id string
---@param row table
function History:leave(id, row)
  local list = past_bound(self._gone)
  for i = math.max(1, #list - MAX_FORGOTTEN + 1), #list do
    self._transactions:delete(self._layout:key("gone", list[i]))
    self._transactions:delete_range(self._layout:history(list[i]))
  end
  self._transactions:put(self._layout:key("gone", id), layout.write { changes = row.changes })
end

--- What a project has from an earlier life under the same id. Inside the transaction that makes it.
---@param id string
---@return table row its number of changes
function History:revive(id)
  local value = layout.read(self._transactions:get(self._layout:key("gone", id)))
  if not value then return {} end
  self._transactions:delete(self._layout:key("gone", id))
  return { changes = value.changes }
end

--- Whether it has the history of a project that was deleted.
---@param id string
---@return boolean
function History:has(id) return self._gone[id] ~= nil end

--- What was done to a project, the newest first. Waits.
---@param id string
---@param limit integer
---@return cme.server.store.noted[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function History:of(id, limit)
  local prefix = self._layout:history(id)
  local found, message, detail = self._client:range { key = prefix, range_end = wire.prefix_end(prefix), limit = limit,
    sort = "key", descending = true }
  if not found then return nil, message, detail end
  local list = {}
  for i, kv in ipairs(found.kvs) do
    local one = layout.read(kv.value) or {}
    list[i] = { at = rows.to_seconds(one.at or 0), operation = one.operation, status = one.to, reason = one.reason }
  end
  return list
end

return history
