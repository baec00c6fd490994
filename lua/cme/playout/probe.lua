-- SPDX-License-Identifier: MIT
-- What ffprobe says about a source, and whether a source can be sent as it is. Pure.

local codes = require "cme.codes"
local json = require "cme.json"
local limits = require "cme.api.limits"

local probe = {}

local most = limits.cast

---@class cme.playout.video
---@field index integer
---@field codec string
---@field plain boolean       8 bit 4:2:0, frames not fields: what every platform takes
---@field width integer
---@field height integer
---@field frame_rate number
---@field sar number          width of a pixel by its height
---@field bitrate integer|nil kbit/s

---@class cme.playout.audio
---@field index integer
---@field codec string
---@field profile string
---@field sample_rate integer
---@field channels integer

---@class cme.playout.probed
---@field duration number|nil seconds; nil: a live source
---@field video cme.playout.video|nil
---@field audio cme.playout.audio|nil

-- "30000/1001" or "4:3" as a number.
local function ratio(text)
  local above, below = (text or ""):match "^(%d+)[/:](%d+)$"
  above, below = tonumber(above), tonumber(below)
  return above and below > 0 and above > 0 and above / below or nil
end

local function integer(value)
  return math.tointeger(tonumber(value))
end

local function read_video(stream)
  local field = stream.field_order
  return {
    index = integer(stream.index),
    codec = stream.codec_name,
    plain = (stream.pix_fmt == "yuv420p" or stream.pix_fmt == "yuvj420p")
      and (field == nil or field == "progressive" or field == "unknown"),
    width = integer(stream.width) or 0,
    height = integer(stream.height) or 0,
    frame_rate = ratio(stream.avg_frame_rate) or ratio(stream.r_frame_rate) or 25,
    sar = ratio(stream.sample_aspect_ratio) or 1,
    bitrate = integer(stream.bit_rate) and integer(stream.bit_rate) // 1000,
  }
end

local function read_audio(stream)
  return { index = integer(stream.index), codec = stream.codec_name, profile = stream.profile or "",
    sample_rate = integer(stream.sample_rate) or 0, channels = integer(stream.channels) or 0 }
end

local function is_cover(stream)
  return integer((stream.disposition or {}).attached_pic) == 1
end

--- Reads ffprobe's JSON.
---@param text string
---@return cme.playout.probed|nil
---@return string|nil message
---@return cme.detail|nil detail code media.unsupported
function probe.read(text)
  local answer = json.decode(text)
  if type(answer) ~= "table" then return codes.fail "media.unsupported:no_probe" end
  local probed = {}
  local duration = tonumber((answer.format or {}).duration)
  probed.duration = duration and duration > 0 and duration or nil
  for _, stream in ipairs(answer.streams or {}) do
    if stream.codec_type == "video" and not probed.video and not is_cover(stream) then
      probed.video = read_video(stream)
    elseif stream.codec_type == "audio" and not probed.audio then
      probed.audio = read_audio(stream)
    end
  end
  if not probed.video and not probed.audio then return codes.fail "media.unsupported:nothing" end
  return probed
end

local function even(value, bound)
  local bounded = math.min(bound, math.max(2, value))
  return bounded - bounded % 2
end

--- The picture of FollowSourceInfo: the first source's, within what the API allows.
---@param first cme.playout.probed
---@param wanted cme.playout.picture where the source has no picture
---@return cme.playout.picture
function probe.picture(first, wanted)
  local video, audio = first.video, first.audio
  local aac = audio and audio.codec == "aac" and audio.channels <= 2
  return {
    width = video and even(video.width, most.width) or wanted.width,
    height = video and even(video.height, most.height) or wanted.height,
    bitrate = video and math.min(most.bitrate, math.max(64, video.bitrate or wanted.bitrate)) or wanted.bitrate,
    frame_rate = video and math.min(most.frame_rate, video.frame_rate) or wanted.frame_rate,
    sample_rate = aac and audio.sample_rate or nil,
    channels = aac and audio.channels or nil,
  }
end

--- Whether a source can be sent without encoding it: H.264 and AAC, and the picture's format.
---@param source cme.playout.source
---@param probed cme.playout.probed
---@param picture cme.playout.picture
---@return boolean
function probe.copies(source, probed, picture)
  local video, audio = probed.video, probed.audio
  if not video or (source.offset or 0) > 0 then -- a copy could begin at a keyframe only
    return false
  end
  local sound = not audio or (audio.codec == "aac" and audio.profile == "LC"
    and audio.sample_rate == (picture.sample_rate or 44100) and audio.channels == (picture.channels or 2))
  local format = video.codec == "h264" and video.plain and (video.bitrate or 0) <= most.bitrate
  return sound and format and video.sar == 1 and video.width == picture.width and video.height == picture.height
    and math.abs(video.frame_rate - picture.frame_rate) < 0.01
end

return probe
