-- SPDX-License-Identifier: MIT
-- What is done to a STREAM_CONNECT project: operations of HandleStreamConnectProject, each with the look that tells
-- whether it was done when its answer got lost. Arguments are checked already, messages carry no prefix.

local calls = require "cme.project.calls"
local endpoint = require "cme.api.endpoint"
local codes = require "cme.codes"
local handling = require "cme.project.handling"
local json = require "cme.json"
local pending = require "cme.api.pending"
local planned_stop = require "cme.project.planned_stop"
local project_options = require "cme.project.options"
local relay_options = require "cme.project.relay_options"
local time = require "cme.time"

---@type cme.project.category
local operations = {
  name = "STREAM_CONNECT",
  class = "cme.relay_project",
  spec = relay_options.spec,
  validate = relay_options.validate,
  ready = relay_options.ready,
  input = relay_options.input,
  read = relay_options.read,
  output = relay_options.OUTPUT,
  ensuring = function() return require "cme.project.ensure_relay" end, -- not above: few ask for it
  changed_output = relay_options.CHANGED_OUTPUT,
}

-- The service's word for "it runs, but not everything in it works".
local PARTLY = "api.FailedOperation.StartStreamConnectPartlyErr"

local ENDPOINTS = relay_options.ENDPOINTS
local LOCAL_SCHEMES = { rtsp = true, udp = true, rtp = true } -- of inputs that only `cme serve` pulls

local handled = handling.new("HandleStreamConnectProject", relay_options.read)
local operate, done = handled.operate, handled.done
local read_info, by_info, by_status = handled.read_info, handled.by_info, handled.by_status

-- ---- the run

-- `cme serve` takes the stop time with Start itself, which waits for the picture: so it is there whatever becomes of us
-- meanwhile. What the cloud makes of it there is not documented, so it is not sent to the cloud.
local function first_stop_time(call, seconds)
  if not seconds or endpoint.is_cloud(call.client.endpoint) then return nil end
  return { CurrentStopTime = time.format(seconds) }
end

--- Starts it, and sets its planned stop. A start in part is one: true, message, detail with `pending`.
function operations.start(call, stop_at)
  local ok, message, detail = operate(call, "Start", first_stop_time(call, stop_at), by_status(call, "working"))
  if not ok and detail.code ~= PARTLY then return nil, message, detail end
  if detail then
    detail.pending = detail.pending or { pending.fault("project", call.project.id, message, detail) }
  end
  return planned_stop.first(call, operations, stop_at, detail)
end

function operations.stop(call)
  return done(call, "Stop", nil, by_status(call, "idle"))
end

function operations.set_stop_at(call, seconds)
  return done(call, "ModifyCurrentStopTime", { CurrentStopTime = time.format(seconds) }, calls.again)
end

-- ---- inputs

function operations.switch(call, to)
  local settle = by_info(call, function(info) return info.active == to and {} end)
  return done(call, "SwitchInput", { InputEndpoint = ENDPOINTS[to] }, settle)
end

local function input_request(name, input)
  return { InputEndpoint = ENDPOINTS[name], InputInfo = relay_options.input_form(input) }
end

-- Cameras and contribution are `cme serve`'s alone.
local function pulled_there(call, input)
  local scheme = input and input.kind == "live_pull" and (input.url:match "^(%a+):" or ""):lower()
  if LOCAL_SCHEMES[scheme] and endpoint.is_cloud(call.client.endpoint) then
    return codes.refuse("invalid.unsupported:scheme", { scheme = scheme })
  end
  return true
end

function operations.add_input(call, name, input)
  local ok, message, detail = relay_options.check_input(name, input)
  if ok then ok, message, detail = pulled_there(call, input) end
  if not ok then return nil, message, detail end
  return done(call, "AddInput", input_request(name, input), by_info(call, function(info)
    local there = info.inputs[name]
    if not there then return false end
    if not relay_options.same_input(there, input) then return calls.unclear "invalid.unclear:another_input" end
    return {}
  end))
end

function operations.set_input(call, name, input)
  local ok, message, detail = relay_options.check_input(name, input)
  if ok then ok, message, detail = pulled_there(call, input) end
  if not ok then return nil, message, detail end
  return done(call, "ModifyInput", input_request(name, input), calls.again)
end

function operations.remove_input(call, name)
  local settle = by_info(call, function(info) return not info.inputs[name] and {} end)
  return done(call, "DeleteInput", { InputEndpoint = ENDPOINTS[name] }, settle)
end

-- `cme serve` alone has it.
local function merging(call, on, window)
  if endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:merge" end
  local response, message, detail = call:act("ModifyProjectMerge", { Merge = on, Window = window }, calls.again)
  if response then return true end
  if codes.is_lacking(detail.code) then return codes.fail "invalid.unsupported:merge" end
  return nil, message, detail
end

operations.set_merge = merging

function operations.set_standby(call, on)
  if endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:standby" end
  local response, message, detail = call:act("ModifyProjectStandby", { Standby = on }, calls.again)
  if response then return true end
  if codes.is_lacking(detail.code) then return codes.fail "invalid.unsupported:standby" end
  return nil, message, detail
end

-- wanted: of relay_options.take_looks.
function operations.set_looks(call, wanted)
  if endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:looks" end
  local response, message, detail = call:act("ModifyProjectLooks", wanted, calls.again)
  if response then return true end
  if codes.is_lacking(detail.code) then return codes.fail "invalid.unsupported:looks" end
  return nil, message, detail
end

local PUSH_MEMBERS = { rtmp = "url", rtmps = "rtmps_url", srt = "srt_url" } -- of what is read of an input

-- An input's address; by RTMP there is one.
local function push_url(input, name, protocol)
  local url = input[PUSH_MEMBERS[protocol]]
  if url and url ~= "" then return url end
  if protocol ~= "rtmp" then return codes.fail("invalid.unsupported:push_protocol", { protocol = protocol }) end
  return codes.fail("network.protocol:no_push_url", { input = codes.reason("word:" .. name) })
end

--- The addresses to push to, of the inputs that have one.
function operations.push_urls(call, protocol)
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  local urls = {}
  for name, input in pairs(read_info(entry).inputs) do
    if input.kind == "push" then
      urls[name], message, detail = push_url(input, name, protocol)
      if not urls[name] then return nil, message, detail end
    end
  end
  if next(urls) then return urls end
  return codes.fail "invalid.no_push"
end

function operations.position(call, name)
  local response, message, detail = operate(call, "DescribeInputPlayInfo", { InputEndpoint = ENDPOINTS[name] },
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

-- `cme serve` alone tells destinations apart by their codecs.
local function codecs_offered(call, outputs)
  for _, output in ipairs(outputs) do
    if output.codecs and endpoint.is_cloud(call.client.endpoint) then
      return codes.refuse "invalid.unsupported:codecs"
    end
  end
  return true
end

-- Nor does the cloud keep where they are watched.
local function watch_kept(call, output)
  if output.watch and endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:watch" end
  return true
end

--- Its part of a spec as this service keeps it: on the cloud, where viewers watch stays in the spec.
function operations.kept(call, part)
  return endpoint.is_cloud(call.client.endpoint) and project_options.without_watch(part) or part
end

--- Whether this service can create a project so.
function operations.offered(call, part)
  if part.slate and endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:slate" end
  if part.merge and endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:merge" end
  if part.standby and endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:standby" end
  if part.looks and part.looks.Inputs and endpoint.is_cloud(call.client.endpoint) then
    return codes.refuse "invalid.unsupported:looks"
  end
  if part.record and endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:record" end
  local ok, message, detail = pulled_there(call, part.inputs.main)
  if ok then ok, message, detail = pulled_there(call, part.inputs.backup) end
  if not ok then return nil, message, detail end
  return codecs_offered(call, part.outputs)
end

function operations.add_output(call, output)
  local ok, message, detail = project_options.check_outputs({ output }, true)
  if ok then ok, message, detail = codecs_offered(call, { output }) end
  if ok then ok, message, detail = watch_kept(call, output) end
  if not ok then return nil, message, detail end
  local id = output.id or new_output_id()
  local wanted = { id = id, name = output.name, url = output.url, codecs = output.codecs,
    watch = output.watch }
  local settle = by_info(call, function(info)
    local there = find_output(info, id)
    if not there then return false end
    if there.url ~= output.url then return calls.unclear("invalid.unclear:another_url", { id = id }) end
    return {}
  end)
  ok, message, detail = done(call, "AddOutput", { OutputInfo = relay_options.output_form(wanted) }, settle)
  if not ok then return nil, message, detail end
  return id
end

function operations.set_output(call, output)
  local ok, message, detail = project_options.check_outputs { output }
  if ok then ok, message, detail = codecs_offered(call, { output }) end
  if ok then ok, message, detail = watch_kept(call, output) end
  if not ok then return nil, message, detail end
  return done(call, "ModifyOutput", { OutputInfo = relay_options.output_form(output) }, calls.again)
end

function operations.remove_output(call, id)
  local settle = by_info(call, function(info) return not find_output(info, id) and {} end)
  return done(call, "DeleteOutput", { OutputInfo = { Id = id } }, settle)
end

-- ---- the slate

-- The service takes the slate and the silence together.
local function silence_of(call, wanted)
  if wanted.silence ~= nil then return wanted.silence end
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  return read_info(entry).silence or false
end

-- wanted: of relay_options.take_slate.
function operations.set_slate(call, wanted)
  if endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:slate" end
  local silence, message, detail = silence_of(call, wanted)
  if silence == nil then return nil, message, detail end
  local response
  response, message, detail = call:act("ModifyProjectSlate", { Slate = wanted.slate, Silence = silence }, calls.again)
  if response then return true end
  if not codes.is_lacking(detail.code) then return nil, message, detail end
  return codes.fail "invalid.unsupported:slate"
end

-- ---- the recording

-- wanted: as the service has it; nil, false: none.
function operations.record(call, wanted)
  if endpoint.is_cloud(call.client.endpoint) then return codes.refuse "invalid.unsupported:record" end
  local response, message, detail = call:act("ModifyProjectRecording", { Recording = wanted or nil }, calls.again)
  if response then return true end
  if not codes.is_lacking(detail.code) then return nil, message, detail end
  return codes.fail "invalid.unsupported:record"
end

--- What CreateProject does not take.
function operations.created(call, part)
  local ok, message, detail = true, nil, nil
  if part.slate and (part.slate.slate or part.slate.silence) then
    ok, message, detail = operations.set_slate(call, part.slate)
  end
  if ok and part.merge then ok, message, detail = merging(call, true, part.merge_window) end
  if ok and part.standby then ok, message, detail = operations.set_standby(call, true) end
  if ok and part.looks and part.looks.Inputs then ok, message, detail = operations.set_looks(call, part.looks) end
  if ok and part.record then return operations.record(call, part.record) end
  return ok, message, detail
end

-- `cme serve` can; the cloud has PushSwitch to show and no operation for it.
local function switch_output(call, id, to, instead)
  local response, message, detail = call:act("SwitchProjectOutput", { OutputId = id, Switch = to }, calls.again)
  if response then return true end
  if not codes.is_lacking(detail.code) then return nil, message, detail end
  return codes.fail("invalid.unsupported:" .. instead)
end

function operations.enable_output(call, id)
  return switch_output(call, id, "On", "enable_output")
end

function operations.disable_output(call, id)
  return switch_output(call, id, "Off", "disable_output")
end

return operations
