-- SPDX-License-Identifier: MIT
-- The operations of HandleStreamConnectProject about a run: Start, Stop, SwitchInput, ModifyCurrentStopTime,
-- DescribeInputPlayInfo. The order of things decides what a crash leaves behind:
--   Start   store Working, then bring the engine up: a service that dies between starts it when it is back
--   Stop    store Idle, then end the engine: one that dies between ends it as an orphan
--   SwitchInput  the engine first, then the store: the engine is what the viewers see, and is asked on adoption; so
--           a switch that cannot be written down is done all the same
-- Changes of state run under the project's lock; waiting for engines does not, so a Stop never waits for a Start.

local access = require "cme.server.http.access"
local changes = require "cme.server.changes"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local json = require "cme.json"
local limits = require "cme.api.limits"
local project = require "cme.server.categories.stream_connect.project"
local time = require "cme.time"

local run = {}

local live_seconds = 8 -- bound of Start's wait for picture everywhere

-- ---- Start, Stop

local function not_started(context, call, started, why)
  local fact = changes.abandon(context, started, { reason = changes.reason(call) .. ": " .. why,
    operator = call.params.Operator })
  return nil, "FailedOperation.StreamConnect",
    ("start project '%s': its engine could not be started: %s: %s"):format(started.id, why, fact)
end

-- What a start in part answers: beside the code and a sentence, what does not work yet, one by one.
local function started_partly(record, faults)
  local sentences = {}
  for i, fault in ipairs(faults) do
    sentences[i] = fault.message
  end
  return nil, "FailedOperation.StartStreamConnectPartlyErr",
    ("project '%s' is Working, but not all of it: %s; it keeps trying until Stop"):format(record.id,
      table.concat(sentences, "; ")), faults
end

-- The planned end of a run that begins now: the one that Start was given, else the service's default. The engine has
-- it from its first moment, whatever becomes of the caller while Start waits for the picture.
local function first_stop(context, call)
  local given = call.params.CurrentStopTime
  if given and given ~= "" then
    return run.read_stop_time(given, context.now())
  end
  local default_stop = context.settings.default_stop
  return default_stop and context.now() + default_stop or false
end

function run.start(context, call, record)
  local stop_at, refused, fact = first_stop(context, call)
  if stop_at == nil then
    return nil, refused, fact
  end
  local started, code, message = changes.apply(context, record.id, "start", function(before)
    local ok, refusal, why = project.check_startable(context, before)
    if not ok then
      return nil, refusal, why
    end
    return { reason = changes.reason(call), operator = call.params.Operator,
      active = project.first_active(before.input), stop_at = stop_at or nil }
  end)
  if not started then
    return nil, code, message
  end
  local ok
  ok, message = context.relays:start(record.id)
  if not ok then
    return not_started(context, call, started, message)
  end
  local verdict, faults = context.relays:wait_live(record.id, live_seconds)
  if verdict == "live" then
    return {}
  end
  if verdict == "gone" then
    return nil, "FailedOperation.StreamConnect", ("start project '%s': it was stopped meanwhile"):format(record.id)
  end
  return started_partly(record, faults)
end

function run.stop(context, call, record)
  return changes.done(changes.finish(context, record.id, "stop",
    { reason = changes.reason(call), operator = call.params.Operator }))
end

-- ---- SwitchInput

---Writes down which input the engine relays now. Also for switches that the engine made by itself.
---@param context cme.server.Context
---@param id string
---@param reason string
---@return cme.server.Project?, string? code, string? message
function run.store_active(context, id, reason)
  local active = endpoint.names[context.relays:active(id)]
  if not active then
    return nil, "FailedOperation.StreamConnect", ("project '%s': it was stopped meanwhile"):format(id)
  end
  return changes.apply(context, id, "switch", { active = active, reason = reason })
end

local function switch_engine(context, call, record, to)
  local before = context.relays:active(record.id)
  local ok, code, message
  ok, message = context.relays:switch(record.id, to)
  if not ok then
    return nil, "FailedOperation.StreamConnect",
      ("switch project '%s' to %s: %s: still on %s"):format(record.id, to, message, before or "the input it had")
  end
  ok, code, message = run.store_active(context, record.id, changes.reason(call))
  if not ok and code ~= "InternalError" then
    return nil, code, message
  end
  if not ok then
    context.log:error("switch is not stored", { project = record.id, active = to, error = message })
  end
  return {}
end

local function switch_now(context, call, record, to)
  local current, failure = context.store:get(record.id)
  if failure then
    return access.storage_failed("switch project", failure)
  end
  if current and current.status ~= "Working" then
    return nil, "FailedOperation.StreamConnect",
      ("switch project '%s': the project is Idle: Start it first"):format(record.id)
  end
  return switch_engine(context, call, record, to)
end

function run.switch(context, call, record)
  local chosen, code, message = endpoint.existing(record, call.params.InputEndpoint)
  if not chosen then
    return nil, code, message
  end
  return context.locks:with(record.id .. " switch", switch_now, context, call, record, chosen:lower())
end

-- ---- ModifyCurrentStopTime

---Reads a planned end; pure.
---@param text string?
---@param now number
---@return number? at, string? code, string? message
function run.read_stop_time(text, now)
  if not text or text == "" then
    return nil, "MissingParameter", "field 'CurrentStopTime': missing (ModifyCurrentStopTime needs it)"
  end
  local at, message = time.parse(text)
  if not at then
    return nil, "InvalidParameterValue", "field 'CurrentStopTime': " .. message
  end
  if at <= now then
    return nil, "InvalidParameterValue", ("field 'CurrentStopTime' %s: it is past (now %s)"):format(time.format(at),
      time.format(now // 1))
  end
  if at > now + limits.stop_ahead then
    return nil, "InvalidParameterValue", ("field 'CurrentStopTime' %s: at most 30 days ahead"):format(time.format(at))
  end
  return at
end

function run.set_stop_at(context, call, record)
  local at, code, message = run.read_stop_time(call.params.CurrentStopTime, context.now())
  if not at then
    return nil, code, message
  end
  return changes.done(changes.tell(context, record.id, "set_stop_at", function()
    return { stop_at = at, reason = changes.reason(call) }
  end))
end

-- ---- DescribeInputPlayInfo

---Where the list of an input is; pure.
---@param input table a stored one
---@param stat table? the engine's
---@param chosen "Main"|"Backup"
---@return table? VodPullInputPlayInfo nil: the input is not a list, or nothing of it is known
function run.play_info(input, stat, chosen)
  local play = json.object(json.object(json.object(stat and stat.inputs)[chosen:lower()]).play)
  local url = input.VodPullInputInfo and input.VodPullInputInfo.InputUrls[(tonumber(play.index) or -1) + 1]
  return url and { Url = url, TimeOffset = tonumber(play.offset_s) or 0 } or nil
end

function run.describe_play(context, call, record)
  local chosen, code, message = endpoint.existing(record, call.params.InputEndpoint)
  if not chosen then
    return nil, code, message
  end
  if record.status ~= "Working" then
    return {}
  end
  local stat
  stat, message = context.relays:stat(record.id)
  if not stat then
    return nil, "FailedOperation.StreamConnect",
      ("position of project '%s': %s"):format(record.id, message)
  end
  return { VodPullInputPlayInfo = run.play_info(record.input[project.members[chosen]], stat, chosen) }
end

return run
