-- SPDX-License-Identifier: MIT
-- The tags of a slate's FLV file, from the tracks and frames of Matroska: "Video File Format Specification 10.1", annex
-- E, and for codecs that it does not know "Enhanced RTMP v2". Payloads stay as they are: both containers hold H.264 and
-- HEVC with length prefixes, and AAC raw. Pure.

local tags = {}

local AUDIO, VIDEO, SCRIPT = 8, 9, 18

-- By Matroska's name of the codec: the bytes before the configuration, a keyframe, another frame.
local FORMS = {
  ["V_MPEG4/ISO/AVC"] = { "\x17\0\0\0\0", "\x17\1\0\0\0", "\x27\1\0\0\0" },
  ["V_MPEGH/ISO/HEVC"] = { "\x90hvc1", "\x93hvc1", "\xa3hvc1" },
  A_AAC = { "\xaf\0", "\xaf\1", "\xaf\1" },
  ["A_MPEG/L3"] = { nil, "\x2f", "\x2f" }, -- decoders read rate and channels from the frames
  A_OPUS = { "\x90Opus", "\x91Opus", "\x91Opus" },
}

local function tag(kind, at, body)
  return (">BI3I3BI3"):pack(kind, #body, at & 0xffffff, at >> 24 & 0xff, 0) .. body .. (">I4"):pack(#body + 11)
end

local function kind_of(track)
  return track.kind == "video" and VIDEO or AUDIO
end

local function named(name, number)
  return (">s2Bd"):pack(name, 0, number)
end

--- The head of a file.
---@param programme cme.server.slate.programme
---@return string
function tags.head(programme)
  local flags = (programme.video and 1 or 0) + (programme.audio and 4 or 0)
  local data = (">Bs2BI4"):pack(2, "onMetaData", 8, 2) .. named("width", programme.width or 0)
    .. named("height", programme.height or 0) .. "\0\0\9"
  return "FLV\1" .. string.char(flags) .. "\0\0\0\9\0\0\0\0" .. tag(SCRIPT, 0, data)
end

--- A track's configuration.
---@param track cme.server.slate.track
---@return string|nil bytes "" when it has none; nil: a codec that has no form here
function tags.configuration(track)
  local form = FORMS[track.codec]
  if not form then return nil end
  return form[1] and track.private_data ~= "" and tag(kind_of(track), 0, form[1] .. track.private_data) or ""
end

--- A frame.
---@param frame cme.server.slate.frame of a track that has a configuration here
---@return string
function tags.frame(frame)
  local form = FORMS[frame.track.codec]
  return tag(kind_of(frame.track), math.max(0, frame.at), form[frame.key and 2 or 3] .. frame.data)
end

return tags
