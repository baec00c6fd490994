-- SPDX-License-Identifier: MIT
-- MPEG-TS over HTTP as cameras and gateways serve it: an encoder connects to `from_port` and sends, whoever asks at
-- `port` gets what comes from then on. It runs on the loop of whoever uses it (proc.eventually and friends).

local uv = require "luv"

local BACKLOG = 16
local ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n"
local PACKET = 188

---@class spec.ts_server
---@field port integer
---@field from_port integer
local TsServer = {}
TsServer.__index = TsServer

local ts_server = {}

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

local function listen(serve)
  local listener = uv.new_tcp()
  assert(listener:bind("127.0.0.1", 0))
  assert(listener:listen(BACKLOG, function()
    local peer = uv.new_tcp()
    listener:accept(peer)
    serve(peer)
  end))
  return listener, listener:getsockname().port
end

-- Whole packets, so that a reader may begin between any two chunks.
local function send(self, data)
  self.rest = self.rest .. data
  local whole = #self.rest // PACKET * PACKET
  local chunk = self.rest:sub(1, whole)
  self.rest = self.rest:sub(whole + 1)
  if #chunk == 0 then return end
  for reader in pairs(self.readers) do
    if not reader:is_closing() then reader:write(chunk) end
  end
end

local function read_encoder(self, peer)
  self.encoder = peer
  peer:read_start(function(_, data)
    if data then return send(self, data) end
    close(peer)
  end)
end

local function answer(self, peer)
  peer:read_start(function(_, data)
    if not data then
      self.readers[peer] = nil
      return close(peer)
    end
    if self.readers[peer] then return end
    peer:write(ANSWER)
    self.readers[peer] = true
  end)
end

function TsServer:close()
  close(self.listener)
  close(self.source)
  close(self.encoder)
  for reader in pairs(self.readers) do close(reader) end
end

---@return spec.ts_server
function ts_server.start()
  local self = setmetatable({ readers = {}, rest = "" }, TsServer)
  self.source, self.from_port = listen(function(peer) read_encoder(self, peer) end)
  self.listener, self.port = listen(function(peer) answer(self, peer) end)
  return self
end

return ts_server
