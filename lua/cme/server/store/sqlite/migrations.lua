-- SPDX-License-Identifier: MIT
-- The tables of the service's database, and the steps that bring an older database to them.

local codes = require "cme.codes"
local interruptions = require "cme.server.store.sqlite.interruptions"
local open_files = require "cme.server.store.sqlite.open_files"
local outbox = require "cme.server.store.sqlite.outbox"

local migrations = {}

-- One entry per version, in order; user_version says how many were done. What is missing runs inside one
-- transaction. An entry that was released never changes: later ones are appended.
---@type string[][]
migrations.steps = {
  {
    [[CREATE TABLE platforms (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL)]],
    [[CREATE TABLE projects (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        platform TEXT NOT NULL,
        category TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        mode TEXT,
        owner_type TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        input TEXT NOT NULL,
        status TEXT NOT NULL,
        active TEXT NOT NULL,
        revision INTEGER NOT NULL,
        started_at INTEGER,
        stop_at INTEGER,
        stopped_at INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL)]],
    [[CREATE INDEX projects_by_created ON projects (platform, created_at)]],
    [[CREATE INDEX projects_by_updated ON projects (platform, updated_at)]],
    [[CREATE TABLE history (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        project TEXT NOT NULL,
        at INTEGER NOT NULL,
        operation TEXT NOT NULL,
        from_status TEXT NOT NULL,
        to_status TEXT NOT NULL,
        reason TEXT NOT NULL)]],
    [[CREATE INDEX history_by_project ON history (project, seq)]],
  },
  {
    [[CREATE TABLE keys (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        secret_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        sealed TEXT NOT NULL,
        token_sha256 TEXT,
        platforms TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER)]],
  },
  { outbox.tables[1], outbox.tables[2], interruptions.table },
  open_files.tables,
}

local function version_of(conn)
  local rows, message, detail = conn:rows "PRAGMA user_version"
  return rows and math.tointeger(rows[1].user_version), message, detail
end

-- Inside a transaction, since a command and a service may open the same database at once.
local function apply_steps(conn)
  local version, message, detail = version_of(conn)
  if not version then return nil, message, detail end
  for next_version = version + 1, #migrations.steps do
    for _, statement in ipairs(migrations.steps[next_version]) do
      local ok, failure, fault = conn:exec(statement)
      if not ok then return nil, failure, fault end
    end
  end
  return conn:exec("PRAGMA user_version = " .. math.max(version, #migrations.steps))
end

--- Brings a database to today's format.
---@param conn cme.server.store.db
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function migrations.apply(conn)
  local version, message, detail = version_of(conn)
  if not version then return nil, message, detail end
  if version > #migrations.steps then
    return codes.fail("server.database:newer", { format = version, known = #migrations.steps })
  end
  return version == #migrations.steps or conn:transaction(apply_steps, conn)
end

return migrations
