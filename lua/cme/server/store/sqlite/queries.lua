-- SPDX-License-Identifier: MIT
-- Queries of the database, as functions of a connection. cme.server.store.sqlite has methods of the same names.

local history = require "cme.server.store.sqlite.history"
local rows = require "cme.server.store.rows"

---@class cme.server.store.sqlite.queries
local queries = {}

-- Whether a statement with one value finds anything.
local function has(conn, statement, value)
  local found, message, detail = conn:rows(statement, value)
  if not found then return nil, message, detail end
  return #found > 0
end

---@param conn cme.server.store.db
---@return string[]|nil names of all, in the order they were added; nil, message when the database failed
---@return string|nil message
---@return cme.detail|nil detail
function queries.platform_names(conn)
  local found, message, detail = conn:rows "SELECT name FROM platforms ORDER BY created_at, name"
  if not found then return nil, message, detail end
  local names = {}
  for i, row in ipairs(found) do
    names[i] = row.name
  end
  return names
end

---@param conn cme.server.store.db
---@param name string
---@return boolean|nil exists
---@return string|nil message
---@return cme.detail|nil detail
function queries.has_platform(conn, name)
  return has(conn, "SELECT 1 AS found FROM platforms WHERE name = ?", name)
end

--- One page of the platforms, by name, and how many fit in all.
---@param conn cme.server.store.db
---@param filter { names: string[]|nil, licenses: string[]|nil, granted: string[]|nil, offset: integer, limit: integer }
--- none of
---  the lists: any
---@return cme.server.store.platform[]|nil platforms
---@return integer|string total_or_message
---@return cme.detail|nil detail
function queries.platforms(conn, filter)
  local where, values = { "1" }, {}
  rows.add_list(where, values, "name", filter.names)
  rows.add_list(where, values, "name", filter.granted)
  rows.add_list(where, values, "''", filter.licenses) -- no platform here has a license
  local clause = table.concat(where, " AND ")
  local found, message, detail = conn:rows(("SELECT name, created_at FROM platforms WHERE %s"
    .. " ORDER BY name"):format(clause), table.unpack(values))
  if not found then return nil, message, detail end
  local page = {}
  for i = filter.offset + 1, math.min(#found, filter.offset + filter.limit) do
    page[#page + 1] = { name = found[i].name, created_at = rows.to_seconds(found[i].created_at) }
  end
  return page, #found
end

--- Whether anything was ever written of a project that the history still has.
---@param conn cme.server.store.db
---@param id string
---@return boolean|nil has
---@return string|nil message
---@return cme.detail|nil detail
function queries.has_history(conn, id)
  return has(conn, "SELECT 1 AS found FROM history WHERE project = ? LIMIT 1", id)
end

---@param conn cme.server.store.db
---@param id string
---@return cme.server.project|nil project nil without a message: there is none
---@return string|nil message the database failed
---@return cme.detail|nil detail
function queries.get(conn, id)
  local projects, message, detail = rows.projects(conn:rows(
    "SELECT " .. rows.columns .. " FROM projects WHERE id = ?", id))
  if not projects then return nil, message, detail end
  return projects[1]
end

---@param conn cme.server.store.db
---@param category_name string
---@return cme.server.project[]|nil projects of the category that are Idle
---@return string|nil message
---@return cme.detail|nil detail
function queries.idle(conn, category_name)
  return rows.projects(conn:rows("SELECT " .. rows.columns
    .. " FROM projects WHERE status = 'Idle' AND category = ? ORDER BY seq", category_name))
end

---@param conn cme.server.store.db
---@return cme.server.project[]|nil projects that may have pushed inputs
---@return string|nil message
---@return cme.detail|nil detail
function queries.pushed(conn)
  return rows.projects(conn:rows("SELECT " .. rows.columns
    .. " FROM projects WHERE instr(input, 'RtmpPush') > 0 ORDER BY seq"))
end

---@param conn cme.server.store.db
---@return cme.server.project[]|nil projects that must have an engine
---@return string|nil message
---@return cme.detail|nil detail
function queries.working(conn)
  return rows.projects(conn:rows("SELECT " .. rows.columns
    .. " FROM projects WHERE status = 'Working' ORDER BY seq"))
end

--- Whether the database answers.
---@param conn cme.server.store.db
---@return true|nil
---@return string|nil message it does not
---@return cme.detail|nil detail
function queries.check(conn)
  local found, message, detail = conn:rows "SELECT 1 AS found FROM platforms LIMIT 1"
  if not found then return nil, message, detail end
  return true
end

--- A project's description.
---@param conn cme.server.store.db
---@param id string
---@return string|nil description nil: it has none
---@return string|nil message
---@return cme.detail|nil detail
function queries.description(conn, id)
  local found, message, detail = conn:rows("SELECT description FROM projects WHERE id = ?", id)
  if not found then return nil, message, detail end
  return found[1] and found[1].description or nil
end

--- What was done to a project, the newest first.
---@param conn cme.server.store.db
---@param id string
---@param limit integer
---@return cme.server.store.noted[]|nil changes
---@return string|nil message
---@return cme.detail|nil detail
function queries.history(conn, id, limit)
  return history.of(conn, id, limit)
end

return queries
