-- SPDX-License-Identifier: MIT
-- Decides which changes become events, and writes them to the outbox: a run begins or ends (in the store's own
-- transaction), or an engine reports that an input or output is interrupted. An input or output that failed is
-- interrupted until it is live again, so an engine that retries many times causes one event. The set of what is
-- interrupted is kept in the store and changed in one transaction with the events: a failure that no service heard is
-- reported when the engine is adopted, and none is reported twice. Nothing is written unless something changed; then
-- all changes of a moment go into one transaction.

local events = require "cme.server.events"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local writer = require "cme.server.store.writer"

local journal = {}

local GATHER_SECONDS = 0.05 -- for the changes that come together: a network that fails takes every output with it

---@class cme.server.events.journal
---@field private _store cme.server.store.interface
---@field private _outbox cme.server.events.outbox
---@field private _log cme.server.log
---@field private _later fun(seconds: number, fn: function)
---@field private _pause (fun(seconds: number))|nil between attempts to write; nil: a task's sleep
---@field private _known table<string, table<string, true>> parts by project, as in the database; read when needed
---@field private _pending table<string, cme.server.process.health>
---@field private _armed boolean a flush is to come
local Journal = {}
Journal.__index = Journal
Journal.__name = "cme.server.events.journal"

local function later(seconds, fn)
  luv.detach(function()
    task.sleep(seconds)
    fn()
  end)
end

---@param options { store: cme.server.store.interface, outbox: cme.server.events.outbox, log: cme.server.log,
---  later: (fun(seconds: number, fn: function))|nil, pause: (fun(seconds: number))|nil }
---@return cme.server.events.journal
function journal.new(options)
  return setmetatable({ _store = options.store, _outbox = options.outbox,
    _log = options.log, _later = options.later or later,
    _pause = options.pause, _known = {}, _pending = {}, _armed = false }, Journal)
end

local function sorted(parts)
  local names = {}
  for name in pairs(parts) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- What begins and ends to be interrupted; pure.
---@param known table<string, true> parts that are: "input main", "output ID"
---@param health cme.server.process.health
---@return { part: string, kind: "input"|"output", key: string, code: string|nil }[] began
---@return string[] ended parts
function journal.changes(known, health)
  local began, there = {}, {}
  for kind, parts in pairs { input = health.inputs, output = health.outputs } do
    for _, key in ipairs(sorted(parts)) do
      local one, part = parts[key], kind .. " " .. key
      there[part] = one
      if one.failed and not known[part] then
        began[#began + 1] = { part = part, kind = kind, key = key, code = one.code }
      end
    end
  end
  local ended = {}
  for _, part in ipairs(sorted(known)) do
    if not there[part] or there[part].state == "live" then
      ended[#ended + 1] = part
    end
  end
  table.sort(began, function(a, b)
    return a.part < b.part
  end)
  return began, ended
end

function Journal:_known_of(id)
  local known = self._known[id]
  if known then return known end
  local message, detail
  known, message, detail = self._store.interruptions:of(id)
  self._known[id] = known
  return known, message, detail
end

--- Looks at how the parts of a project are; to be called whenever that changed. Does not wait.
---@param id string
---@param health cme.server.process.health
function Journal:look(id, health)
  local known = self:_known_of(id) or {}
  local began, ended = journal.changes(known, health)
  if #began == 0 and #ended == 0 then return end
  self._pending[id] = health
  if not self._armed then
    self._armed = true
    self._later(GATHER_SECONDS, function()
      self:flush()
    end)
  end
end

-- Inside a transaction, which may run several times: what is known is read within it.
function Journal:_write(record, health)
  local known, message, detail = self._store.interruptions:of(record.id)
  if not known then return nil, message, detail end
  local began, ended = journal.changes(known, health)
  for _, part in ipairs(ended) do
    local ok, failure, fault = self._store.interruptions:remove(record.id, part)
    if not ok then return nil, failure, fault end
  end
  for _, one in ipairs(began) do
    local ok, failure, fault = self._store.interruptions:add(record.id, one.part)
    local content = ok and events.interrupted(record, one.kind, one.key, one.code)
    if content then
      ok, failure, fault = self._outbox:put(record.id, content)
    end
    if not ok then return nil, failure, fault end
  end
  return true
end

function Journal:_write_all(pending)
  for _, id in ipairs(sorted(pending)) do
    local record, message, detail = self._store:get(id)
    if message then return nil, message, detail end
    if record and record.status == "Working" then -- else it was stopped meanwhile
      local ok, failure, fault = self:_write(record, pending[id])
      if not ok then return nil, failure, fault end
    end
  end
  return true
end

-- nil, message: the database failed, and all of it is still to be written.
function Journal:_try_flush()
  local pending = self._pending
  self._pending = {}
  local ok, message, detail = self._store:transaction(self._write_all, self, pending)
  for id in pairs(pending) do
    self._known[id] = nil
  end
  if ok then return true end
  for id, health in pairs(pending) do self._pending[id] = self._pending[id] or health end -- else newer was seen
  return nil, message, detail
end

--- Writes down what was seen, and what is seen meanwhile. Waits until the store has taken it; tasks only.
function Journal:flush()
  repeat
    writer.insist(function()
      return self:_try_flush()
    end, function(message)
      self._log:error("interruptions are not stored", { error = message })
    end, self._pause)
    self._outbox:announce()
  until not next(self._pending)
  self._armed = false
end

--- A project has come into another status. Of a run that ends, what was seen and not written yet comes first; then
--- nothing of it is interrupted any more. Inside the transaction of the change; `announce` after its commit.
---@param record cme.server.project as it is now
---@param operator string|nil who asked for it
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Journal:status(record, operator)
  local seen, ok, message, detail = self._pending[record.id], true, nil, nil
  if record.status == "Working" then
    self._pending[record.id] = nil -- of the run before
  elseif seen then
    ok, message, detail = self:_write(record, seen)
  end
  self._known[record.id] = nil
  if ok then
    ok, message, detail = self._store.interruptions:forget(record.id)
  end
  local content = ok and events.status(record, operator)
  if content then
    ok, message, detail = self._outbox:put(record.id, content)
  end
  return ok and true, message, detail
end

function Journal:_keep(id, content)
  local ok, message = self._store:transaction(self._outbox.put, self._outbox, id or "", content)
  if not ok then
    self._log:error("event is not stored", { project = id, event = content.EventType, error = message })
  end
  self._outbox:announce()
end

-- Tells what befell the service itself, without waiting for a store that does. An event that cannot be stored is lost,
-- the log has it.
function Journal:_tell(id, content)
  luv.detach(self._keep, self, id, content)
end

--- A process of the service is being replaced. Does not wait.
---@param process "Engine"|"Playout"|"Edge"
---@param reason "Hung"|"Died"
---@param id string|nil its project
function Journal:replaced(process, reason, id)
  self:_tell(id, events.replaced(process, reason, id))
end

-- What befalls a project beside its status, by the event that it becomes; none of these waits. Each takes what its
-- function of cme.server.events takes.
local BESIDE = { slate = "slate", merge = "merge", uplink = "uplink", recording = "recording", looked = "look",
  publisher_refused = "publisher_refused", standby = "standby" }

for name, event in pairs(BESIDE) do
  Journal[name] = function(self, id, ...)
    self:_tell(id, events[event](id, ...))
  end
end

--- The file of the database is not in its place any more. Does not wait.
---@param path string
function Journal:database_lost(path)
  self:_tell(nil, events.database_lost(path))
end

--- What was put is committed: it may be delivered.
function Journal:announce()
  self._outbox:announce()
end

return journal
