-- SPDX-License-Identifier: MIT
-- Reads the Matroska that ffmpeg writes to a pipe, as it comes: the tracks with their configuration, then their frames
-- (RFC 9559). Elements that hold others are stepped into, so that a size that is not known does not matter; all others
-- are skipped or read whole. Pure.

local codes = require "cme.codes"

local matroska = {}

local MAX_ELEMENT = 16 * 1024 * 1024 -- bytes

local ENTERED = { [0x18538067] = "segment", [0x1654AE6B] = "tracks", [0xAE] = "track", [0x1F43B675] = "cluster",
  [0xA0] = "group" }
local EBML = 0x1A45DFA3
local NUMBER, TYPE, CODEC, PRIVATE = 0xD7, 0x83, 0x86, 0x63A2
local SCALE, TIMESTAMP, SIMPLE_BLOCK, BLOCK = 0x2AD7B1, 0xE7, 0xA3, 0xA1
local KINDS = { "video", "audio" } -- by TrackType

---@class cme.server.slate.track
---@field number integer
---@field kind "video"|"audio"|nil
---@field codec string|nil "V_MPEG4/ISO/AVC"
---@field private_data string its configuration; "" when it has none

---@class cme.server.slate.frame
---@field track cme.server.slate.track
---@field at integer milliseconds
---@field key boolean
---@field data string

---@class cme.server.slate.matroska
---@field tracks table<integer, cme.server.slate.track> by number
---@field private _rest string bytes that are not used up
---@field private _started boolean the head was Matroska's
---@field private _track cme.server.slate.track|nil the one that is being read
---@field private _cluster integer its time
local Parser = {}
Parser.__index = Parser

---@return cme.server.slate.matroska
function matroska.parser()
  return setmetatable({ tracks = {}, _rest = "", _started = false, _cluster = 0 }, Parser)
end

-- A number whose first byte tells its length; with `marked` the bit that does so stays, as in an element's id.
local function variable(bytes, at, marked)
  local first = bytes:byte(at)
  if not first then return nil end
  local length, bit = 1, 0x80
  while length <= 8 and first & bit == 0 do length, bit = length + 1, bit >> 1 end
  if length > 8 then return nil, "bad" end
  if #bytes < at + length - 1 then return nil end
  local value = marked and first or first & (bit - 1)
  for i = at + 1, at + length - 1 do value = value << 8 | bytes:byte(i) end
  return value, at + length
end

local function unsigned(data)
  local value = 0
  for i = 1, math.min(#data, 8) do value = value << 8 | data:byte(i) end
  return value
end

function Parser:_frame(data, simple)
  local number, at = variable(data, 1)
  local track = number and self.tracks[number]
  if not track or not track.kind or #data < at + 2 then return nil end
  local relative, flags = (">i2B"):unpack(data, at)
  return { track = track, at = self._cluster + relative, key = not simple or flags & 0x80 ~= 0,
    data = data:sub(at + 3) }
end

local READ = {
  [NUMBER] = function(self, data)
    self._track = { number = unsigned(data), private_data = "" }
    self.tracks[self._track.number] = self._track
  end,
  [TYPE] = function(self, data) self._track.kind = KINDS[unsigned(data)] end,
  [CODEC] = function(self, data) self._track.codec = data:gsub("%z+$", "") end,
  [PRIVATE] = function(self, data) self._track.private_data = data end,
  [TIMESTAMP] = function(self, data) self._cluster = unsigned(data) end,
  [SIMPLE_BLOCK] = function(self, data) return self:_frame(data, true) end,
  [BLOCK] = function(self, data) return self:_frame(data, false) end,
}
local OF_TRACK = { [TYPE] = true, [CODEC] = true, [PRIVATE] = true }

-- What an element is for; nil when it means nothing here.
function Parser:_reader(id, data)
  if id == SCALE and unsigned(data) ~= 1000000 then return nil, "scale" end
  if OF_TRACK[id] and not self._track then return nil end
  return READ[id]
end

-- The element at `at`: where the next one begins, and the frame that it is, if any. nil: more bytes are needed.
function Parser:_element(bytes, at)
  local id, after_id = variable(bytes, at, true)
  if not id then return nil, nil, after_id end
  local size, body = variable(bytes, after_id)
  if not size then return nil, nil, body end
  if not self._started and id ~= EBML then return nil, nil, "bad" end
  self._started = true
  if ENTERED[id] then return body end
  if size > MAX_ELEMENT then return nil, nil, "bad" end
  if #bytes < body + size - 1 then return nil end
  local data = bytes:sub(body, body + size - 1)
  local read, fault = self:_reader(id, data)
  return body + size, read and read(self, data), fault
end

--- Takes bytes.
---@param chunk string
---@return cme.server.slate.frame[]|nil frames that are whole by now; nil: it is no Matroska of ffmpeg's
---@return string|nil message
---@return cme.detail|nil detail
function Parser:feed(chunk)
  local bytes, at, frames = self._rest .. chunk, 1, {}
  while true do
    local following, frame, fault = self:_element(bytes, at)
    if fault then return codes.fail "server.slate:not_matroska" end
    if not following then break end
    frames[#frames + 1] = frame
    at = following
  end
  self._rest = bytes:sub(at)
  return frames
end

return matroska
