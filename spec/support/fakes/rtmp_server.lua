-- SPDX-License-Identifier: MIT
-- An RTMP server that does what no program at hand does: it lists codecs in its answer to connect, asks for another
-- connection, wants a login, and sends or takes whatever tags a spec wants ("Adobe's Real Time Messaging Protocol";
-- Enhanced RTMP v2). It runs in the spec's own luv loop.

local flv = require "spec.support.proofs.flv"
local raw_server = require "spec.support.fakes.raw_server"

local rtmp_server = {}

local HANDSHAKE = 1536
local CHUNK = 65000 -- ours
local SET_CHUNK_SIZE, COMMAND = 1, 20

-- ---- AMF0

local put

local function put_members(object)
  local parts, names = {}, {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = string.pack(">s2", name) .. put(object[name]) end
  return table.concat(parts) .. "\0\0\9"
end

--- A value as AMF0: a table with [1] is a strict array, any other an object; nil is null.
function put(value)
  local kind = type(value)
  if kind == "number" then return "\0" .. string.pack(">d", value) end
  if kind == "boolean" then return "\1" .. (value and "\1" or "\0") end
  if kind == "string" then return "\2" .. string.pack(">s2", value) end
  if kind ~= "table" then return "\5" end
  if #value == 0 then return "\3" .. put_members(value) end
  local parts = {}
  for i, one in ipairs(value) do parts[i] = put(one) end
  return "\10" .. string.pack(">I4", #value) .. table.concat(parts)
end

local get

local function get_members(bytes, at)
  local object = {}
  while true do
    local name, value
    name, at = string.unpack(">s2", bytes, at)
    if name == "" then return object, at + 1 end
    value, at = get(bytes, at)
    object[name] = value
  end
end

--- The value at a place, and where the next one is.
function get(bytes, at)
  local kind = bytes:byte(at)
  at = at + 1
  if kind == 0 then return string.unpack(">d", bytes, at) end
  if kind == 1 then return bytes:byte(at) ~= 0, at + 1 end
  if kind == 2 then return string.unpack(">s2", bytes, at) end
  if kind == 3 then return get_members(bytes, at) end
  if kind == 8 then return get_members(bytes, at + 4) end
  if kind ~= 10 then return nil, at end
  local list, count = {}, string.unpack(">I4", bytes, at)
  at = at + 4
  for i = 1, count do list[i], at = get(bytes, at) end
  return list, at
end

-- ---- chunks

---@class spec.rtmp_peer
---@field connect table|nil          what its connect said
---@field published string|nil       the stream key
---@field played string|nil
---@field tags spec.flv.tag[]        what it sent
---@field ended boolean              it said goodbye, or is gone
local Peer = {}
Peer.__index = Peer

function Peer:_take(count)
  self.connection:wait(function() return #self.connection.input >= count or self.connection.ended end)
  if #self.connection.input < count then return nil end
  local bytes = self.connection.input:sub(1, count)
  self.connection.input = self.connection.input:sub(count + 1)
  return bytes
end

local HEADS = { [0] = 11, 7, 3, 0 }

-- Reads one chunk; returns a message that is whole.
function Peer:_chunk()
  local first = self:_take(1)
  if not first then return nil, true end
  local format, id = first:byte() >> 6, first:byte() & 63
  local head = self:_take(HEADS[format])
  if not head then return nil, true end
  local last = self.streams[id] or { body = "" }
  self.streams[id] = last
  local time = format < 3 and string.unpack(">I3", head) or last.time
  if format < 2 then last.size, last.type = string.unpack(">I3B", head, 4) end
  last.time = time
  if time == 0xffffff then time = string.unpack(">I4", self:_take(4)) end
  if format == 0 then last.timestamp = time elseif last.body == "" and format < 3 then
    last.timestamp = last.timestamp + time
  end
  local part = self:_take(math.min(self.size, last.size - #last.body))
  if not part then return nil, true end
  last.body = last.body .. part
  if #last.body < last.size then return nil end
  local message = { type = last.type, timestamp = last.timestamp, data = last.body }
  last.body = ""
  return message
end

--- Sends a message.
---@param type integer
---@param data string
---@param timestamp integer|nil
---@param stream integer|nil
function Peer:send(type, data, timestamp, stream)
  local chunks = {}
  for at = 1, math.max(#data, 1), CHUNK do
    chunks[#chunks + 1] = (at == 1 and string.pack(">BI3I3B<I4", 3, timestamp or 0, #data, type, stream or 0) or "\xc3")
      .. data:sub(at, at + CHUNK - 1)
  end
  self.connection:write(table.concat(chunks))
end

--- Sends a command with its values.
function Peer:command(name, id, ...)
  local parts = { put(name), put(id) }
  for i = 1, select("#", ...) do parts[#parts + 1] = put((select(i, ...))) end
  self:send(COMMAND, table.concat(parts))
end

--- Asks for another connection.
---@param tc_url string|nil where
function Peer:reconnect(tc_url)
  self:command("onStatus", 0, nil, { level = "status", code = "NetConnection.Connect.ReconnectRequest",
    description = "moving", tcUrl = tc_url })
end

-- ---- the session

local answers = {}

function answers.connect(self, id, object)
  self.connect = object
  self:send(SET_CHUNK_SIZE, string.pack(">I4", CHUNK))
  local refusal = self.server.refuse and self.server.refuse(object)
  if refusal then
    self:command("_error", id, nil, { level = "error", code = "NetConnection.Connect.Rejected", description = refusal })
    return self.connection:close()
  end
  local properties = { fmsVer = "FMS/3,5,3,888", capabilities = 31 }
  for name, value in pairs(self.server.lists or {}) do properties[name] = value end
  self:command("_result", id, properties, { level = "status", code = "NetConnection.Connect.Success" })
end

function answers.createStream(self, id) self:command("_result", id, nil, 1) end

function answers.publish(self, _, _, key)
  self.published = key
  self:command("onStatus", 0, nil, { level = "status", code = "NetStream.Publish.Start" })
  if self.server.on_publish then self.server.on_publish(self) end
end

function answers.play(self, _, _, key)
  self.played = key
  self:command("onStatus", 0, nil, { level = "status", code = "NetStream.Play.Start" })
  if self.server.on_play then self.server.on_play(self) end
end

function answers.deleteStream(self) self.ended = true end

local function on_command(self, data)
  local name, at = get(data, 1)
  local id, object, value
  id, at = get(data, at)
  if at <= #data then object, at = get(data, at) end
  if at <= #data then value = get(data, at) end
  if answers[name] then answers[name](self, id, object, value) end
end

local function shake_hands(self)
  if not self:_take(1) then return false end
  local theirs = self:_take(HANDSHAKE)
  if not theirs then return false end
  self.connection:write("\3" .. ("\0"):rep(HANDSHAKE) .. theirs)
  return self:_take(HANDSHAKE)
end

local function serve(self)
  if not shake_hands(self) then return end
  while true do
    local message, over = self:_chunk()
    if over then break end
    if message and message.type == SET_CHUNK_SIZE then
      self.size = string.unpack(">I4", message.data)
    elseif message and message.type == COMMAND then
      on_command(self, message.data)
    elseif message and (message.type == flv.VIDEO or message.type == flv.AUDIO or message.type == flv.SCRIPT) then
      self.tags[#self.tags + 1] = flv.tag(message.type, message.timestamp, message.data)
    end
  end
  self.ended = true
end

---@class spec.rtmp_server
---@field port integer
---@field peers spec.rtmp_peer[]  all that connected, in order
---@field lists table|nil         members of its answer to connect: fourCcList and its like
---@field refuse (fun(connect: table): string|nil)|nil  words to refuse a connect with
---@field on_play fun(peer: spec.rtmp_peer)|nil
---@field on_publish fun(peer: spec.rtmp_peer)|nil
local Server = {}
Server.__index = Server

---@param options { lists: table|nil, refuse: function|nil, on_play: function|nil, on_publish: function|nil }|nil
---@return spec.rtmp_server
function rtmp_server.start(options)
  local self = setmetatable({ peers = {} }, Server)
  for name, value in pairs(options or {}) do self[name] = value end
  self.tcp = raw_server.start(function(connection)
    local peer = setmetatable({ server = self, connection = connection, streams = {}, size = 128, tags = {} }, Peer)
    self.peers[#self.peers + 1] = peer
    serve(peer)
  end)
  self.port = self.tcp.port
  return self
end

---@param path string application and key
---@param login string|nil "user:password"
---@return string
function Server:url(path, login)
  return ("rtmp://%s127.0.0.1:%d/%s"):format(login and login .. "@" or "", self.port, path)
end

function Server:stop() self.tcp:stop() end

return rtmp_server
