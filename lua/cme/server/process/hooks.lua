-- SPDX-License-Identifier: MIT
-- What the relays ask of the store and tell it: which state an engine should have, that a planned end has come, that
-- an engine changed its input by itself. Called from the keepers' tasks, so each may wait. A database that fails loses
-- no end of a run: it is asked again until it answers.

local categories = require "cme.server.categories"
local reconcile = require "cme.server.process.reconcile"
local playback = require "cme.server.edge.playback"
local run = require "cme.server.categories.stream_connect.run"
local task = require "cme.task"

local hooks = {}

local end_slack = 1 -- seconds by which an engine may end before the planned end by our clock
local retry_seconds = 5 -- a database that fails is asked again that often

local function desired(context, id)
  local record, message = context.store:get(id)
  if not record or record.status ~= "Working" then
    return nil, message
  end
  local spec
  if record.fault then
    return reconcile.as_it_is(record)
  end
  spec, message = categories[record.category].spec(context, record)
  if not spec then
    return nil, message
  end
  return playback.add(context.edge, spec)
end

local end_reasons = { stop_at = "planned end", played_out = "played out", gone = "engine gone" }

-- Why the run of a Working project is over when its engine, or its playout, has ended; nil: it is not. A list that was
-- played out in an earlier run is history.
local function reason_to_end(context, record, at, why)
  local kind = categories[record.category]
  if record.fault then -- nobody else knows what it did
    return end_reasons[why] or end_reasons.played_out
  end
  if kind.over then
    return kind.over(context, record, end_slack)
  end
  local due
  if why == "played_out" then
    due = at >= record.started_at
  else
    due = record.stop_at ~= nil and record.stop_at <= context.now() + end_slack
  end
  return due and end_reasons[why] or nil
end

-- True when the run is over in the store, false when it should go on; nil, message when the database failed.
local function try_end(context, id, at, why)
  local record, message = context.store:get(id)
  if message then
    return nil, message
  end
  if not record or record.status ~= "Working" then
    return true
  end
  local reason = reason_to_end(context, record, at, why)
  if not reason then
    return false
  end
  local after, refusal
  after, message, refusal = context.store:apply(id, "ended", { stopped_at = at, reason = reason })
  if not after then
    return refusal and true or nil, message
  end
  context.log:info("project ended", { project = id, reason = reason })
  local kind = categories[after.category]
  if kind.ended then
    kind.ended(context, after)
  end
  return true
end

local function ended(context, id, at, why)
  while true do
    local over, message = context.locks:with(id, try_end, context, id, at, why)
    if over ~= nil then
      return over
    end
    context.log:error("project's end is not stored", { project = id, error = message })
    task.sleep(retry_seconds)
  end
end

local function switched(context, id, reason)
  local ok, _, message = run.store_active(context, id, reason)
  if not ok then
    context.log:warn(reason .. " is not stored", { project = id, error = message })
  end
end

-- Of a media cast the parts are its sources, of which the playout tells, and the engine's outputs; the engine's one
-- input is the playout, and none of the project's.
local function look(context, id, parts)
  local record = context.journal and context.store:get(id)
  if record and categories[record.category].playout_spec then
    context.cast_outputs[id] = parts and parts.outputs or context.cast_outputs[id] or {}
    parts = { inputs = context.playout_files:sources(id), outputs = context.cast_outputs[id] }
  end
  if record then
    context.journal:look(id, parts)
  end
end

local function hung(context, process, id)
  if context.journal then
    context.journal:replaced(process, "Hung", id)
  end
end

-- What the playout of a project is to play.
local function desired_playout(context, id)
  local record, message = context.store:get(id)
  if not record or record.status ~= "Working" then
    return nil, message
  end
  if record.fault then
    return reconcile.as_it_is(record)
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
    ended = function(id, at, why)
      return ended(context, id, at, why)
    end,
    switched = function() end, -- of an engine's inputs only
    health = function() end, -- of an engine's parts
    hung = function(id)
      hung(context, "Playout", id)
    end,
    event = function(id, event)
      context.playout_files:note(id, event)
      if event.event == "source" then
        look(context, id)
      end
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
  return { desired = bind(desired), ended = bind(ended), switched = bind(switched), health = bind(look),
    hung = function(id)
      hung(context, "Engine", id)
    end }
end

return hooks
