-- SPDX-License-Identifier: MIT
-- What a stream-connect project is in the API, to the store and to an engine, and the ways between them.
--   StreamConnectProjectInput (API)  --check-->  the same, completed  --> store
--   stored project  --info-->  StreamConnectProjectInfo (API)
--   stored project  --spec-->  the engine's desired state

local codes = require "cme.codes"
local common = require "cme.server.project"
local engine_spec = require "cme.server.process.spec"
local inputs = require "cme.server.categories.stream_connect.inputs"
local json = require "cme.json"
local limits = require "cme.api.limits"
local outputs = require "cme.server.categories.stream_connect.outputs"
local sign = require "cme.sign"
local targets = require "cme.server.looks.targets"

local project = {}

--- The member of a project's input that an endpoint names.
project.members = { Main = "MainInput", Backup = "BackupInput" }

local MEMBERS = { "MainInput", "BackupInput" } -- in the order of messages and answers

--- A new id for an output.
---@return string
function project.new_output_id()
  return sign.random_hex(6)
end

--- Checks what CreateProject got and completes it.
---@param input table StreamConnectProjectInput, its members as schema.check leaves them
---@param edge cme.server.edge|nil
---@param now number unix seconds
---@return table|nil input
---@return string|nil message
---@return cme.detail|nil detail
function project.check(input, edge, now)
  local checked = {}
  for _, member in ipairs(MEMBERS) do
    if input[member] then
      local one, message, detail = inputs.check(input[member], member, edge, now)
      if not one then return nil, message, detail end
      checked[member] = one
    end
  end
  local list, message, detail = outputs.check(input.Outputs or {}, project.new_output_id)
  if not list then return nil, message, detail end
  checked.Outputs = list
  return checked
end

--- The same of what a project has, for a copy of it. Inputs that are published to the service get addresses of their
--- own.
---@param input table a stored one
---@param edge cme.server.edge|nil
---@param now number unix seconds
---@return table|nil input
---@return string|nil message
---@return cme.detail|nil detail
function project.copy(input, edge, now)
  local again = { Outputs = input.Outputs }
  for _, member in ipairs(MEMBERS) do again[member] = input[member] and inputs.again(input[member]) end
  local checked, message, detail = project.check(again, edge, now)
  if not checked then return nil, message, detail end
  checked.Slate, checked.Silence, checked.Recording = input.Slate, input.Silence, input.Recording
  checked.Merge, checked.MergeWindow, checked.Standby = input.Merge, input.MergeWindow, input.Standby
  checked.LookInputs, checked.FailoverOn = input.LookInputs, input.FailoverOn
  checked.FailoverAfter = input.FailoverAfter
  return checked
end

--- Where the inputs of a project are published: main and backup, or nothing when none is published.
---@param input table a stored one
---@param edge cme.server.edge|nil
---@return table[] RtmpPushInputInfoSet
function project.push_addresses(input, edge)
  local set, any = json.array {}, false
  for i, member in ipairs(MEMBERS) do
    local info = inputs.push_info(input[member], edge)
    any = any or info ~= nil
    set[i] = info or { ExpiredSecond = 0, PushUrl = "" }
  end
  return any and set or json.array {}
end

--- Where a project begins: with its main input, or with the backup when that is all it has.
---@param input table a stored one
---@return "Main"|"Backup"
function project.first_active(input)
  return (input.MainInput or not input.BackupInput) and "Main" or "Backup"
end

--- Whether a project has all that a start needs.
---@param record cme.server.project
---@param edge cme.server.edge|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_startable(record, edge)
  if not record.input.MainInput and not record.input.BackupInput then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:no_input", { id = record.id })
  end
  if #record.input.Outputs == 0 then
    return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:no_output", { id = record.id })
  end
  local fact = inputs.fault(record.input, edge)
  if fact then return codes.fail("api.FailedOperation.StreamConnect:project", { id = record.id, fact = fact }) end
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

--- A project as DescribeProjects tells about it. A time that does not apply is "".
---@param record cme.server.project
---@param active "Main"|"Backup" the input on air
---@param edge cme.server.edge|nil
---@param on_slate boolean|nil the slate is on the air in its place
---@return table StreamConnectProjectInfo with Recording, Slate, OnSlate, Silence and Standby where they apply, which
---  the cloud lacks
function project.info(record, active, edge, on_slate)
  local working = record.status == "Working"
  return {
    Status = record.status,
    CurrentInputEndpoint = active,
    CurrentStartTime = common.stamp(working and record.started_at or nil),
    CurrentStopTime = common.stamp(working and record.stop_at or nil),
    LastStopTime = common.stamp(record.stopped_at),
    MainInput = inputs.info(record.input.MainInput, edge),
    BackupInput = inputs.info(record.input.BackupInput, edge),
    OutputSet = output_set(record),
    Recording = record.input.Recording,
    Slate = record.input.Slate,
    OnSlate = record.input.Slate and working and on_slate or nil,
    Silence = record.input.Silence,
    Merge = record.input.Merge,
    MergeWindow = record.input.MergeWindow,
    Standby = record.input.Standby,
    LookInputs = record.input.LookInputs,
    FailoverOn = record.input.FailoverOn,
    FailoverAfter = record.input.FailoverAfter,
  }
end

local function engine_inputs(input, edge, settings)
  return { main = inputs.engine(input.MainInput, edge, settings.public_sources),
    backup = inputs.engine(input.BackupInput, edge, settings.public_sources) }
end

--- What of a project is looked at, and what its inputs may not show.
---@param record cme.server.project a Working one
---@param edge cme.server.edge|nil
---@param settings cme.server.settings
---@param active "main"|"backup"
---@return cme.server.looks.plan
---@return cme.server.looks.failover|nil
function project.watched(record, edge, settings, active)
  local input, list = record.input, {}
  for _, output in ipairs(input.Outputs) do
    if not outputs.is_disabled(input, output.Id) then list[#list + 1] = { id = output.Id, watch = output.Watch } end
  end
  local usable = not inputs.fault(input, edge)
  local plan = targets.plan(list, usable and engine_inputs(input, edge, settings) or {},
    { active = active, looked = input.LookInputs, public = settings.public_sources })
  local states = input.LookInputs and input.FailoverOn
  return plan, states and states[1] and { states = states, after = input.FailoverAfter or limits.failover_after }
end

--- The state an engine is to have.
---@param record cme.server.project a Working one
---@param edge cme.server.edge|nil
---@param settings cme.server.settings
---@param beside { slate: table|nil, recording: table|nil, stay: boolean|nil }|nil what the engine is told of its slate,
---  the output that records it, and whether it must not go back to main by itself
---@return table|nil spec of the control protocol's `set`
---@return string|nil message
function project.spec(record, edge, settings, beside)
  beside = beside or {}
  local fact = inputs.fault(record.input, edge)
  if fact then return nil, codes.say(fact) end
  local list, input = json.array {}, record.input
  for _, output in ipairs(input.Outputs) do
    if not outputs.is_disabled(input, output.Id) then
      list[#list + 1] = { id = output.Id, name = output.Name, url = output.PushUrl, codecs = output.Codecs }
    end
  end
  list[#list + 1] = beside.recording
  return engine_spec.new {
    project = record.id,
    revision = record.revision,
    inputs = engine_inputs(input, edge, settings),
    active = record.active:lower(),
    outputs = list,
    stop_at = record.stop_at,
    failover = settings.failover and input.MainInput ~= nil and input.BackupInput ~= nil,
    failback_after = not beside.stay and settings.failback_after or nil,
    slate = beside.slate,
    silence = input.Silence,
    merge = input.Merge,
    merge_window = input.MergeWindow,
  }
end

return project
