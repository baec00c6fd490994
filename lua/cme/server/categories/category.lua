-- SPDX-License-Identifier: MIT
-- The kinds of projects that the API names, as data: which member of a request, and object of the schema, describes a
-- project of each, and how a failed operation on it is called. What this service does with a project of a category is
-- the category's own module (categories.lua).

local json = require "cme.json"
local schema = require "cme.schema"

---@class cme.server.category
local category = {}

---The member of CreateProject that describes a project, by category; also the object's name in the schema.
---@type table<string, string>
category.inputs = {
  VIDEO_EDIT = "VideoEditProjectInput",
  SWITCHER = "SwitcherProjectInput",
  VIDEO_SEGMENTATION = "VideoSegmentationProjectInput",
  STREAM_CONNECT = "StreamConnectProjectInput",
  RECORD_REPLAY = "RecordReplayProjectInput",
  MEDIA_CAST = "MediaCastProjectInput",
}

---The member of ProjectInfo that tells about a project, of the categories that this service knows.
---@type table<string, string>
category.infos = { STREAM_CONNECT = "StreamConnectProjectInfo", MEDIA_CAST = "MediaCastProjectInfo" }

-- What the store keeps of a stream connect, beside what the API calls its input.
local disabled = { name = "Disabled", type = "array", of = "string" } -- ids of outputs that are off the air

-- What the store keeps of a run of a media cast, beside what the API calls its input.
local cast_run = { name = "Run", type = "object", of = {
  { name = "Id", type = "string" },
  { name = "StartedAt", type = "float" }, -- unix seconds
  { name = "Confirmed", type = "boolean" },
  { name = "Disabled", type = "array", of = "string" }, -- ids of destinations
} }

local kept = { STREAM_CONNECT = disabled, MEDIA_CAST = cast_run }

local adopted = { name = "Adopted", type = "boolean" } -- Working, and known to its engine only (adoption.lua)

---The fields of what the store keeps of a project of a category: the input, and what else the category needs.
---@param name string
---@return cme.schema.field[]
function category.stored(name)
  local fields = schema.objects[category.inputs[name]]
  local more = table.move(fields, 1, #fields, 1, {})
  more[#more + 1] = kept[name]
  more[#more + 1] = adopted
  return more
end

---An input that can be shown, of a project whose own cannot be read.
---@return table
function category.unreadable()
  return { Outputs = json.array {}, SourceInfos = json.array {}, DestinationInfos = json.array {}, PlaySetting = {},
    OutputMediaSetting = json.object {} }
end

---The code of an operation that failed.
---@type table<string, string>
category.failures = { STREAM_CONNECT = "FailedOperation.StreamConnect", MEDIA_CAST = "FailedOperation" }

return category
