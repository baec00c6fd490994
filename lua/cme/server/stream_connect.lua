-- SPDX-License-Identifier: MIT
-- HandleStreamConnectProject: one function per operation. The order of things decides what a crash leaves behind:
--   Start   store Working, then bring the engine up: a service that dies between starts it when it is back
--   Stop    store Idle, then end the engine: one that dies between ends it as an orphan
--   SwitchInput  the engine first, then the store: the engine is what the viewers see, and is asked on adoption; so
--           a switch that cannot be written down is done all the same
-- Changes of state run under the project's lock; waiting for engines does not, so a Stop never waits for a Start.

local access = require "cme.server.access"
local json = require "cme.json"
local limits = require "cme.limits"
local project = require "cme.server.project"
local time = require "cme.time"

local stream_connect = {}

local live_seconds = 8 -- bound of Start's wait for picture everywhere

-- Applies an operation to the store under the project's lock; refusals and failures as code and message.
local function apply(context, record, operation, change)
  return context.locks:with(record.id, function()
    local after, message, refusal = context.store:apply(record.id, operation, change)
    if after then
      context.log:info("project " .. operation, { project = record.id, status = after.status })
      return after
    end
    if refusal then
      return nil, refusal.code, ("project '%s': %s"):format(record.id, message)
    end
    return access.storage_failed(operation .. " project", message)
  end)
end

local function reason_of(call)
  return "request " .. call.request_id
end

-- ---- Start, Stop

local function not_started(context, call, record, why)
  local _, code, message = apply(context, record, "failed", { reason = reason_of(call) .. ": " .. why })
  if code == "InternalError" then
    context.log:error("project stays Working", { project = record.id, error = message })
  end
  context.relays:stop(record.id)
  return nil, "FailedOperation.StreamConnect",
    ("start project '%s': its engine could not be started: %s: the project is Idle"):format(record.id, why)
end

local function start(context, call, record)
  local ok, code, message = project.check_startable(record)
  if not ok then
    return nil, code, message
  end
  local started
  started, code, message = apply(context, record, "start", { reason = reason_of(call) })
  if not started then
    return nil, code, message
  end
  ok, message = context.relays:start(record.id)
  if not ok then
    return not_started(context, call, record, message)
  end
  local verdict, faults = context.relays:wait_live(record.id, live_seconds)
  if verdict == "live" then
    return {}
  end
  if verdict == "gone" then
    return nil, "FailedOperation.StreamConnect", ("start project '%s': it was stopped meanwhile"):format(record.id)
  end
  return nil, "FailedOperation.StartStreamConnectPartlyErr",
    ("project '%s' is Working, but not all of it: %s; it keeps trying until Stop"):format(record.id,
      table.concat(faults, "; "))
end

local function stop(context, call, record)
  local stopped, code, message = apply(context, record, "stop", { reason = reason_of(call) })
  if not stopped then
    return nil, code, message
  end
  context.relays:stop(record.id)
  return {}
end

-- ---- SwitchInput

local endpoint_members = { Main = "MainInput", Backup = "BackupInput" }
local endpoint_names = { main = "Main", backup = "Backup" }

local function read_endpoint(record, endpoint)
  if not endpoint then
    return nil, "MissingParameter", "field 'InputEndpoint': missing (SwitchInput needs Main or Backup)"
  end
  local member = endpoint_members[endpoint]
  if not member then
    return nil, "InvalidParameterValue.Input",
      ("field 'InputEndpoint' '%s': it must be Main or Backup"):format(endpoint:sub(1, 64))
  end
  if not record.input[member] then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      ("project '%s': it has no %s input to switch to"):format(record.id, endpoint:lower())
  end
  return endpoint:lower()
end

---Which input of a project is on air: the engine's word, since a switch may not have been stored.
---@param context cme.server.Context
---@param record cme.server.Project
---@return "Main"|"Backup"
function stream_connect.active(context, record)
  local known = record.status == "Working" and endpoint_names[context.relays:active(record.id)]
  return known or record.active
end

---Writes down which input the engine relays now. Also for switches that the engine made by itself.
---@param context cme.server.Context
---@param record { id: string }
---@param reason string
---@return cme.server.Project?, string? code, string? message
function stream_connect.store_active(context, record, reason)
  local active = endpoint_names[context.relays:active(record.id)]
  if not active then
    return nil, "FailedOperation.StreamConnect", ("project '%s': it was stopped meanwhile"):format(record.id)
  end
  return apply(context, record, "switch", { active = active, reason = reason })
end

local function switch_engine(context, call, record, to)
  local before = context.relays:active(record.id)
  local ok, code, message
  ok, message = context.relays:switch(record.id, to)
  if not ok then
    return nil, "FailedOperation.StreamConnect",
      ("switch project '%s' to %s: %s: still on %s"):format(record.id, to, message, before or "the input it had")
  end
  ok, code, message = stream_connect.store_active(context, record, reason_of(call))
  if not ok and code ~= "InternalError" then
    return nil, code, message
  end
  if not ok then
    context.log:error("switch is not stored", { project = record.id, active = to, error = message })
  end
  return {}
end

local function switch(context, call, record)
  local to, code, message = read_endpoint(record, call.params.InputEndpoint)
  if not to then
    return nil, code, message
  end
  return context.locks:with(record.id .. " switch", function()
    local current, failure = context.store:get(record.id)
    if failure then
      return access.storage_failed("switch project", failure)
    end
    if current and current.status ~= "Working" then
      return nil, "FailedOperation.StreamConnect",
        ("switch project '%s': the project is Idle: Start it first"):format(record.id)
    end
    return switch_engine(context, call, record, to)
  end)
end

-- ---- ModifyCurrentStopTime

---Reads a planned end; pure.
---@param text string?
---@param now number
---@return number? at, string? code, string? message
function stream_connect.read_stop_time(text, now)
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

local function set_stop_at(context, call, record)
  local at, code, message = stream_connect.read_stop_time(call.params.CurrentStopTime, context.now())
  if not at then
    return nil, code, message
  end
  local after
  after, code, message = apply(context, record, "set_stop_at", { stop_at = at, reason = reason_of(call) })
  if not after then
    return nil, code, message
  end
  local ok
  ok, message = context.relays:set_stop_at(record.id, at)
  if ok then
    return {}
  end
  apply(context, record, "set_stop_at", { stop_at = record.stop_at, reason = reason_of(call) .. ": " .. message })
  return nil, "FailedOperation.StreamConnect",
    ("set the planned end of project '%s': %s: it keeps the one it had"):format(record.id, message)
end

-- ---- the action

local operations = { Start = start, Stop = stop, SwitchInput = switch, ModifyCurrentStopTime = set_stop_at }

-- Operations of the API that this service does not run.
local other_operations = {
  AddInput = true, ModifyInput = true, DeleteInput = true, AddOutput = true, ModifyOutput = true, DeleteOutput = true,
  DescribeInputPlayInfo = true,
}

---@param context cme.server.Context
---@param call cme.server.Call
---@return table? response, string? code, string? message
function stream_connect.handle(context, call)
  local name = call.params.Operation
  local operation = operations[name]
  if not operation then
    if other_operations[name] then
      return nil, "UnsupportedOperation", ("operation '%s': this service does not offer it"):format(name)
    end
    return nil, "InvalidParameterValue.OperationInvalid",
      ("operation '%s': there is none of this name"):format(name:sub(1, 64))
  end
  local record, code, message = access.project(context.store, call.params)
  if not record then
    return nil, code, message
  end
  if record.category ~= "STREAM_CONNECT" then
    return nil, "InvalidParameterValue.Category", ("project '%s': it is not a STREAM_CONNECT project"):format(record.id)
  end
  local response
  response, code, message = operation(context, call, record)
  if not response then
    return nil, code, message
  end
  response.StreamInputRtmpPushUrl = ""
  response.VodPullInputPlayInfo = json.null
  return response
end

return stream_connect
