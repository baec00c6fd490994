-- SPDX-License-Identifier: MIT
-- Strangers that call by SRT without libsrt: handshakes of HSv5 by hand (draft-sharabayko-srt, sections 3.2.1 and
-- 4.3.1), as many as are wanted, from one UDP socket.

local uv = require "luv"

local srt_stranger = {}

local HANDSHAKE, MAGIC = 0x8000, 0x4A17
local INDUCTION, CONCLUSION = 1, 0xFFFFFFFF
local HAS_SRT_AND_ID = 5 -- extensions that follow: HSREQ, and the stream id among the configuration
local REPEAT_MS, AT_ONCE = 250, 100 -- calls without an answer are made again, as libsrt does; so many of them

---@class spec.srt_stranger
---@field answers integer packets that came back
---@field open table<integer, true> calls that were not refused yet
local Stranger = {}
Stranger.__index = Stranger

local function handshake(fields)
  return (">I2I2I4I4I4 I4I2I2I4I4I4I4I4I4"):pack(HANDSHAKE, 0, 0, fields.at or 0, 0, fields.version, 0,
    fields.extension, fields.seq, 1500, 8192, fields.type, fields.socket, fields.cookie)
    .. "\1\0\0\127" .. ("\0"):rep(12)
end

-- Words of 32 bits, each turned round.
local function stream_id(text)
  local padded = text .. ("\0"):rep(-#text % 4)
  return padded:gsub("....", string.reverse)
end

local function conclusion(number, cookie, text)
  local id = stream_id(text)
  return handshake { version = 5, extension = HAS_SRT_AND_ID, seq = number, type = CONCLUSION, socket = number,
    cookie = cookie }
    .. (">I2I2 I4I4I4"):pack(1, 3, 0x010501, 0xBF, 120 << 16 | 120) .. (">I2I2"):pack(5, #id // 4) .. id
end

-- Of a handshake that came back.
local function read(packet)
  if #packet < 64 or (">I2"):unpack(packet) ~= HANDSHAKE then return nil end
  local version, _, extension, _, _, _, kind, _, cookie = (">I4I2I2I4I4I4I4I4I4"):unpack(packet, 17)
  local number = (">I4"):unpack(packet, 13)
  return { version = version, extension = extension, type = kind, cookie = cookie, number = number }
end

--- Calls a port of 127.0.0.1; each answer to a first packet is followed by the second, with a stream id.
---@param port integer
---@param id string
---@return spec.srt_stranger
function srt_stranger.new(port, id)
  local self = setmetatable({ port = port, answers = 0, open = {}, socket = uv.new_udp(), tick = uv.new_timer() },
    Stranger)
  self.socket:bind("127.0.0.1", 0)
  self.socket:recv_start(function(_, packet)
    local heard = packet and read(packet)
    if not heard then return end
    self.answers = self.answers + 1
    if heard.type == INDUCTION and heard.extension == MAGIC then
      self:raw(conclusion(heard.number, heard.cookie, id))
    elseif heard.type ~= CONCLUSION then
      self.open[heard.number] = nil
    end
  end)
  self.tick:start(REPEAT_MS, REPEAT_MS, function() self:repeat_calls() end)
  return self
end

--- Sends a packet as it is.
---@param bytes string
function Stranger:raw(bytes)
  self.socket:try_send(bytes, "127.0.0.1", self.port)
end

--- Begins a handshake; it is begun again until it is refused.
---@param number integer of its own
function Stranger:call(number)
  self.open[number] = true
  self:raw(handshake { version = 4, extension = 2, seq = number, type = INDUCTION, socket = number, cookie = 0 })
end

function Stranger:repeat_calls()
  local sent = 0
  for number in pairs(self.open) do
    if sent == AT_ONCE then return end
    self:call(number)
    sent = sent + 1
  end
end

function Stranger:close()
  for _, handle in ipairs { self.tick, self.socket } do
    if not handle:is_closing() then handle:close() end
  end
end

return srt_stranger
