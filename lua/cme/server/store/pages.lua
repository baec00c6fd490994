-- SPDX-License-Identifier: MIT
-- The part of the store that lists projects by pages and counts them. Records and counts are kept, and read again when
-- something has changed. Methods of cme.server.store.

local categories = require "cme.server.categories"
local rows = require "cme.server.store.rows"

---@class cme.server.store
local pages = {}

local MAX_TOTALS = 200 -- filters whose projects are counted and kept
local MAX_KEPT = 2000 -- records that were on a page

-- Reads how many projects there are, by category and status; the numbers are kept from then on.
local function read_counts(conn)
  local found, message = conn:rows "SELECT category, status, COUNT(*) AS count FROM projects GROUP BY category, status"
  if not found then return nil, message end
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

-- What was counted of projects is worth nothing any more.
function pages:_changed()
  self._totals, self._totals_held = {}, 0
end

-- A project of a category has come, gone (to or from nil), or changed its status.
function pages:_count(name, from, to)
  local own = self._counts and self._counts[name]
  self:_changed()
  if not own then return end
  if from then
    own[from] = own[from] - 1
  end
  if to then
    own[to] = own[to] + 1
  end
end

--- How many projects there are. Nothing is read but the first time.
---@return table<string, { Idle: integer, Working: integer }>|nil counts by category
---@return string|nil message
function pages:count()
  local message
  if not self._counts then
    self._counts, message = read_counts(self._db)
  end
  return self._counts, message
end

---@class cme.server.store.filter
---@field platform string
---@field ids string[]|nil      none of the lists: any
---@field categories string[]|nil
---@field modes string[]|nil
---@field aspect_ratios string[]|nil
---@field status string|nil
---@field owner_type string|nil
---@field owner_id string|nil
---@field sort "created_at"|"updated_at"
---@field order "ASC"|"DESC"
---@field offset integer
---@field limit integer

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
function pages:_total(clause, values)
  local key = clause .. "\0" .. table.concat(values, "\0")
  if self._totals[key] then return self._totals[key] end
  local count, message = self._db:rows("SELECT COUNT(*) AS total FROM projects WHERE " .. clause, table.unpack(values))
  if not count then return nil, message end
  if self._totals_held >= MAX_TOTALS then
    self:_changed()
  end
  self._totals[key], self._totals_held = math.tointeger(count[1].total), self._totals_held + 1
  return self._totals[key]
end

-- Keeps records of pages by their ids; those that are damaged are read again each time.
function pages:_keep(row, record)
  if record.fault then return end
  if self._pages_held >= MAX_KEPT then
    self._pages, self._pages_held = {}, 0
  end
  self._pages_held = self._pages_held + (self._pages[row.id] and 0 or 1)
  self._pages[row.id] = { record = record, updated_at = row.updated_at, revision = row.revision }
end

local function is_same(kept, row)
  return kept and kept.updated_at == row.updated_at and kept.revision == row.revision
    and kept.record.status == row.status
end

-- Reads those of a page that are not kept, or have changed since.
function pages:_read_missing(page)
  local ids = {}
  for _, row in ipairs(page) do
    ids[#ids + 1] = not is_same(self._pages[row.id], row) and row.id or nil
  end
  local where, values, found = {}, {}, {}
  rows.add_list(where, values, "id", ids)
  local read, message = {}, nil
  if ids[1] then
    read, message = self._db:rows(("SELECT %s FROM projects WHERE %s"):format(rows.columns, where[1]),
      table.unpack(values))
  end
  if not read then return nil, message end
  for _, row in ipairs(read) do
    local record = rows.project(row)
    found[row.id] = record
    self:_keep(row, record)
  end
  return found
end

--- One page of the projects that fit, and how many fit in all. The records are the store's own, the same from page to
--- page until they change: they are to be read only.
---@param filter cme.server.store.filter
---@return cme.server.project[]|nil projects
---@return integer|string total_or_message
function pages:list(filter)
  assert(SORT_COLUMNS[filter.sort] and SORT_ORDERS[filter.order], "list projects: unknown sort")
  local clause, values = where_of(filter)
  local total, message = self:_total(clause, values)
  if not total then return nil, message end
  values[#values + 1] = filter.limit
  values[#values + 1] = filter.offset
  local page, found
  page, message = self._db:rows(
    ("SELECT id, status, revision, updated_at FROM projects WHERE %s ORDER BY %s %s, seq %s LIMIT ? OFFSET ?"):format(
      clause, filter.sort, filter.order, filter.order), table.unpack(values))
  if not page then return nil, message end
  found, message = self:_read_missing(page)
  if not found then return nil, message end
  local projects = {}
  for i, row in ipairs(page) do
    projects[i] = found[row.id] or self._pages[row.id].record
  end
  return projects, total
end

return pages
