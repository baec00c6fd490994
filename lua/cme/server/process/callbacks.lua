-- SPDX-License-Identifier: MIT
-- The callbacks of the keepers, between engines and store: which state an engine should have, that a planned stop has
-- come, that an engine switched its input by itself. They are called from the keepers' tasks, so each may wait. When
-- the database fails, the end of a run is not lost: the write is tried again until it works. A category supplies what
-- differs for it.

local db = require "cme.server.store.db"
local reconcile = require "cme.server.process.reconcile"
local playback = require "cme.server.edge.playback"
local writer = require "cme.server.store.writer"

local callbacks = {}

local END_SLACK = 1 -- seconds by which an engine may end before the planned end by our clock

---@class cme.server.process.callback_parts
---@field store cme.server.store.interface
---@field locks cme.task.locks
---@field edge cme.server.edge|nil
---@field journal cme.server.events.journal|nil nil: nobody wants events
---@field clock cme.system.clock
---@field log cme.server.log

---@class cme.server.process.run_callbacks : cme.server.process.callbacks
---@field serve fun(services: table<string, cme.server.category_service>, is_stopping: (fun(id: string): boolean)|nil)
---  the categories, which are made after the processes that they work with, and which runs are stopped whatever the
---  store says; to be called before anything is kept

-- The member of a category that it may be without, bound to it.
local function method_of(services, record, name)
  local service = services[record.category]
  local method = service[name]
  return method and function(...) return method(service, ...) end
end

local function desired(parts, services, id)
  local record, message, detail = parts.store:get(id)
  if not record or record.status ~= "Working" then return nil, message, detail end
  if record.fault then return reconcile.as_it_is(record) end
  local spec
  spec, message, detail = services[record.category]:spec(record)
  if not spec then return nil, message, detail end
  return playback.add(parts.edge, spec)
end

local END_REASONS = { stop_at = "planned end", played_out = "played out", gone = "engine gone" }

-- Why the run of a Working project is over when its engine, or another process of its, has ended; nil: it is not. A
-- list that was played out in an earlier run is history.
local function reason_to_end(parts, services, record, at, why)
  if record.fault then return END_REASONS[why] or END_REASONS.played_out end -- nobody else knows what it did
  local over = method_of(services, record, "over")
  if over then return over(record, END_SLACK) end
  local due
  if why == "played_out" then
    due = at >= record.started_at
  else
    due = record.stop_at ~= nil and record.stop_at <= parts.clock.now() + END_SLACK
  end
  return due and END_REASONS[why] or nil
end

-- True when the run is over in the store, false when it should go on; nil, message, detail when the database failed.
local function try_end(parts, services, id, at, why)
  local record, message, detail = parts.store:get(id)
  if message then return nil, message, detail end
  if not record or record.status ~= "Working" then return true end
  local reason = reason_to_end(parts, services, record, at, why)
  if not reason then return false end
  local after
  after, message, detail = parts.store:apply(id, "ended", { stopped_at = at, reason = reason })
  if not after and db.is_failure(detail) then return nil, message, detail end
  if not after then return true end -- it was stopped meanwhile
  parts.log:info("project ended", { project = id, reason = reason })
  local ended = method_of(services, after, "ended")
  if ended then ended(after) end
  return true
end

local function ended(parts, services, id, at, why)
  return writer.insist(function() return parts.locks:with(id, try_end, parts, services, id, at, why) end,
    function(message) parts.log:error("project's end is not stored", { project = id, error = message }) end)
end

local function switched(parts, services, id, reason)
  local record, message = parts.store:get(id)
  if message then parts.log:warn(reason .. " is not stored", { project = id, error = message }) end
  local tell = record and method_of(services, record, "switched")
  if tell then tell(id, reason) end
end

local function look(parts, services, id, health)
  local record = parts.journal and parts.store:get(id)
  if not record then return end
  local parts_of = method_of(services, record, "parts")
  parts.journal:look(id, parts_of and parts_of(id, health) or health)
end

--- The callbacks of a service's engines, and what those of other processes are made of.
---@param parts cme.server.process.callback_parts
---@return cme.server.process.run_callbacks
function callbacks.new(parts)
  local services, is_stopping
  local function bind(callback)
    return function(...) return callback(parts, services, ...) end
  end
  return {
    desired = function(id)
      if is_stopping and is_stopping(id) then return nil end
      return desired(parts, services, id)
    end,
    ended = bind(ended),
    switched = bind(switched),
    health = bind(look),
    hung = function(id, process)
      if parts.journal then parts.journal:replaced(process or "Engine", "Hung", id) end
    end,
    over = function(id)
      if parts.edge then parts.edge:over(id) end
    end,
    serve = function(made, stopping) services, is_stopping = made, stopping end,
  }
end

return callbacks
