-- SPDX-License-Identifier: MIT
-- The operations of HandleMediaCastProject about a run: Start, Confirm, Stop, SwitchSource, DescribePlayInfo; the start
-- at AutoStartTime, and how a run ends by itself. A run has two processes, the playout and the engine that sends its
-- stream. The order of things decides what a crash leaves behind: the store first, then the processes, as for
-- stream-connect projects (stream_connect/run.lua).
--
-- Until Confirm the run's planned end is 30 s after Start. The engine carries it, so a run that nobody confirms ends
-- while the service is down, too.

local changes = require "cme.server.changes"
local limits = require "cme.api.limits"
local luv = require "cme.net.loop.luv"
local project = require "cme.server.categories.media_cast.project"
local settings = require "cme.server.categories.media_cast.settings"
local sign = require "cme.sign"
local sources = require "cme.server.categories.media_cast.sources"

local run = {}

local switch_seconds = 25 -- the playout gives a source 20 s

-- ---- Start, Confirm, Stop

local function not_started(context, started, options, why)
  local fact, kept = changes.abandon(context, started, { reason = options.reason .. ": " .. why,
    operator = options.operator })
  if kept then
    context.relays:keep(started.id) -- which may not have been begun; the playout is kept as it was
  end
  return nil, "FailedOperation",
    ("start project '%s': it could not be started: %s: %s"):format(started.id, why, fact)
end

local function start_processes(context, id)
  local ok, message = context.playouts:start(id)
  if not ok then
    return nil, message
  end
  return context.relays:start(id)
end

---Takes a project on the air. Returns when playout and engine run; sources and destinations come when they come.
---@param context cme.server.Context
---@param record cme.server.Project
---@param options { reason: string, operator: string?, confirmed: boolean }
---@return true?, string? code, string? message
function run.begin(context, record, options)
  local now = context.now()
  local started, code, message = changes.apply(context, record.id, "start", function(before)
    local ok, refusal, why = project.check_startable(before, now)
    if not ok then
      return nil, refusal, why
    end
    local input = project.with(before.input,
      { Run = { Id = sign.random_hex(8), StartedAt = now, Confirmed = options.confirmed, Disabled = {} } })
    return { reason = options.reason, operator = options.operator, input = input,
      stop_at = project.stop_at(input, now, options.confirmed) }
  end)
  if not started then
    return nil, code, message
  end
  context.playout_files:forget(record.id)
  context.cast_outputs[record.id] = nil -- of the run before
  local ok
  ok, message = start_processes(context, record.id)
  if not ok then
    return not_started(context, started, options, message)
  end
  return true
end

function run.start(context, call, record)
  local ok, code, message = run.begin(context, record, { reason = changes.reason(call),
    operator = call.params.Operator, confirmed = false })
  if not ok then
    return nil, code, message
  end
  return {}
end

---Keeps a run on the air; again is no harm.
function run.confirm(context, call, record)
  return changes.done(changes.tell(context, record.id, "edit", function(before)
    if before.status ~= "Working" then
      return nil, "InvalidParameterValue.OperationInvalid",
        ("confirm project '%s': it is Idle: Start it, and Confirm within %d s"):format(before.id,
          limits.cast.confirm_seconds)
    end
    local current = project.run(before)
    return { input = project.with(before.input, { Run = project.with(current, { Confirmed = true }) }),
      stop_at = project.stop_at(before.input, current.StartedAt, true) or false, reason = changes.reason(call) }
  end))
end

function run.stop(context, call, record)
  local stopped, code, message = changes.finish(context, record.id, "stop",
    { reason = changes.reason(call), operator = call.params.Operator })
  if not stopped then
    return nil, code, message
  end
  local now = context.store:get(record.id)
  if now and now.status == "Idle" then -- else it was started again, or deleted, while its processes ended
    context.playout_files:forget(record.id)
    context.auto_start:watch(now)
  end
  return {}
end

-- ---- SwitchSource

function run.switch(context, call, record)
  local ids = sources.ids(call.params.SourceInfos)
  if not ids or #ids ~= 1 then
    return nil, "MissingParameter", "field 'SourceInfos': SwitchSource needs the Id of one source"
  end
  if record.status ~= "Working" then
    return nil, "InvalidParameterValue.OperationInvalid",
      ("switch project '%s': the project is Idle: Start it first"):format(record.id)
  end
  if not sources.find(record.input.SourceInfos, ids[1]) then
    return nil, sources.invalid,
      ("source '%s': there is none of this id (DescribeProjects has the ids)"):format(ids[1]:sub(1, 64))
  end
  local ok, message = context.playouts:ask(record.id, { op = "switch", to = ids[1] }, switch_seconds)
  if not ok then
    return nil, "FailedOperation",
      ("switch project '%s': %s: what was on the air goes on"):format(record.id, message)
  end
  return {}
end

-- ---- DescribePlayInfo

local function is_failed(output)
  return output.state ~= "live" and type(output.error) == "table"
end

-- The statuses of destinations from what the engine says; nil: it could not be asked.
local function destination_set(record, stat)
  local outputs, set, off = {}, {}, project.disabled(record)
  for _, output in ipairs(stat and stat.outputs or {}) do
    outputs[output.id] = output
  end
  for i, one in ipairs(record.input.DestinationInfos) do
    local output, status = outputs[one.Id], "Working"
    if record.status ~= "Working" or off[one.Id] then
      status = "Stopped"
    elseif not output or is_failed(output) then
      status = "Failed"
    end
    set[i] = { Id = one.Id, PushUrl = one.PushUrl, Status = status }
  end
  return set
end

function run.play_info(context, _, record)
  local playing, stat = {}, nil
  if record.status == "Working" then
    playing = context.playouts:stat(record.id) or {}
    stat = context.relays:stat(record.id)
  end
  return { PlayInfo = {
    Status = record.status,
    CurrentSourceId = playing.source_id or "",
    CurrentSourcePosition = playing.position or 0,
    CurrentSourceDuration = playing.duration or 0,
    LoopCount = math.tointeger(playing.rounds) or 0,
    DestinationStatusSet = destination_set(record, stat),
  } }
end

-- ---- how a run ends by itself

---Why a Working project is over, if it is.
---@param context cme.server.Context
---@param record cme.server.Project
---@param slack number seconds by which an engine may end before the planned end
---@return string? reason
function run.over(context, record, slack)
  if context.playout_files:end_of(record) then
    return "played out"
  end
  if not record.stop_at or record.stop_at > context.now() + slack then
    return nil
  end
  return project.run(record).Confirmed and "planned end"
    or ("not confirmed within %d s"):format(limits.cast.confirm_seconds)
end

---After a run has ended by itself: both processes go. Called from the keeper of one of them; does not wait.
---@param context cme.server.Context
---@param record cme.server.Project
function run.ended(context, record)
  context.playout_files:forget(record.id)
  luv.detach(context.relays.stop, context.relays, record.id)
  luv.detach(context.playouts.stop, context.playouts, record.id)
  context.auto_start:watch(record)
end

---The time at which an Idle project is to start by itself, unless it was started since.
---@param record cme.server.Project
---@return number? unix seconds
function run.auto_start_at(record)
  local at, last = settings.auto_start_at(record.input.PlaySetting), project.run(record)
  if record.status ~= "Idle" or not at or (last and last.StartedAt >= at) then
    return nil
  end
  return at
end

return run
