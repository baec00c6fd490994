-- SPDX-License-Identifier: MIT
-- Category MEDIA_CAST: sources (files or live streams) played one after the other, encoded anew, to many outputs. Maps
-- a project's methods onto HandleMediaCastProject; see project.lua for what a category module is. What the options
-- mean and how they are sent is media_cast_options.lua.
--
-- The service gives sources and outputs their ids. A lost AddSource or AddDestination is therefore recognised by what
-- was there before it, which is read first.

local codes = require "cme.codes"
local calls = require "cme.project.calls"
local forms = require "cme.project.cast_options"
local json = require "cme.json"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local time = require "cme.time"

local media_cast = {
  name = "MEDIA_CAST",
  spec = forms.spec,
  validate = forms.validate,
  ready = forms.ready,
  input = forms.input,
  read = forms.read,
}

local ACTION = "HandleMediaCastProject"
local CONFIRM_WINDOW = limits.cast.confirm_seconds

local DESTINATION_STATUSES = { Working = "working", Stopped = "stopped", Failed = "failed" }
local STATUSES = { Idle = "idle", Working = "working" }

--- Methods that this category lacks: the sentence that says what to do instead.
media_cast.lacks = {
  set_input = "invalid.unsupported:set_input",
  push_url = "invalid.unsupported:push_url",
}

-- ---- what the methods' arguments may be; each raises on misuse

local function taker_of_id(method)
  return function(id) return project_options.take_id(method, id) end
end

-- One source or a list; a table with a name in it is one.
local function take_sources(given, position)
  local is_list = type(given) == "table" and (given[1] ~= nil or next(given) == nil)
  local sources = project_options.take_list("add_input: sources", is_list and given or { given }, forms.take_source)
  if #sources == 0 then options.misuse "add_input: no source" end
  if position ~= nil and (type(position) ~= "number" or position % 1 ~= 0 or position < 1) then
    options.misuse "add_input: a position is 1 for the first place, 2 for the next, nil for the last"
  end
  return sources, position
end

media_cast.take = {
  switch = taker_of_id "switch",
  add_input = take_sources,
  remove_input = taker_of_id "remove_input",
  add_output = function(output) return project_options.take_output(output, "add_output", forms.OUTPUT) end,
  set_output = function(output) return project_options.take_output(output, "set_output", forms.CHANGED_OUTPUT) end,
  remove_output = taker_of_id "remove_output",
  enable_output = taker_of_id "enable_output",
  disable_output = taker_of_id "disable_output",
  set_play = function(play) return forms.take_play("set_play", play) end,
  set_output_media = function(media) return forms.take_output_media("set_output_media", media) end,
}

-- ---- operations

local function operate(project, operation, params, settle)
  params = params or {}
  params.Operation = operation
  return calls.act(project, ACTION, params, settle)
end

local function plain(response, message, detail)
  if not response then return nil, message, detail end
  return true
end

local function read_info(entry)
  local info = {}
  forms.read(entry, info)
  return info
end

-- A settle function that looks at what info() would say.
local function by_info(project, judge)
  return calls.settled(project, function(entry)
    if not entry then return calls.unclear "invalid.unclear:gone" end
    return judge(read_info(entry))
  end)
end

local function by_status(project, wanted)
  return by_info(project, function(info) return info.status == wanted and {} end)
end

local function play_info(project)
  local response, message, detail = operate(project, "DescribePlayInfo", nil, calls.again)
  if not response then return nil, message, detail end
  return json.object(response.PlayInfo)
end

-- ---- start and stop

-- Words a refused Confirm: most likely it came after the service gave up waiting, which its state tells.
local function unconfirmed(project, since, message, detail)
  local entry = calls.describe(project)
  local seconds = project.client.now() - since
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
---@param project cme.project
---@param stop_at number|nil unix seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function media_cast.start(project, stop_at)
  local since = project.client.now()
  local ok, message, detail = operate(project, "Start", nil, by_status(project, "working"))
  if not ok then return nil, message, detail end
  local planned, warning, about = calls.plan_first_stop(project, stop_at)
  if not planned then return nil, warning, about end
  ok, message, detail = operate(project, "Confirm", nil, calls.again)
  if ok then return true, warning, about end
  return unconfirmed(project, since, message, detail)
end

function media_cast.stop(project)
  return plain(operate(project, "Stop", nil, by_status(project, "idle")))
end

--- Plays another source at once.
function media_cast.switch(project, id)
  local function settle()
    local play, message, detail = play_info(project)
    if not play then return nil, message, detail end
    return play.CurrentSourceId == id and {}
  end
  return plain(operate(project, "SwitchSource", { SourceInfos = { { Id = id } } }, settle))
end

function media_cast.set_stop_at(project, seconds)
  return plain(operate(project, "ModifyPlaySetting", { PlaySetting = { EndTime = time.format(seconds) } }, calls.again))
end

--- Where the playing is, and how each output does.
function media_cast.position(project)
  local play, message, detail = play_info(project)
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
function media_cast.more(project, info)
  local position, message, detail = media_cast.position(project)
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
function media_cast.health(project)
  local position, message, detail = media_cast.position(project)
  if not position then return nil, message, detail end
  local outputs = json.array {}
  for i, output in ipairs(position.outputs) do
    outputs[i] = { id = output.id, url = output.url, state = output.status }
  end
  return { status = position.status, inputs = {}, outputs = outputs }
end

-- ---- sources and outputs

-- Settles an addition: `list` of info() against the ids that were there before. `wanted` entries must have come.
local function by_arrivals(project, before, list, wanted, same)
  return by_info(project, function(info)
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
local function ids_before(project, list, known)
  if known then return known end
  local entry, message, detail = calls.describe(project)
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
  if #ids == 0 then
    return codes.fail("network.protocol:no_member", { member = member })
  end
  return ids
end

-- Marks ids as there, for the next addition of the same caller.
local function note(before, ids)
  for _, id in ipairs(ids) do before[id] = true end
end

--- Adds sources; returns the id of the one, or the ids of several.
---@param project cme.project
---@param sources cme.project.source[]
---@param position integer|nil 1 is the first place
---@param known table<string, true>|nil the ids that are there, where the caller has just read them; added to
function media_cast.add_input(project, sources, position, known)
  local ok, message, detail = forms.check_sources(sources)
  if not ok then return nil, message, detail end
  local before
  before, message, detail = ids_before(project, "sources", known)
  if not before then return nil, message, detail end
  local wire = {}
  for i, source in ipairs(sources) do wire[i] = forms.source_form(source) end
  ok, message, detail = operate(project, "AddSource", { SourceInfos = wire, Position = position and position - 1 },
    by_arrivals(project, before, "sources", sources, forms.same_source))
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
function media_cast.remove_input(project, ids)
  local wire = id_forms(ids)
  local settle = by_info(project, function(info) return not has_any(info.sources, wire) and {} end)
  return plain(operate(project, "DeleteSource", { SourceInfos = wire }, settle))
end

local function same_output(there, wanted)
  return there.url == wanted.url
end

--- Adds an output; returns its id.
---@param project cme.project
---@param output cme.project.output
---@param known table<string, true>|nil see add_input
function media_cast.add_output(project, output, known)
  local ok, message, detail = project_options.check_outputs { output }
  if not ok then return nil, message, detail end
  local before
  before, message, detail = ids_before(project, "outputs", known)
  if not before then return nil, message, detail end
  ok, message, detail = operate(project, "AddDestination", { DestinationInfos = { forms.output_form(output) } },
    by_arrivals(project, before, "outputs", { output }, same_output))
  if not ok then return nil, message, detail end
  local ids
  ids, message, detail = added_ids(ok, "DestinationInfoSet")
  if not ids then return nil, message, detail end
  note(before, ids)
  return ids[1]
end

function media_cast.set_output(project, output)
  local ok, message, detail = project_options.check_outputs { output }
  if not ok then return nil, message, detail end
  return plain(operate(project, "ModifyDestination", { DestinationInfos = { forms.output_form(output) } }, calls.again))
end

function media_cast.remove_output(project, id)
  local wire = id_forms(id)
  local settle = by_info(project, function(info) return not has_any(info.outputs, wire) and {} end)
  return plain(operate(project, "DeleteDestination", { DestinationInfos = wire }, settle))
end

function media_cast.enable_output(project, id)
  return plain(operate(project, "EnableDestination", { DestinationInfos = id_forms(id) }, calls.again))
end

function media_cast.disable_output(project, id)
  return plain(operate(project, "DisableDestination", { DestinationInfos = id_forms(id) }, calls.again))
end

-- ---- settings

function media_cast.set_play(project, play)
  local ok, message, detail = forms.check_play(play)
  if not ok then return nil, message, detail end
  return plain(operate(project, "ModifyPlaySetting", { PlaySetting = forms.play_form(play) }, calls.again))
end

--- Changes the picture of an idle project.
function media_cast.set_output_media(project, media)
  local ok, message, detail = forms.check_output_media(media)
  if not ok then return nil, message, detail end
  return plain(operate(project, "ModifyOutputMediaSetting", { OutputMediaSetting = forms.output_media_form(media) },
    calls.again))
end

return media_cast
