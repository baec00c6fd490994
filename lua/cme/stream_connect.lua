-- SPDX-License-Identifier: MIT
-- Category STREAM_CONNECT: one live stream (main, and a backup to switch to) to many outputs. Maps a project's methods
-- onto HandleStreamConnectProject, and the options of cme.project onto StreamConnectProjectInput; see project.lua for
-- what a category module is. Stream keys are never shown: an output is named by its name or id.

local json = require "cme.json"
local options = require "cme.options"
local time = require "cme.time"

local stream_connect = { name = "STREAM_CONNECT" }

local ACTION = "HandleStreamConnectProject"
-- The service's word for "it runs, but not everything in it works".
local PARTLY = "api.FailedOperation.StartStreamConnectPartlyErr"

local ENDPOINTS = { main = "Main", backup = "Backup" }
local NAMES = { Main = "main", Backup = "backup" }
local STATUSES = { Idle = "idle", Working = "working" }

-- What only the other category has.
local FOREIGN = { "output_media", "play", "sources" }

local OUTPUT = {
  id = { "string", fact = options.plain_text },
  name = { "string" },
  url = { "string", required = true },
}

local INPUT_SCHEMES = { "http", "https", "rtmp", "rtmps", "srt" }
local OUTPUT_SCHEMES = { "rtmp", "rtmps", "srt" }

local function invalid(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

-- ---- the spec

local function take_input(given, name)
  local value = given[name]
  if value == nil or type(value) == "string" then return value end
  local form = value.push ~= nil and "{ push = ... }" or value.vod ~= nil and "{ vod = ... }" or "a table"
  options.misuse(("cme.project: option '%s': %s is not supported by this version (give the URL of a live stream)")
    :format(name, form))
end

local function take_output(entry, i)
  local what = ("cme.project: option 'outputs[%d]'"):format(i)
  if type(entry) == "string" then return { url = entry } end
  if type(entry) ~= "table" then
    options.misuse(("%s: a URL or { id, name, url } is needed, got %s"):format(what, type(entry)))
  end
  return options.check(what, entry, OUTPUT)
end

-- Outputs without an id get the smallest free number.
local function number_outputs(outputs)
  local taken, nth = {}, 0
  for _, output in ipairs(outputs) do
    if output.id then taken[output.id] = true end
  end
  for _, output in ipairs(outputs) do
    if not output.id then
      repeat nth = nth + 1 until not taken[tostring(nth)]
      output.id = tostring(nth)
    end
  end
  return outputs
end

local function take_outputs(given)
  local list, outputs = given.outputs or {}, {}
  for key in pairs(list) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > #list then
      options.misuse(("cme.project: option 'outputs': a list is needed, got the key '%s'"):format(tostring(key)))
    end
  end
  for i, entry in ipairs(list) do outputs[i] = take_output(entry, i) end
  return number_outputs(outputs)
end

--- The category's part of a project's spec, copied, outputs with their ids; raises on misuse.
---@param given cme.project.spec
---@return table part { input, backup, outputs }
function stream_connect.spec(given)
  for _, name in ipairs(FOREIGN) do
    if given[name] ~= nil then
      options.misuse(("cme.project: option '%s': only for category MEDIA_CAST (this is STREAM_CONNECT)"):format(name))
    end
  end
  return { input = take_input(given, "input"), backup = take_input(given, "backup"), outputs = take_outputs(given) }
end

-- What is wrong with a URL; nil: nothing that can be seen from here. The URL itself is not repeated: it may be a key.
local function url_fault(url, schemes)
  local scheme, authority = url:match "^(%a[%w+.-]*)://([^/?#]*)"
  if not scheme then return ("not a URL (write it like %s://host/app/name)"):format(schemes[#schemes - 1]) end
  if url:find "[%c%s]" then return "a space or control character in the URL" end
  if authority:gsub("^.*@", ""):gsub(":%d*$", "") == "" then return "no host in the URL" end
  for _, known in ipairs(schemes) do
    if scheme:lower() == known then return nil end
  end
  return ("scheme '%s' is not supported (%s)"):format(scheme:sub(1, 20), table.concat(schemes, ", "))
end

local function validate_outputs(outputs)
  local seen = {}
  for _, output in ipairs(outputs) do
    local label = ("output '%s'"):format(output.name or output.id)
    if seen[output.id] then
      return invalid("duplicate_output",
        ("output id '%s' is given twice (leave ids out to have them made)"):format(output.id))
    end
    seen[output.id] = true
    local fault = url_fault(output.url, OUTPUT_SCHEMES)
    if fault then return invalid("url", ("%s: %s"):format(label, fault)) end
  end
  return true
end

--- Whether a project can be created so.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.url or invalid.duplicate_output
function stream_connect.validate(part)
  for _, name in ipairs { "input", "backup" } do
    local fault = part[name] and url_fault(part[name], INPUT_SCHEMES)
    if fault then return invalid("url", ("%s: %s"):format(name, fault)) end
  end
  return validate_outputs(part.outputs)
end

--- Whether a project has what a start needs.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.no_input or invalid.no_outputs
function stream_connect.ready(part)
  if not part.input then
    return invalid("no_input", 'no input (give cme.project input = "https://host/path/live.flv")')
  elseif #part.outputs == 0 then
    return invalid("no_outputs", 'no outputs (give cme.project outputs = { "rtmp://host/app/key" })')
  end
  return true
end

local function live_pull(url)
  return url and { InputType = "LivePull", LivePullInputInfo = { InputUrl = url } }
end

--- What CreateProject takes for this category; members that the spec lacks are left out.
---@param part table
---@return string member
---@return table value
function stream_connect.input(part)
  local outputs
  for i, output in ipairs(part.outputs) do
    outputs = outputs or {}
    outputs[i] = { Id = output.id, Name = output.name, Type = "URL", PushUrl = output.url }
  end
  return "StreamConnectProjectInput",
    { MainInput = live_pull(part.input), BackupInput = live_pull(part.backup), Outputs = outputs }
end

-- ---- the running project

local function operate(project, handle, operation, params)
  params = params or {}
  params.Operation = operation
  local response, message, detail = handle(project, ACTION, params)
  if not response then return nil, message, detail end
  return true
end

function stream_connect.start(project, handle)
  local ok, message, detail = operate(project, handle, "Start")
  if not ok and detail.code == PARTLY then
    detail.partial = true
    message = "started, but an input or output does not work yet: " .. message
  end
  return ok, message, detail
end

function stream_connect.stop(project, handle)
  return operate(project, handle, "Stop")
end

function stream_connect.switch(project, handle, to)
  return operate(project, handle, "SwitchInput", { InputEndpoint = ENDPOINTS[to] })
end

function stream_connect.set_stop_at(project, handle, seconds)
  return operate(project, handle, "ModifyCurrentStopTime", { CurrentStopTime = time.format(seconds) })
end

-- ---- the described project

-- How each kind of input reads; exactly one of its members is set by the service.
local INPUTS = {
  LivePull = function(input)
    return { kind = "live_pull", url = json.string(json.object(input.LivePullInputInfo).InputUrl) }
  end,
  VodPull = function(input)
    local vod = json.object(input.VodPullInputInfo)
    local loop = vod.LoopTimes ~= json.null and vod.LoopTimes or nil
    return { kind = "vod", urls = json.object(vod.InputUrls), loop = loop }
  end,
  RtmpPush = function(input)
    return { kind = "push", url = json.string(json.object(input.RtmpPushInputInfo).PushUrl) }
  end,
}

local function read_input(input)
  input = json.object(input)
  local read = INPUTS[input.InputType]
  return read and read(input)
end

local function read_outputs(set)
  local outputs = {}
  for _, entry in ipairs(json.object(set)) do
    entry = json.object(entry)
    local output = json.object(entry.StreamConnectOutput)
    outputs[#outputs + 1] = {
      id = json.string(output.Id),
      name = json.string(output.Name),
      url = json.string(output.PushUrl),
      enabled = entry.PushSwitch == "On",
    }
  end
  return outputs
end

--- Adds what this category knows to what info() returns.
---@param described table a ProjectInfo
---@param info cme.project.info
function stream_connect.read(described, info)
  local state = json.object(described.StreamConnectProjectInfo)
  info.status = STATUSES[state.Status]
  info.active = NAMES[state.CurrentInputEndpoint]
  info.inputs = { main = read_input(state.MainInput), backup = read_input(state.BackupInput) }
  info.outputs = read_outputs(state.OutputSet)
  -- The service leaves the last run's times in place; each is valid in one state only.
  if info.status == "working" then
    info.started_at, info.stop_at = time.read(state.CurrentStartTime), time.read(state.CurrentStopTime)
  elseif info.status == "idle" then
    info.stopped_at = time.read(state.LastStopTime)
  end
end

return stream_connect
