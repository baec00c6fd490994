-- SPDX-License-Identifier: MIT
-- What the service knows, in SQLite: platforms, projects with their desired state, and the history of states.
-- WAL with synchronous=FULL: what a method returned without an error is on the disk, whatever happens next.
-- Which operation fits which state of a project is in the states.lua of its category, the tables' making in
-- migrations.lua.
--
-- The history is why a project is in its state: a refusal quotes the last change. It is bounded: the newest 200
-- changes of each project that there is, and of projects that are gone those among the newest 10,000 of all.
-- Times go in and out as unix seconds and are kept as integer milliseconds.
-- Ending a run must not fail for want of space: it may take the ballast's, as may opening, which engines wait for.

local answer = require "cme.server.call"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local db = require "cme.server.store.db"
local json = require "cme.json"
local migrations = require "cme.server.store.migrations"
local states = require "cme.server.categories.states"
local time = require "cme.time"

local store = {}

local MAX_TOTALS = 200 -- filters whose projects are counted and kept
local MAX_KEPT = 2000 -- records that were on a page
local max_changes = 200 -- history kept of a project
local max_gone_changes = 10000 -- newest changes of all among which those of projects that are gone are kept

---@class cme.server.Project
---@field id string
---@field platform string
---@field category string        one of cme.server.categories
---@field name string
---@field mode string?
---@field owner { type: string, id: string }
---@field input table            what CreateProject calls the category's input, completed: every output with its Id
---@field status "Idle"|"Working"
---@field active "Main"|"Backup"
---@field revision integer       of the desired state: one more with every change that is told to the engine by `set`
---@field started_at number?     unix seconds; set while Working
---@field stop_at number?        planned end; only while Working
---@field stopped_at number?     end of the last run
---@field created_at number
---@field updated_at number
---@field fault string?          why nothing but its end can be asked of it: its row cannot be read, or it was adopted
---@field raw string?            `input` as it is stored, when that cannot be read

---@class cme.server.Store
---@field private _db cme.server.Db
---@field private _now fun(): number
---@field private _ballast cme.server.Ballast?
---@field private _journal cme.server.Journal? nil: nobody wants events
---@field private _counts table<string, { Idle: integer, Working: integer }>? projects by category; nil: not read yet
---@field private _totals table<string, integer> how many fit, by filter; of no use after a change
---@field private _totals_held integer
---@field private _pages table<string, { record: cme.server.Project, updated_at: integer, revision: integer }> what was
---  on a page, by id
---@field private _pages_held integer
local Store = {}
Store.__index = Store
Store.__name = "cme.server.Store"

local function to_ms(seconds)
  return seconds and math.floor(seconds * 1000 + 0.5) or nil
end

local function to_seconds(ms)
  return ms and ms / 1000 or nil
end

local function prepare(conn)
  for _, pragma in ipairs { "busy_timeout = 1000", "journal_mode = WAL", "synchronous = FULL",
    "secure_delete = ON" } do
    local ok, message = conn:exec("PRAGMA " .. pragma)
    if not ok then
      return nil, message
    end
  end
  return migrations.apply(conn)
end

local function open_prepared(path)
  local conn, message = db.open(path)
  if not conn then
    return nil, message
  end
  local ok
  ok, message = prepare(conn)
  if not ok then
    conn:close()
    return nil, message
  end
  return conn
end

-- Calls fn; when that fails for want of space, once more with the ballast's.
local function with_ballast(ballast, fn, ...)
  local results = table.pack(fn(...))
  if not results[1] and ballast and db.lacks_space(results[2] or "") and ballast:release() then
    return fn(...)
  end
  return table.unpack(results, 1, results.n)
end

---Opens the database, bringing an older one to today's format.
---@param path string a file, or ":memory:"
---@param now fun(): number unix seconds
---@param ballast cme.server.Ballast? space for the ends of runs
---@return cme.server.Store?, string? message
function store.open(path, now, ballast)
  local conn, message = with_ballast(ballast, open_prepared, path)
  if not conn then
    return nil, ("open database '%s': %s"):format(path, message)
  end
  local self = setmetatable({ _db = conn, _now = now, _ballast = ballast, _totals = {},
    _totals_held = 0, _pages = {}, _pages_held = 0 }, Store)
  self:keep_ballast()
  self:wipe() -- a crash may have come between a deletion and its wipe
  return self
end

---Leaves nothing of what was deleted, stream keys above all, in the write-ahead log either.
---@return true?, string? message it stays there for now
function Store:wipe()
  local rows, message = self._db:rows "PRAGMA wal_checkpoint(TRUNCATE)"
  if not rows then
    return nil, message
  end
  if rows[1].busy == 1 then
    return nil, "another program is reading the database"
  end
  return true
end

---The connection, for the tables that have a module of their own.
---@return cme.server.Db
function Store:database()
  return self._db
end

---Has every change of a project's status told as an event, in the change's own transaction.
---@param journal cme.server.Journal
function Store:tell(journal)
  self._journal = journal
end

---Makes the ballast again when there is room; to be called from time to time.
---@return boolean held
function Store:keep_ballast()
  return self._ballast ~= nil and self._ballast:keep()
end

function Store:close()
  self._db:close()
end

---@param name string
---@return boolean? added
---@return string? message
function Store:add_platform(name)
  local changed, message = self._db:exec("INSERT OR IGNORE INTO platforms (name, created_at) VALUES (?, ?)", name,
    to_ms(self._now()))
  if not changed then
    return nil, message
  end
  return changed > 0
end

---@return string[]? names of all, in the order they were added; nil, message when the database failed
---@return string? message
function Store:platform_names()
  local rows, message = self._db:rows "SELECT name FROM platforms ORDER BY created_at, name"
  if not rows then
    return nil, message
  end
  local names = {}
  for i, row in ipairs(rows) do
    names[i] = row.name
  end
  return names
end

---@param name string
---@return boolean? exists
---@return string? message
function Store:has_platform(name)
  local rows, message = self._db:rows("SELECT 1 AS found FROM platforms WHERE name = ?", name)
  if not rows then
    return nil, message
  end
  return #rows > 0
end

local function add_list(where, values, column, list)
  if list and #list > 0 then
    where[#where + 1] = ("%s IN (%s)"):format(column, ("?, "):rep(#list - 1) .. "?")
    table.move(list, 1, #list, #values + 1, values)
  end
end

---@class cme.server.Platform
---@field name string
---@field created_at number

---One page of the platforms, by name, and how many fit in all.
---@param filter { names: string[]?, licenses: string[]?, granted: string[]?, offset: integer, limit: integer } none of
---  the lists: any
---@return cme.server.Platform[]? platforms
---@return integer|string total_or_message
function Store:platforms(filter)
  local where, values = { "1" }, {}
  add_list(where, values, "name", filter.names)
  add_list(where, values, "name", filter.granted)
  add_list(where, values, "''", filter.licenses) -- no platform here has a license
  local clause = table.concat(where, " AND ")
  local rows, message = self._db:rows(("SELECT name, created_at FROM platforms WHERE %s"
    .. " ORDER BY name"):format(clause), table.unpack(values))
  if not rows then
    return nil, message
  end
  local page = {}
  for i = filter.offset + 1, math.min(#rows, filter.offset + filter.limit) do
    page[#page + 1] = { name = rows[i].name, created_at = to_seconds(rows[i].created_at) }
  end
  return page, #rows
end

-- Of a project, without its description: long, never shown, and read when it is copied.
local columns = table.concat({ "id", "platform", "category", "name", "mode", "owner_type", "owner_id", "input",
  "status", "active", "revision", "started_at", "stop_at", "stopped_at", "created_at", "updated_at" }, ", ")

local statuses = { Idle = true, Working = true }

local named_faults = { category = true, status = true, input = true } -- what read_row names

local function need(good, column)
  if not good then
    error(column, 0)
  end
end

-- A whole row as a project; raises about one that is not, with the column's name where it is known.
local function read_row(row)
  need(categories.of(row), "category")
  need(statuses[row.status], "status")
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
    fault = ("its row in the database is damaged (%s)"):format(why),
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

-- One row that cannot be read takes no other project down. Stream keys may be in it, so it is not quoted.
local function from_row(row)
  local good, project = pcall(read_row, row)
  if not good then
    return read_damaged(row, named_faults[project] and project or "times")
  end
  if project.status == "Working" and project.input.Adopted then
    project.fault = "it was adopted while it ran, so what it sends is known to its engine only"
  end
  return project
end

local function from_rows(rows, message)
  if not rows then
    return nil, message
  end
  local projects = {}
  for i, row in ipairs(rows) do
    projects[i] = from_row(row)
  end
  return projects
end

local function note(conn, entry)
  local ok, message = conn:exec(
    "INSERT INTO history (project, at, operation, from_status, to_status, reason) VALUES (?, ?, ?, ?, ?, ?)",
    entry.project, entry.at, entry.operation, entry.from, entry.to, entry.reason)
  if not ok then
    return nil, message
  end
  return conn:exec([[DELETE FROM history WHERE project = ? AND seq <=
    (SELECT seq FROM history WHERE project = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)]], entry.project, entry.project,
    max_changes)
end

local function forget_gone(conn)
  return conn:exec([[DELETE FROM history WHERE seq <= (SELECT MAX(seq) FROM history) - ?
    AND project NOT IN (SELECT id FROM projects)]], max_gone_changes)
end

-- A refusal by state, with what brought the project into it.
local function refuse_state(conn, id, refusal)
  local _, message, detail = codes.fail(refusal.sentence, refusal.values)
  local rows = conn:rows([[SELECT at, reason FROM history WHERE project = ? AND from_status <> to_status
    ORDER BY seq DESC LIMIT 1]], id)
  local change = rows and rows[1]
  if change then
    _, message, detail = codes.fail("api:since", { fact = detail, time = time.format(change.at // 1000),
      reason = answer.read_reason(change.reason) }, { code = detail.code })
  end
  return codes.within("in.project", { name = id }, message, detail)
end

---@class cme.server.Change
---@field at number          unix seconds
---@field operation string   one of cme.server.Operation, or "create"
---@field status string      after it; "gone": the project was deleted
---@field reason string

---What was done to a project, the newest first.
---@param id string
---@param limit integer
---@return cme.server.Change[]? changes
---@return string? message
function Store:history(id, limit)
  local rows, message = self._db:rows([[SELECT at, operation, to_status, reason FROM history WHERE project = ?
    ORDER BY seq DESC LIMIT ?]], id, limit)
  if not rows then
    return nil, message
  end
  local changes = {}
  for i, row in ipairs(rows) do
    changes[i] = { at = to_seconds(row.at), operation = row.operation, status = row.to_status, reason = row.reason }
  end
  return changes
end

---Keeps a new, idle project.
---@param project { id: string, platform: string, category: string, name: string, description: string?, mode: string?,
---  owner: { type: string, id: string }, input: table }
---@return true?, string? message
function Store:create(project)
  local now = to_ms(self._now())
  local conn = self._db
  local input = assert(json.encode(project.input, categories.stored(project.category)))
  local kept, failure = conn:transaction(function()
    local ok, message = conn:exec([[INSERT INTO projects (id, platform, category, name, description, mode, owner_type,
        owner_id, input, status, active, revision, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'Idle', 'Main', 1, ?, ?)]], project.id, project.platform, project.category,
      project.name, project.description, project.mode, project.owner.type, project.owner.id, input, now, now)
    if not ok then
      return nil, message
    end
    ok, message = note(conn,
      { project = project.id, at = now, operation = "create", from = "", to = "Idle", reason = "request" })
    return ok and true, message
  end)
  if kept then
    self:_count(project.category, nil, "Idle")
  end
  return kept, failure
end

---Keeps a running project that the database did not know. One that it knows as Idle is Working again; a damaged input
---of that one stays as it is.
---@param project table see adoption.record
---@return true?, string? message
function Store:adopt(project)
  local now, conn = to_ms(self._now()), self._db
  self._counts = nil
  self:_changed()
  local input = assert(json.encode(project.input, categories.stored(project.category)))
  local started = to_ms(project.started_at) or now
  return conn:transaction(function()
    local ok, message = conn:exec([[INSERT INTO projects (id, platform, category, name, owner_type, owner_id, input,
        status, active, revision, started_at, stop_at, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'Working', ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET status = 'Working', active = excluded.active, revision = excluded.revision,
        input = CASE WHEN json_valid(input) THEN json_set(input, '$.Adopted', json('true')) ELSE input END,
        started_at = excluded.started_at, stop_at = excluded.stop_at, updated_at = excluded.updated_at]],
      project.id, project.platform, project.category, project.name, project.owner.type, project.owner.id, input,
      project.active, project.revision, started, to_ms(project.stop_at), now, now)
    if not ok then
      return nil, message
    end
    ok, message = note(conn, { project = project.id, at = now, operation = "adopt", from = "", to = "Working",
      reason = "adopted" })
    return ok and true, message
  end)
end

---Whether anything was ever written of a project that the history still has.
---@param id string
---@return boolean? has, string? message
function Store:has_history(id)
  local rows, message = self._db:rows("SELECT 1 AS found FROM history WHERE project = ? LIMIT 1", id)
  if not rows then
    return nil, message
  end
  return #rows > 0
end

---@param id string
---@return cme.server.Project? project nil without a message: there is none
---@return string? message the database failed
function Store:get(id)
  local projects, message = from_rows(self._db:rows("SELECT " .. columns .. " FROM projects WHERE id = ?", id))
  if not projects then
    return nil, message
  end
  return projects[1]
end

---@param category_name string
---@return cme.server.Project[]?, string? message all projects of a category that are Idle
function Store:idle(category_name)
  return from_rows(self._db:rows("SELECT " .. columns
    .. " FROM projects WHERE status = 'Idle' AND category = ? ORDER BY seq", category_name))
end

---The project that may have a pushed stream; there is one at most. It reads all of them, so only addresses that this
---service has signed are to be looked up.
---@param stream string
---@return cme.server.Project? project nil without a message: there is none
---@return string? message the database failed
function Store:find_pushed(stream)
  local projects, message = from_rows(self._db:rows("SELECT " .. columns
    .. " FROM projects WHERE instr(input, ?) > 0", stream))
  if not projects then
    return nil, message
  end
  return projects[1]
end

---@return cme.server.Project[]?, string? message all projects that must have an engine
function Store:working()
  return from_rows(self._db:rows("SELECT " .. columns .. " FROM projects WHERE status = 'Working' ORDER BY seq"))
end

---Whether the database answers.
---@return true?, string? message it does not
function Store:check()
  local rows, message = self._db:rows "SELECT 1 AS found FROM platforms LIMIT 1"
  if not rows then
    return nil, message
  end
  return true
end

-- Reads how many projects there are, by category and status; the numbers are kept from then on.
local function read_counts(conn)
  local rows, message = conn:rows "SELECT category, status, COUNT(*) AS count FROM projects GROUP BY category, status"
  if not rows then
    return nil, message
  end
  local counts = {}
  for _, category in ipairs(categories.list) do
    counts[category.name] = { Idle = 0, Working = 0 }
  end
  for _, row in ipairs(rows) do
    local own = counts[(categories.of(row) or categories.fallback).name]
    local status = own[row.status] and row.status or "Idle"
    own[status] = own[status] + math.tointeger(row.count)
  end
  return counts
end

-- What was counted of projects is worth nothing any more.
function Store:_changed()
  self._totals, self._totals_held = {}, 0
end

-- A project of a category has come, gone (to or from nil), or changed its status.
function Store:_count(name, from, to)
  local own = self._counts and self._counts[name]
  self:_changed()
  if not own then
    return
  end
  if from then
    own[from] = own[from] - 1
  end
  if to then
    own[to] = own[to] + 1
  end
end

---How many projects there are. Nothing is read but the first time.
---@return table<string, { Idle: integer, Working: integer }>? counts by category
---@return string? message
function Store:count()
  local message
  if not self._counts then
    self._counts, message = read_counts(self._db)
  end
  return self._counts, message
end

---A project's description.
---@param id string
---@return string? description nil: it has none
---@return string? message
function Store:description(id)
  local rows, message = self._db:rows("SELECT description FROM projects WHERE id = ?", id)
  if not rows then
    return nil, message
  end
  return rows[1] and rows[1].description or nil
end

---@class cme.server.Filter
---@field platform string
---@field ids string[]?         none of the lists: any
---@field categories string[]?
---@field modes string[]?
---@field aspect_ratios string[]?
---@field status string?
---@field owner_type string?
---@field owner_id string?
---@field sort "created_at"|"updated_at"
---@field order "ASC"|"DESC"
---@field offset integer
---@field limit integer

---The WHERE clause of a filter and its values; pure.
---@param filter cme.server.Filter
---@return string clause, any[] values
function store.where(filter)
  local where, values = { "platform = ?" }, { filter.platform }
  add_list(where, values, "id", filter.ids)
  add_list(where, values, "category", filter.categories)
  add_list(where, values, "mode", filter.modes)
  add_list(where, values, "''", filter.aspect_ratios) -- relays have none
  add_list(where, values, "status", { filter.status })
  add_list(where, values, "owner_type", { filter.owner_type })
  add_list(where, values, "owner_id", { filter.owner_id })
  return table.concat(where, " AND "), values
end

local sort_columns = { created_at = true, updated_at = true }
local sort_orders = { ASC = true, DESC = true }

-- How many projects fit; counted once between two changes, since who pages asks the same again and again.
function Store:_total(clause, values)
  local key = clause .. "\0" .. table.concat(values, "\0")
  if self._totals[key] then
    return self._totals[key]
  end
  local count, message = self._db:rows("SELECT COUNT(*) AS total FROM projects WHERE " .. clause, table.unpack(values))
  if not count then
    return nil, message
  end
  if self._totals_held >= MAX_TOTALS then
    self:_changed()
  end
  self._totals[key], self._totals_held = math.tointeger(count[1].total), self._totals_held + 1
  return self._totals[key]
end

-- Keeps records of pages by their ids; those that are damaged are read again each time.
function Store:_keep(row, record)
  if record.fault then
    return
  end
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
function Store:_read_missing(page)
  local ids = {}
  for _, row in ipairs(page) do
    ids[#ids + 1] = not is_same(self._pages[row.id], row) and row.id or nil
  end
  local where, values, found = {}, {}, {}
  add_list(where, values, "id", ids)
  local rows, message = {}, nil
  if ids[1] then
    rows, message = self._db:rows(("SELECT %s FROM projects WHERE %s"):format(columns, where[1]), table.unpack(values))
  end
  if not rows then
    return nil, message
  end
  for _, row in ipairs(rows) do
    local record = from_row(row)
    found[row.id] = record
    self:_keep(row, record)
  end
  return found
end

---One page of the projects that fit, and how many fit in all. The records are the store's own, the same from page to
---page until they change: they are to be read only.
---@param filter cme.server.Filter
---@return cme.server.Project[]? projects
---@return integer|string total_or_message
function Store:list(filter)
  assert(sort_columns[filter.sort] and sort_orders[filter.order], "list projects: unknown sort")
  local clause, values = store.where(filter)
  local total, message = self:_total(clause, values)
  if not total then
    return nil, message
  end
  values[#values + 1] = filter.limit
  values[#values + 1] = filter.offset
  local page, found
  page, message = self._db:rows(
    ("SELECT id, status, revision, updated_at FROM projects WHERE %s ORDER BY %s %s, seq %s LIMIT ? OFFSET ?"):format(
      clause, filter.sort, filter.order, filter.order), table.unpack(values))
  if not page then
    return nil, message
  end
  found, message = self:_read_missing(page)
  if not found then
    return nil, message
  end
  local projects = {}
  for i, row in ipairs(page) do
    projects[i] = found[row.id] or self._pages[row.id].record
  end
  return projects, total
end

-- What an operation changes, by its name or by what its rule says it is done as; `values` are the caller's.
local effects = {
  start = function(project, values, now)
    project.started_at, project.stop_at, project.active = now, values.stop_at, values.active or "Main"
    project.input = values.input or project.input
  end,
  switch = function(project, values)
    project.active = values.active
  end,
  set_stop_at = function(project, values)
    project.stop_at = values.stop_at or nil
  end,
  edit = function(project, values)
    project.input = values.input
    if values.stop_at ~= nil then
      project.stop_at = values.stop_at or nil
    end
  end,
  modify = function(project, values)
    for _, name in ipairs { "name", "owner", "mode" } do
      project[name] = values[name] or project[name]
    end
  end,
  stop = function(project, _, now)
    project.stopped_at, project.started_at, project.stop_at, project.active = now, nil, nil, "Main"
    project.input.Adopted = nil
  end,
  -- Never ran: it leaves no trace of a run.
  failed = function(project)
    project.started_at, project.stop_at, project.active = nil, nil, "Main"
  end,
}
effects.ended = function(project, values, now)
  effects.stop(project, values, values.stopped_at or now)
end

-- What no engine is told: which input is active is its own truth, not a wish of ours; names are not its business.
local untold = { switch = true, modify = true }

local ends_run = { stop = true, ended = true, failed = true }

local function save(conn, project)
  local input = project.raw or assert(json.encode(project.input, categories.stored(project.category)))
  return conn:exec([[UPDATE projects SET name = ?, mode = ?, owner_type = ?, owner_id = ?, input = ?, status = ?,
      active = ?, revision = ?, started_at = ?, stop_at = ?, stopped_at = ?, updated_at = ? WHERE id = ?]],
    project.name, project.mode, project.owner.type, project.owner.id, input, project.status, project.active,
    project.revision, to_ms(project.started_at), to_ms(project.stop_at), to_ms(project.stopped_at),
    to_ms(project.updated_at), project.id)
end

---@class cme.server.Change
---@field reason string        for the history
---@field operator string?     who asked for it, for the event
---@field active string?       switch; start: where it begins, Main when absent
---@field stop_at number|false|nil set_stop_at, start; edit: as it is when absent, false for none
---@field input table?         edit: the whole; start: as it is when absent
---@field name string?         modify, as the next two: what is given
---@field owner { type: string, id: string }?
---@field mode string?
---@field stopped_at number?   ended: when the run really ended
---@field run number?          failed: `started_at` of the run that is meant

-- The project that an operation is to be done on; nil, message, and a detail when it is refused.
local function find_for(self, id, run)
  local project, message = self:get(id)
  if message then
    return nil, message
  end
  if not project then
    return codes.fail("api.InvalidParameterValue.ProjectId:gone", { id = id })
  end
  if run and to_ms(run) ~= to_ms(project.started_at) then
    return codes.fail("api.FailedOperation:other_run", { id = id })
  end
  return project
end

-- Writes what an operation has made of a project.
local function write(self, project, from, operation, change)
  local ok, message = save(self._db, project)
  if not ok then
    return nil, message
  end
  ok, message = note(self._db, { project = project.id, at = to_ms(project.updated_at), operation = operation,
    from = from, to = project.status, reason = change.reason })
  if ok and from ~= project.status and self._journal then
    ok, message = self._journal:status(project, change.operator)
  end
  return ok and project, message
end

-- One project through one operation, in a transaction. Returns what it was, too.
local function apply(self, id, operation, change)
  local project, message, refusal = find_for(self, id, type(change) == "table" and change.run or nil)
  if not project then
    return nil, message, refusal
  end
  local rules = categories.of(project).states
  local to, by_state = states.next_status(rules, operation, project.status)
  if not to then
    return refuse_state(self._db, id, by_state)
  end
  if type(change) == "function" then
    change, message, refusal = change(project)
    if not change then
      return nil, message, refusal
    end
  end
  local kind, now, before = rules[operation].as or operation, self._now(), {}
  for name, value in pairs(project) do before[name] = value end
  effects[kind](project, change, now)
  project.status, project.updated_at = to, now
  if not untold[kind] then
    project.revision = project.revision + 1
  end
  local after
  after, message = write(self, project, before.status, kind, change)
  return after, after and before or message
end

---Takes a project through an operation and writes what it leaves, or refuses.
---@param id string
---@param operation string of its category's states, but not "delete"
---@param change cme.server.Change|fun(before: cme.server.Project): cme.server.Change?, string?, cme.detail?
---  a function makes it from the project as it is, or refuses with nil, message, detail; it must not wait
---@return cme.server.Project? project as it is now
---@return cme.server.Project|string before_or_message as it was
---@return cme.detail? detail it is refused; without one, the database failed
function Store:apply(id, operation, change)
  local after, before, refusal = with_ballast(ends_run[operation] and self._ballast, function()
    return self._db:transaction(function()
      return apply(self, id, operation, change)
    end)
  end)
  if after then
    self._pages[id] = nil
    self:_count(after.category, before.status, after.status)
    self:keep_ballast()
    if self._journal then
      self._journal:announce()
    end
  end
  return after, before, refusal
end

---Removes an idle project; its history stays for a while.
---@param id string
---@param reason string
---@return true?, string? message
---@return cme.detail? detail it is refused; without one, the database failed
function Store:delete(id, reason)
  local conn, project = self._db, nil
  local deleted, failure, detail = conn:transaction(function()
    local message, refusal
    project, message, refusal = find_for(self, id)
    if not project then
      return nil, message, refusal
    end
    local to, by_state = states.next_status(categories.of(project).states, "delete", project.status)
    if not to then
      return refuse_state(conn, id, by_state)
    end
    local ok
    ok, message = conn:exec("DELETE FROM projects WHERE id = ?", id)
    if not ok then
      return nil, message
    end
    ok, message = note(conn, { project = id, at = to_ms(self._now()), operation = "delete", from = project.status,
      to = to, reason = reason })
    if not ok then
      return nil, message
    end
    ok, message = forget_gone(conn)
    return ok and true, message
  end)
  if deleted then
    self._pages[id] = nil
    self:_count(project.category, project.status, nil)
  end
  return deleted, failure, detail
end

return store
