-- SPDX-License-Identifier: MIT
-- FLV as ffmpeg writes it and the engine reads it: bytes to tags, a tag to bytes. A tag has only what a joined stream
-- needs: its track, its time, and whether it is a sequence header or a keyframe. Pure.
-- https://rtmp.veriskope.com/pdf/video_file_format_spec_v10_1.pdf (Adobe, version 10.1, annex E)

local codes = require "cme.codes"

local flv = {}

local header_size, tag_header_size = 9, 11
local MAX_HEADER = 64 -- bytes of the stream's header; 9 are usual
local MAX_TAG = 8 * 1024 * 1024 -- bytes of one tag's body; a picture of 10 Mbit/s has far less

--- The start of a stream with picture and sound.
flv.header = "FLV\1\5" .. string.pack(">I4I4", header_size, 0)

local KINDS = { [8] = "audio", [9] = "video", [18] = "script" }
local NUMBERS = { audio = 8, video = 9, script = 18 }

---@class cme.playout.tag
---@field kind "audio"|"video"|"script"
---@field at integer        DTS, ms
---@field body string
---@field header boolean    a sequence header: what decoders need, no media
---@field key boolean       a keyframe
---@field media boolean     a picture or sound

---@class cme.playout.parser
---@field private _rest string
---@field private _started boolean the stream's header was read
local Parser = {}
Parser.__index = Parser

---@return cme.playout.parser
function flv.parser()
  return setmetatable({ _rest = "", _started = false }, Parser)
end

-- AVC and AAC say in their second byte whether the rest is a sequence header (0) or media (1).
local function tag_of(kind, at, body)
  local first, second = body:byte(1, 2)
  local tag = { kind = kind, at = at, body = body, header = false, key = false, media = false }
  if kind == "script" or not second then return tag end
  tag.header = second == 0
  tag.media = second == 1
  tag.key = kind == "video" and tag.media and first >> 4 == 1
  return tag
end

function Parser:_skip_header()
  if #self._rest < header_size + 4 then return true end
  if self._rest:sub(1, 3) ~= "FLV" then return codes.fail "media.unsupported:not_flv" end
  local size = string.unpack(">I4", self._rest, 6)
  if size > MAX_HEADER then return codes.fail "media.unsupported:long_flv_header" end
  if #self._rest < size + 4 then return true end
  self._rest, self._started = self._rest:sub(size + 5), true
  return true
end

--- Takes in bytes.
---@param chunk string
---@return cme.playout.tag[]|nil tags those that are whole now
---@return string|nil message the bytes are no FLV
---@return cme.detail|nil detail code media.unsupported
function Parser:feed(chunk)
  self._rest = self._rest .. chunk
  if not self._started then
    local ok, message, detail = self:_skip_header()
    if not ok then return nil, message, detail end
    if not self._started then return {} end
  end
  local tags, from, rest = {}, 1, self._rest
  while #rest - from + 1 >= tag_header_size do
    local number, size, low, high = string.unpack(">I1I3I3I1", rest, from)
    if not KINDS[number] or size > MAX_TAG then return codes.fail "media.unsupported:not_flv" end
    local past = from + tag_header_size + size + 4
    if past - 1 > #rest then break end
    tags[#tags + 1] = tag_of(KINDS[number], high << 24 | low, rest:sub(from + tag_header_size, past - 5))
    from = past
  end
  self._rest = rest:sub(from)
  return tags
end

--- The bytes of a tag at a time of the joined stream. FLV's times have 32 bits: later ones begin at 0 again.
---@param tag cme.playout.tag
---@param at integer ms
---@return string
function flv.encode(tag, at)
  return string.pack(">I1I3I3I1I3", NUMBERS[tag.kind], #tag.body, at & 0xffffff, at >> 24 & 0xff, 0) .. tag.body
    .. string.pack(">I4", tag_header_size + #tag.body)
end

return flv
