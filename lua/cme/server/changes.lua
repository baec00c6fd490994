-- SPDX-License-Identifier: MIT
-- How a change of a project reaches the store and the running engine, for the actions of all categories. A lock for
-- each project makes its changes run one after the other.
--   apply   the store alone: Start, whose engine is waited for without the lock, so that a Stop never waits for it
--   finish  the store, then the processes are let go of before the next change begins: a Start that waited for its
--           turn begins with processes of its own. Their ends are waited for without the lock. A Stop that the
--           database cannot take is done all the same, and written down as soon as it can be. Until then the store says
--           Working, and is_stopping() that nothing is to run.
--   tell    the store, then the edge and the engine: a change that the engine refuses is taken back. A service that
--           dies between them finds the engine with an older revision when it is back, and tells it then.

local access = require "cme.server.http.access"
local answer = require "cme.server.call"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local writer = require "cme.server.store.writer"

local changes = {}

---@class cme.server.changes.unwritten a stop that is done and not written down yet
---@field run number|nil when its run was started; nil: that could not be read
---@field writing boolean it is tried again

---@class cme.server.changes
---@field private _store cme.server.store.interface
---@field private _locks cme.task.locks
---@field private _relays cme.server.process.keepers
---@field private _edge cme.server.edge|nil
---@field private _log cme.server.log
---@field private _unwritten table<string, cme.server.changes.unwritten> by project
local Changes = {}
Changes.__index = Changes
Changes.__name = "cme.server.changes"

---@param options { store: cme.server.store.interface, locks: cme.task.locks, relays: cme.server.process.keepers,
---  edge: cme.server.edge|nil, log: cme.server.log } the engines; what publishes to projects and looks at them
---@return cme.server.changes
function changes.new(options)
  return setmetatable({ _store = options.store, _locks = options.locks, _relays = options.relays,
    _edge = options.edge, _log = options.log, _unwritten = {} }, Changes)
end

-- The store's answer as an action's.
function Changes:_put(id, operation, change)
  local after, before, detail = self._store:apply(id, operation, change)
  if after then
    self._log:info("project " .. operation, { project = id, status = after.status })
    return after, before
  end
  return access.storage_failed(codes.reason("word:doing:" .. operation), before, detail)
end

-- Tells the edge whether a project is on the air, without waiting for it.
function Changes:_follow(after)
  if self._edge then luv.detach(self._edge.follow, self._edge, after.id, after) end
end

--- Takes a project through an operation, in the store alone.
---@param id string
---@param operation string of the category's states
---@param change cme.server.store.change|fun(before: cme.server.project): cme.server.store.change|nil, string|nil,
---  cme.detail|nil a function makes it from the project as it is now, or refuses; it must not wait
---@return cme.server.project|nil after
---@return string|nil message
---@return cme.detail|nil detail
function Changes:apply(id, operation, change)
  local after, message, detail = self._locks:with(id, self._put, self, id, operation, change)
  if not after then return nil, message, detail end
  self:_follow(after)
  return after
end

-- Another run is another Start's, which is not to be stopped.
function Changes:_write_stop(id, one, change)
  local of_run = { reason = change.reason, operator = change.operator, run = one.run }
  local good, traceback = xpcall(writer.insist_later, debug.traceback, function()
    if self._unwritten[id] ~= one then return true end -- a later Stop is stored
    local _, message, detail = self:apply(id, "stop", of_run)
    if detail and detail.code == "api.InternalError" then return nil, message, detail end
    return true
  end, function(message) self._log:error("stop is still not stored", { project = id, error = message }) end)
  one.writing = false -- the next Stop may try again
  if good and self._unwritten[id] == one then self._unwritten[id] = nil end
  if not good then error(traceback, 0) end
end

-- Takes note, before anybody can look at the project again, that it is stopped whatever the store says.
function Changes:_note_unwritten(id)
  local one = self._unwritten[id]
  if one and self:is_stopping(id) then return end
  local record = self._store:get(id)
  self._unwritten[id] = { run = record and record.started_at, writing = false }
end

-- A full disk must not keep a broadcast on the air.
function Changes:_stopped_unwritten(id, change, why)
  local one = self._unwritten[id]
  self._log:error("stop is not stored", { project = id, error = codes.say(why) })
  if one and not one.writing then
    one.writing = true
    luv.detach(self._write_stop, self, id, one, change)
  end
  return codes.fail("api.FailedOperation:stop_unwritten", { id = id, reason = why, seconds = writer.RETRY_SECONDS })
end

--- Ends a run: in the store, and then its processes. Returns when they are gone. A stop that cannot be stored ends
--- them too, and is FailedOperation.
---@param id string
---@param operation "stop"|"failed"
---@param change cme.server.store.change
---@param processes cme.server.process.keepers|nil those that the project has beside its engine
---@return cme.server.project|nil after
---@return string|nil message
---@return cme.detail|nil detail
function Changes:finish(id, operation, change, processes)
  local waits, unwritten = {}, false
  local after, message, detail = self._locks:with(id, function()
    local done, why, refusal = self:_put(id, operation, change)
    unwritten = not done and operation == "stop" and refusal.code == "api.InternalError"
    if done then self._unwritten[id] = nil end
    if unwritten then self:_note_unwritten(id) end
    if done or unwritten then
      waits = { self._relays:release(id), processes and processes:release(id) }
    end
    return done, why, refusal
  end)
  if after then self:_follow(after) end
  for _, wait in ipairs(waits) do wait() end
  if unwritten then return self:_stopped_unwritten(id, change, detail.values.reason) end
  return after, message, detail
end

--- Whether a Stop of a project's run is done and could not be stored: nothing of it is to run, whatever the store says.
---@param id string
---@return boolean
function Changes:is_stopping(id)
  local one = self._unwritten[id]
  if not one or not one.run then return one ~= nil end
  local record = self._store:get(id)
  return record ~= nil and record.started_at == one.run
end

--- Ends a run whose processes could not be started, unless another request has ended it already. When the database
--- fails it goes on: the store says Working, and so does what keeps its processes.
---@param started cme.server.project as the start left it
---@param change { reason: string, operator: string|nil }
---@param processes cme.server.process.keepers|nil as for finish()
---@return cme.detail fact how the project is now, for the answer
---@return boolean kept it goes on
function Changes:abandon(started, change, processes)
  local ok, message, detail = self:finish(started.id, "failed",
    { reason = change.reason, operator = change.operator, run = started.started_at }, processes)
  if ok then return codes.reason "word:is_idle", false end
  if detail.code ~= "api.InternalError" then return codes.reason "word:ended_by_other", false end
  self._log:error("project stays Working", { project = started.id, error = message })
  return codes.reason "word:stays_working", true
end

-- The engine did not take what the store has: back to what both had.
function Changes:_take_back(before, operation, change, why)
  local ok, message = self:_put(before.id, operation, { input = before.input, stop_at = before.stop_at or false,
    reason = change.reason .. ": " .. why })
  if ok and self._edge then self._edge:settle(nil, before) end
  if ok then return codes.reason "word:taken_back" end
  self._log:error("a change that the engine refused is not taken back", { project = before.id, error = message })
  return codes.reason "word:tried_again"
end

function Changes:_tell(id, operation, make)
  local change
  local after, before, detail = self:_put(id, operation, function(now)
    local message, refusal
    change, message, refusal = make(now)
    return change, message, refusal
  end)
  if not after then return nil, before, detail end
  if self._edge and after.status == "Working" then self._edge:prepare(after) end
  local ok, why, cause = self._relays:update(id)
  if ok then
    if self._edge then self._edge:settle(before, after) end
    return after
  end
  return codes.fail("api:engine_refused",
    { id = id, reason = answer.part(why, cause), fact = self:_take_back(before, operation, change, why) },
    { code = "api." .. categories.of(before).failed })
end

--- Changes what a project is to be, in the store and in its engine when one runs. Returns when the engine has taken
--- it; one that is just being brought up learns it with all the rest.
---@param id string
---@param operation string of the category's states: one that changes what "edit" or "set_stop_at" does
---@param make fun(before: cme.server.project): cme.server.store.change|nil, string|nil, cme.detail|nil makes the
---  change from the project as it is now, or refuses; must not wait
---@return cme.server.project|nil after
---@return string|nil message
---@return cme.detail|nil detail
function Changes:tell(id, operation, make)
  if not self._edge then return self._locks:with(id, self._tell, self, id, operation, make) end
  return self._locks:with(id, self._edge.during, self._edge, id, self._tell, self, id, operation, make)
end

return changes
