-- SPDX-License-Identifier: MIT
-- An encoder that does what a spec says, byte by byte: RTMP over TCP, its messages made here. It lives in the spec's
-- own luv loop. "Adobe's Real Time Messaging Protocol" 5.2, 5.3 and 7.2.

local uv = require "luv"

local proc = require "spec.support.proc"

local encoder = {}

---@class spec.encoder
---@field heard string   bytes received so far
---@field closed boolean the server has hung up
local Encoder = {}
Encoder.__index = Encoder

local FIRST_CHUNK = 128 -- until the opening is over
local CHUNK = 60000

--- AMF0 of strings, numbers, booleans, tables (objects) and encoder.null.
encoder.null = {}

local function amf(value)
  if value == encoder.null then return "\5" end
  if type(value) == "string" then return "\2" .. string.pack(">s2", value) end
  if type(value) == "number" then return "\0" .. string.pack(">d", value) end
  if type(value) == "boolean" then return "\1" .. (value and "\1" or "\0") end
  local parts = {}
  for key, member in pairs(value) do parts[#parts + 1] = string.pack(">s2", key) .. amf(member) end
  return "\3" .. table.concat(parts) .. "\0\0\9"
end

--- A message in chunks.
---@param csid integer 2 to 63
---@param type integer
---@param data string
---@param timestamp integer|nil milliseconds, below 0xffffff
---@param chunk integer|nil bytes; those before the end of the opening by default
function encoder.message(csid, type, data, timestamp, chunk)
  chunk = chunk or FIRST_CHUNK
  local parts = { string.pack(">BI3I3B", csid, timestamp or 0, #data, type) .. "\1\0\0\0" .. data:sub(1, chunk) }
  for at = chunk + 1, #data, chunk do
    parts[#parts + 1] = string.char(0xc0 | csid) .. data:sub(at, at + chunk - 1)
  end
  return table.concat(parts)
end

--- A command of AMF0 values.
function encoder.command(...)
  local parts = {}
  for _, value in ipairs { ... } do parts[#parts + 1] = amf(value) end
  return encoder.message(3, 20, table.concat(parts))
end

--- What an encoder says up to its first media, without waiting for answers.
---@param app string
---@param key string
function encoder.opening(app, key)
  return encoder.handshake .. encoder.command("connect", 1, { app = app, tcUrl = "rtmp://h/" .. app }) ..
    encoder.command("releaseStream", 2, encoder.null, key) .. encoder.command("FCPublish", 3, encoder.null, key) ..
    encoder.command("createStream", 4, encoder.null) .. encoder.command("publish", 5, encoder.null, key, "live") ..
    encoder.message(2, 1, string.pack(">I4", CHUNK)) -- Set Chunk Size
end

--- What a player says, without waiting for answers.
---@param app string
---@param name string
function encoder.viewing(app, name)
  return encoder.handshake .. encoder.command("connect", 1, { app = app, tcUrl = "rtmp://h/" .. app }) ..
    encoder.command("createStream", 2, encoder.null) .. encoder.command("play", 3, encoder.null, name)
end

encoder.handshake = "\3" .. ("\0"):rep(2 * 1536)

--- Connects.
---@param port integer
---@param host string|nil 127.0.0.1
---@param from string|nil the address that it comes from
---@return spec.encoder
function encoder.connect(port, host, from)
  local self = setmetatable({ socket = uv.new_tcp(), heard = "", closed = false }, Encoder)
  local connected
  if from then assert(self.socket:bind(from, 0)) end
  self.socket:connect(host or "127.0.0.1", port, function(err) connected = err or true end)
  proc.eventually("a connection to the edge", 20, function() return connected end)
  assert(connected == true, connected)
  self.socket:read_start(function(_, chunk)
    if not chunk then self.closed = true end
    self.heard = (self.heard .. (chunk or "")):sub(-16384)
  end)
  return self
end

--- Sends bytes.
function Encoder:send(bytes)
  if not self.socket:is_closing() then self.socket:write(bytes) end
end

--- Sends a tag's body as media, behind the opening.
---@param tag spec.flv.tag
function Encoder:media(tag)
  self:send(encoder.message(4, tag.type, tag.data, tag.timestamp, CHUNK))
end

--- Reads nothing from now on.
function Encoder:pause()
  self.socket:read_stop()
end

--- Waits until the server has said this.
function Encoder:expect(text)
  return proc.eventually(("the edge to say '%s'"):format(text), 20, function()
    return self.heard:find(text, 1, true)
  end)
end

--- Waits until the server has hung up.
function Encoder:expect_closed()
  return proc.eventually("the edge to hang up", 20, function() return self.closed end)
end

function Encoder:close()
  if not self.socket:is_closing() then self.socket:close() end
end

return encoder
