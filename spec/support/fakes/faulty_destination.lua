-- SPDX-License-Identifier: MIT
-- A destination that can be broken and mended while connections stand: a TCP proxy before a real server.
--
--   pass     hands on what comes, both ways
--   stall    takes connections and reads nothing; the server's side of those that stood is gone
--   slow     reads `rate` bytes a second
--   garbage  answers with noise, on connections that stand and on new ones
--
-- It runs on the loop of whoever uses it, so only while that waits for something (proc.eventually and friends).

local uv = require "luv"

local BACKLOG = 16
local TICK = 50 -- ms between two helpings of a slow one
local AHEAD = 256 * 1024 -- bytes the server may be behind before the client has to wait
local NOISE = string.rep("\xc5 400 Bad Request\r\n\0\xff", 40)

---@class spec.faulty
---@field port integer
---@field mode "pass"|"stall"|"slow"|"garbage"
local Faulty = {}
Faulty.__index = Faulty

local faulty = {}

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

function Faulty:_drop(pair)
  self.pairs[pair] = nil
  close(pair.client)
  close(pair.server)
end

local function open_server(self, pair)
  pair.server = uv.new_tcp()
  pair.server:connect("127.0.0.1", self.to, function(err)
    if err then return self:_drop(pair) end
    if pair.server:is_closing() then return end
    pair.server:read_start(function(_, data)
      if not data then return self:_drop(pair) end
      pair.client:write(data)
    end)
  end)
end

-- Reads from the client as the mode allows.
local function read(self, pair)
  if self.mode == "stall" or pair.client:is_closing() or pair.full then return pair.client:read_stop() end
  if self.mode == "slow" and pair.allowed <= 0 then return pair.client:read_stop() end
  pair.client:read_start(function(_, data)
    if not data then return self:_drop(pair) end
    if self.mode == "garbage" then return pair.client:write(NOISE) end
    if not pair.server then open_server(self, pair) end
    pair.server:write(data, function()
      if pair.full and pair.server:get_write_queue_size() < AHEAD then
        pair.full = false
        read(self, pair)
      end
    end)
    pair.full = pair.server:get_write_queue_size() >= AHEAD
    if self.mode == "slow" then pair.allowed = pair.allowed - #data end
    if pair.full or self.mode == "slow" then read(self, pair) end
  end)
end

local function accept(self)
  local pair = { client = uv.new_tcp(), allowed = 0 } -- bytes a slow one may read now; below 0 after a large read
  self.listener:accept(pair.client)
  self.pairs[pair] = true
  read(self, pair)
end

--- Puts it into a mode.
---@param mode "pass"|"stall"|"slow"|"garbage"
---@param rate integer|nil bytes a second, for slow
function Faulty:set(mode, rate)
  local mended = mode == "pass"
  self.mode, self.rate = mode, rate
  for pair in pairs(self.pairs) do
    pair.allowed = 0
    if mode == "stall" then
      close(pair.server)
      pair.dead = pair.server ~= nil
    elseif mended and pair.dead then
      self:_drop(pair)
    elseif mode == "garbage" then
      pair.client:write(NOISE)
    end
    if self.pairs[pair] then read(self, pair) end
  end
end

--- No more connections, and an end to those that stand.
function Faulty:close()
  close(self.listener)
  close(self.timer)
  for pair in pairs(self.pairs) do self:_drop(pair) end
end

--- Begins to pass connections on to a port of 127.0.0.1.
---@param options { to: integer, port: integer|nil, buffer: integer|nil } port: where to listen, default a free one;
---  buffer: bytes the kernel may hold for it; default as much as the kernel likes, which on loopback can be megabytes
---@return spec.faulty
function faulty.start(options)
  local self = setmetatable({ to = options.to, mode = "pass", pairs = {} }, Faulty)
  self.listener, self.timer = uv.new_tcp(), uv.new_timer()
  assert(self.listener:bind("127.0.0.1", options.port or 0))
  if options.buffer then self.listener:recv_buffer_size(options.buffer) end
  assert(self.listener:listen(BACKLOG, function() accept(self) end))
  self.port = self.listener:getsockname().port
  self.timer:start(TICK, TICK, function()
    if self.mode ~= "slow" then return end
    for pair in pairs(self.pairs) do
      pair.allowed = math.min(pair.allowed + self.rate * TICK // 1000, self.rate * TICK // 1000)
      read(self, pair)
    end
  end)
  return self
end

---@class spec.black_hole
---@field port integer
local BlackHole = {}
BlackHole.__index = BlackHole

--- A port that answers nothing to a SYN: its queue of connections is full and nobody takes them.
---@return spec.black_hole
function faulty.black_hole()
  local self = setmetatable({ listener = uv.new_tcp(), fillers = {} }, BlackHole)
  assert(self.listener:bind("127.0.0.1", 0))
  assert(self.listener:listen(1, function() end))
  self.port = self.listener:getsockname().port
  for i = 1, 8 do
    self.fillers[i] = uv.new_tcp()
    self.fillers[i]:connect("127.0.0.1", self.port, function() end)
  end
  return self
end

function BlackHole:close()
  close(self.listener)
  for _, filler in ipairs(self.fillers) do close(filler) end
  uv.run "nowait"
end

return faulty
