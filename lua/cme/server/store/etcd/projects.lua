-- SPDX-License-Identifier: MIT
-- The projects among the keys in memory: one by its id, lists by filter, order and page, and counts. A list is sorted
-- once between two changes; a project is unsealed and read when it is first asked for.

local categories = require "cme.server.categories"
local json = require "cme.json"
local layout = require "cme.server.store.etcd.layout"
local rows = require "cme.server.store.rows"

local projects = {}

local MAX_LISTS = 50 -- filters whose lists are kept

---@class cme.server.store.etcd.entry a project in memory
---@field row table<string, any> its value, `input` sealed
---@field order integer the revision in which it was made
---@field record cme.server.project|nil once it was on a list
---@field standby boolean|nil whether it is to have one; once that was asked

---@class cme.server.store.etcd.projects
---@field private _layout cme.server.store.etcd.layout
---@field private _entries table<string, cme.server.store.etcd.entry> by id
---@field private _revisions table<string, table<string, integer>> of what each is to be: by status, then id
---@field private _lists table<string, cme.server.store.etcd.entry[]> by filter; of no use after a change
---@field private _lists_held integer
---@field private _counts table|nil nil: to be counted
local Projects = {}
Projects.__index = Projects
Projects.__name = "cme.server.store.etcd.projects"

---@param form cme.server.store.etcd.layout
---@return cme.server.store.etcd.projects
function projects.new(form)
  return setmetatable({ _layout = form, _entries = {}, _revisions = {}, _lists = {}, _lists_held = 0 }, Projects)
end

-- Those of a status, to be changed.
local function of(self, status)
  local found = self._revisions[status] or {}
  self._revisions[status] = found
  return found
end

--- A key has changed.
---@param id string
---@param kv cme.etcd.kv|nil nil: it is gone
function Projects:changed(id, kv)
  self._lists, self._lists_held, self._counts = {}, 0, nil
  local before, row = self._entries[id], kv and (layout.read(kv.value) or {}) or nil
  if before then of(self, before.row.status or "")[id] = nil end
  self._entries[id] = row and { row = row, order = kv.create_revision } or nil
  if not row then return end
  row.id = id
  of(self, row.status or "")[id] = math.tointeger(row.revision) or 0
end

-- ---- one project

-- A row with its input as text; without one when it cannot be opened, which is damage.
local function opened(self, row)
  local out = {}
  for name, value in pairs(row) do out[name] = value end
  local key = self._layout:key("projects", row.id)
  out.input = type(row.input) == "string" and self._layout:open(key, row.input) or nil
  return out
end

--- Reads the value of a project.
---@param id string
---@param value string
---@return cme.server.project
function Projects:read(id, value)
  local row = layout.read(value) or {}
  row.id = id
  return rows.project(opened(self, row))
end

--- A project of its own for the caller.
---@param id string
---@return cme.server.project|nil
function Projects:get(id)
  local entry = self._entries[id]
  return entry and rows.project(opened(self, entry.row))
end

--- What a row has beside what a project shows.
---@param id string
---@return string|nil
function Projects:description(id)
  local entry = self._entries[id]
  return entry and entry.row.description
end

--- The category of a project.
---@param id string
---@return string|nil
function Projects:category(id)
  local entry = self._entries[id]
  return entry and entry.row.category
end

--- The value that a project is written as.
---@param project cme.server.project
---@param old table<string, any> its row until now, or what a new one has besides
---@return string|nil value
---@return string|nil message it cannot be sealed
---@return cme.detail|nil detail
function Projects:write(project, old)
  local row, key = {}, self._layout:key("projects", project.id)
  for name, value in pairs(old) do row[name] = value end
  for _, name in ipairs { "platform", "category", "name", "mode", "status", "active", "revision" } do
    row[name] = project[name]
  end
  for _, name in ipairs { "started_at", "stop_at", "stopped_at", "created_at", "updated_at" } do
    row[name] = rows.to_ms(project[name])
  end
  row.owner_type, row.owner_id, row.id = project.owner.type, project.owner.id, nil
  if not project.raw then -- else what cannot be read stays what it is
    local message, detail
    row.input, message, detail = self._layout:seal(key, assert(json.encode(project.input,
      categories.stored(project.category))))
    if not row.input then return nil, message, detail end
  end
  return layout.write(row)
end

-- ---- many

local function by_order(a, b) return a.order < b.order end

-- Those of some projects whose rows fit, each the caller's own, in the order in which they were made.
function Projects:_all(ids, fits)
  local found, list = {}, {}
  for id in pairs(ids) do
    local entry = self._entries[id]
    if fits(entry.row) then found[#found + 1] = entry end
  end
  table.sort(found, by_order)
  for i, entry in ipairs(found) do list[i] = rows.project(opened(self, entry.row)) end
  return list
end

--- Those of a status, and of a category where one is given.
---@param status string
---@param category string|nil
---@return cme.server.project[]
function Projects:of_status(status, category)
  return self:_all(self._revisions[status] or {}, function(row)
    return category == nil or row.category == category
  end)
end

--- The revision of what each project of a status is to be.
---@param status string
---@return table<string, integer> revisions by id
function Projects:revisions(status)
  local found = {}
  for id, revision in pairs(self._revisions[status] or {}) do found[id] = revision end
  return found
end

--- The same of one project; it takes as long with one as with thousands.
---@param status string
---@param id string
---@return integer|nil revision nil: the project is not of this status
function Projects:revision(status, id)
  local found = self._revisions[status]
  return found and found[id]
end

-- Whether a project is to have a standby; it is unsealed once between two changes. Nobody can do what is not known of
-- one whose input cannot be read, or that was adopted.
local function has_standby(self, entry)
  if entry.standby == nil then
    local project = rows.project(opened(self, entry.row))
    entry.standby = project.fault == nil and project.input.Standby == true
  end
  return entry.standby
end

--- Those of a status that another node is to stand by for.
---@param status string
---@return table<string, string> active inputs by id
function Projects:standbys(status)
  local found = {}
  for id in pairs(self._revisions[status] or {}) do
    local entry = self._entries[id]
    if has_standby(self, entry) then found[id] = entry.row.active == "Backup" and "Backup" or "Main" end
  end
  return found
end

--- Those that may have pushed inputs.
---@return cme.server.project[]
function Projects:pushed()
  return self:_all(self._entries, function(row)
    return (opened(self, row).input or ""):find("RtmpPush", 1, true) ~= nil
  end)
end

local LISTS = { ids = "id", categories = "category", modes = "mode", aspect_ratios = "" }
local VALUES = { platform = "platform", status = "status", owner_type = "owner_type", owner_id = "owner_id" }

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do set[value] = true end
  return set
end

-- What a filter asks for: sets of values by the member of a row. One of an aspect ratio fits none: relays have none.
local function wanted(filter)
  local sets = {}
  for name, member in pairs(LISTS) do
    if filter[name] and filter[name][1] then sets[member] = set_of(filter[name]) end
  end
  for name, member in pairs(VALUES) do
    if filter[name] then sets[member] = { [filter[name]] = true } end
  end
  return sets
end

local function fits(row, sets)
  for member, set in pairs(sets) do
    if not set[row[member] or ""] then return false end
  end
  return true
end

local function compare(sort, descending)
  return function(a, b)
    local first, second = a.row[sort] or 0, b.row[sort] or 0
    if first == second then first, second = a.order, b.order end
    if descending then return first > second end
    return first < second
  end
end

-- All that fit, sorted.
local function collect(entries, filter)
  local sets, list = wanted(filter), {}
  for _, entry in pairs(entries) do
    if fits(entry.row, sets) then list[#list + 1] = entry end
  end
  table.sort(list, compare(filter.sort, filter.order == "DESC"))
  return list
end

local function name_of(filter)
  local parts = {}
  for _, name in ipairs { "platform", "status", "owner_type", "owner_id", "sort", "order" } do
    parts[#parts + 1] = filter[name] or ""
  end
  for _, name in ipairs { "ids", "categories", "modes", "aspect_ratios" } do
    parts[#parts + 1] = table.concat(filter[name] or {}, "\1")
  end
  return table.concat(parts, "\0")
end

function Projects:_sorted(filter)
  local name = name_of(filter)
  local list = self._lists[name]
  if list then return list end
  if self._lists_held >= MAX_LISTS then self._lists, self._lists_held = {}, 0 end
  list = collect(self._entries, filter)
  self._lists[name], self._lists_held = list, self._lists_held + 1
  return list
end

--- One page of those that fit, and how many fit in all. The records are shared: to be read only.
---@param filter cme.server.store.filter
---@return cme.server.project[] projects
---@return integer total
function Projects:list(filter)
  local list, page = self:_sorted(filter), {}
  for i = filter.offset + 1, math.min(#list, filter.offset + filter.limit) do
    local entry = list[i]
    entry.record = entry.record or rows.project(opened(self, entry.row))
    page[#page + 1] = entry.record
  end
  return page, #list
end

--- How many there are, by category and status.
---@return table<string, { Idle: integer, Working: integer }>
function Projects:count()
  if self._counts then return self._counts end
  local counts = {}
  for _, category in ipairs(categories.list) do counts[category.name] = { Idle = 0, Working = 0 } end
  for _, entry in pairs(self._entries) do
    local own = counts[(categories.of(entry.row) or categories.fallback).name]
    local status = own[entry.row.status] and entry.row.status or "Idle"
    own[status] = own[status] + 1
  end
  self._counts = counts
  return counts
end

return projects
