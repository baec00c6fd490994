-- SPDX-License-Identifier: MIT
-- Bodies of FLV tags by codec, as encoders of Enhanced RTMP make them: what specs send and look for.

local enhanced = {}

local function bytes_of(hex) return (hex:gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end)) end

--- The configuration of an HEVC: Main 10, 322x182, as x265 makes it.
enhanced.HVCC = bytes_of("0102200000009000000000003cf000fcfdfafa00000f03" ..
  "20000100" .. "1840010c01ffff02200000030090000003000003003c959409" .. "21000100" ..
  "2b42010102200000030090000003000003003ca00a880c1c44cd965654a4c2f0168080000003008000000c84" ..
  "2200010006" .. "4401c073c189")
local AVCC = bytes_of "01640028ffe1000c67640028acd940780227e5c001000468ebe3cbfdf8f800"
local AV1C = bytes_of "81000c000a0b000000043d06d4daf90040"
local AAC = bytes_of "1190"
local COLOURS = "\2\0\9colorInfo\3\0\9hdrConfig\5\0\0\9"

-- What a source sends of a codec, as it is to arrive: header, note, and what stands before a keyframe, a picture and
-- a piece of sound.
enhanced.PICTURES = {
  h264 = { header = "\x17\0\0\0\0" .. AVCC, key = "\x17\1\0\0\0", inter = "\x27\1\0\0\0" },
  hevc = { header = "\x90hvc1" .. enhanced.HVCC, note = "\x94hvc1" .. COLOURS, key = "\x93hvc1",
    inter = "\xa1hvc1\0\0\x28" },
  av1 = { header = "\x90av01" .. AV1C, key = "\x91av01", inter = "\xa1av01" },
  vp9 = { header = "\x90vp09\0\x0b\x82\2\2\2\0\0", key = "\x91vp09", inter = "\xa1vp09" },
  vp8 = { header = "\x90vp08\0\x0b\x82\2\2\2\0\0", key = "\x91vp08", inter = "\xa1vp08" },
}
enhanced.SOUNDS = {
  aac = { header = "\xaf\0" .. AAC, frame = "\xaf\1" },
  mp3 = { frame = "\x2f", payload = "\xff\xfb\x90\0" },
  opus = { header = "\x90OpusOpusHead\1\6\0\0\x80\xbb\0\0\0\0\1\4\2\0\4\1\2\3\5", note = "\x94Opus\1\6\0\0\0\x3f",
    frame = "\x91Opus" },
  flac = { header = "\x90fLaCfLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x42\xf0\0\0\0\0" .. ("m"):rep(16),
    frame = "\x91fLaC" },
  ac3 = { frame = "\x91ac-3", payload = "\x0b\x77\0\0\x1e\x40\x43\xe1" },
  eac3 = { frame = "\x91ec-3", payload = "\x0b\x77\0\0\x3f\x86" },
}

--- Bytes of a picture or a piece of sound that end with its number.
---@param seed integer
---@param length integer
---@return string
function enhanced.payload(seed, length) return (("%08d"):format(seed)):rep(length // 8) end

return enhanced
