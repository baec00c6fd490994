-- SPDX-License-Identifier: MIT
-- Lists projects by pages and counts them. Records and counts are kept in memory, and read again after the store
-- reports a change.

local categories = require "cme.server.categories"
local rows = require "cme.server.store.rows"

local pages = {}

local MAX_TOTALS = 200 -- filters whose projects are counted and kept
local MAX_KEPT = 2000 -- records that were on a page

---@class cme.server.store.sqlite.pages
---@field private _db cme.server.store.db
---@field private _counts table<string, { Idle: integer, Working: integer }>|nil projects by category; nil: not read yet
---@field private _totals table<string, integer> how many fit, by filter; of no use after a change
---@field private _totals_held integer
---@field private _kept table<string, { record: cme.server.project, updated_at: integer, revision: integer }> what was
---  on a page, by id
---@field private _kept_held integer
local Pages = {}
Pages.__index = Pages
Pages.__name = "cme.server.store.sqlite.pages"

---@param conn cme.server.store.db
---@return cme.server.store.sqlite.pages
function pages.new(conn)
  return setmetatable({ _db = conn, _totals = {}, _totals_held = 0, _kept = {}, _kept_held = 0 }, Pages)
end

-- Reads how many projects there are, by category and status; the numbers are kept from then on.
local function read_counts(conn)
  local found, message, detail = conn:rows
    "SELECT category, status, COUNT(*) AS count FROM projects GROUP BY category, status"
  if not found then return nil, message, detail end
  local counts = {}
  for _, category in ipairs(categories.list) do
    counts[category.name] = { Idle = 0, Working = 0 }
  end
  for _, row in ipairs(found) do
    local own = counts[(categories.of(row) or categories.fallback).name]
    local status = own[row.status] and row.status or "Idle"
    own[status] = own[status] + math.tointeger(row.count)
  end
  return counts
end

function Pages:_let_go(id)
  if self._kept[id] then self._kept[id], self._kept_held = nil, self._kept_held - 1 end
end

function Pages:_forget_totals()
  self._totals, self._totals_held = {}, 0
end

--- A project has come, gone (to or from nil), or changed.
---@param id string
---@param category string
---@param from "Idle"|"Working"|nil
---@param to "Idle"|"Working"|nil
function Pages:changed(id, category, from, to)
  local own = self._counts and self._counts[category]
  self:_let_go(id)
  self:_forget_totals()
  if not own then return end
  if from then own[from] = own[from] - 1 end
  if to then own[to] = own[to] + 1 end
end

--- Something has changed: all counts are read again.
function Pages:recount()
  self._counts = nil
  self:_forget_totals()
end

--- How many projects there are. Nothing is read but the first time.
---@return table<string, { Idle: integer, Working: integer }>|nil counts by category
---@return string|nil message
---@return cme.detail|nil detail
function Pages:count()
  local message, detail
  if not self._counts then
    self._counts, message, detail = read_counts(self._db)
  end
  return self._counts, message, detail
end

-- The WHERE clause of a filter and its values.
local function where_of(filter)
  local where, values = { "platform = ?" }, { filter.platform }
  rows.add_list(where, values, "id", filter.ids)
  rows.add_list(where, values, "category", filter.categories)
  rows.add_list(where, values, "mode", filter.modes)
  rows.add_list(where, values, "''", filter.aspect_ratios) -- relays have none
  rows.add_list(where, values, "status", { filter.status })
  rows.add_list(where, values, "owner_type", { filter.owner_type })
  rows.add_list(where, values, "owner_id", { filter.owner_id })
  return table.concat(where, " AND "), values
end

local SORT_COLUMNS = { created_at = true, updated_at = true }
local SORT_ORDERS = { ASC = true, DESC = true }

-- How many projects fit; counted once between two changes, since who pages asks the same again and again.
function Pages:_total(clause, values)
  local key = clause .. "\0" .. table.concat(values, "\0")
  if self._totals[key] then return self._totals[key] end
  local count, message, detail = self._db:rows("SELECT COUNT(*) AS total FROM projects WHERE " .. clause,
    table.unpack(values))
  if not count then return nil, message, detail end
  if self._totals_held >= MAX_TOTALS then
    self:_forget_totals()
  end
  self._totals[key], self._totals_held = math.tointeger(count[1].total), self._totals_held + 1
  return self._totals[key]
end

-- Keeps records of pages by their ids; those that are damaged are read again each time.
function Pages:_keep(row, record)
  if record.fault then return end
  if self._kept_held >= MAX_KEPT then
    self._kept, self._kept_held = {}, 0
  end
  self._kept_held = self._kept_held + (self._kept[row.id] and 0 or 1)
  self._kept[row.id] = { record = record, updated_at = row.updated_at, revision = row.revision }
end

local function is_same(kept, row)
  return kept and kept.updated_at == row.updated_at and kept.revision == row.revision
    and kept.record.status == row.status
end

-- The records of a page that are kept and have not changed since, by id; and the ids of the others.
function Pages:_split(page)
  local found, ids = {}, {}
  for _, row in ipairs(page) do
    local kept = self._kept[row.id]
    if is_same(kept, row) then
      found[row.id] = kept.record
    else
      ids[#ids + 1] = row.id
    end
  end
  return found, ids
end

-- The records of a page, by id; those that are not kept are read.
function Pages:_records(page)
  local found, ids = self:_split(page)
  if not ids[1] then return found end
  local where, values = {}, {}
  rows.add_list(where, values, "id", ids)
  local read, message, detail = self._db:rows(("SELECT %s FROM projects WHERE %s"):format(rows.columns, where[1]),
    table.unpack(values))
  if not read then return nil, message, detail end
  for _, row in ipairs(read) do
    found[row.id] = rows.project(row)
    self:_keep(row, found[row.id])
  end
  return found
end

--- One page of the projects that fit, and how many fit in all. The records are the store's own, the same from page to
--- page until they change: they are to be read only.
---@param filter cme.server.store.filter
---@return cme.server.project[]|nil projects
---@return integer|string total_or_message
---@return cme.detail|nil detail
function Pages:list(filter)
  assert(SORT_COLUMNS[filter.sort] and SORT_ORDERS[filter.order], "list projects: unknown sort")
  local clause, values = where_of(filter)
  local total, message, detail = self:_total(clause, values)
  if not total then return nil, message, detail end
  values[#values + 1] = filter.limit
  values[#values + 1] = filter.offset
  local page, found
  page, message, detail = self._db:rows(
    ("SELECT id, status, revision, updated_at FROM projects WHERE %s ORDER BY %s %s, seq %s LIMIT ? OFFSET ?"):format(
      clause, filter.sort, filter.order, filter.order), table.unpack(values))
  if not page then return nil, message, detail end
  found, message, detail = self:_records(page)
  if not found then return nil, message, detail end
  local projects = {}
  for i, row in ipairs(page) do projects[i] = found[row.id] end
  return projects, total
end

return pages
