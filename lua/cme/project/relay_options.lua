-- SPDX-License-Identifier: MIT
-- STREAM_CONNECT's part of a spec: one stream (main, and a backup to switch to) to many outputs; taken from the caller
-- (misuse raises), checked, written as the service has it, and read back from a described project. Pure.
-- Inputs have the same form everywhere (spec, info(), ensure): { kind = "live_pull", url },
-- { kind = "vod", urls, loop }, { kind = "push", seconds, url }. Stream keys are never shown: an output is named by its
-- name or id.

local codes = require "cme.codes"
local json = require "cme.json"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"
local time = require "cme.time"

local relay_options = {}

--- The service's names of the inputs.
relay_options.ENDPOINTS = { main = "Main", backup = "Backup" }
local NAMES = { Main = "main", Backup = "backup" }
local STATUSES = { Idle = "idle", Working = "working" }

local CODECS = { "string", fact = function(value)
  if not text.contains(limits.codecs, value) then
    return ("one of %s is needed"):format(table.concat(limits.codecs, ", "))
  end
end }

relay_options.OUTPUT = project_options.output_fields {
  id = { "string", fact = options.plain_text },
  name = { "string" },
  codecs = CODECS,
}
relay_options.CHANGED_OUTPUT = project_options.output_fields {
  id = { "string", required = true, fact = options.plain_text },
  name = { "string" },
  codecs = CODECS,
}

local function is_push_time(value)
  if value % 1 ~= 0 or value < 1 then return "a number of seconds above 0 is needed" end
end

local function is_loop(value)
  if value % 1 ~= 0 or value < -1 then return "-1 (until the stop), 0 or a number of repeats is needed" end
end

local PUSH = { push = { "number", required = true, fact = is_push_time } }
local VOD = { vod = { "table", required = true }, loop = { "number", fact = is_loop } }
local VOD_SCHEMES = { "http", "https" }

-- ---- a recording

---@class cme.project.recording
---@field name string                            what its files' names begin with; no path
---@field of "programme"|"main"|"backup"|nil     default programme: what the outputs get
---@field max_seconds number|nil                 of a file; default any
---@field max_bytes number|nil                   of a file; default any

local OF = { programme = "Programme", main = "Main", backup = "Backup" }

local function is_of(value)
  if not OF[value] then return "one of programme, main, backup is needed" end
end

local function is_limit(value)
  if value % 1 ~= 0 or value < 1 then return "a whole number above 0 is needed" end
end

local RECORDING = {
  name = { "string", required = true, fact = options.plain_text },
  of = { "string", fact = is_of },
  max_seconds = { "number", fact = is_limit },
  max_bytes = { "number", fact = is_limit },
}

--- Takes a recording.
---@param what string beginning of messages
---@param value cme.project.recording|nil
---@return table|nil recording as the service has it
function relay_options.take_recording(what, value)
  if value == nil then return nil end
  local given = options.check(what, value, RECORDING)
  return { Name = given.name, Of = OF[given.of or "programme"], MaxSeconds = given.max_seconds,
    MaxBytes = given.max_bytes }
end

-- What a spec says of a recording; nil: nothing, so an ensure leaves it as it is.
local function take_record(value)
  local what = "cme.project: option 'record'"
  if value == true then options.misuse(what .. ": a table with a name, or false, is needed") end
  return value and relay_options.take_recording(what, value) or value
end

-- ---- the spec

local function take_vod_url(entry, what)
  if type(entry) ~= "string" then options.misuse(("%s: a URL is needed, got %s"):format(what, type(entry))) end
  return entry
end

--- Takes an input.
---@param what string
---@param value cme.project.input|nil
---@return table|nil input in the form of this file
function relay_options.take_input(what, value)
  if value == nil then return nil end
  if type(value) == "string" then return { kind = "live_pull", url = value } end
  if type(value) ~= "table" then
    options.misuse(("%s: string or table is needed, got %s"):format(what, type(value)))
  end
  if value.vod ~= nil then
    local vod = options.check(what, value, VOD)
    local urls = project_options.take_list(what .. ": option 'vod'", vod.vod, take_vod_url)
    return { kind = "vod", urls = urls, loop = vod.loop or 0 }
  elseif value.push ~= nil then
    return { kind = "push", seconds = options.check(what, value, PUSH).push }
  end
  options.misuse(what .. ": a URL, { push = seconds } or { vod = { urls }, loop = n } is needed")
end

local function between(least, most)
  return function(value)
    if value < least or value > most then return ("%g to %g is possible"):format(least, most) end
  end
end

local SLATE = { slate = { { "string", "boolean" } }, slate_after = { "number", fact = between(0.5, 60) },
  slate_format = { "table" }, silence = { "boolean" } }
local FORMAT = { width = { "number", fact = between(16, 3840) }, height = { "number", fact = between(16, 3840) },
  frame_rate = { "number", fact = between(1, 120) } }

--- Checks a slate.
---@param who string for messages
---@param given table with `slate`, `slate_after`, `slate_format` and `silence`, as cme.project has them
---@return { slate: table|nil, silence: boolean|nil } wanted the slate as the service has it; silence nil: not said
function relay_options.take_slate(who, given)
  local picked = options.check(who, given, SLATE)
  local format = picked.slate_format and options.check(who .. ": option 'slate_format'", picked.slate_format, FORMAT)
  if not picked.slate and (picked.slate_after or format) then
    options.misuse(who .. ": option 'slate_after', 'slate_format': only with slate")
  end
  return { silence = picked.silence, slate = picked.slate and {
    Name = picked.slate ~= true and picked.slate or "", After = picked.slate_after,
    Format = format and { Width = format.width, Height = format.height, FrameRate = format.frame_rate } } or nil }
end

-- Of a spec; nil: it says nothing about slate and silence, so an ensure leaves them as they are.
local function slate_of(given)
  local picked, any = {}, false
  for name in pairs(SLATE) do
    picked[name], any = given[name], any or given[name] ~= nil
  end
  if not any then return nil end
  local wanted = relay_options.take_slate("cme.project", picked)
  wanted.silence = wanted.silence or false
  return wanted
end

local function state_fact(value)
  for _, state in ipairs(value) do
    if not text.contains(limits.failover_on, state) then
      return ("%s is possible"):format(table.concat(limits.failover_on, ", "))
    end
  end
end

local LOOKS = { look_inputs = { "boolean" }, failover_on = { "table", fact = state_fact },
  failover_on_after = { "number", fact = between(0, 600) } }

--- Checks what is to be looked at.
---@param who string for messages
---@param given table with `look_inputs`, `failover_on` and `failover_on_after`, as cme.project has them
---@return { Inputs: boolean, FailoverOn: string[]|nil, After: number|nil } wanted as the service has it
function relay_options.take_looks(who, given)
  local picked = options.check(who, given, LOOKS)
  if not picked.look_inputs and (picked.failover_on or picked.failover_on_after) then
    options.misuse(who .. ": option 'failover_on': only with look_inputs")
  end
  local on = picked.failover_on and picked.failover_on[1] and picked.failover_on or nil
  return { Inputs = picked.look_inputs or false, FailoverOn = on and json.array(on),
    After = on and picked.failover_on_after }
end

-- Of a spec; nil: it says nothing about them, so an ensure leaves them as they are.
local function looks_of(given)
  local picked, any = {}, false
  for name in pairs(LOOKS) do
    picked[name], any = given[name], any or given[name] ~= nil
  end
  return any and relay_options.take_looks("cme.project", picked) or nil
end

local function take_output(entry, what)
  return project_options.take_output(entry, what, relay_options.OUTPUT)
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

--- The category's part of a project's spec, copied, outputs with their ids; raises on misuse.
---@param given cme.project.spec
---@return table part { inputs = { main, backup }, looks, merge, merge_window, outputs, record, slate = { slate,
---  silence }, standby }
function relay_options.spec(given)
  local outputs = project_options.take_list("cme.project: option 'outputs'", given.outputs, take_output)
  return {
    inputs = {
      main = relay_options.take_input("cme.project: option 'input'", given.input),
      backup = relay_options.take_input("cme.project: option 'backup'", given.backup),
    },
    merge = given.merge,
    merge_window = given.merge_window,
    standby = given.standby,
    outputs = number_outputs(outputs),
    record = take_record(given.record),
    slate = slate_of(given),
    looks = looks_of(given),
  }
end

-- What is wrong with each kind of input.
local INPUT_FAULTS = {
  live_pull = function(input) return stream_url.fault(input.url, limits.input_schemes) end,
  vod = function(input)
    if #input.urls == 0 then return codes.reason "invalid.url:no_vod" end
    for _, url in ipairs(input.urls) do
      local fact = stream_url.fault(url, VOD_SCHEMES)
      if fact then return fact end
    end
  end,
  push = function() return nil end,
}

--- Checks an input that is to be sent.
---@param label string
---@param input table
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.url
function relay_options.check_input(label, input)
  local fact = INPUT_FAULTS[input.kind](input)
  if fact then return codes.within("in.variable", { variable = label }, select(2, codes.refuse(fact))) end
  return true
end

--- Whether a project can be created so.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.url or invalid.duplicate_output
function relay_options.validate(part)
  for label, input in pairs { input = part.inputs.main, backup = part.inputs.backup } do
    local ok, message, detail = relay_options.check_input(label, input)
    if not ok then return nil, message, detail end
  end
  return project_options.check_outputs(part.outputs)
end

--- Whether a project has what a start needs.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.no_input or invalid.no_outputs
function relay_options.ready(part)
  if not part.inputs.main then
    return codes.refuse "invalid.no_input"
  elseif #part.outputs == 0 then
    return codes.refuse "invalid.no_outputs"
  end
  return true
end

-- ---- the service's form

local INPUT_FORMS = {
  live_pull = function(input) return { InputType = "LivePull", LivePullInputInfo = { InputUrl = input.url } } end,
  vod = function(input)
    return { InputType = "VodPull", VodPullInputInfo = { InputUrls = input.urls, LoopTimes = input.loop } }
  end,
  push = function(input) return { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = input.seconds } } end,
}

--- An input as the service has it.
---@param input table|nil
---@return table|nil
function relay_options.input_form(input)
  return input and INPUT_FORMS[input.kind](input)
end

--- An output as the service has it.
---@param output cme.project.output
---@return table
function relay_options.output_form(output)
  return { Id = output.id, Name = output.name, Type = output.url and "URL", PushUrl = output.url,
    Codecs = output.codecs, Watch = output.watch }
end

--- What CreateProject takes for this category; members that the spec lacks are left out.
---@param part table
---@return string member
---@return table value
function relay_options.input(part)
  local outputs
  for i, output in ipairs(part.outputs) do
    outputs = outputs or {}
    outputs[i] = relay_options.output_form(output)
  end
  local form, inputs = relay_options.input_form, part.inputs
  return "StreamConnectProjectInput",
    { MainInput = form(inputs.main), BackupInput = form(inputs.backup), Outputs = outputs }
end

-- ---- the described project

-- How each kind of input reads; exactly one of its members is set by the service.
local INPUTS = {
  LivePull = function(input)
    return { kind = "live_pull", url = json.string(json.object(input.LivePullInputInfo).InputUrl) }
  end,
  VodPull = function(input)
    local vod = json.object(input.VodPullInputInfo)
    return { kind = "vod", urls = json.array(json.object(vod.InputUrls)), loop = tonumber(vod.LoopTimes) or 0 }
  end,
  RtmpPush = function(input)
    local push = json.object(input.RtmpPushInputInfo)
    return { kind = "push", url = json.string(push.PushUrl), rtmps_url = json.string(push.RtmpsPushUrl),
      srt_url = json.string(push.SrtPushUrl), seconds = tonumber(push.ExpiredSecond) }
  end,
}

local function read_input(input)
  input = json.object(input)
  local read = INPUTS[input.InputType]
  return read and read(input)
end

local function read_outputs(set)
  local outputs = json.array {}
  for _, entry in ipairs(json.object(set)) do
    entry = json.object(entry)
    local output = json.object(entry.StreamConnectOutput)
    outputs[#outputs + 1] = {
      id = json.string(output.Id),
      name = json.string(output.Name),
      url = json.string(output.PushUrl),
      codecs = json.string(output.Codecs),
      watch = json.string(output.Watch),
      enabled = entry.PushSwitch == "On",
    }
  end
  return outputs
end

local function read_slate(value)
  local slate = json.object(value)
  local name, format = json.string(slate.Name), json.object(slate.Format)
  if not name then return nil end
  return { name = name ~= "" and name or true, after = tonumber(slate.After), width = tonumber(format.Width),
    height = tonumber(format.Height), frame_rate = tonumber(format.FrameRate) }
end

--- Whether a project has the slate and the silence that a spec wishes.
---@param wanted { slate: table|nil, silence: boolean } of relay_options.spec
---@param info cme.project.info
---@return boolean
function relay_options.same_slate(wanted, info)
  local one, there = read_slate(wanted.slate), info.slate
  if wanted.silence ~= (info.silence or false) or not one ~= not there then return false end
  for _, name in ipairs { "name", "after", "width", "height", "frame_rate" } do
    if one and one[name] ~= there[name] then return false end
  end
  return true
end

--- Whether what a spec wishes to be looked at is looked at.
---@param wanted { Inputs: boolean, FailoverOn: string[]|nil, After: number|nil } of relay_options.spec
---@param info cme.project.info
---@return boolean
function relay_options.same_looks(wanted, info)
  local there = info.failover_on or {}
  return wanted.Inputs == (info.look_inputs or false) and wanted.After == info.failover_on_after
    and table.concat(wanted.FailoverOn or {}, " ") == table.concat(there, " ")
end

local OF_NAMES = { Programme = "programme", Main = "main", Backup = "backup" }

-- A limit of 0 is none.
local function read_limit(value)
  local limit = tonumber(value) or 0
  return limit > 0 and limit or nil
end

local function read_record(value)
  local recording = json.object(value)
  local name = json.string(recording.Name)
  if not name then return nil end
  return { name = name, of = OF_NAMES[recording.Of] or "programme", max_seconds = read_limit(recording.MaxSeconds),
    max_bytes = read_limit(recording.MaxBytes) }
end

--- Whether a project has the recording that a spec wishes.
---@param wanted table|false of relay_options.spec
---@param info cme.project.info
---@return boolean
function relay_options.same_record(wanted, info)
  local one, there = read_record(wanted or nil), info.record
  if not one or not there then return not one == not there end
  for _, name in ipairs { "name", "of", "max_seconds", "max_bytes" } do
    if one[name] ~= there[name] then return false end
  end
  return true
end

--- Adds what this category knows to what info() returns.
---@param described table a ProjectInfo
---@param info cme.project.info
function relay_options.read(described, info)
  local state = json.object(described.StreamConnectProjectInfo)
  info.status = STATUSES[state.Status]
  info.active = NAMES[state.CurrentInputEndpoint]
  info.inputs = { main = read_input(state.MainInput), backup = read_input(state.BackupInput) }
  info.outputs = read_outputs(state.OutputSet)
  info.slate, info.record = read_slate(state.Slate), read_record(state.Recording)
  info.on_slate, info.silence = state.OnSlate == true or nil, state.Silence == true or nil
  info.look_inputs, info.failover_on_after = state.LookInputs == true or nil, tonumber(state.FailoverAfter)
  info.failover_on = type(state.FailoverOn) == "table" and json.array(state.FailoverOn) or nil
  info.merge, info.merge_window = state.Merge == true or nil, tonumber(state.MergeWindow)
  info.standby = state.Standby == true or nil
  -- The service leaves the last run's times in place; each is valid in one state only.
  if info.status == "working" then
    info.started_at, info.stop_at = time.read(state.CurrentStartTime), time.read(state.CurrentStopTime)
  elseif info.status == "idle" then
    info.stopped_at = time.read(state.LastStopTime)
  end
end

--- Whether two inputs are the same to a viewer. An address to push to stays what it is, however long it was asked to
--- be valid: making another would cut off who pushes to it.
---@param a table|nil
---@param b table|nil
---@return boolean
function relay_options.same_input(a, b)
  if not a or not b then return a == b end
  if a.kind ~= b.kind or a.kind == "live_pull" and a.url ~= b.url then return false end
  return a.kind ~= "vod"
    or a.loop == b.loop and #a.urls == #b.urls and table.concat(a.urls, "\n") == table.concat(b.urls, "\n")
end

-- ---- what methods take

--- Takes the name of an input.
---@param method string
---@param name any
---@return "main"|"backup"
function relay_options.take_endpoint(method, name)
  if relay_options.ENDPOINTS[name] then return name end
  local near = type(name) == "string" and text.nearest(name, { "backup", "main" })
  local hint = near and (" (did you mean '%s'?)"):format(near) or ""
  options.misuse(("%s: 'main' or 'backup' is needed, got %s%s"):format(method,
    type(name) == "string" and "'" .. name:sub(1, 40) .. "'" or type(name), hint))
end

return relay_options
