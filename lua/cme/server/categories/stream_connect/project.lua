-- SPDX-License-Identifier: MIT
-- What a stream-connect project is in the API, to the store and to an engine, and the ways between them.
--   StreamConnectProjectInput (API)  --check-->  the same, completed  --> store
--   stored project  --info-->  StreamConnectProjectInfo (API)
--   stored project  --spec-->  the engine's desired state
-- Checks answer nil, code, message.

local common = require "cme.server.project"
local inputs = require "cme.server.categories.stream_connect.inputs"
local json = require "cme.json"
local outputs = require "cme.server.categories.stream_connect.outputs"
local sign = require "cme.sign"

local project = {}

---The member of a project's input that an endpoint names.
project.members = { Main = "MainInput", Backup = "BackupInput" }

local members = { "MainInput", "BackupInput" } -- in the order of messages and answers

---A new id for an output.
---@return string
function project.new_output_id()
  return sign.random_hex(6)
end

---Checks what CreateProject got and completes it.
---@param context cme.server.Context
---@param input table StreamConnectProjectInput, its members as schema.check leaves them
---@return table? input, string? code, string? message
function project.check(context, input)
  local checked = {}
  for _, member in ipairs(members) do
    if input[member] then
      local one, code, message = inputs.check(context, input[member], member)
      if not one then
        return nil, code, message
      end
      checked[member] = one
    end
  end
  local list, code, message = outputs.check(input.Outputs or {}, project.new_output_id)
  if not list then
    return nil, code, message
  end
  checked.Outputs = list
  return checked
end

---The same of what a project has, for a copy of it. Inputs that are published to the service get addresses of their
---own.
---@param context cme.server.Context
---@param input table a stored one
---@return table? input, string? code, string? message
function project.copy(context, input)
  local again = { Outputs = input.Outputs }
  for _, member in ipairs(members) do
    again[member] = input[member] and inputs.again(input[member])
  end
  return project.check(context, again)
end

---Where the inputs of a project are published: main and backup, or nothing when none is published.
---@param context cme.server.Context
---@param input table a stored one
---@return table[] RtmpPushInputInfoSet
function project.push_addresses(context, input)
  local set, any = json.array {}, false
  for i, member in ipairs(members) do
    local address = inputs.address(context, input[member])
    any = any or address ~= ""
    set[i] = { ExpiredSecond = address ~= "" and input[member].RtmpPushInputInfo.ExpiredSecond or 0,
      PushUrl = address }
  end
  return any and set or json.array {}
end

---Where a project begins: with its main input, or with the backup when that is all it has.
---@param input table a stored one
---@return "Main"|"Backup"
function project.first_active(input)
  return (input.MainInput or not input.BackupInput) and "Main" or "Backup"
end

---Whether a project has all that a start needs.
---@param context cme.server.Context
---@param record cme.server.Project
---@return true?, string? code, string? message
function project.check_startable(context, record)
  if not record.input.MainInput and not record.input.BackupInput then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      ("project '%s': it has no input: AddInput first"):format(record.id)
  end
  if #record.input.Outputs == 0 then
    return nil, "InvalidParameterValue.StreamConnectOutputInvalid",
      ("project '%s': it has no output: AddOutput first"):format(record.id)
  end
  local message = inputs.fault(context, record.input)
  if message then
    return nil, "FailedOperation.StreamConnect", ("project '%s': %s"):format(record.id, message)
  end
  return true
end

local function output_set(record)
  local set = json.array {}
  for i, output in ipairs(record.input.Outputs) do
    set[i] = { StreamConnectOutput = output,
      PushSwitch = outputs.is_disabled(record.input, output.Id) and "Off" or "On" }
  end
  return set
end

---A project as DescribeProjects tells about it. A time that does not apply is "".
---@param context cme.server.Context
---@param record cme.server.Project
---@param active "Main"|"Backup" the input on air
---@return table StreamConnectProjectInfo
function project.info(context, record, active)
  local working = record.status == "Working"
  return {
    Status = record.status,
    CurrentInputEndpoint = active,
    CurrentStartTime = common.stamp(working and record.started_at or nil),
    CurrentStopTime = common.stamp(working and record.stop_at or nil),
    LastStopTime = common.stamp(record.stopped_at),
    MainInput = inputs.info(context, record.input.MainInput),
    BackupInput = inputs.info(context, record.input.BackupInput),
    OutputSet = output_set(record),
  }
end

---The state an engine is to have.
---@param context cme.server.Context
---@param record cme.server.Project a Working one
---@return table? spec of the control protocol's `set`
---@return string? message
function project.spec(context, record)
  local message = inputs.fault(context, record.input)
  if message then
    return nil, message
  end
  local list = json.array {}
  for _, output in ipairs(record.input.Outputs) do
    if not outputs.is_disabled(record.input, output.Id) then
      list[#list + 1] = { id = output.Id, name = output.Name, url = output.PushUrl }
    end
  end
  return {
    project = record.id,
    revision = record.revision,
    inputs = { main = inputs.engine(context, record.input.MainInput),
      backup = inputs.engine(context, record.input.BackupInput) },
    active = record.active:lower(),
    outputs = list,
    stop_at = record.stop_at or json.null,
    failover = context.settings.failover and record.input.MainInput ~= nil and record.input.BackupInput ~= nil,
    failback_after = context.settings.failback_after or json.null,
    stall_limit = 2.0,
  }
end

return project
