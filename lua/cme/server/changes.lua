-- SPDX-License-Identifier: MIT
-- How a change of a project reaches the store and the engine that runs, for the actions of all categories. Changes
-- of a project run under its lock, one after the other.
--   apply   the store alone: Start, whose engine is waited for without the lock, so that a Stop never waits for it
--   finish  the store, then the processes are let go of before the next change begins: a Start that waited for its
--           turn begins with processes of its own. Their ends are waited for without the lock. A Stop that the
--           database cannot take is done all the same, and written down as soon as it can be.
--   tell    the store, then the engine: a change that the engine refuses is taken back. A service that dies between
--           the two finds the engine with an older revision when it is back, and tells it then.
-- Answers are nil, code, message.

local access = require "cme.server.http.access"
local category = require "cme.server.categories.category"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local changes = {}

local retry_seconds = 5 -- a database that fails is asked again that often

---Why a request changed something, for the history.
---@param call cme.server.Call
---@return string
function changes.reason(call)
  return "request " .. call.request_id
end

---The response of an operation that has nothing to tell but that it was done.
---@param after cme.server.Project? of tell() or apply(), as the next two
---@param code string?
---@param message string?
---@return table? response, string? code, string? message
function changes.done(after, code, message)
  if not after then
    return nil, code, message
  end
  return {}
end

-- The store's answer as an action's; the last one is what the database itself said.
local function store(context, id, operation, change)
  local after, message, refusal = context.store:apply(id, operation, change)
  if after then
    context.log:info("project " .. operation, { project = id, status = after.status })
    return after
  end
  if refusal then
    return nil, refusal.code, ("project '%s': %s"):format(id, message)
  end
  local _, code, text = access.storage_failed(operation .. " project", message)
  return nil, code, text, message
end

-- Applies a change that is made from the project as it is; returns what was before, too.
local function make_and_store(context, id, operation, make)
  local before, message = context.store:get(id)
  if message then
    return access.storage_failed(operation .. " project", message)
  end
  if not before then
    return nil, "InvalidParameterValue.ProjectId", ("project '%s': it was deleted meanwhile"):format(id)
  end
  local change, code, why = make(before)
  if not change then
    return nil, code, why
  end
  local after
  after, code, why = store(context, id, operation, change)
  if not after then
    return nil, code, why
  end
  return after, before, change
end

---Takes a project through an operation, in the store alone.
---@param context cme.server.Context
---@param id string
---@param operation cme.server.Operation
---@param change cme.server.Change|fun(before: cme.server.Project): cme.server.Change?, string?, string? a function
---  makes it from the project as it is now, or refuses with nil, code, message; it must not wait
---@return cme.server.Project? after
---@return string? code
---@return string? message
function changes.apply(context, id, operation, change)
  local put = type(change) == "function" and make_and_store or store
  return context.locks:with(id, put, context, id, operation, change)
end

-- The stops that are done and not written down yet: by context, the projects.
local unwritten = setmetatable({}, { __mode = "k" })

local function write_stop(context, id, change)
  local _, code
  repeat
    task.sleep(retry_seconds)
    _, code = changes.apply(context, id, "stop", change)
  until code ~= "InternalError"
  unwritten[context][id] = nil
end

-- A full disk must not keep a broadcast on the air.
local function stopped_unwritten(context, id, change, why)
  context.log:error("stop is not stored", { project = id, error = why })
  local ids = unwritten[context] or {}
  unwritten[context] = ids
  if not ids[id] then
    ids[id] = true
    luv.detach(write_stop, context, id, change)
  end
  return nil, "FailedOperation", ("project '%s': it is off the air, but that is not written down: %s: do not restart "
    .. "the service before it is (it is tried every %d s): it would start the project again"):format(id, why,
    retry_seconds)
end

---Ends a run: in the store, and then its processes. Returns when they are gone. A stop that cannot be stored ends them
---too, and is FailedOperation.
---@param context cme.server.Context
---@param id string
---@param operation "stop"|"failed"
---@param change cme.server.Change
---@return cme.server.Project? after
---@return string? code
---@return string? message
function changes.finish(context, id, operation, change)
  local waits, unwritten_stop = {}, false
  local after, code, message, why = context.locks:with(id, function()
    local results = table.pack(store(context, id, operation, change))
    unwritten_stop = operation == "stop" and results[2] == "InternalError"
    if results[1] or unwritten_stop then
      waits = { context.playouts:release(id), context.relays:release(id) }
    end
    return table.unpack(results, 1, 4)
  end)
  for _, wait in ipairs(waits) do
    wait()
  end
  if unwritten_stop then
    return stopped_unwritten(context, id, change, why)
  end
  return after, code, message
end

---Ends a run whose processes could not be started, unless another request has ended it already. When the database
---fails it goes on: the store says Working, and so does what keeps its processes.
---@param context cme.server.Context
---@param started cme.server.Project as the start left it
---@param change { reason: string, operator: string? }
---@return string fact how the project is now, for the answer
---@return boolean kept it goes on
function changes.abandon(context, started, change)
  local ok, code, message = changes.finish(context, started.id, "failed",
    { reason = change.reason, operator = change.operator, run = started.started_at })
  if ok then
    return "the project is Idle", false
  end
  if code ~= "InternalError" then
    return "another request ended the run", false
  end
  context.log:error("project stays Working", { project = started.id, error = message })
  return "the service's database failed, so the project stays Working: it keeps trying until Stop", true
end

-- The engine did not take what the store has: back to what both had.
local function take_back(context, before, operation, change, why)
  local ok, _, message = store(context, before.id, operation, { input = before.input, stop_at = before.stop_at or false,
    reason = change.reason .. ": " .. why })
  if ok then
    return "nothing was changed"
  end
  context.log:error("a change that the engine refused is not taken back", { project = before.id, error = message })
  return "it is tried again with the next change, and when the engine starts"
end

local function tell(context, id, operation, make)
  local after, before, change = make_and_store(context, id, operation, make)
  if not after then
    return nil, before, change -- code and message
  end
  local ok, refusal = context.relays:update(id)
  if ok then
    if context.edge then
      context.edge:settle(before, after)
    end
    return after
  end
  return nil, category.failures[before.category],
    ("project '%s': its engine did not take the change: %s: %s"):format(id, refusal,
      take_back(context, before, operation, change, refusal))
end

---Changes what a project is to be, in the store and in its engine when one runs. Returns when the engine has taken it;
---one that is just being brought up learns it with all the rest.
---@param context cme.server.Context
---@param id string
---@param operation "edit"|"set_stop_at"
---@param make fun(before: cme.server.Project): cme.server.Change?, string?, string? makes the change from the project
---  as it is now, or refuses with nil, code, message; must not wait
---@return cme.server.Project? after
---@return string? code
---@return string? message
function changes.tell(context, id, operation, make)
  return context.locks:with(id, tell, context, id, operation, make)
end

return changes
