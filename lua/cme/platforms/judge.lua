-- SPDX-License-Identifier: MIT
-- Judges a stream by the limits of a platform. A finding is a sentence of the catalogue (text/words/platform.lua) with
-- its values, so that it can be said in either language. What was measured wavers, so a little over a limit is none
-- over it. Pure.

local codes = require "cme.codes"
local words = require "cme.platforms.words"

---@class cme.platforms.judge
local judge = {}

---@class cme.platforms.media a stream, as it was seen; nil: unknown
---@field protocol string|nil by which it is pushed: "rtmp"
---@field video string|nil codec: "h264"
---@field width integer|nil
---@field height integer|nil
---@field fps number|nil
---@field video_kbps number|nil
---@field keyframes number|nil seconds from one keyframe to the next
---@field audio string|false|nil codec: "aac"; false: there is no sound
---@field audio_kbps number|nil
---@field sample_rate integer|nil Hz
---@field channels integer|nil

---@class cme.platforms.finding
---@field code string "platform.video_codec"
---@field reason cme.reason what is wrong; cme.codes says it
---@field pages string[][] the pages that say so: address, and the day on which it was read

local OVER = 1.1 -- of a limit: the most that counts as within it

local function has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- A check of a member that lists what is taken.
local function listed(sentence, of_media)
  return function(limit, media)
    local value = media[of_media]
    if not value or has(limit, value) then return nil end
    return sentence, { found = words.of(value), limit = words.all(limit) }
  end
end

-- A check of a member that has the most that is taken.
local function at_most(sentence, of_media)
  return function(limit, media)
    local value = media[of_media]
    if not value or value <= limit.most * OVER then return nil end
    return sentence, { found = value, limit = limit.most }
  end
end

local function size(limit, media)
  if not media.width or not media.height then return nil end
  local long, short = math.max(media.width, media.height), math.min(media.width, media.height)
  if long <= limit.width and short <= limit.height then return nil end
  return "platform.size", { width = media.width, height = media.height, most_width = limit.width,
    most_height = limit.height }
end

local function keyframes(limit, media)
  if not media.keyframes then return nil end
  if limit.most and media.keyframes > limit.most * OVER then
    return "platform.keyframes", { found = media.keyframes, limit = limit.most }
  elseif limit.recommended and not limit.most and media.keyframes > limit.recommended * OVER then
    return "platform.keyframes:recommended", { found = media.keyframes, limit = limit.recommended }
  end
end

local function sound(limit, media)
  if limit.required and media.audio == false then return "platform.no_sound", {} end
end

-- The height of the rows that are of a picture: the least that is not below it.
local function row_height(rows, short)
  local best
  for _, row in ipairs(rows) do
    if row.height and short <= row.height and row.height < (best or math.huge) then best = row.height end
  end
  return best
end

-- The row that is of a picture: of its height and codec, of the least frame rate that is not below its own.
local function row_of(rows, media)
  local short = media.width and media.height and math.min(media.width, media.height)
  local height, best = short and row_height(rows, short), nil
  for _, row in ipairs(rows) do
    local fits = (not row.height or row.height == height) and (not row.codecs or has(row.codecs, media.video))
      and (not row.fps or media.fps and media.fps <= row.fps * OVER)
    if fits and (not best or (row.fps or math.huge) < (best.fps or math.huge)) then best = row end
  end
  return best
end

local function bitrates(rows, media)
  local row = media.video_kbps and row_of(rows, media)
  if not row then return nil end
  local most = row.most or row.recommended
  if most and media.video_kbps > most * OVER then
    return row.most and "platform.bitrate:high" or "platform.bitrate:recommended",
      { found = media.video_kbps, limit = most }, row.from
  elseif row.least and media.video_kbps < row.least / OVER then
    return "platform.bitrate:low", { found = media.video_kbps, limit = row.least }, row.from
  end
end

-- By the member of the limits, in the order in which they are told. Each gives a sentence and its values, and where the
-- pages are not the member's, those.
local CHECKS = {
  { "protocols", listed("platform.protocol", "protocol") },
  { "video", listed("platform.video_codec", "video") },
  { "sound", sound },
  { "audio", listed("platform.audio_codec", "audio") },
  { "size", size },
  { "fps", at_most("platform.frame_rate", "fps") },
  { "keyframes", keyframes },
  { "bitrates", bitrates },
  { "audio_bitrate", at_most("platform.audio_bitrate", "audio_kbps") },
  { "sample_rates", listed("platform.sample_rate", "sample_rate") },
  { "channels", at_most("platform.channels", "channels") },
}

local function pages_of(platform, from)
  local pages = {}
  for i, number in ipairs(from) do pages[i] = platform.pages[number] end
  return pages
end

--- Judges a stream.
---@param platform cme.platform
---@param media cme.platforms.media
---@return cme.platforms.finding[]
function judge.all(platform, media)
  local found, limits = {}, platform.limits or {}
  for _, check in ipairs(CHECKS) do
    local limit = limits[check[1]]
    local sentence, values, from
    if limit then sentence, values, from = check[2](limit, media) end
    if sentence then
      found[#found + 1] = { code = codes.of(sentence), reason = codes.reason(sentence, values),
        pages = pages_of(platform, from or limit.from) }
    end
  end
  return found
end

return judge
