-- SPDX-License-Identifier: MIT
-- What cme-look says, a line of JSON each (src/look/tell.h), read into tables. It decodes what strangers send and may
-- have been taken over by that, so a line whose members are of other types is none. Pure.

local codes = require "cme.codes"
local json = require "cme.json"

local lines = {}

---@alias cme.look.state "ok"|"gone"|"no_picture"|"black"|"flat"|"frozen"|"wrong"|"no_sound"|"silent"|"one_sided"
---|"clipped"|"stuttering"|"slow"|"late"|"still"

---@class cme.look.video
---@field codec string "h264"
---@field width integer
---@field height integer
---@field fps number|nil pictures a second that came, over the last seconds
---@field declared_fps number|nil that the stream says it has
---@field keyframe_s number|nil between the last two keyframes
---@field luma number|nil mean of the picture seen last, 16 is black
---@field spread number|nil standard deviation of its luma
---@field unmoved_s number|nil for how long it has not moved

---@class cme.look.audio
---@field codec string "aac"
---@field sample_rate integer Hz
---@field channels integer
---@field levels_db number[] dBFS, of each channel
---@field clipped number|nil share of the samples that are at full scale
---@field momentary_lufs number|nil
---@field integrated_lufs number|nil
---@field true_peak_db number|nil dBTP

---@class cme.look.line
---@field kind "look"|"change"|"end"|"error"
---@field index integer|nil of the address; -1: the source
---@field url string|nil without its secrets
---@field name string|nil how the command shows it
---@field at number|nil unix seconds
---@field state cme.look.state|nil nil: nothing was read yet
---@field was cme.look.state|nil of a change; nil: nothing was read before
---@field all cme.look.state[]|nil of a look: all that is the case
---@field seen cme.look.state[]|nil of an end: all that was
---@field video cme.look.video|nil
---@field audio cme.look.audio|nil
---@field bitrate_kbps integer|nil
---@field av_offset_ms integer|nil
---@field delay_ms integer|nil
---@field picture string|nil file of what viewers see, a JPEG; nil: none was written
---@field error cme.detail|nil why nothing can be read

local function frame_of(phrase)
  local values = {}
  for i, value in ipairs(phrase.values or {}) do values[tostring(i)] = value end
  return { Code = "engine:" .. tostring(phrase.format), Values = values }
end

-- A child's error as a failure: the same sentence in every language where its parts are known.
local function detail_of(said)
  local phrases, packed = said.phrases or {}, nil
  if phrases[1] then packed = frame_of(phrases[1]) end
  for i = 2, #phrases do
    packed.Within = packed.Within or {}
    packed.Within[i - 1] = frame_of(phrases[i])
  end
  local detail = codes.unpack(packed, tostring) or { text = tostring(said.message) }
  detail.code = tostring(said.code)
  return detail
end

-- null is nothing.
local function without_null(value)
  if value == json.null then return nil end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do copy[key] = without_null(member) end
  return copy
end

local KINDS = { "look", "change", "end" }

-- Members that each line has, and those that it may have.
local NEEDED = { index = "number", url = "string", at = "number", state = "string" }
local TYPES = { was = "string", all = "table", seen = "table", video = "table", audio = "table",
  bitrate_kbps = "number", av_offset_ms = "number", delay_ms = "number", picture = "string", error = "table" }

local function is_error(said)
  local phrases = said.phrases or {}
  if type(phrases) ~= "table" then return false end
  for _, phrase in ipairs(phrases) do
    if type(phrase) ~= "table" or type(phrase.values or {}) ~= "table" then return false end
  end
  return true
end

local function is_line(line)
  for name, wanted in pairs(NEEDED) do
    if type(line[name]) ~= wanted then return false end
  end
  for name, wanted in pairs(TYPES) do
    if line[name] ~= nil and type(line[name]) ~= wanted then return false end
  end
  return not line.error or is_error(line.error)
end

local function take(line, kind)
  if not is_line(line) then return nil end
  line.kind = kind
  line.error = line.error and detail_of(line.error)
  return line
end

--- Reads a line.
---@param text string
---@return cme.look.line|nil line nil: it is none
function lines.read(text)
  local value = without_null(json.decode(text))
  if type(value) ~= "table" then return nil end
  for _, kind in ipairs(KINDS) do
    if type(value[kind]) == "table" then return take(value[kind], kind) end
  end
  if type(value.error) ~= "table" or not is_error(value.error) then return nil end
  return { kind = "error", error = detail_of(value.error) }
end

return lines
