-- SPDX-License-Identifier: MIT
-- What the relays ask of the store and tell it: which state an engine should have, that a planned end has come, that
-- an engine changed its input by itself. Called from the keepers' tasks, so each may wait. A database that fails loses
-- no end of a run: it is asked again until it answers.

local categories = require "cme.server.categories"
local playback = require "cme.server.playback"
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
  local spec
  spec, message = categories[record.category].spec(context, record)
  if not spec then
    return nil, message
  end
  return playback.add(context.edge, spec)
end

local end_reasons = { stop_at = "planned end", played_out = "played out" }

-- Whether an end is the one of the run that is Working. A list that was played out in an earlier run is history.
local function is_due(context, record, at, why)
  if why == "played_out" then
    return at >= record.started_at
  end
  return record.stop_at ~= nil and record.stop_at <= context.now() + end_slack
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
  if not is_due(context, record, at, why) then
    return false
  end
  local ok, refusal
  ok, message, refusal = context.store:apply(id, "ended", { stopped_at = at, reason = end_reasons[why] })
  if ok then
    context.log:info("project ended", { project = id, reason = end_reasons[why] })
  end
  if ok or refusal then
    return true
  end
  return nil, message
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

local function switched(context, id)
  local ok, _, message = run.store_active(context, id, "failover")
  if not ok then
    context.log:warn("failover is not stored", { project = id, error = message })
  end
end

local function look(context, id, parts)
  if context.journal then
    context.journal:look(id, parts)
  end
end

---@param context cme.server.Context its relays may come later
---@return cme.server.Hooks
function hooks.new(context)
  local function bind(hook)
    return function(...)
      return hook(context, ...)
    end
  end
  return { desired = bind(desired), ended = bind(ended), switched = bind(switched), health = bind(look) }
end

return hooks
