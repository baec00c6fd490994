-- SPDX-License-Identifier: MIT
-- PlaySetting and OutputMediaSetting of a media cast: checked, completed, shown, and what follows from them. Pure.
--
-- How long a cast plays: LoopCount rounds; without LoopCount, until EndTime; without either, one round. A change that
-- sets one of the two removes the other. When a request sets both, LoopCount wins, and EndTime is kept only to be
-- shown.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local limits = require "cme.api.limits"
local time = require "cme.time"

local settings = {}

--- How the API shows a time that is not set.
settings.unset = "0001-01-01T00:00:00Z"

local MAX_LOOPS = 1000000

local function is_set(text)
  return text ~= nil and text ~= "" and text ~= settings.unset
end

-- ---- OutputMediaSetting

local VIDEO_MEMBERS = {
  { name = "Width", default = 1280, least = 2, most = limits.cast.width },
  { name = "Height", default = 720, least = 2, most = limits.cast.height },
  { name = "Bitrate", default = 2500, least = 1, most = limits.cast.bitrate },
  { name = "FrameRate", default = 25, least = 1, most = limits.cast.frame_rate },
}

---@param given table|nil MediaCastOutputMediaSetting
---@return table|nil setting complete
---@return string|nil message
---@return cme.detail|nil detail
function settings.check_media(given)
  local follow = given ~= nil and given.FollowSourceInfo == true
  local video, checked = given and not follow and given.VideoSetting or {}, {}
  for _, member in ipairs(VIDEO_MEMBERS) do
    local value = video[member.name] or member.default
    if not (value >= member.least and value <= member.most) then
      return codes.fail("api.InvalidParameterValue:video",
        { field = member.name, value = ("%g"):format(value), least = member.least, most = member.most })
    end
    checked[member.name] = value
  end
  return { VideoSetting = checked, FollowSourceInfo = follow }
end

--- The picture as the playout takes it. H.264's 4:2:0 has no odd sizes.
---@param setting table a stored one
---@return cme.playout.picture
function settings.picture(setting)
  local video = setting.VideoSetting
  return { width = video.Width - video.Width % 2, height = video.Height - video.Height % 2, bitrate = video.Bitrate,
    frame_rate = video.FrameRate }
end

-- ---- PlaySetting

local function check_time(text, member, code, now)
  if not is_set(text) then return false end
  local at, message, detail = time.parse(text)
  if not at then
    return codes.fail("api:play_time", { field = member, reason = answer.part(message, detail) },
      { code = "api." .. code })
  end
  if at <= now then
    return codes.fail("api:play_time_past",
      { field = member, time = time.format(at), now = time.format(now // 1) }, { code = "api." .. code })
  end
  return at
end

local function check_loops(count)
  if count == nil or count == 0 then return false end
  if count < -1 or count > MAX_LOOPS then
    return codes.fail("api.InvalidParameterValue:loops", { count = count, limit = MAX_LOOPS })
  end
  return count
end

--- Checks play settings that are given.
---@param given table MediaCastPlaySetting
---@param now number
---@return { loops: integer|false, end_at: number|false, auto_start_at: number|false }|nil read
---@return string|nil message
---@return cme.detail|nil detail
function settings.read_play(given, now)
  local loops, message, detail = check_loops(given.LoopCount)
  if loops == nil then return nil, message, detail end
  local end_at, auto_start_at
  end_at, message, detail = check_time(given.EndTime, "EndTime", "InvalidParameterValue.EndTime", now)
  if end_at == nil then return nil, message, detail end
  auto_start_at, message, detail = check_time(given.AutoStartTime, "AutoStartTime", "InvalidParameterValue", now)
  if auto_start_at == nil then return nil, message, detail end
  if end_at and auto_start_at and end_at <= auto_start_at then
    return codes.fail "api.InvalidParameterValue.EndTime:before_start"
  end
  return { loops = loops, end_at = end_at, auto_start_at = auto_start_at }
end

--- Applies a change to what is stored.
---@param before table a stored PlaySetting
---@param read { loops: integer|false, end_at: number|false, auto_start_at: number|false }
---@return table after
function settings.merge_play(before, read)
  local after = { LoopCount = before.LoopCount, EndTime = before.EndTime, AutoStartTime = before.AutoStartTime }
  if read.loops or read.end_at then
    after.LoopCount = read.loops or nil
    after.EndTime = read.end_at and time.stamp(read.end_at) or nil
  end
  if read.auto_start_at then
    after.AutoStartTime = time.stamp(read.auto_start_at)
  end
  return after
end

--- PlaySetting as the API shows it. LoopCount 0: EndTime rules.
---@param play table a stored one
---@return table
function settings.play_info(play)
  return {
    LoopCount = play.LoopCount or (play.EndTime and 0 or 1),
    EndTime = play.EndTime or settings.unset,
    AutoStartTime = play.AutoStartTime or settings.unset,
  }
end

--- How often the list is played; -1: until it is stopped.
---@param play table a stored one
---@return integer
function settings.loops(play)
  return play.LoopCount or (play.EndTime and -1 or 1)
end

--- When it ends, whatever is left to play.
---@param play table a stored one
---@return number|nil unix seconds
function settings.end_at(play)
  if not play.EndTime or (play.LoopCount and play.LoopCount > 0) then return nil end
  return (time.parse(play.EndTime))
end

--- When it starts by itself.
---@param play table a stored one
---@return number|nil unix seconds
function settings.auto_start_at(play)
  return play.AutoStartTime and (time.parse(play.AutoStartTime)) or nil
end

return settings
