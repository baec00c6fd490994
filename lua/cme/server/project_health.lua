-- SPDX-License-Identifier: MIT
-- DescribeProjectHealth: what an engine's `stat` says of its inputs and outputs, in the API's form. An action of this
-- service only, for the project's owner or the administrator; URLs are not in it.

local category = require "cme.server.category"
local json = require "cme.json"
local redact = require "cme.redact"
local time = require "cme.time"

local project_health = {}

local max_message = 1000 -- bytes
local endpoints = { "main", "backup" }

-- How the engine's values read in the API; null stays null where nothing can be said.
local function same(value)
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

local function stamp(value)
  return type(value) == "number" and time.format(value) or ""
end

local function failure(value)
  if type(value) ~= "table" then
    return json.null
  end
  return { Code = word(value.code), Message = redact.text(word(value.message), max_message), Time = stamp(value.at) }
end

-- API member, the engine's, and the way from one to the other.
local input_members = {
  { "State", "state", capital }, { "Since", "since", stamp }, { "Error", "error", failure },
  { "Bitrate", "kbps", rate }, { "FrameRate", "fps", rate }, { "PacketAge", "age_ms", same },
  { "GopMs", "gop_ms", same }, { "DtsJumps", "dts_jumps", count }, { "Opens", "opens", count },
}
local codec_members = {
  { "VideoCodec", "video", word }, { "Width", "width", same }, { "Height", "height", same },
  { "AudioCodec", "audio", word }, { "SampleRate", "sample_rate", same }, { "Channels", "channels", same },
}
local output_members = {
  { "Id", "id", word }, { "Name", "name", word }, { "State", "state", capital }, { "Since", "since", stamp },
  { "Connects", "connects", count }, { "Error", "error", failure }, { "Bitrate", "kbps", rate },
  { "FrameRate", "fps", rate }, { "Packets", "packets", count }, { "Dropped", "dropped", count },
  { "Overflows", "overflows", count }, { "QueueMs", "queue_ms", count }, { "QueueHighMs", "queue_high_ms", count },
  { "UnsentBytes", "unsent_bytes", same }, { "WriteAge", "write_age_ms", same },
  { "DelayP50", "delay_p50_ms", same }, { "DelayP99", "delay_p99_ms", same }, { "Bytes", "bytes", count },
}

local function put(into, members, from)
  for _, member in ipairs(members) do
    into[member[1]] = member[3](from[member[2]])
  end
  return into
end

local function input_set(inputs)
  local set = json.array {}
  for _, endpoint in ipairs(endpoints) do
    local input = json.object(inputs)[endpoint]
    if type(input) == "table" then
      local one = put({ Endpoint = capital(endpoint) }, input_members, input)
      set[#set + 1] = put(one, codec_members, json.object(input.codecs))
    end
  end
  return set
end

-- The engine's outputs, and those of the project that it is not told of: a media cast's disabled ones.
local function output_set(outputs, wanted)
  local set, there = json.array {}, {}
  for i, output in ipairs(json.object(outputs)) do
    set[i] = put({}, output_members, json.object(output))
    there[set[i].Id] = true
  end
  for _, output in ipairs(wanted) do
    if not there[output.Id] then
      set[#set + 1] = put({}, output_members, { id = output.Id, name = output.Name, state = "stopped" })
    end
  end
  return set
end

---The response from an engine's answer to `stat`; pure.
---@param record cme.server.Project
---@param stat table? nil: the project is Idle
---@return table
function project_health.response(record, stat)
  local wanted = stat and (record.input.Outputs or record.input.DestinationInfos) or {}
  return {
    ProjectId = record.id,
    Status = stat and "Working" or "Idle",
    Active = capital(stat and stat.active),
    StartTime = stamp(stat and stat.started_at),
    Inputs = input_set(stat and stat.inputs),
    Outputs = output_set(stat and stat.outputs, wanted),
  }
end

---@param context cme.server.Context
---@param record cme.server.Project
---@return table? response, string? code, string? message
function project_health.describe(context, _, record)
  if record.status ~= "Working" then
    return project_health.response(record)
  end
  local stat, message = context.relays:stat(record.id)
  if stat then
    return project_health.response(record, stat)
  end
  local after = context.store:get(record.id) -- it may have been stopped while the engine was asked
  if after and after.status ~= "Working" then
    return project_health.response(record)
  end
  return nil, category.failures[record.category],
    ("health of project '%s': %s"):format(record.id, message)
end

return project_health
