-- SPDX-License-Identifier: MIT
-- What a stream-connect project is in the API, to the store and to an engine, and the ways between them. Pure.
--   StreamConnectProjectInput (API)  --check_input-->  the same, with output ids  --> store
--   stored project  --info-->  ProjectInfo (API)
--   stored project  --spec-->  the engine's desired state
-- Checks answer nil, code, message.

local json = require "cme.json"
local limits = require "cme.limits"
local playback = require "cme.server.playback"
local stream_url = require "cme.stream_url"
local text = require "cme.text"
local time = require "cme.time"

local project = {}

project.max_outputs = 50 -- the cloud documents no bound; this one is ours
local max_url = 2048 -- bytes; ours, too

-- Why a URL cannot be used, or nil. The engine hands URLs to libavformat, whose schemes can read files and run
-- other protocols: only a few may pass.
local function url_fault(url, schemes)
  if #url > max_url then
    return ("longer than %d bytes"):format(max_url)
  end
  return stream_url.fault(url, schemes)
end

local input_members = { LivePull = "LivePullInputInfo", VodPull = "VodPullInputInfo", RtmpPush = "RtmpPushInputInfo" }

local function check_stream_input(input, where)
  local member = input_members[input.InputType]
  if not member then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      ("%s.InputType '%s': it must be LivePull, VodPull or RtmpPush"):format(where, input.InputType)
  end
  if input.InputType ~= "LivePull" then
    return nil, "UnsupportedOperation",
      ("%s: this service does not run %s inputs: use LivePull"):format(where, input.InputType)
  end
  if not input[member] then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid", ("%s.%s is missing"):format(where, member)
  end
  local fault = url_fault(input.LivePullInputInfo.InputUrl, limits.input_schemes)
  if fault then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      ("%s.LivePullInputInfo.InputUrl: %s"):format(where, fault)
  end
  return { InputType = "LivePull", LivePullInputInfo = { InputUrl = input.LivePullInputInfo.InputUrl } }
end

local function output_fault(output)
  if output.Type and output.Type ~= "" and output.Type ~= "URL" then
    return ("Type '%s': it must be URL"):format(output.Type)
  end
  if not output.PushUrl then
    return "PushUrl is missing"
  end
  local fault = url_fault(output.PushUrl, limits.output_schemes)
  if fault then
    return "PushUrl: " .. fault
  end
  if output.Id and #output.Id > 64 then
    return "Id is longer than 64 bytes"
  end
  if playback.is_internal(output.Id) then
    return ("Id '%s': it is the service's own"):format(output.Id)
  end
  if output.Name and (text.utf8_len(output.Name) or math.huge) > 128 then
    return "Name is longer than 128 characters"
  end
  return nil
end

-- The ids that callers chose; they must differ.
local function taken_ids(outputs)
  local taken = {}
  for i, output in ipairs(outputs) do
    local id = output.Id
    if id and id ~= "" then
      if taken[id] then
        return nil, ("Outputs.%d.Id '%s': another output has it"):format(i - 1, id)
      end
      taken[id] = true
    end
  end
  return taken
end

local function fresh_id(taken, new_id)
  local id
  repeat
    id = new_id()
  until not taken[id]
  taken[id] = true
  return id
end

---Checks a list of outputs and gives ids to those without.
---@param outputs table[] StreamConnectOutput
---@param new_id fun(): string
---@return table[]? outputs, string? code, string? message
function project.check_outputs(outputs, new_id)
  if #outputs > project.max_outputs then
    return nil, "LimitExceeded", ("Outputs: %d given, at most %d"):format(#outputs, project.max_outputs)
  end
  local taken, message = taken_ids(outputs)
  if not taken then
    return nil, "InvalidParameterValue.StreamConnectOutputInvalid", message
  end
  local checked = {}
  for i, output in ipairs(outputs) do
    local fault = output_fault(output)
    if fault then
      return nil, "InvalidParameterValue.StreamConnectOutputInvalid", ("Outputs.%d: %s"):format(i - 1, fault)
    end
    local has_id = output.Id and output.Id ~= ""
    checked[i] = { Id = has_id and output.Id or fresh_id(taken, new_id), Name = output.Name or "", Type = "URL",
      PushUrl = output.PushUrl }
  end
  return checked
end

---Checks what CreateProject got and completes it.
---@param input table StreamConnectProjectInput, its members as schema.check leaves them
---@param new_id fun(): string
---@return table? input, string? code, string? message
function project.check_input(input, new_id)
  local checked = {}
  for _, endpoint in ipairs { "MainInput", "BackupInput" } do
    if input[endpoint] then
      local one, code, message = check_stream_input(input[endpoint], endpoint)
      if not one then
        return nil, code, message
      end
      checked[endpoint] = one
    end
  end
  local outputs, code, message = project.check_outputs(input.Outputs or {}, new_id)
  if not outputs then
    return nil, code, message
  end
  checked.Outputs = outputs
  return checked
end

---Whether a project has all that a start needs.
---@param record cme.server.Project
---@return true?, string? code, string? message
function project.check_startable(record)
  if not record.input.MainInput then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      "the project has no main input: create it with StreamConnectProjectInput.MainInput"
  end
  if #record.input.Outputs == 0 then
    return nil, "InvalidParameterValue.StreamConnectOutputInvalid",
      "the project has no outputs: create it with StreamConnectProjectInput.Outputs"
  end
  return true
end

local function stamp(seconds)
  return seconds and time.format(seconds) or ""
end

-- The API sends every member of an input, the ones of other kinds as null.
local function full_input(input)
  if not input then
    return json.null
  end
  return {
    InputType = input.InputType,
    LivePullInputInfo = input.LivePullInputInfo or json.null,
    VodPullInputInfo = input.VodPullInputInfo or json.null,
    RtmpPushInputInfo = input.RtmpPushInputInfo or json.null,
  }
end

local function output_set(record)
  local set = json.array {}
  for i, output in ipairs(record.input.Outputs) do
    set[i] = { StreamConnectOutput = output, PushSwitch = "On" } -- no operation turns one off
  end
  return set
end

---A project as DescribeProjects shows it. A time that does not apply is "".
---@param record cme.server.Project
---@return table ProjectInfo
function project.info(record)
  local working = record.status == "Working"
  return {
    ProjectId = record.id,
    Name = record.name,
    AspectRatio = "",
    Category = record.category,
    Owner = { Type = record.owner.type, Id = record.owner.id },
    CoverUrl = "",
    StreamConnectProjectInfo = {
      Status = record.status,
      CurrentInputEndpoint = record.active,
      CurrentStartTime = working and stamp(record.started_at) or "",
      CurrentStopTime = working and stamp(record.stop_at) or "",
      LastStopTime = working and "" or stamp(record.stopped_at),
      MainInput = full_input(record.input.MainInput),
      BackupInput = full_input(record.input.BackupInput),
      OutputSet = output_set(record),
    },
    MediaCastProjectInfo = json.null,
    UpdateTime = time.format(record.updated_at),
    CreateTime = time.format(record.created_at),
  }
end

local function pull_url(input)
  return input and { url = input.LivePullInputInfo.InputUrl } or nil
end

---The state an engine is to have.
---@param record cme.server.Project a Working one
---@return table spec of the control protocol's `set`
function project.spec(record)
  local outputs = json.array {}
  for i, output in ipairs(record.input.Outputs) do
    outputs[i] = { id = output.Id, name = output.Name, url = output.PushUrl }
  end
  return {
    project = record.id,
    revision = record.revision,
    inputs = { main = pull_url(record.input.MainInput), backup = pull_url(record.input.BackupInput) },
    active = record.active:lower(),
    outputs = outputs,
    stop_at = record.stop_at or json.null,
    failover = record.input.BackupInput ~= nil,
    stall_limit = 2.0,
  }
end

return project
