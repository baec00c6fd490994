-- SPDX-License-Identifier: MIT
-- What the relays ask of the store and tell it: which state an engine should have, that a planned end has come, that
-- an engine changed its input by itself. Called from the keepers' tasks, so each may wait. A database that fails loses
-- no end of a run: it is asked again until it answers.

local categories = require "cme.server.categories"
local run = require "cme.server.stream_connect.run"
local task = require "cme.server.task"

local hooks = {}

local end_slack = 1 -- seconds by which an engine may end before the planned end by our clock
local retry_seconds = 5 -- a database that fails is asked again that often

local function desired(context, id)
  local record, message = context.store:get(id)
  if not record or record.status ~= "Working" then
    return nil, message
  end
  return categories[record.category].spec(context, record)
end

-- Why a Working project's run is over; nil: it is not.
local function reason_to_end(context, record)
  local kind = categories[record.category]
  if kind.over then
    return kind.over(context, record, end_slack)
  end
  return record.stop_at and record.stop_at <= context.now() + end_slack and "planned end" or nil
end

-- True when the run is over in the store, false when it should go on; nil, message when the database failed.
local function try_end(context, id, at)
  local record, message = context.store:get(id)
  if message then
    return nil, message
  end
  if not record or record.status ~= "Working" then
    return true
  end
  local reason = reason_to_end(context, record)
  if not reason then
    return false
  end
  local after, refusal
  after, message, refusal = context.store:apply(id, "ended", { stopped_at = at, reason = reason })
  if not after then
    return refusal and true or nil, message
  end
  context.log:info("project ended as planned", { project = id, reason = reason })
  local kind = categories[after.category]
  if kind.ended then
    kind.ended(context, after)
  end
  return true
end

local function ended(context, id, at)
  while true do
    local over, message = context.locks:with(id, try_end, context, id, at)
    if over ~= nil then
      return over
    end
    context.log:error("project's end is not stored", { project = id, error = message })
    task.sleep(retry_seconds)
  end
end

local function switched(context, id)
  local ok, _, message = run.store_active(context, id, "failover")
  if not ok then
    context.log:warn("failover is not stored", { project = id, error = message })
  end
end

-- What the playout of a project is to play.
local function desired_playout(context, id)
  local record, message = context.store:get(id)
  if not record or record.status ~= "Working" then
    return nil, message
  end
  return categories[record.category].playout_spec(context, record)
end

---The hooks of those relays that keep playouts.
---@param context cme.server.Context
---@return cme.server.Hooks
function hooks.of_playouts(context)
  return {
    desired = function(id)
      return desired_playout(context, id)
    end,
    ended = function(id, at)
      return ended(context, id, at)
    end,
    switched = function() end, -- of an engine's inputs only
    event = function(id, event)
      context.playout_files:note(id, event)
    end,
  }
end

---@param context cme.server.Context its relays may come later
---@return cme.server.Hooks
function hooks.new(context)
  local function bind(hook)
    return function(...)
      return hook(context, ...)
    end
  end
  return { desired = bind(desired), ended = bind(ended), switched = bind(switched) }
end

return hooks
