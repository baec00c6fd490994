-- SPDX-License-Identifier: MIT
-- The events that wait for webhooks, in etcd: those of one transaction share keys, sealed, since etcd takes few keys at
-- once and a network that fails takes every output of every project with it. An event's `seq` is the revision of its
-- key and its place there: the order in which events were committed, by whichever service.

local layout = require "cme.server.store.etcd.layout"
local sign = require "cme.sign"

local outbox = {}

local PLACES = 12 -- bits of a place
local IN_KEY = 32 -- events of one key
local EXPIRED = 50 -- keys of one transaction

---@class cme.server.store.etcd.outbox.row
---@field url string
---@field project string
---@field id string
---@field body string
---@field created_at integer ms
---@field batch string id of its key
---@field place integer in its transaction
---@field seq integer

---@class cme.server.store.etcd.outbox: cme.server.store.interface.outbox
---@field private _transactions cme.server.store.etcd.transactions
---@field private _layout cme.server.store.etcd.layout
---@field private _batches table<string, cme.server.store.etcd.outbox.row[]> by id of the key
---@field private _rows table<integer, cme.server.store.etcd.outbox.row> by seq
---@field private _queues table<string, cme.server.store.etcd.outbox.row[]> by URL, oldest first
---@field private _heard fun()|nil
local Outbox = {}
Outbox.__index = Outbox
Outbox.__name = "cme.server.store.etcd.outbox"

---@param given { transactions: cme.server.store.etcd.transactions, layout: cme.server.store.etcd.layout }
---@return cme.server.store.etcd.outbox
function outbox.new(given)
  return setmetatable({ _transactions = given.transactions, _layout = given.layout, _batches = {}, _rows = {},
    _queues = {} }, Outbox)
end

--- Has somebody told of events that others have put, too.
---@param heard fun() must not wait
function Outbox:listen(heard) self._heard = heard end

-- ---- in memory

local function read(self, id, kv)
  local text = self._layout:open(kv.key, kv.value)
  local value = layout.read(text)
  local rows = {}
  for _, row in ipairs(value and value.rows or {}) do
    row.batch, row.seq = id, kv.create_revision << PLACES | row.place
    rows[#rows + 1] = row
  end
  return rows
end

-- The place in a queue of the first event that is not before a seq.
local function place_of(queue, seq)
  local low, high = 1, #queue + 1
  while low < high do
    local middle = (low + high) // 2
    if queue[middle].seq < seq then low = middle + 1 else high = middle end
  end
  return low
end

function Outbox:_queue(url)
  local queue = self._queues[url]
  if not queue then
    queue = {}
    self._queues[url] = queue
  end
  return queue
end

--- A key has changed. What cannot be opened is of no use to anybody, and not shown.
---@param id string
---@param kv cme.etcd.kv|nil
function Outbox:changed(id, kv)
  for _, row in ipairs(self._batches[id] or {}) do
    self._rows[row.seq] = nil
    local queue = self:_queue(row.url)
    table.remove(queue, place_of(queue, row.seq))
  end
  self._batches[id] = kv and read(self, id, kv) or nil
  for _, row in ipairs(self._batches[id] or {}) do
    self._rows[row.seq] = row
    local queue = self:_queue(row.url)
    table.insert(queue, place_of(queue, row.seq), row)
  end
  if kv and self._heard then self._heard() end
end

-- ---- writing

-- What a transaction does to the outbox, written when its function has returned.
local function plan(self)
  local tx = self._transactions:current()
  local one = tx.notes.outbox
  if one then return one end
  one = { added = {}, removed = {} }
  tx.notes.outbox = one
  table.insert(tx.finish, function() return self:_write(one) end)
  return one
end

function Outbox:_put(id, rows)
  local key, kept = self._layout:key("outbox", id), {}
  if #rows == 0 then
    self._transactions:delete(key)
    return true
  end
  for i, row in ipairs(rows) do
    kept[i] = { url = row.url, project = row.project, id = row.id, body = row.body, created_at = row.created_at,
      place = row.place }
  end
  local sealed, message, detail = self._layout:seal(key, layout.write { rows = kept })
  if not sealed then return nil, message, detail end
  self._transactions:put(key, sealed)
  return true
end

-- Rewrites the keys whose events go.
local function write_removed(self, removed)
  local batches = {}
  for seq in pairs(removed) do
    local row = self._rows[seq]
    if row then batches[row.batch] = true end
  end
  for id in pairs(batches) do
    local left = {}
    for _, row in ipairs(self._batches[id]) do
      if not removed[row.seq] then left[#left + 1] = row end
    end
    local ok, message, detail = self:_put(id, left)
    if not ok then return nil, message, detail end
  end
  return true
end

function Outbox:_write(one)
  local ok, message, detail = write_removed(self, one.removed)
  if not ok then return nil, message, detail end
  local base = sign.random_hex(8)
  for first = 1, #one.added, IN_KEY do
    local rows = table.move(one.added, first, math.min(#one.added, first + IN_KEY - 1), 1, {})
    ok, message, detail = self:_put(("%s-%04d"):format(base, first), rows)
    if not ok then return nil, message, detail end
  end
  return true
end

local function add(self, url, event)
  local added = plan(self).added
  added[#added + 1] = { url = url, project = event.project, id = event.id, body = event.body,
    created_at = event.created_at, place = #added + 1 }
  return true
end

function Outbox:add(url, event)
  return self._transactions:run(add, self, url, event)
end

-- How many of a URL there are, in the eyes of the transaction.
local function held(list, one, url)
  local count = 0
  for _, row in ipairs(list) do count = count + (one.removed[row.seq] and 0 or 1) end
  for _, row in ipairs(one.added) do count = count + (row.url == url and 1 or 0) end
  return count
end

local function trim(self, url, most)
  local list, one, gone = self:_queue(url), plan(self), 0
  local over = #list + #one.added > most and held(list, one, url) - most or 0
  for _, row in ipairs(list) do
    if gone >= over then break end
    if not one.removed[row.seq] then one.removed[row.seq], gone = true, gone + 1 end
  end
  return { gone } -- 0 is an answer, too
end

function Outbox:trim(url, most)
  local answer, message, detail = self._transactions:run(trim, self, url, most)
  if not answer then return nil, message, detail end
  return answer[1]
end

local function remove(self, seqs)
  local removed = plan(self).removed
  for _, seq in ipairs(seqs) do removed[seq] = true end
  return true
end

function Outbox:remove(seq)
  return self._transactions:run(remove, self, { seq })
end

-- The events that are too old, those of some keys.
local function too_old(self, before)
  local seqs, batches, count, by_url = {}, {}, 0, {}
  for seq, row in pairs(self._rows) do
    if row.created_at < before and (batches[row.batch] or count < EXPIRED) then
      count = count + (batches[row.batch] and 0 or 1)
      batches[row.batch], seqs[#seqs + 1] = true, seq
      by_url[row.url] = (by_url[row.url] or 0) + 1
    end
  end
  return seqs, by_url
end

function Outbox:expire(before)
  local totals, gone = {}, {}
  while true do
    local seqs, by_url = too_old(self, before)
    if #seqs == 0 then break end
    local ok, message, detail = self._transactions:run(remove, self, seqs)
    if not ok then return nil, message, detail end
    for url, count in pairs(by_url) do totals[url] = (totals[url] or 0) + count end
  end
  for url, count in pairs(totals) do gone[#gone + 1] = { url = url, count = count } end
  return gone
end

-- ---- reading

function Outbox:heads(url)
  local heads, seen = {}, {}
  for _, row in ipairs(self:_queue(url)) do
    if not seen[row.project] then
      seen[row.project] = true
      heads[#heads + 1] = { seq = row.seq, project = row.project }
    end
  end
  return heads
end

function Outbox:get(seq)
  local row = self._rows[seq]
  return row and { project = row.project, id = row.id, body = row.body, created_at = row.created_at }
end

--- All of them, the oldest first.
---@param visit fun(row: cme.server.store.etcd.outbox.row): true|nil, string|nil, cme.detail|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:each(visit)
  local list = {}
  for _, row in pairs(self._rows) do list[#list + 1] = row end
  table.sort(list, function(a, b) return a.seq < b.seq end)
  for _, row in ipairs(list) do
    local ok, message, detail = visit(row)
    if not ok then return nil, message, detail end
  end
  return true
end

function Outbox:depth()
  local by_url, list = {}, {}
  for _, row in pairs(self._rows) do
    local one = by_url[row.url]
    if not one then
      one = { url = row.url, count = 0, oldest = row.created_at }
      by_url[row.url], list[#list + 1] = one, one
    end
    one.count, one.oldest = one.count + 1, math.min(one.oldest, row.created_at)
  end
  return list
end

return outbox
