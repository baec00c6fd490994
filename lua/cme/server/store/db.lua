-- SPDX-License-Identifier: MIT
-- SQLite through lua-sql-sqlite3, which has no bound parameters: every statement of the service goes
-- through `?` placeholders here, and this file alone turns values into SQL text.
--   integer -> digits; float -> 17 digits (finite only); boolean -> 0/1; nil -> NULL;
--   string -> quoted by SQLite's own %q; a NUL in it is refused, since %q would cut there.
-- Statements hold no literal question mark. Cursors are always read to their end and closed, else a later COMMIT fails
-- with "SQL statements in progress". All calls block for as long as the disk does. When a person can fix a failure, its
-- message says how, and in which folder.

local sqlite3 = require "luasql.sqlite3"

---@class cme.server.store.db
---@field private _env userdata
---@field private _conn userdata|nil
---@field private _path string
local Db = {}
Db.__index = Db
Db.__name = "cme.server.store.db"

local db = {}

local LITERAL = {
  ["nil"] = function()
    return "NULL"
  end,
  boolean = function(_, value)
    return value and "1" or "0"
  end,
  number = function(_, value)
    if math.type(value) == "integer" then return ("%d"):format(value) end
    if value ~= value or value == math.huge or value == -math.huge then
      error("database: a number that is not finite cannot be stored", 0)
    end
    return ("%.17g"):format(value)
  end,
  string = function(conn, value)
    if value:find("\0", 1, true) then error("database: a text with a NUL byte cannot be stored", 0) end
    return "'" .. conn:escape(value) .. "'"
  end,
}

--- The statement with each `?` replaced by its value; raises when their numbers differ.
local function bind(conn, sql, ...)
  local values, used = table.pack(...), 0
  local text = sql:gsub("%?", function()
    used = used + 1
    local value = values[used]
    local quote = LITERAL[type(value)] or error("database: cannot store a " .. type(value), 0)
    return quote(conn, value)
  end)
  if used ~= values.n then error(("database: %d values for %d placeholders in %q"):format(values.n, used, sql), 0) end
  return text
end

-- What SQLite says, and what to do about it; the folder goes in for %s.
local REMEDIES = {
  { "disk is full", "free space in '%s'" },
  { "disk I/O error", "see to the disk of '%s', or free space there" },
  { "readonly database", "make '%s' writable for this user, or give another folder with --state" },
  { "unable to open", "see that this user may write in '%s'" },
  { "not a database", "put a good copy back in '%s', or move the file away to begin without projects" },
  { "malformed", "put a good copy back in '%s', or move the file away to begin without projects" },
}

--- SQLite's words with the remedy, where there is one; pure.
---@param message string as LuaSQL gives it
---@param path string of the database
---@return string
function db.explain(message, path)
  local fact = message:gsub("^LuaSQL: ", "")
  for _, entry in ipairs(REMEDIES) do
    if fact:find(entry[1], 1, true) then
      return ("%s: %s"):format(fact, entry[2]:format(path:match "^(.*)/[^/]*$" or "."))
    end
  end
  return fact
end

--- Whether a failure may be for want of space; one in the middle of SQLite's own files shows as an I/O error. Pure.
---@param message string
---@return boolean
function db.lacks_space(message)
  return message:find("disk is full", 1, true) ~= nil or message:find("disk I/O error", 1, true) ~= nil
end

local function read_all(cursor)
  local rows = {}
  local row = cursor:fetch({}, "a")
  while row do
    rows[#rows + 1] = row
    row = cursor:fetch({}, "a")
  end
  cursor:close()
  return rows
end

---@param path string a file, or ":memory:"
---@return cme.server.store.db|nil, string|nil message
function db.open(path)
  local env = sqlite3.sqlite3()
  local conn, message = env:connect(path)
  if not conn then
    env:close()
    return nil, db.explain(tostring(message), path)
  end
  return setmetatable({ _env = env, _conn = conn, _path = path }, Db)
end

function Db:_run(sql, ...)
  local conn = self._conn or error("database: used after close", 3)
  local result, message = conn:execute(bind(conn, sql, ...))
  if not result then return nil, db.explain(tostring(message), self._path) end
  return result
end

--- Runs a statement; rows that it may give are dropped.
---@param sql string
---@param ... nil|boolean|number|string one per placeholder
---@return integer|nil changed rows
---@return string|nil message
function Db:exec(sql, ...)
  local result, message = self:_run(sql, ...)
  if not result then return nil, message end
  if type(result) == "userdata" then
    read_all(result)
    return 0
  end
  return math.tointeger(result) or 0
end

---@param sql string
---@param ... nil|boolean|number|string
---@return table<string, any>[]|nil rows by column name; a NULL is an absent key
---@return string|nil message
function Db:rows(sql, ...)
  local result, message = self:_run(sql, ...)
  if not result then return nil, message end
  if type(result) ~= "userdata" then return {} end
  return read_all(result)
end

--- Runs fn inside one write transaction. Kept when fn returns a true value and the commit reaches the disk;
--- rolled back when fn returns nil, message, or raises (the error goes on).
---@param fn fun(...): any
---@return any ... what fn returned, or nil, message
function Db:transaction(fn, ...)
  local ok, message = self:exec "BEGIN IMMEDIATE"
  if not ok then return nil, message end
  local results = table.pack(xpcall(fn, debug.traceback, ...))
  if not results[1] then
    self:exec "ROLLBACK"
    error(results[2], 0)
  end
  if not results[2] then
    self:exec "ROLLBACK"
    return table.unpack(results, 2, results.n)
  end
  ok, message = self:exec "COMMIT"
  if not ok then
    self:exec "ROLLBACK"
    return nil, message
  end
  return table.unpack(results, 2, results.n)
end

--- Closes the connection; once is enough, more is harmless.
function Db:close()
  if self._conn then
    self._conn:close()
    self._env:close()
    self._conn = nil
  end
end

return db
