-- SPDX-License-Identifier: MIT
-- What the service knows, in SQLite: platforms, projects with their desired state, and the history of states. It is a
-- driver: cme.server.store.interface says what the service asks from it. WAL with synchronous=FULL: when a method
-- returns without an error, its change is on the disk, whatever happens next. The states.lua of a category says which
-- operation fits which state; migrations.lua makes the tables.
--
-- Times go in and out as unix seconds and are kept as integer milliseconds. Writes are here; queries in queries.lua,
-- lists and counts in pages.lua, rows in rows.lua, the history in history.lua, what an operation changes in
-- effects.lua, writes that must not be lost in writer.lua. Ending a run must not fail because the disk is full: it may
-- use the ballast's space. So may opening the store, because engines wait for it.

local categories = require "cme.server.categories"
local codes = require "cme.codes"
local db = require "cme.server.store.db"
local effects = require "cme.server.store.effects"
local files = require "cme.system.files"
local history = require "cme.server.store.sqlite.history"
local interruptions = require "cme.server.store.sqlite.interruptions"
local json = require "cme.json"
local migrations = require "cme.server.store.sqlite.migrations"
local open_files = require "cme.server.store.sqlite.open_files"
local operation = require "cme.server.store.operation"
local outbox = require "cme.server.store.sqlite.outbox"
local pages = require "cme.server.store.sqlite.pages"
local queries = require "cme.server.store.sqlite.queries"
local rows = require "cme.server.store.rows"
local sealed_keys = require "cme.server.store.sqlite.sealed_keys"
local states = require "cme.server.categories.states"
local transfer = require "cme.server.store.sqlite.transfer"
local uv = require "luv"
local writer = require "cme.server.store.writer"

local store = {}

---@class cme.server.store.sqlite: cme.server.store.interface
---@field private _db cme.server.store.db
---@field private _now fun(): number
---@field private _ballast cme.server.store.sqlite.ballast|nil
---@field private _path string
---@field private _file table|nil of uv.fs_stat, when it was opened; nil: in memory
---@field private _journal cme.server.events.journal|nil nil: nobody wants events
---@field private _pages cme.server.store.sqlite.pages
local Store = {}
Store.__index = Store
Store.__name = "cme.server.store.sqlite"
Store.space = "disk"
for name, ask in pairs(queries) do
  Store[name] = function(self, ...) return ask(self._db, ...) end
end

local function prepare(conn)
  for _, pragma in ipairs { "busy_timeout = 1000", "journal_mode = WAL", "synchronous = FULL",
    "secure_delete = ON" } do
    local ok, message, detail = conn:exec("PRAGMA " .. pragma)
    if not ok then return nil, message, detail end
  end
  return migrations.apply(conn)
end

local function open_prepared(path)
  local conn, message, detail = db.open(path)
  if not conn then return nil, message, detail end
  local ok
  ok, message, detail = prepare(conn)
  if not ok then
    conn:close()
    return nil, message, detail
  end
  return conn
end

--- Opens the database, bringing an older one to today's format.
---@param path string a file, or ":memory:"
---@param now fun(): number unix seconds
---@param ballast cme.server.store.sqlite.ballast|nil space for the ends of runs
---@return cme.server.store.sqlite|nil
---@return string|nil message
---@return cme.detail|nil detail
function store.open(path, now, ballast)
  local conn, message, detail = writer.with_ballast(ballast, open_prepared, path)
  if not conn then return codes.within("in.database", { path = path }, message, detail) end
  local self = setmetatable({ _db = conn, _now = now, _ballast = ballast, _path = path, _file = uv.fs_stat(path),
    _pages = pages.new(conn), outbox = outbox.new(conn), interruptions = interruptions.new(conn),
    open_files = open_files.new(conn), sealed_keys = sealed_keys.new(conn) }, Store)
  self:keep_ballast()
  self:wipe() -- a crash may have come between a deletion and its wipe
  return self
end

--- Leaves nothing of what was deleted, stream keys above all, in the write-ahead log either.
---@return true|nil
---@return string|nil message it stays there for now
---@return cme.detail|nil detail
function Store:wipe()
  local found, message, detail = self._db:rows "PRAGMA wal_checkpoint(TRUNCATE)"
  if not found then return nil, message, detail end
  if found[1].busy == 1 then return codes.fail "server.database:is_read" end
  return true
end

--- Whether the file of the database is still the one that was opened: SQLite goes on with one that was deleted, and
--- all of it is gone at the next start. A look that fails shows nothing.
---@return true|nil
---@return string|nil message it was deleted, or another is in its place
---@return cme.detail|nil detail
function Store:is_in_place()
  local opened, found = self._file, uv.fs_stat(self._path)
  if not opened or found and found.ino == opened.ino and found.dev == opened.dev then return true end
  if not found and not files.absent(self._path) then return true end
  return codes.fail("server.database_lost", { path = self._path })
end

--- The connection, for what looks below this driver: specs.
---@return cme.server.store.db
function Store:database()
  return self._db
end

--- There is nothing to wait for: every reading asks the database.
---@return true
function Store.fresh()
  return true
end

--- What is read is never old.
---@return number
function Store.age() return 0 end

--- Runs fn inside one write transaction. Kept when fn returns a true value.
---@param fn fun(...): any must not wait
---@return any ... what fn returned, or nil, message, detail
function Store:transaction(fn, ...)
  return self._db:transaction(fn, ...)
end

--- Gives all rows to a function; see cme.server.store.transfer.
---@param write fun(kind: string, row: table): true|nil, string|nil, cme.detail|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Store:export(write)
  return transfer.export(self._db, write)
end

--- Fills the empty database.
---@param read fun(): string|nil, table|string|nil, cme.detail|nil kind and row; nil: the end; nil, message, detail
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Store:import(read)
  self._pages:recount()
  return transfer.import(self._db, read)
end

--- Has every change of a project's status told as an event, in the change's own transaction.
---@param journal cme.server.events.journal
function Store:tell(journal)
  self._journal = journal
end

--- Makes the ballast again when there is room; to be called from time to time.
---@return boolean held
function Store:keep_ballast()
  return self._ballast ~= nil and self._ballast:keep()
end

--- Whether the disk is full, or nearly: changes may be refused.
---@return boolean
function Store:is_short()
  return self._ballast ~= nil and self._ballast:is_short()
end

function Store:close()
  self._db:close()
end

--- Adds a platform.
---@param name string
---@return boolean|nil added false: it was there
---@return string|nil message
---@return cme.detail|nil detail
function Store:add_platform(name)
  local changed, message, detail = self._db:exec(
    "INSERT OR IGNORE INTO platforms (name, created_at) VALUES (?, ?)", name, rows.to_ms(self._now()))
  if not changed then return nil, message, detail end
  return changed > 0
end

--- One page of the projects that fit, and how many fit in all; see cme.server.store.sqlite.pages.
---@param filter cme.server.store.filter
---@return cme.server.project[]|nil projects to be read only
---@return integer|string total_or_message
function Store:list(filter)
  return self._pages:list(filter)
end

--- How many projects there are. Nothing is read but the first time.
---@return table<string, { Idle: integer, Working: integer }>|nil counts by category
---@return string|nil message
function Store:count()
  return self._pages:count()
end

--- Keeps a new, idle project.
---@param project { id: string, platform: string, category: string, name: string, description: string|nil, mode:
--- string|nil,
---  owner: { type: string, id: string }, input: table }
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Store:create(project)
  local now = rows.to_ms(self._now())
  local conn = self._db
  local input = assert(json.encode(project.input, categories.stored(project.category)))
  local kept, failure, fault = conn:transaction(function()
    local ok, message, detail = conn:exec([[INSERT INTO projects (id, platform, category, name, description, mode,
        owner_type, owner_id, input, status, active, revision, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'Idle', 'Main', 1, ?, ?)]], project.id, project.platform, project.category,
      project.name, project.description, project.mode, project.owner.type, project.owner.id, input, now, now)
    if not ok then return nil, message, detail end
    ok, message, detail = history.note(conn,
      { project = project.id, at = now, operation = "create", from = "", to = "Idle", reason = "request" })
    return ok and true, message, detail
  end)
  if kept then self._pages:changed(project.id, project.category, nil, "Idle") end
  return kept, failure, fault
end

--- Keeps a running project that the database did not know. One that it knows as Idle is Working again; a damaged input
--- of that one stays as it is.
---@param project table see adoption.record
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Store:adopt(project)
  local now, conn = rows.to_ms(self._now()), self._db
  self._pages:recount()
  local input = assert(json.encode(project.input, categories.stored(project.category)))
  local started = rows.to_ms(project.started_at) or now
  return conn:transaction(function()
    local ok, message, detail = conn:exec([[INSERT INTO projects (id, platform, category, name, owner_type, owner_id,
        input, status, active, revision, started_at, stop_at, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'Working', ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET status = 'Working', active = excluded.active, revision = excluded.revision,
        input = CASE WHEN json_valid(input) THEN json_set(input, '$.Adopted', json('true')) ELSE input END,
        started_at = excluded.started_at, stop_at = excluded.stop_at, updated_at = excluded.updated_at]],
      project.id, project.platform, project.category, project.name, project.owner.type, project.owner.id, input,
      project.active, project.revision, started, rows.to_ms(project.stop_at), now, now)
    if not ok then return nil, message, detail end
    ok, message, detail = history.note(conn, { project = project.id, at = now, operation = "adopt", from = "",
      to = "Working", reason = "adopted" })
    return ok and true, message, detail
  end)
end

local function save(conn, project)
  local input = project.raw or assert(json.encode(project.input, categories.stored(project.category)))
  return conn:exec([[UPDATE projects SET name = ?, mode = ?, owner_type = ?, owner_id = ?, input = ?, status = ?,
      active = ?, revision = ?, started_at = ?, stop_at = ?, stopped_at = ?, updated_at = ? WHERE id = ?]],
    project.name, project.mode, project.owner.type, project.owner.id, input, project.status, project.active,
    project.revision, rows.to_ms(project.started_at), rows.to_ms(project.stop_at), rows.to_ms(project.stopped_at),
    rows.to_ms(project.updated_at), project.id)
end

-- Writes what an operation has made of a project.
local function write(self, project, from, kind, change)
  local ok, message, detail = save(self._db, project)
  if not ok then return nil, message, detail end
  ok, message, detail = history.note(self._db, { project = project.id, at = rows.to_ms(project.updated_at),
    operation = kind, from = from, to = project.status, reason = change.reason })
  if ok and from ~= project.status and self._journal then
    ok, message, detail = self._journal:status(project, change.operator)
  end
  return ok and project, message, detail
end

-- One project through one operation, in a transaction. Returns what it was, too.
local function apply(self, id, name, change)
  local project, message, detail = operation.find(id, change, self:get(id))
  if not project then return nil, message, detail end
  local done
  done, message, detail = operation.carry_out(project, name, change, self._now())
  if not done then return nil, message, detail end
  if done.refused then return history.refuse_state(self._db, id, done.refused) end
  local after
  after, message, detail = write(self, done.after, done.before.status, done.kind, done.change)
  if not after then return nil, message, detail end
  return after, done.before
end

--- Takes a project through an operation and writes what it leaves, or refuses.
---@param id string
---@param name string of an operation of its category's states, but not "delete"
---@param change cme.server.store.change|fun(before: cme.server.project): cme.server.store.change|nil, string|nil,
---  cme.detail|nil a function makes it from the project as it is, or refuses with nil, message, detail; must not wait
---@return cme.server.project|nil project as it is now
---@return cme.server.project|string before_or_message as it was
---@return cme.detail|nil detail code api.*: it is refused; server.database, or below it: the database failed
function Store:apply(id, name, change)
  local after, before, refusal = writer.with_ballast(effects.ENDS[name] and self._ballast, function()
    return self._db:transaction(function()
      return apply(self, id, name, change)
    end)
  end)
  if after then
    self._pages:changed(id, after.category, before.status, after.status)
    self:keep_ballast()
    if self._journal then
      self._journal:announce()
    end
  end
  return after, before, refusal
end

--- Removes an idle project; its history stays for a while.
---@param id string
---@param reason string
---@return true|nil, string|nil message
---@return cme.detail|nil detail code api.*: it is refused; server.database, or below it: the database failed
function Store:delete(id, reason)
  local conn, project = self._db, nil
  local deleted, failure, detail = conn:transaction(function()
    local ok, message, fault
    project, message, fault = operation.find(id, nil, self:get(id))
    if not project then return nil, message, fault end
    local to, by_state = states.next_status(categories.of(project).states, "delete", project.status)
    if not to then return history.refuse_state(conn, id, by_state) end
    ok, message, fault = conn:exec("DELETE FROM projects WHERE id = ?", id)
    if not ok then return nil, message, fault end
    ok, message, fault = history.note(conn, { project = id, at = rows.to_ms(self._now()), operation = "delete",
      from = project.status, to = to, reason = reason })
    if not ok then return nil, message, fault end
    ok, message, fault = history.forget_gone(conn)
    return ok and true, message, fault
  end)
  if deleted then self._pages:changed(id, project.category, project.status, nil) end
  return deleted, failure, detail
end

return store
