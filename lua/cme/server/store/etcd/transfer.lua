-- SPDX-License-Identifier: MIT
-- Reads all that is in etcd and fills an empty prefix, for cme.server.store.transfer. Filling takes many transactions:
-- while it is under way a key says so, and what it left when it was broken off is not opened.

local codes = require "cme.codes"
local layout = require "cme.server.store.etcd.layout"

local transfer = {}

local BATCH = 40 -- rows of a transaction
local BATCH_BYTES = 400000 -- of their texts; etcd takes 1.5 MiB at once
local PAGE = 200 -- changes in memory

---@class cme.server.store.etcd.transferred what of a store is read and written
---@field client cme.etcd.client
---@field mirror cme.etcd.mirror
---@field layout cme.server.store.etcd.layout
---@field transactions cme.server.store.etcd.transactions
---@field outbox cme.server.store.etcd.outbox
---@field interruptions cme.server.store.etcd.interruptions
---@field open_files cme.server.store.etcd.open_files
---@field sealed_keys cme.server.store.etcd.sealed_keys

-- ---- reading

-- The keys of a kind, in the order in which they were made.
local function sorted(self, kind)
  local list = {}
  for key, kv in self.mirror:each() do
    local found, id = self.layout:parse(key)
    if found == kind and id then
      list[#list + 1] = { id = id, key = key, kv = kv, value = layout.read(kv.value) or {} }
    end
  end
  table.sort(list, function(a, b)
    if a.kv.create_revision == b.kv.create_revision then return a.id < b.id end
    return a.kv.create_revision < b.kv.create_revision
  end)
  return list
end

local READERS = {}

function READERS.platforms(self, write)
  for _, one in ipairs(sorted(self, "platforms")) do
    local ok, message, detail = write("platforms", { name = one.id, created_at = one.value.created_at })
    if not ok then return nil, message, detail end
  end
  return true
end

-- The history is not in memory: read in pages, as it was when the rest was read.
function READERS.history(self, write)
  local ok, failure, fault = true, nil, nil
  local prefix = self.layout:history ""
  local revision, message, detail = self.client:pages({ key = prefix:sub(1, -2), prefix = true, limit = PAGE,
    revision = self.mirror.revision }, function(kvs)
    for _, kv in ipairs(kvs) do
      local one = layout.read(kv.value) or {}
      if ok then
        ok, failure, fault = write("history", { project = kv.key:match "/([^/]+)/%d+$", at = one.at,
          operation = one.operation, from_status = one.from, to_status = one.to, reason = one.reason })
      end
    end
  end)
  if not revision then return nil, message, detail end
  return ok, failure, fault
end

local LEFT_OUT = { changes = true, since = true } -- made again from the history

function READERS.projects(self, write)
  for _, one in ipairs(sorted(self, "projects")) do
    local row = { id = one.id }
    for name, value in pairs(one.value) do row[name] = not LEFT_OUT[name] and value or row[name] end
    row.input = type(row.input) == "string" and self.layout:open(one.key, row.input) or ""
    local ok, message, detail = write("projects", row)
    if not ok then return nil, message, detail end
  end
  return true
end

function READERS.outbox(self, write)
  return self.outbox:each(function(row)
    return write("outbox", { url = row.url, project = row.project, event = row.id, body = row.body,
      created_at = row.created_at })
  end)
end

function READERS.interruptions(self, write)
  for _, one in ipairs(sorted(self, "interrupted")) do
    for _, part in ipairs(one.value.parts or {}) do
      local ok, message, detail = write("interruptions", { project = one.id, part = part })
      if not ok then return nil, message, detail end
    end
  end
  return true
end

function READERS.open_files(self, write)
  for _, one in ipairs(self.open_files:all()) do
    local ok, message, detail = write("open_files", { project = one.project, file = one.file })
    if not ok then return nil, message, detail end
  end
  return true
end

function READERS.keys(self, write)
  for _, row in ipairs(self.sealed_keys:all()) do
    local ok, message, detail = write("keys", row)
    if not ok then return nil, message, detail end
  end
  return true
end

--- Gives every row to `write`, as all was at one revision. Waits.
---@param self cme.server.store.etcd.transferred
---@param kinds { name: string }[]
---@param write fun(kind: string, row: table): true|nil, string|nil, cme.detail|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function transfer.export(self, kinds, write)
  for _, kind in ipairs(kinds) do
    local ok, message, detail = READERS[kind.name](self, write)
    if not ok then return nil, message, detail end
  end
  return true
end

-- ---- writing

local OWN = { format = true, node = true, head = true, writers = true, importing = true } -- no part of a state

local function check_empty(self)
  for key in self.mirror:each() do
    local kind = self.layout:parse(key)
    if not OWN[kind] then return codes.fail("invalid.not_empty:state", { what = kind }) end
  end
  return true
end

-- Inside a transaction: each takes a row, and `seen`: what the history said of each project.
local WRITERS = {}

function WRITERS.platforms(self, row)
  self.transactions:put(self.layout:key("platforms", row.name), layout.write { created_at = row.created_at })
  return true
end

function WRITERS.history(self, row, seen)
  local own = seen[row.project]
  own.written = own.written + 1
  self.transactions:overwrite(self.layout:change(row.project, own.written), layout.write { at = row.at,
    operation = row.operation, from = row.from_status, to = row.to_status, reason = row.reason })
  return true
end

function WRITERS.projects(self, row, seen)
  local value, key, own = {}, self.layout:key("projects", row.id), seen[row.id] or {}
  for name, member in pairs(row) do value[name] = member end
  value.id, value.changes, value.since = nil, own.changes, own.since
  local message, detail
  value.input, message, detail = self.layout:seal(key, row.input)
  if not value.input then return nil, message, detail end
  self.transactions:put(key, layout.write(value))
  return true
end

function WRITERS.outbox(self, row)
  return self.outbox:add(row.url, { project = row.project, id = row.event, body = row.body,
    created_at = row.created_at })
end

function WRITERS.interruptions(self, row) return self.interruptions:add(row.project, row.part) end

function WRITERS.open_files(self, row) return self.open_files:add(row.project, row.file) end

function WRITERS.keys(self, row) return self.sealed_keys:add(row) end

-- What the history says of projects, before its transaction, which may run several times.
local function count(seen, kind, row)
  if kind == "projects" and seen[row.id] then seen[row.id].there = true end
  if kind ~= "history" then return end
  local own = seen[row.project] or { changes = 0, written = 0 }
  seen[row.project] = own
  own.changes = own.changes + 1
  if row.from_status ~= row.to_status then own.since = { at = row.at, reason = row.reason } end
end

local function write_rows(self, batch, seen)
  for _, own in pairs(batch.numbers) do own.written = own.before end
  for _, one in ipairs(batch) do
    local ok, message, detail = WRITERS[one.kind](self, one.row, seen)
    if not ok then return nil, message, detail end
  end
  return true
end

local function new_batch() return { bytes = 0, numbers = {} } end

local function add(batch, seen, kind, row)
  count(seen, kind, row)
  local own = kind == "history" and seen[row.project]
  if own and not batch.numbers[row.project] then
    own.before, batch.numbers[row.project] = own.written, own
  end
  batch[#batch + 1] = { kind = kind, row = row }
  for _, value in pairs(row) do batch.bytes = batch.bytes + (type(value) == "string" and #value or 8) end
end

local function write_gone(self, seen)
  for id, own in pairs(seen) do
    if not own.there then
      local ok, message, detail = self.transactions:run(function()
        self.transactions:put(self.layout:key("gone", id), layout.write { changes = own.changes })
        return true
      end)
      if not ok then return nil, message, detail end
    end
  end
  return true
end

local function mark(self, there)
  return self.transactions:run(function()
    local key = self.layout:key "importing"
    if there then self.transactions:put(key, "{}") else self.transactions:delete(key) end
    return true
  end)
end

local function write_all(self, read)
  local seen, batch = {}, new_batch()
  while true do
    local kind, row, detail = read()
    if not kind and row then return nil, row, detail end
    if kind then add(batch, seen, kind, row) end
    if not kind or #batch >= BATCH or batch.bytes >= BATCH_BYTES then
      local ok, message, fault = self.transactions:run(write_rows, self, batch, seen)
      if not ok then return nil, message, fault end
      batch = new_batch()
    end
    if not kind then return write_gone(self, seen) end
  end
end

--- Fills an empty store. Waits.
---@param self cme.server.store.etcd.transferred
---@param read fun(): string|nil, table|string|nil, cme.detail|nil kind and row; nil: the end; nil, message, detail
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function transfer.import(self, read)
  local ok, message, detail = check_empty(self)
  if ok then ok, message, detail = mark(self, true) end
  if ok then ok, message, detail = write_all(self, read) end
  if ok then ok, message, detail = mark(self, false) end
  return ok and true, message, detail
end

return transfer
