-- SPDX-License-Identifier: MIT
-- DescribeProjectHealth and DescribeProjectsHealth, of one project and of many: what an engine's `stat` says of its
-- inputs and outputs, in the API's form. Actions of this service only, for the project's owner or the administrator;
-- URLs are not in it.

local answer = require "cme.server.call"
local access = require "cme.server.http.access"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local describe = require "cme.server.describe"
local json = require "cme.json"
local limits = require "cme.api.limits"
local platforms = require "cme.platforms"
local recordings = require "cme.server.recordings"
local redact = require "cme.redact"
local slate = require "cme.server.slate"
local sockets = require "cme.server.process.sockets"
local task = require "cme.task"
local time = require "cme.time"
local uplink = require "cme.server.uplink"

local project_health = {}

local MAX_MESSAGE = 1000 -- bytes
local MAX_PROJECTS = 100 -- a page
local ENDPOINTS = { "main", "backup" }
local DEFAULT_AFTER = slate.DEFAULT_AFTER

-- How the engine's values read in the API; null stays null where nothing can be said.
local function or_null(value)
  return value == nil and json.null or value
end

local function count(value)
  return math.tointeger(value) or 0
end

local function rate(value)
  return tonumber(value) or 0
end

local function word(value)
  return type(value) == "string" and value or ""
end

local function capital(value)
  return (word(value):gsub("^%l", string.upper))
end

-- "no_picture" as "NoPicture".
local function camel(value)
  return (capital(value):gsub("_(%l)", string.upper))
end

local function stamp(value)
  return type(value) == "number" and time.stamp(value) or ""
end

local function shown(said) return redact.text(said, MAX_MESSAGE) end

local function plain(said) return sockets.out_of_text(shown(word(said))) end

-- What a message was made of, for readers who say it in their own language; ours.
local function reason_of(parts)
  local reason = sockets.out_of(codes.unpack(parts, shown))
  return reason and codes.pack(reason)
end

local function failure(value)
  if type(value) ~= "table" then return json.null end
  return { Code = word(value.code), Message = plain(value.message), Time = stamp(value.at),
    Reason = reason_of(value.parts) }
end

-- API member, the engine's, and the way from one to the other.
local INPUT_MEMBERS = {
  { "State", "state", capital }, { "Since", "since", stamp }, { "Error", "error", failure },
  { "Bitrate", "kbps", rate }, { "FrameRate", "fps", rate }, { "PacketAge", "age_ms", or_null },
  { "GopMs", "gop_ms", or_null }, { "DtsJumps", "dts_jumps", count }, { "Opens", "opens", count },
  { "Dropped", "dropped", count },
}
local CODEC_MEMBERS = {
  { "VideoCodec", "video", word }, { "Width", "width", or_null }, { "Height", "height", or_null },
  { "AudioCodec", "audio", word }, { "SampleRate", "sample_rate", or_null }, { "Channels", "channels", or_null },
}
local OUTPUT_MEMBERS = {
  { "Id", "id", word }, { "Name", "name", word }, { "State", "state", capital }, { "Since", "since", stamp },
  { "Connects", "connects", count }, { "Bitrate", "kbps", rate },
  { "FrameRate", "fps", rate }, { "Packets", "packets", count }, { "Dropped", "dropped", count },
  { "Overflows", "overflows", count }, { "QueueMs", "queue_ms", count }, { "QueueHighMs", "queue_high_ms", count },
  { "UnsentBytes", "unsent_bytes", or_null }, { "WriteAge", "write_age_ms", or_null },
  { "DelayP50", "delay_p50_ms", or_null }, { "DelayP99", "delay_p99_ms", or_null }, { "Bytes", "bytes", count },
  { "WaitsFor", "waits_for", plain }, { "WaitsForReason", "waits_for_parts", reason_of },
}

-- What viewers of an output see, or what an input shows; null: it is not looked at, or nothing is known.
local function look_of(parts, id, key)
  local view = parts.looks and parts.looks:view(id, key)
  if not view then return json.null end
  local video, audio = view.video or {}, view.audio or {}
  local reason = view.good == false and codes.reason("look." .. view.state)
  local urls = { now = parts.looks:url(id, key, true), fault = parts.looks:url(id, key) }
  return { State = camel(view.state), Good = or_null(view.good), Since = time.stamp(view.since),
    Time = time.stamp(view.at), Delay = or_null(view.delay_ms), VideoCodec = word(video.codec),
    Width = or_null(video.width), Height = or_null(video.height), FrameRate = or_null(video.fps),
    Bitrate = or_null(view.bitrate_kbps), Loudness = or_null(audio.momentary_lufs),
    TruePeak = or_null(audio.true_peak_db), Picture = urls.now or "", ErrorPicture = urls.fault or "",
    Error = reason and failure { code = "look." .. view.state, message = codes.say(reason), at = view.since,
      parts = codes.pack(reason) } or json.null }
end

local function put(into, members, from)
  for _, member in ipairs(members) do
    into[member[1]] = member[3](from[member[2]])
  end
  return into
end

-- The engine knows that nothing comes, the edge why: an encoder is refused.
local function input_set(inputs, parts, id)
  local set = json.array {}
  for _, endpoint in ipairs(ENDPOINTS) do
    local input = json.object(inputs)[endpoint]
    if type(input) == "table" then
      local one = put({ Endpoint = capital(endpoint) }, INPUT_MEMBERS, input)
      local refusal = input.state ~= "live" and parts.publishers and parts.publishers:refusal(id, endpoint)
      if refusal then one.Error = failure(refusal) end
      set[#set + 1] = put(one, CODEC_MEMBERS, json.object(input.codecs))
      one.Look = look_of(parts, id, "input " .. endpoint)
    end
  end
  return set
end

-- Why an output failed, with what its platform's page says of the refusal.
local function output_failure(told, url)
  local parts = type(told) == "table" and codes.unpack(told.parts, shown) or nil
  local explained = parts and url and platforms.explain(url, parts)
  if not explained then return failure(told) end
  return failure { code = told.code, message = codes.say(explained), at = told.at, parts = codes.pack(explained) }
end

-- The engine's outputs, and those of the project that it is not told of: a media cast's disabled ones.
local function output_set(outputs, wanted, parts, id)
  local set, there, urls = json.array {}, {}, {}
  for _, output in ipairs(wanted) do urls[output.Id] = output.PushUrl end
  for _, output in ipairs(json.object(outputs)) do
    local one = put({}, OUTPUT_MEMBERS, json.object(output))
    one.Error = output_failure(json.object(output).error, urls[one.Id])
    there[one.Id], one.Look = true, look_of(parts, id, "output " .. one.Id)
    if one.Id ~= recordings.OUTPUT_ID then set[#set + 1] = one end
  end
  for _, output in ipairs(wanted) do
    if not there[output.Id] then
      set[#set + 1] = put({}, OUTPUT_MEMBERS, { id = output.Id, name = output.Name, state = "stopped" })
    end
  end
  return set
end

-- The slate that a project is to have, and how it is. An engine's word that it is on the air goes before.
local function slate_of(record, stat, slates)
  local wanted = record.input.Slate
  if not wanted then return json.null end
  local state, fault = nil, nil
  if stat and slates then state, fault = slates:state(record.id) end
  return { Name = wanted.Name, After = wanted.After or DEFAULT_AFTER, Format = wanted.Format or json.null,
    State = stat and stat.on_slate == true and "On" or capital(state or "idle"),
    Error = fault and failure { code = fault.detail.code, message = codes.say(fault.detail), at = fault.at,
      parts = codes.pack(fault.detail) } or json.null }
end

-- The recording that a project is to have, and how it is.
local function recording_of(record, stat)
  local wanted, found = record.input.Recording, {}
  if not wanted then return json.null end
  for _, output in ipairs(json.object(stat and stat.outputs)) do
    if json.object(output).id == recordings.OUTPUT_ID then found = output end
  end
  return { Name = wanted.Name, Of = wanted.Of or "Programme", MaxSeconds = wanted.MaxSeconds or 0,
    MaxBytes = wanted.MaxBytes or 0, State = capital(found.state or "idle"), File = word(found.file),
    Dropped = count(found.dropped), Error = failure(found.error) }
end

-- What goes out, whether the uplink is full, and what it carries.
local function uplink_of(stat, limit)
  local full, kbps = stat ~= nil and stat.uplink_full == true, stat and uplink.rate(stat) or 0
  local reason = full and uplink.full(kbps)
  return { Full = full, Bitrate = kbps, Limit = or_null(limit), Error = reason and failure { code = "uplink.full",
    message = codes.say(reason), parts = codes.pack(reason) } or json.null }
end

local function merged(merge, wanted)
  if type(merge) ~= "table" then return json.null end
  local main, backup = json.object(merge.main), json.object(merge.backup)
  return {
    State = capital(merge.state), Window = wanted or limits.merge_window.default, Distance = or_null(merge.distance_ms),
    Held = count(merge.held_ms), TakenMain = count(main.taken), TakenBackup = count(backup.taken),
    LateMain = count(main.late), LateBackup = count(backup.late), Error = failure(merge.error),
  }
end

-- Which node stands by for a project that is to have a standby, and whether it is ready.
local function standby_of(record, stat, fleet)
  if not record.input.Standby then return json.null end
  local one = stat and fleet and fleet:standby_of(record.id)
  if not one then return { State = stat and "Missing" or "Idle", Node = "" } end
  return { State = one.warm and "Warm" or "Starting", Node = one.node }
end

--- The response from an engine's answer to `stat`; pure.
---@param record cme.server.project
---@param stat table|nil nil: the project is Idle
---@param parts { slates: cme.server.slates|nil, limit: integer|nil, looks: cme.server.looks|nil,
---  publishers: cme.server.publishers|nil, fleet: cme.server.sharing|false|nil }|nil limit: kbit/s of the uplink
---@return table
function project_health.response(record, stat, parts)
  parts = parts or {}
  local wanted = stat and categories.of(record).outputs(record.input) or {}
  return {
    ProjectId = record.id,
    Status = stat and "Working" or "Idle",
    Active = capital(stat and stat.active),
    StartTime = stamp(stat and stat.started_at),
    Inputs = input_set(stat and stat.inputs, parts, record.id),
    Outputs = output_set(stat and stat.outputs, wanted, parts, record.id),
    OnSlate = stat ~= nil and stat.on_slate == true,
    Recording = recording_of(record, stat),
    Slate = slate_of(record, stat, parts.slates),
    Silence = record.input.Silence or false,
    Uplink = uplink_of(stat, parts.limit),
    Merge = merged(stat and stat.merge, record.input.MergeWindow),
    Standby = standby_of(record, stat, parts.fleet),
  }
end

-- How a project does; nil and why: its engine cannot be asked.
local function ask(parts, record)
  if record.status ~= "Working" then return project_health.response(record, nil, parts) end
  local stat, message, detail = parts.relays:stat(record.id)
  if stat then return project_health.response(record, stat, parts) end
  local after = parts.store:get(record.id) -- it may have been stopped while the engine was asked
  if after and after.status ~= "Working" then return project_health.response(record, nil, parts) end
  return codes.fail("api:health", { id = record.id, reason = answer.part(message, detail) },
    { code = "api." .. categories.of(record).failed })
end

-- ---- of many

-- How a project does, by the node of the fleet that runs it.
local function ask_its_node(parts, record, request_id)
  local function asked() return ask(parts, record) end
  if not parts.fleet or record.status ~= "Working" then return asked() end
  return parts.fleet:perform({ action = "DescribeProjectHealth", request_id = request_id,
    params = { Platform = record.platform, ProjectId = record.id } }, record, asked)
end

-- An engine that does not answer costs its own entry, not the others.
local function entry_of(parts, record, request_id)
  local entry, message, detail = ask_its_node(parts, record, request_id)
  if entry then
    entry.Error = json.null
    return entry
  end
  entry = project_health.response(record, nil, parts)
  entry.Status = "Working"
  entry.Error = failure { code = answer.cloud_code(detail), message = message, at = parts.now() }
  return entry
end

-- All engines are asked at the same time: the slowest decides how long it takes.
local function ask_all(parts, records, request_id)
  return json.array((task.parallel(records, function(record) return entry_of(parts, record, request_id) end)))
end

local function read_filter(params)
  local named = #(params.ProjectIds or {})
  if named > MAX_PROJECTS then
    return codes.fail("api.InvalidParameterValue.ProjectId:project_ids", { count = named, limit = MAX_PROJECTS })
  end
  return { platform = params.Platform, ids = params.ProjectIds, status = named == 0 and "Working" or nil,
    owner_id = not access.is_administrator(params.Operator) and params.Operator or nil, sort = "created_at",
    order = "DESC" }
end

-- Of the projects that are named, or of all that are working, as far as the operator may see them.
local function of_many(parts, call)
  local page, message, detail = describe.page(call.params, MAX_PROJECTS, MAX_PROJECTS)
  if not page then return nil, message, detail end
  local filter
  filter, message, detail = read_filter(call.params)
  if not filter then return nil, message, detail end
  local records, total
  records, total, detail = describe.list(parts.store, filter, page)
  if not records then return nil, total, detail end
  return { TotalCount = total, MaxUplink = or_null(parts.limit), HealthSet = ask_all(parts, records, call.request_id) }
end

---@param parts { store: cme.server.store.interface, relays: cme.server.process.keepers, now: (fun(): number),
---  slates: cme.server.slates|nil, limit: integer|nil, looks: cme.server.looks|nil,
---  publishers: cme.server.publishers|nil, fleet: cme.server.sharing|false|nil } limit: kbit/s of the uplink
---@return { of_one: cme.server.ProjectAction, of_many: cme.server.Action }
function project_health.new(parts)
  return {
    of_one = function(_, record) return ask(parts, record) end,
    of_many = function(call) return of_many(parts, call) end,
  }
end

return project_health
