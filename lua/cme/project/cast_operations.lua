-- SPDX-License-Identifier: MIT
-- The operations of HandleMediaCastProject, each with a function that finds out whether it was done when its answer got
-- lost. The arguments are already checked; messages have no prefix.
--
-- The service gives sources and outputs their ids. A lost AddSource or AddDestination is therefore recognised by what
-- was there before it, which is read first.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local forms = require "cme.project.cast_options"
local handling = require "cme.project.handling"
local json = require "cme.json"
local limits = require "cme.api.limits"
local planned_stop = require "cme.project.planned_stop"
local project_options = require "cme.project.options"
local time = require "cme.time"

---@type cme.project.category
local operations = {
  name = "MEDIA_CAST",
  class = "cme.cast_project",
  spec = forms.spec,
  validate = forms.validate,
  ready = forms.ready,
  input = forms.input,
  read = forms.read,
  output = forms.OUTPUT,
  ensuring = function() return require "cme.project.ensure_cast" end, -- not above: few ask for it
  changed_output = forms.CHANGED_OUTPUT,
}

local CONFIRM_WINDOW = limits.cast.confirm_seconds

local DESTINATION_STATUSES = { Working = "working", Stopped = "stopped", Failed = "failed" }
local STATUSES = { Idle = "idle", Working = "working" }

local handled = handling.new("HandleMediaCastProject", forms.read)
local operate, done = handled.operate, handled.done
local read_info, by_info, by_status = handled.read_info, handled.by_info, handled.by_status

local function play_info(call)
  local response, message, detail = operate(call, "DescribePlayInfo", nil, calls.again)
  if not response then return nil, message, detail end
  return json.object(response.PlayInfo)
end

-- ---- start and stop

-- Words a refused Confirm: most likely it came after the service gave up waiting, which its state tells.
local function unconfirmed(call, since, message, detail)
  local entry = call:describe()
  local seconds = call.client.now() - since
  if entry and read_info(entry).status == "idle" then
    return codes.fail("project.confirm_too_late",
      { seconds = math.floor(seconds + 0.5), limit = CONFIRM_WINDOW, cause = codes.words(message, detail) },
      { op = detail.op, retryable = true, attempts = detail.attempts, cause = detail, request_id = detail.request_id })
  end
  return codes.fail("project.unconfirmed", { limit = CONFIRM_WINDOW, cause = codes.words(message, detail) },
    { op = detail.op, attempts = detail.attempts, cause = detail, request_id = detail.request_id,
      unknown_outcome = detail.unknown_outcome })
end

--- Start, the stop time, and Confirm, for which the service waits 30 s. One that came too late has code
--- project.confirm_too_late. A run whose stop time the service has not taken is confirmed all the same.
---@param call cme.project.calls
---@param stop_at number|nil unix seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function operations.start(call, stop_at)
  local since = call.client.now()
  local ok, message, detail = operate(call, "Start", nil, by_status(call, "working"))
  if not ok then return nil, message, detail end
  local planned, warning, about = planned_stop.first(call, operations, stop_at)
  if not planned then return nil, warning, about end
  ok, message, detail = operate(call, "Confirm", nil, calls.again)
  if ok then return true, warning, about end
  return unconfirmed(call, since, message, detail)
end

function operations.stop(call)
  return done(call, "Stop", nil, by_status(call, "idle"))
end

--- Plays another source at once.
function operations.switch_source(call, id)
  local function settle()
    local play, message, detail = play_info(call)
    if not play then return nil, message, detail end
    return play.CurrentSourceId == id and {}
  end
  return done(call, "SwitchSource", { SourceInfos = { { Id = id } } }, settle)
end

function operations.set_stop_at(call, seconds)
  return done(call, "ModifyPlaySetting", { PlaySetting = { EndTime = time.format(seconds) } }, calls.again)
end

--- Where the playing is, and how each output does.
function operations.position(call)
  local play, message, detail = play_info(call)
  if not play then return nil, message, detail end
  local outputs = json.array {}
  for i, entry in ipairs(json.object(play.DestinationStatusSet)) do
    entry = json.object(entry)
    outputs[i] = { id = json.string(entry.Id), url = json.string(entry.PushUrl),
      status = DESTINATION_STATUSES[entry.Status] or json.string(entry.Status) }
  end
  local source = json.string(play.CurrentSourceId)
  return {
    status = STATUSES[play.Status],
    source = source ~= "" and source or nil,
    seconds = tonumber(play.CurrentSourcePosition),
    duration = tonumber(play.CurrentSourceDuration),
    loops = tonumber(play.LoopCount),
    outputs = outputs,
  }
end

--- Adds to info() what only DescribePlayInfo tells: the source that plays, each output's status.
function operations.more(call, info)
  local position, message, detail = operations.position(call)
  if not position then return nil, message, detail end
  info.active = position.source
  local statuses = {}
  for _, output in ipairs(position.outputs) do
    if output.id then statuses[output.id] = output.status end
  end
  for _, output in ipairs(info.outputs) do output.status = statuses[output.id] end
  return true
end

--- How the outputs do, as far as DescribePlayInfo tells.
function operations.health(call)
  local position, message, detail = operations.position(call)
  if not position then return nil, message, detail end
  local outputs = json.array {}
  for i, output in ipairs(position.outputs) do
    outputs[i] = { id = output.id, url = output.url, state = output.status }
  end
  return { status = position.status, inputs = {}, outputs = outputs }
end

-- ---- sources and outputs

--- The sources, in the order in which they are played.
function operations.sources(call)
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  return read_info(entry).sources
end

-- Settles an addition: `list` of info() against the ids that were there before. `wanted` entries must have come.
local function by_arrivals(call, before, list, wanted, same)
  return by_info(call, function(info)
    local fresh = {}
    for _, entry in ipairs(info[list]) do
      if not before[entry.id] then fresh[#fresh + 1] = entry end
    end
    if #fresh == 0 then return false end
    if #fresh ~= #wanted then return calls.unclear "invalid.unclear:others" end
    for i, entry in ipairs(fresh) do
      if not same(entry, wanted[i]) then return calls.unclear "invalid.unclear:others" end
    end
    return { arrived = fresh }
  end)
end

-- The ids in a list of info(), as a set; asked for unless the caller knows them.
local function ids_before(call, list, known)
  if known then return known end
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  local ids = {}
  for _, one in ipairs(read_info(entry)[list]) do ids[one.id or ""] = true end
  return ids
end

-- The ids of what was added, from the answer or from what settled it.
local function added_ids(response, member)
  local ids = {}
  for i, entry in ipairs(response.arrived or json.object(response[member])) do
    ids[i] = entry.id or json.string(json.object(entry).Id)
  end
  if #ids == 0 then return codes.fail("network.protocol:no_member", { member = member }) end
  return ids
end

-- Marks ids as there, for the next addition of the same caller.
local function note(before, ids)
  for _, id in ipairs(ids) do before[id] = true end
end

--- Adds sources; returns the id of the one, or the ids of several.
---@param call cme.project.calls
---@param sources cme.project.source[]
---@param position integer|nil 1 is the first place
---@param known table<string, true>|nil the ids that are there, where the caller has just read them; added to
function operations.add_source(call, sources, position, known)
  local ok, message, detail = forms.check_sources(sources)
  if not ok then return nil, message, detail end
  local before
  before, message, detail = ids_before(call, "sources", known)
  if not before then return nil, message, detail end
  local wire = {}
  for i, source in ipairs(sources) do wire[i] = forms.source_form(source) end
  ok, message, detail = operate(call, "AddSource", { SourceInfos = wire, Position = position and position - 1 },
    by_arrivals(call, before, "sources", sources, forms.same_source))
  if not ok then return nil, message, detail end
  local ids
  ids, message, detail = added_ids(ok, "SourceInfoSet")
  if not ids then return nil, message, detail end
  note(before, ids)
  return #sources == 1 and ids[1] or ids
end

-- Whether a list of info() has any of the ids, given as id_forms makes them.
local function has_any(list, wire)
  for _, entry in ipairs(list) do
    for _, one in ipairs(wire) do
      if entry.id == one.Id then return true end
    end
  end
  return false
end

-- A list of { Id } for one id or several.
local function id_forms(ids)
  local wire = {}
  for i, id in ipairs(type(ids) == "table" and ids or { ids }) do wire[i] = { Id = id } end
  return wire
end

--- Removes a source (ensure removes several at once); not the one that plays.
function operations.remove_source(call, ids)
  local wire = id_forms(ids)
  local settle = by_info(call, function(info) return not has_any(info.sources, wire) and {} end)
  return done(call, "DeleteSource", { SourceInfos = wire }, settle)
end

local function same_output(there, wanted)
  return there.url == wanted.url
end

-- The service does not keep where they are watched.
local function watch_kept(output)
  if output.watch then return codes.refuse "invalid.unsupported:watch" end
  return true
end

--- Its part of a spec as the service keeps it: where viewers watch stays in the spec.
function operations.kept(_, part)
  return project_options.without_watch(part)
end

--- Adds an output; returns its id.
---@param call cme.project.calls
---@param output cme.project.output
---@param known table<string, true>|nil see add_source
function operations.add_output(call, output, known)
  local ok, message, detail = project_options.check_outputs({ output }, true)
  if ok then ok, message, detail = watch_kept(output) end
  if not ok then return nil, message, detail end
  local before
  before, message, detail = ids_before(call, "outputs", known)
  if not before then return nil, message, detail end
  ok, message, detail = operate(call, "AddDestination", { DestinationInfos = { forms.output_form(output) } },
    by_arrivals(call, before, "outputs", { output }, same_output))
  if not ok then return nil, message, detail end
  local ids
  ids, message, detail = added_ids(ok, "DestinationInfoSet")
  if not ids then return nil, message, detail end
  note(before, ids)
  return ids[1]
end

function operations.set_output(call, output)
  local ok, message, detail = project_options.check_outputs { output }
  if ok then ok, message, detail = watch_kept(output) end
  if not ok then return nil, message, detail end
  return done(call, "ModifyDestination", { DestinationInfos = { forms.output_form(output) } }, calls.again)
end

function operations.remove_output(call, id)
  local wire = id_forms(id)
  local settle = by_info(call, function(info) return not has_any(info.outputs, wire) and {} end)
  return done(call, "DeleteDestination", { DestinationInfos = wire }, settle)
end

function operations.enable_output(call, id)
  return done(call, "EnableDestination", { DestinationInfos = id_forms(id) }, calls.again)
end

function operations.disable_output(call, id)
  return done(call, "DisableDestination", { DestinationInfos = id_forms(id) }, calls.again)
end

-- ---- settings

function operations.set_play(call, play)
  local ok, message, detail = forms.check_play(play)
  if not ok then return nil, message, detail end
  return done(call, "ModifyPlaySetting", { PlaySetting = forms.play_form(play) }, calls.again)
end

--- Changes the picture format of an idle project.
function operations.set_output_media(call, media)
  local ok, message, detail = forms.check_output_media(media)
  if not ok then return nil, message, detail end
  return done(call, "ModifyOutputMediaSetting", { OutputMediaSetting = forms.output_media_form(media) },
    calls.again)
end

return operations
