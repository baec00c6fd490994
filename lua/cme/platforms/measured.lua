-- SPDX-License-Identifier: MIT
-- A stream as platforms.judge takes it, from what an engine measured: of a source that `cme doctor` looked at, or of an
-- input on the air (cme.project.health). Rounded for messages. The bitrate has the sound in it, which is within what
-- the judgement tolerates. Pure.

local measured = {}

local RATES = 10 -- seconds that an input must have been live for its rates to count

local function round(value)
  return value and math.floor(value + 0.5)
end

---@class cme.platforms.seen what an engine measured
---@field video string|nil codec
---@field width integer|nil
---@field height integer|nil
---@field fps number|nil nil: not measured yet
---@field kbps number|nil nil: not measured yet
---@field gop_ms integer|nil of the last whole GOP
---@field audio string|nil codec; nil: there is no sound
---@field sample_rate integer|nil
---@field channels integer|nil

--- A stream that is pushed to a URL.
---@param url string
---@param seen cme.platforms.seen
---@return cme.platforms.media
function measured.pushed(url, seen)
  return {
    protocol = url:match "^%a*":lower(), video = seen.video, width = seen.width, height = seen.height,
    fps = round(seen.fps), video_kbps = round(seen.kbps), keyframes = seen.gop_ms and round(seen.gop_ms / 100) / 10,
    audio = seen.audio or false, sample_rate = seen.sample_rate, channels = seen.channels,
  }
end

--- What is measured of an input on the air.
---@param input cme.project.input_health
---@param now number unix seconds
---@return cme.platforms.seen|nil nil: nothing yet
function measured.of_input(input, now)
  if input.state ~= "live" or not input.video_codec then return nil end
  local rates = input.since and now - input.since >= RATES
  return { video = input.video_codec, width = input.width, height = input.height, gop_ms = input.gop_ms,
    audio = input.audio_codec, sample_rate = input.sample_rate, channels = input.channels,
    fps = rates and input.frame_rate or nil, kbps = rates and input.bitrate or nil }
end

return measured
