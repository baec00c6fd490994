-- SPDX-License-Identifier: MIT
-- SQLite through lua-sql-sqlite3, which has no bound parameters: every statement of the service goes
-- through `?` placeholders here, and this file alone turns values into SQL text.
--   integer -> digits; float -> 17 digits (finite only); boolean -> 0/1; nil -> NULL;
--   string -> quoted by SQLite's own %q; a NUL in it is refused, since %q would cut there.
-- Statements hold no literal question mark. Cursors are always read to their end and closed, else a later COMMIT fails
-- with "SQL statements in progress". All calls block for as long as the disk does. When a person can fix a failure, its
-- message says how, and in which folder.

local codes = require "cme.codes"
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

-- LuaSQL gives no result code, only what sqlite3_errmsg says of it: one text for each of these. This is the one place
-- that knows them; from here on a failure has its code.
local CODES = {
  ["database or disk is full"] = "server.database.full",
  ["disk I/O error"] = "server.database.io",
  ["attempt to write a readonly database"] = "server.database.read_only",
  ["unable to open database file"] = "server.database.unopened",
  ["file is not a database"] = "server.database.foreign",
  ["database disk image is malformed"] = "server.database.malformed",
  ["database is locked"] = "server.database.locked",
}
local PREFIX = "LuaSQL: "

--- Fails for what SQLite says, with the remedy where there is one. Pure.
---@param message string as LuaSQL gives it
---@param path string of the database
---@return nil
---@return string message
---@return cme.detail detail code server.database, or server.database.* where a person or program can do something
function db.fail(message, path)
  local fact = message:sub(1, #PREFIX) == PREFIX and message:sub(#PREFIX + 1) or message
  return codes.fail(CODES[fact] or "server.database",
    { folder = path:match "^(.*)/[^/]*$" or ".", reason = not CODES[fact] and { text = fact } or nil })
end

--- Whether what the store answers is that the database failed, and no refusal. Pure.
---@param detail cme.detail|nil
---@return boolean
function db.is_failure(detail)
  return detail == nil or detail.code:find "^server%.database" ~= nil
end

--- Whether a failure may be for want of space; one in the middle of SQLite's own files shows as an I/O error. Pure.
---@param detail cme.detail|nil
---@return boolean
function db.lacks_space(detail)
  return detail ~= nil and (detail.code == "server.database.full" or detail.code == "server.database.io")
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
---@return cme.server.store.db|nil
---@return string|nil message
---@return cme.detail|nil detail
function db.open(path)
  local env = sqlite3.sqlite3()
  local conn, message = env:connect(path)
  if not conn then
    env:close()
    return db.fail(tostring(message), path)
  end
  return setmetatable({ _env = env, _conn = conn, _path = path }, Db)
end

function Db:_run(sql, ...)
  local conn = self._conn or error("database: used after close", 3)
  local result, message = conn:execute(bind(conn, sql, ...))
  if not result then return db.fail(tostring(message), self._path) end
  return result
end

--- Runs a statement; rows that it may give are dropped.
---@param sql string
---@param ... nil|boolean|number|string one per placeholder
---@return integer|nil changed rows
---@return string|nil message
---@return cme.detail|nil detail
function Db:exec(sql, ...)
  local result, message, detail = self:_run(sql, ...)
  if not result then return nil, message, detail end
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
---@return cme.detail|nil detail
function Db:rows(sql, ...)
  local result, message, detail = self:_run(sql, ...)
  if not result then return nil, message, detail end
  if type(result) ~= "userdata" then return {} end
  return read_all(result)
end

--- Runs fn inside one write transaction. Kept when fn returns a true value and the commit reaches the disk;
--- rolled back when fn returns nil, message, detail, or raises (the error goes on).
---@param fn fun(...): any
---@return any ... what fn returned, or nil, message, detail
function Db:transaction(fn, ...)
  local ok, message, detail = self:exec "BEGIN IMMEDIATE"
  if not ok then return nil, message, detail end
  local results = table.pack(xpcall(fn, debug.traceback, ...))
  if not results[1] then
    self:exec "ROLLBACK"
    error(results[2], 0)
  end
  if not results[2] then
    self:exec "ROLLBACK"
    return table.unpack(results, 2, results.n)
  end
  ok, message, detail = self:exec "COMMIT"
  if not ok then
    self:exec "ROLLBACK"
    return nil, message, detail
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
