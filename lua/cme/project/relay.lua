-- SPDX-License-Identifier: MIT
-- Category STREAM_CONNECT: one stream (main, and a backup to switch to) to many outputs. Maps a project's methods
-- onto HandleStreamConnectProject, and the options of cme.project onto StreamConnectProjectInput; see project.lua for
-- what a category module is. Inputs have the same form everywhere (spec, info(), ensure): { kind = "live_pull", url },
-- { kind = "vod", urls, loop }, { kind = "push", seconds, url }.
-- Stream keys are never shown: an output is named by its name or id.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local endpoint = require "cme.api.endpoint"
local json = require "cme.json"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local pending = require "cme.api.pending"
local project_options = require "cme.project.options"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"
local time = require "cme.time"

local stream_connect = { name = "STREAM_CONNECT" }

local ACTION = "HandleStreamConnectProject"
-- The service's word for "it runs, but not everything in it works".
local PARTLY = "api.FailedOperation.StartStreamConnectPartlyErr"

local ENDPOINTS = { main = "Main", backup = "Backup" }
local NAMES = { Main = "main", Backup = "backup" }
local STATUSES = { Idle = "idle", Working = "working" }

--- Methods that this category lacks: the sentence that says what to do instead.
stream_connect.lacks = {
  set_play = "invalid.unsupported:set_play",
  set_output_media = "invalid.unsupported:set_output_media",
}

local OUTPUT = {
  id = { "string", fact = options.plain_text },
  name = { "string" },
  url = { "string", required = true },
}
local CHANGED_OUTPUT = {
  id = { "string", required = true, fact = options.plain_text },
  name = { "string" },
  url = { "string" },
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

-- ---- the spec

local function take_vod_url(entry, what)
  if type(entry) ~= "string" then options.misuse(("%s: a URL is needed, got %s"):format(what, type(entry))) end
  return entry
end

-- An input in the form that this file uses.
local function take_input(what, value)
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

local function take_output(entry, what)
  return project_options.take_output(entry, what, OUTPUT)
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
---@return table part { inputs = { main, backup }, outputs }
function stream_connect.spec(given)
  local outputs = project_options.take_list("cme.project: option 'outputs'", given.outputs, take_output)
  return {
    inputs = {
      main = take_input("cme.project: option 'input'", given.input),
      backup = take_input("cme.project: option 'backup'", given.backup),
    },
    outputs = number_outputs(outputs),
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

local function check_input(label, input)
  local fact = INPUT_FAULTS[input.kind](input)
  if fact then return codes.within("in.variable", { variable = label }, select(2, codes.refuse(fact))) end
  return true
end

--- Whether a project can be created so.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.url or invalid.duplicate_output
function stream_connect.validate(part)
  for label, input in pairs { input = part.inputs.main, backup = part.inputs.backup } do
    local ok, message, detail = check_input(label, input)
    if not ok then return nil, message, detail end
  end
  return project_options.check_outputs(part.outputs)
end

--- Whether a project has what a start needs.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return table|nil detail code invalid.no_input or invalid.no_outputs
function stream_connect.ready(part)
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

local function input_form(input)
  return input and INPUT_FORMS[input.kind](input)
end

local function output_form(output)
  return { Id = output.id, Name = output.name, Type = output.url and "URL", PushUrl = output.url }
end

--- What CreateProject takes for this category; members that the spec lacks are left out.
---@param part table
---@return string member
---@return table value
function stream_connect.input(part)
  local outputs
  for i, output in ipairs(part.outputs) do
    outputs = outputs or {}
    outputs[i] = output_form(output)
  end
  return "StreamConnectProjectInput",
    { MainInput = input_form(part.inputs.main), BackupInput = input_form(part.inputs.backup), Outputs = outputs }
end

--- Keeps the push addresses that CreateProject answered.
---@param project cme.project
---@param response table
function stream_connect.created(project, response)
  local set = json.object(response.RtmpPushInputInfoSet)
  project._push_urls = {}
  for i, name in ipairs { "main", "backup" } do
    local url = json.string(json.object(set[i]).PushUrl)
    if url ~= "" then project._push_urls[name] = url end
  end
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
    return { kind = "push", url = json.string(push.PushUrl), seconds = tonumber(push.ExpiredSecond) }
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

--- Whether two inputs are the same to a viewer. An address to push to stays what it is, however long it was asked to
--- be valid: making another would cut off who pushes to it.
---@param a table|nil
---@param b table|nil
---@return boolean
function stream_connect.same_input(a, b)
  if not a or not b then return a == b end
  if a.kind ~= b.kind or a.kind == "live_pull" and a.url ~= b.url then return false end
  return a.kind ~= "vod"
    or a.loop == b.loop and #a.urls == #b.urls and table.concat(a.urls, "\n") == table.concat(b.urls, "\n")
end

-- ---- what the methods' arguments may be; each raises on misuse

local function take_endpoint(method, name)
  if ENDPOINTS[name] then return name end
  local near = type(name) == "string" and text.nearest(name, { "backup", "main" })
  local hint = near and (" (did you mean '%s'?)"):format(near) or ""
  options.misuse(("%s: 'main' or 'backup' is needed, got %s%s"):format(method,
    type(name) == "string" and "'" .. name:sub(1, 40) .. "'" or type(name), hint))
end

local function taker_of_input(method)
  return function(name, input)
    take_endpoint(method, name)
    return name, take_input(method .. ": the input", input)
      or options.misuse(method .. ": an input is needed, as cme.project takes it")
  end
end

local function taker_of_endpoint(method, default)
  return function(name) return take_endpoint(method, name == nil and default or name) end
end

stream_connect.take = {
  switch = taker_of_endpoint "switch",
  add_input = taker_of_input "add_input",
  set_input = taker_of_input "set_input",
  remove_input = taker_of_endpoint "remove_input",
  position = taker_of_endpoint("position", "main"),
  push_url = taker_of_endpoint("push_url", "main"),
  add_output = function(output) return take_output(output, "add_output") end,
  set_output = function(output) return project_options.take_output(output, "set_output", CHANGED_OUTPUT) end,
  remove_output = function(id) return project_options.take_id("remove_output", id) end,
}

-- ---- operations

local function operate(project, operation, params, settle)
  params = params or {}
  params.Operation = operation
  return calls.act(project, ACTION, params, settle)
end

-- A settle function that looks at what info() would say.
local function by_info(project, judge)
  return calls.settled(project, function(entry)
    if not entry then return calls.unclear "invalid.unclear:gone" end
    local info = {}
    stream_connect.read(entry, info)
    return judge(info)
  end)
end

local function by_status(project, wanted)
  return by_info(project, function(info) return info.status == wanted and {} end)
end

local function plain(response, message, detail)
  if not response then return nil, message, detail end
  return true
end

-- `cme serve` takes the stop time with Start itself, which waits for the picture: so it is there whatever becomes of us
-- meanwhile. What the cloud makes of it there is not documented, so it is not sent to the cloud.
local function first_stop_time(project, seconds)
  if not seconds or endpoint.is_cloud(project.client.endpoint) then return nil end
  return { CurrentStopTime = time.format(seconds) }
end

--- Starts it, and sets its planned stop. A start in part is one: true, message, detail with `pending`.
---@param project cme.project
---@param stop_at number|nil unix seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function stream_connect.start(project, stop_at)
  local ok, message, detail = operate(project, "Start", first_stop_time(project, stop_at),
    by_status(project, "working"))
  if not ok and detail.code ~= PARTLY then return nil, message, detail end
  if detail then
    detail.pending = detail.pending or { pending.fault("project", project.id, message, detail) }
  end
  return calls.plan_first_stop(project, stop_at, detail)
end

function stream_connect.stop(project)
  return plain(operate(project, "Stop", nil, by_status(project, "idle")))
end

function stream_connect.switch(project, to)
  local settle = by_info(project, function(info) return info.active == to and {} end)
  return plain(operate(project, "SwitchInput", { InputEndpoint = ENDPOINTS[to] }, settle))
end

function stream_connect.set_stop_at(project, seconds)
  return plain(operate(project, "ModifyCurrentStopTime", { CurrentStopTime = time.format(seconds) }, calls.again))
end

-- ---- inputs

-- Forgets an address that no longer holds; a new one is kept.
local function note_push_url(project, name, url)
  project._push_urls = project._push_urls or {}
  project._push_urls[name] = url ~= "" and url or nil
end

local function input_request(name, input)
  return { InputEndpoint = ENDPOINTS[name], InputInfo = input_form(input) }
end

function stream_connect.add_input(project, name, input)
  local ok, message, detail = check_input(name, input)
  if not ok then return nil, message, detail end
  local settle = by_info(project, function(info)
    local there = info.inputs[name]
    if not there then return false end
    if not stream_connect.same_input(there, input) then return calls.unclear "invalid.unclear:another_input" end
    return { StreamInputRtmpPushUrl = there.kind == "push" and there.url or "" }
  end)
  local response
  response, message, detail = operate(project, "AddInput", input_request(name, input), settle)
  if not response then return nil, message, detail end
  note_push_url(project, name, json.string(response.StreamInputRtmpPushUrl))
  return true
end

function stream_connect.set_input(project, name, input)
  local ok, message, detail = check_input(name, input)
  if not ok then return nil, message, detail end
  ok, message, detail = operate(project, "ModifyInput", input_request(name, input), calls.again)
  if ok then note_push_url(project, name, json.string(ok.StreamInputRtmpPushUrl)) end
  return plain(ok, message, detail)
end

function stream_connect.remove_input(project, name)
  local settle = by_info(project, function(info) return not info.inputs[name] and {} end)
  local ok, message, detail = operate(project, "DeleteInput", { InputEndpoint = ENDPOINTS[name] }, settle)
  if ok then note_push_url(project, name) end
  return plain(ok, message, detail)
end

--- The address to push to: as CreateProject or AddInput answered it, else asked for.
function stream_connect.push_url(project, name)
  local url = project._push_urls and project._push_urls[name]
  if url then return url end
  local entry, message, detail = calls.describe(project)
  if not entry then return nil, message, detail end
  local info = {}
  stream_connect.read(entry, info)
  local input = info.inputs[name]
  if not input or input.kind ~= "push" then
    return codes.fail("invalid.no_push", { input = codes.reason("word:" .. name),
      method = input and "set_input" or "add_input" })
  elseif not input.url or input.url == "" then
    return codes.fail("network.protocol:no_push_url", { input = codes.reason("word:" .. name) })
  end
  note_push_url(project, name, input.url)
  return input.url
end

function stream_connect.position(project, name)
  local response, message, detail = operate(project, "DescribeInputPlayInfo", { InputEndpoint = ENDPOINTS[name] },
    calls.again)
  if not response then return nil, message, detail end
  local info = json.object(response.VodPullInputPlayInfo)
  if not json.string(info.Url) then
    return codes.fail("invalid.no_position", { input = codes.reason("word:" .. name) })
  end
  return { url = info.Url, seconds = tonumber(info.TimeOffset) }
end

-- ---- outputs

-- An id that no other script can have taken meanwhile.
local function new_output_id()
  return require "cme.sign".random_hex(6)
end

local function find_output(info, id)
  for _, output in ipairs(info.outputs) do
    if output.id == id then return output end
  end
end

function stream_connect.add_output(project, output)
  local ok, message, detail = project_options.check_outputs { output }
  if not ok then return nil, message, detail end
  local id = output.id or new_output_id()
  local wanted = { id = id, name = output.name, url = output.url }
  local settle = by_info(project, function(info)
    local there = find_output(info, id)
    if not there then return false end
    if there.url ~= output.url then return calls.unclear("invalid.unclear:another_url", { id = id }) end
    return {}
  end)
  ok, message, detail = operate(project, "AddOutput", { OutputInfo = output_form(wanted) }, settle)
  if not ok then return nil, message, detail end
  return id
end

function stream_connect.set_output(project, output)
  local ok, message, detail = project_options.check_outputs { output }
  if not ok then return nil, message, detail end
  return plain(operate(project, "ModifyOutput", { OutputInfo = output_form(output) }, calls.again))
end

function stream_connect.remove_output(project, id)
  local settle = by_info(project, function(info) return not find_output(info, id) and {} end)
  return plain(operate(project, "DeleteOutput", { OutputInfo = { Id = id } }, settle))
end

-- `cme serve` can; the cloud has PushSwitch to show and no operation for it.
local function switch_output(project, id, to, instead)
  local response, message, detail = calls.act(project, "SwitchProjectOutput", { OutputId = id, Switch = to },
    calls.again)
  if response then return true end
  if not calls.is_lacking(detail) then return nil, message, detail end
  return codes.fail("invalid.unsupported:" .. instead)
end

function stream_connect.enable_output(project, id)
  return switch_output(project, id, "On", "enable_output")
end

function stream_connect.disable_output(project, id)
  return switch_output(project, id, "Off", "disable_output")
end

return stream_connect
