-- SPDX-License-Identifier: MIT
-- Turns rows of the table `projects` into projects. A row that cannot be read affects no other project: its project is
-- marked as damaged, and can be seen, stopped and deleted. Times are integer milliseconds in the table and seconds
-- outside of it. Pure.

local categories = require "cme.server.categories"
local codes = require "cme.codes"
local json = require "cme.json"

local rows = {}

--- A time for the table.
---@param seconds number|nil
---@return integer|nil ms
function rows.to_ms(seconds)
  return seconds and math.floor(seconds * 1000 + 0.5) or nil
end

--- A time of the table.
---@param ms integer|nil
---@return number|nil seconds
function rows.to_seconds(ms)
  return ms and ms / 1000 or nil
end

local to_seconds = rows.to_seconds

--- Of a project, without its description: long, never shown, and read when it is copied.
rows.columns = table.concat({ "id", "platform", "category", "name", "mode", "owner_type", "owner_id", "input",
  "status", "active", "revision", "started_at", "stop_at", "stopped_at", "created_at", "updated_at" }, ", ")

local STATUSES = { Idle = true, Working = true }

local NAMED_FAULTS = { category = true, status = true, input = true } -- what read_row names

local function need(good, column)
  if not good then error(column, 0) end
end

-- A whole row as a project; raises about one that is not, with the column's name where it is known.
local function read_row(row)
  need(categories.of(row), "category")
  need(STATUSES[row.status], "status")
  need(type(row.input) == "string", "input")
  local input = json.decode(row.input, categories.stored(row.category))
  need(type(input) == "table", "input")
  return {
    id = row.id,
    platform = row.platform,
    category = row.category,
    name = row.name,
    mode = row.mode,
    owner = { type = row.owner_type, id = row.owner_id },
    input = input,
    status = row.status,
    active = row.active,
    revision = row.revision,
    started_at = to_seconds(row.started_at),
    stop_at = to_seconds(row.stop_at),
    stopped_at = to_seconds(row.stopped_at),
    created_at = to_seconds(row.created_at),
    updated_at = to_seconds(row.updated_at),
  }
end

local function moment(value)
  return math.type(value) and to_seconds(value) or nil
end

-- What can be said of a row that cannot be read, so that it can be seen, stopped and deleted.
local function read_damaged(row, why)
  local category = categories.of(row) or categories.fallback
  return {
    id = tostring(row.id),
    platform = tostring(row.platform),
    category = category.name,
    name = tostring(row.name),
    owner = { type = tostring(row.owner_type), id = tostring(row.owner_id) },
    input = category.empty(),
    raw = tostring(row.input),
    fault = codes.reason("word:row_damaged", { column = why }),
    status = row.status == "Working" and "Working" or "Idle",
    active = row.active == "Backup" and "Backup" or "Main",
    revision = math.tointeger(row.revision) or 1,
    started_at = moment(row.started_at),
    stop_at = moment(row.stop_at),
    stopped_at = moment(row.stopped_at),
    created_at = moment(row.created_at) or 0,
    updated_at = moment(row.updated_at) or 0,
  }
end

--- A row as a project. Stream keys may be in a row, so it is not quoted.
---@param row table<string, any>
---@return cme.server.project
function rows.project(row)
  local good, project = pcall(read_row, row)
  if not good then return read_damaged(row, NAMED_FAULTS[project] and project or "times") end
  if project.status == "Working" and project.input.Adopted then
    project.fault = codes.reason "word:run_adopted"
  end
  return project
end

--- The projects of an answer of the database.
---@param found table<string, any>[]|nil
---@param message string|nil the database failed
---@param detail cme.detail|nil
---@return cme.server.project[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function rows.projects(found, message, detail)
  if not found then return nil, message, detail end
  local projects = {}
  for i, row in ipairs(found) do
    projects[i] = rows.project(row)
  end
  return projects
end

--- Adds a condition that a column is one of a list; none for an empty list.
---@param where string[]
---@param values any[]
---@param column string
---@param list any[]|nil
function rows.add_list(where, values, column, list)
  if not list or #list == 0 then return end
  where[#where + 1] = ("%s IN (%s)"):format(column, ("?, "):rep(#list - 1) .. "?")
  table.move(list, 1, #list, #values + 1, values)
end

return rows
