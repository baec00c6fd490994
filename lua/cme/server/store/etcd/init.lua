-- SPDX-License-Identifier: MIT
-- What the service knows, in etcd: a driver of cme.server.store.interface. The state is a table in memory that a watch
-- keeps up to date; a change is one transaction of etcd's. When a method returns without an error, most members of etcd
-- have its change on their disks.
--
--   layout.lua         keys, and the forms of values        projects.lua       lists, pages, counts
--   transactions.lua   one change, or none of it            history.lua        what is not kept in memory
--   opening.lua        the format, the key file, the owner  outbox.lua, interruptions.lua, ...: the other parts
--   housekeeping.lua   what etcd is to forget
--
-- Nothing of this is loaded by a service that keeps its state in SQLite.

local categories = require "cme.server.categories"
local codes = require "cme.codes"
local history = require "cme.server.store.etcd.history"
local housekeeping = require "cme.server.store.etcd.housekeeping"
local interruptions = require "cme.server.store.etcd.interruptions"
local layout = require "cme.server.store.etcd.layout"
local luv = require "cme.net.loop.luv"
local mirror = require "cme.etcd.mirror"
local open_files = require "cme.server.store.etcd.open_files"
local opening = require "cme.server.store.etcd.opening"
local operation = require "cme.server.store.operation"
local outage = require "cme.etcd.outage"
local outbox = require "cme.server.store.etcd.outbox"
local projects = require "cme.server.store.etcd.projects"
local rows = require "cme.server.store.rows"
local sealed_keys = require "cme.server.store.etcd.sealed_keys"
local steady = require "cme.server.steady"
local states = require "cme.server.categories.states"
local task = require "cme.task"
local transactions = require "cme.server.store.etcd.transactions"
local transfer = require "cme.server.store.etcd.transfer"

local store = {}

local KINDS = require "cme.server.store.transfer".KINDS
local CHECK = 5 -- seconds for etcd to answer

---@class cme.server.store.etcd: cme.server.store.interface
---@field client cme.etcd.client
---@field outage cme.etcd.outage what the log says of etcd's silence
---@field private _mirror cme.etcd.mirror
---@field private _layout cme.server.store.etcd.layout
---@field private _transactions cme.server.store.etcd.transactions
---@field private _projects cme.server.store.etcd.projects
---@field private _history cme.server.store.etcd.history
---@field private _platforms table<string, integer> ms, by name
---@field private _node cme.server.store.etcd.node|nil the service; nil: a command
---@field private _now fun(): number
---@field private _log cme.server.log|nil
---@field private _journal cme.server.events.journal|nil nil: nobody wants events
---@field private _tasks cme.task[]
---@field private _silent boolean|nil etcd did not answer the last time
---@field private _heard (fun(id: string, category: string))|nil
local Store = {}
Store.__index = Store
Store.__name = "cme.server.store.etcd"
Store.space = "etcd"

-- ---- opening

-- What of the store hears of a change of a key.
local function parts_of(self)
  return { projects = self._projects, gone = self._history, outbox = self.outbox, files = self.open_files,
    keys = self.sealed_keys, platforms = { changed = function(_, name, kv)
      local value = kv and layout.read(kv.value)
      self._platforms[name] = value and value.created_at or nil
    end } }
end

-- The keys in memory; `heard` is told of their changes.
local function new_mirror(self, given, form, heard)
  return mirror.new { client = given.client, prefix = form.state, head = form:key "head", clock = given.monotonic,
    changed = heard, failed = self.outage:hearer() }
end

local function new(given)
  local form = layout.new(given.prefix, given.ring)
  local self = setmetatable({ client = given.client, _layout = form, _projects = projects.new(form), _platforms = {},
    _node = given.node, _now = given.now, _log = given.log, outage = outage.new(given.log),
    _tasks = {} }, Store)
  local parts
  self._mirror = new_mirror(self, given, form, function(key, kv)
    local kind, id = form:parse(key)
    if parts[kind] and id then parts[kind]:changed(id, kv) end
    if kind == "projects" and id and self._heard then self._heard(id, self._projects:category(id)) end
  end)
  self._transactions = transactions.new { client = given.client, mirror = self._mirror, layout = form,
    writer = given.node and given.node.id or "command", watched = given.node ~= nil, clock = given.monotonic }
  local shared = { transactions = self._transactions, layout = form, client = given.client }
  self._history = history.new(shared)
  self.outbox, self.interruptions = outbox.new(shared), interruptions.new(shared)
  self.open_files, self.sealed_keys = open_files.new(shared), sealed_keys.new(shared)
  parts = parts_of(self)
  return self
end

local function prepare(self, take_over)
  local ok, message, detail = self._mirror:load()
  if not ok then return transactions.failed(message, detail) end
  if self._node then self._tasks[1] = steady.detach(self._log, "store", self._mirror.run, self._mirror) end
  ok, message, detail = opening.prepare { transactions = self._transactions, mirror = self._mirror,
    layout = self._layout, node = self._node, take_over = take_over }
  if ok and self._node then
    self._tasks[2] = steady.detach(self._log, "etcd client", self.client.keep_home, self.client)
    self._tasks[3] = steady.detach(self._log, "housekeeping", housekeeping.run, { client = self.client,
      mirror = self._mirror, transactions = self._transactions, log = self._log })
  end
  return ok, message, detail
end

-- Runs something that waits, from wherever.
local function waiting(fn, ...)
  if task.current() then return fn(...) end
  return luv.run(fn, ...)
end

--- Opens the store. Waits until it has all keys of the state.
---@param given { client: cme.etcd.client, ring: cme.keyring, prefix: string, now: (fun(): number), monotonic:
---  (fun(): number), node: cme.server.store.etcd.node|nil, take_over: boolean|nil, log: cme.server.log|nil } node: the
---  service that opens it, the only one that may; nil: a command, beside it
---@return cme.server.store.etcd|nil
---@return string|nil message
---@return cme.detail|nil detail code server.database.etcd, server.database:newer, server.seal_key, server.node
function store.open(given)
  local self = new(given)
  local ok, message, detail = waiting(prepare, self, given.take_over)
  if ok then return self end
  self:close()
  return codes.within("in.store", { prefix = given.prefix }, message, detail)
end

function Store:close()
  for _, one in ipairs(self._tasks) do one:cancel() end
  self._tasks = {}
end

-- ---- the store as a whole

function Store:transaction(fn, ...)
  return self._transactions:run(fn, ...)
end

-- What of it is moved to another driver.
local function transferred(self)
  return { client = self.client, mirror = self._mirror, layout = self._layout, transactions = self._transactions,
    outbox = self.outbox, interruptions = self.interruptions, open_files = self.open_files,
    sealed_keys = self.sealed_keys }
end

function Store:export(write)
  return waiting(transfer.export, transferred(self), KINDS, write)
end

function Store:import(read)
  return waiting(transfer.import, transferred(self), read)
end

function Store:tell(journal)
  self._journal = journal
end

local function confirm(self, seconds)
  local ok, message, detail = self._mirror:confirm(seconds)
  if not ok then return transactions.failed(message, detail) end
  return true
end

function Store:check()
  return waiting(confirm, self, CHECK)
end

function Store:fresh(seconds, again)
  local ok, message, detail = waiting(confirm, self, self._silent and again or seconds)
  self._silent = not ok
  return ok, message, detail
end

function Store:age() return self._mirror:age() end

-- What was deleted is sealed, and etcd forgets it when it is compacted.
function Store.wipe()
  return true
end

--- The category of a project; nothing is unsealed.
---@param id string
---@return string|nil
function Store:category(id) return self._projects:category(id) end

--- Has somebody told of every project that is written or deleted, by whichever node.
---@param heard fun(id: string, category: string|nil) must not wait; without a category: it is gone
function Store:listen(heard) self._heard = heard end

--- Has what belongs to a project that this node of a fleet runs written only while it has that run.
---@param run_of fun(project: string): cme.server.store.etcd.run|nil
function Store:guard_runs(run_of) self._transactions:guard_runs(run_of) end

function Store:is_in_place()
  if not self._node or opening.is_owner(self._mirror:get(self._layout:key "node"), self._node) then return true end
  return codes.fail "server.database.taken_over"
end

-- The space is etcd's.
function Store.keep_ballast()
  return true
end

function Store:is_short()
  return self._transactions.short
end

-- ---- platforms

local function add_platform(self, name)
  local key = self._layout:key("platforms", name)
  if self._transactions:get(key) then return { false } end
  self._transactions:put(key, layout.write { created_at = rows.to_ms(self._now()) })
  return { true }
end

function Store:add_platform(name)
  local answer, message, detail = self._transactions:run(add_platform, self, name)
  if not answer then return nil, message, detail end
  return answer[1]
end

function Store:platform_names()
  local names = {}
  for name in pairs(self._platforms) do names[#names + 1] = name end
  table.sort(names, function(a, b)
    if self._platforms[a] == self._platforms[b] then return a < b end
    return self._platforms[a] < self._platforms[b]
  end)
  return names
end

function Store:has_platform(name)
  return self._platforms[name] ~= nil
end

local function is_among(list, name)
  if not list or not list[1] then return true end
  for _, one in ipairs(list) do
    if one == name then return true end
  end
  return false
end

function Store:platforms(filter)
  local names, page = {}, {}
  for name in pairs(self._platforms) do
    if is_among(filter.names, name) and is_among(filter.granted, name) and is_among(filter.licenses, "") then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for i = filter.offset + 1, math.min(#names, filter.offset + filter.limit) do
    page[#page + 1] = { name = names[i], created_at = rows.to_seconds(self._platforms[names[i]]) }
  end
  return page, #names
end

-- ---- projects

function Store:get(id)
  if not self._transactions:current() then return self._projects:get(id) end
  local value = self._transactions:get(self._layout:key("projects", id))
  return value and self._projects:read(id, value)
end

function Store:description(id) return self._projects:description(id) end

function Store:idle(category) return self._projects:of_status("Idle", category) end

function Store:pushed() return self._projects:pushed() end

function Store:working() return self._projects:of_status "Working" end

--- The projects that must have an engine, whichever node has it; nothing is unsealed.
---@return table<string, integer> revisions by id
function Store:working_ids() return self._projects:revisions "Working" end

--- The same of one project.
---@param id string
---@return integer|nil revision nil: it is to have none
function Store:working_revision(id) return self._projects:revision("Working", id) end

--- The projects that another node than the one that runs them is to stand by for.
---@return table<string, string> active inputs by id
function Store:standbys() return self._projects:standbys "Working" end

function Store:list(filter) return self._projects:list(filter) end

function Store:count() return self._projects:count() end

function Store:history(id, limit)
  local list, message, detail = waiting(self._history.of, self._history, id, limit)
  if not list then return transactions.failed(message, detail) end
  return list
end

function Store:has_history(id)
  return self._projects:get(id) ~= nil or self._history:has(id)
end

-- The row of a project as the transaction sees it; {} of one that is not there or damaged.
local function row_of(self, id)
  return layout.read(self._transactions:get(self._layout:key("projects", id))) or {}
end

-- Writes a project and a change of it. Inside a transaction.
local function write(self, project, row, entry)
  entry.project, entry.at = project.id, rows.to_ms(project.updated_at)
  self._history:note(row, entry)
  local value, message, detail = self._projects:write(project, row)
  if not value then return nil, message, detail end
  self._transactions:put(self._layout:key("projects", project.id), value)
  return true
end

local function create(self, project)
  if self:get(project.id) then return codes.fail("server.database:exists", { id = project.id }) end
  local now, row = self._now(), self._history:revive(project.id)
  row.description = project.description
  local new_project = { id = project.id, platform = project.platform, category = project.category, name = project.name,
    mode = project.mode, owner = project.owner, input = project.input, status = "Idle", active = "Main", revision = 1,
    created_at = now, updated_at = now }
  return write(self, new_project, row, { operation = "create", from = "", to = "Idle", reason = "request" })
end

function Store:create(project)
  return self._transactions:run(create, self, project)
end

-- The project that an adopted one becomes: the one that was there, or a new one.
local function adopted(known, project, now)
  local one = known or { id = project.id, platform = project.platform, category = project.category,
    name = project.name, owner = project.owner, input = project.input, created_at = now }
  one.input.Adopted = true
  one.status, one.active, one.revision = "Working", project.active, project.revision
  one.started_at, one.stop_at, one.updated_at = project.started_at or now, project.stop_at, now
  return one
end

local function adopt(self, project)
  local known = self:get(project.id)
  local row = known and row_of(self, project.id) or self._history:revive(project.id)
  return write(self, adopted(known, project, self._now()), row,
    { operation = "adopt", from = "", to = "Working", reason = "adopted" })
end

function Store:adopt(project)
  return self._transactions:run(adopt, self, project)
end

local OF_RUN = { start = true, switch = true, ended = true, failed = true } -- operations of who runs a project

local function apply(self, id, name, change)
  if OF_RUN[name] and not self._transactions:may_run(id) then
    return codes.fail("server.fleet.lost", { project = id })
  end
  local project, message, detail = operation.find(id, change, self:get(id))
  if not project then return nil, message, detail end
  local done, ok
  done, message, detail = operation.carry_out(project, name, change, self._now())
  if not done then return nil, message, detail end
  local row = row_of(self, id)
  if done.refused then return operation.refuse(id, done.refused, row.since) end
  local from, to = done.before.status, done.after.status
  ok, message, detail = write(self, done.after, row,
    { operation = done.kind, from = from, to = to, reason = done.change.reason })
  if ok and from ~= to and self._journal then
    ok, message, detail = self._journal:status(done.after, done.change.operator)
  end
  if not ok then return nil, message, detail end
  return done.after, done.before
end

function Store:apply(id, name, change)
  local after, before, detail = self._transactions:run(apply, self, id, name, change)
  if after and self._journal then self._journal:announce() end
  return after, before, detail
end

local function delete(self, id, reason)
  local project, message, detail = operation.find(id, nil, self:get(id))
  if not project then return nil, message, detail end
  local to, refusal = states.next_status(categories.of(project).states, "delete", project.status)
  local row = row_of(self, id)
  if not to then return operation.refuse(id, refusal, row.since) end
  self._history:note(row, { project = id, at = rows.to_ms(self._now()), operation = "delete", from = project.status,
    to = to, reason = reason })
  self._transactions:delete(self._layout:key("projects", id))
  self._history:leave(id, row)
  return true
end

function Store:delete(id, reason)
  return self._transactions:run(delete, self, id, reason)
end

return store
