-- SPDX-License-Identifier: MIT
-- The way from a server to whoever reads it, as a TCP proxy: what the server sends comes later by `delay`, and
-- connections can be cut. It runs on the loop of whoever uses it, so only while that waits for something
-- (proc.eventually and friends).

local uv = require "luv"

local BACKLOG = 16

---@class spec.slow_path
---@field port integer
---@field is_cut boolean    new connections are closed at once
---@field private _to integer
---@field private _delay integer ms
---@field private _pairs table
local SlowPath = {}
SlowPath.__index = SlowPath

local slow_path = {}

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

local function drop(self, pair)
  self._pairs[pair] = nil
  close(pair.client)
  close(pair.server)
  close(pair.timer)
end

-- Hands on what is old enough.
local function hand_on(pair)
  local now = uv.now()
  while pair.queue[pair.first] and pair.queue[pair.first].at <= now do
    local chunk = pair.queue[pair.first]
    pair.queue[pair.first] = nil
    pair.first = pair.first + 1
    if not pair.client:is_closing() then pair.client:write(chunk.data) end
  end
  local head = pair.queue[pair.first]
  if head and not pair.timer:is_closing() then
    pair.timer:start(math.max(1, head.at - now), 0, function() hand_on(pair) end)
  end
end

local function take(self, pair, data)
  local idle = not pair.queue[pair.first]
  pair.queue[pair.last] = { at = uv.now() + self._delay, data = data }
  pair.last = pair.last + 1
  if idle then hand_on(pair) end
end

local function join(self, pair)
  pair.server:connect("127.0.0.1", self._to, function(err)
    if err then return drop(self, pair) end
    if pair.server:is_closing() then return end
    pair.server:read_start(function(_, data)
      if not data then return drop(self, pair) end
      take(self, pair, data)
    end)
    pair.client:read_start(function(_, data)
      if not data then return drop(self, pair) end
      pair.server:write(data)
    end)
  end)
end

local function accept(self)
  local pair = { client = uv.new_tcp(), server = uv.new_tcp(), timer = uv.new_timer(), queue = {}, first = 1, last = 1 }
  self.listener:accept(pair.client)
  self._pairs[pair] = true
  if self.is_cut then return drop(self, pair) end
  join(self, pair)
end

--- Ends all connections; new ones are closed at once until `mend`.
function SlowPath:cut()
  self.is_cut = true
  for pair in pairs(self._pairs) do drop(self, pair) end
end

function SlowPath:mend()
  self.is_cut = false
end

function SlowPath:close()
  self:cut()
  close(self.listener)
end

---@param to integer     port of 127.0.0.1
---@param delay number   seconds
---@return spec.slow_path
function slow_path.start(to, delay)
  local self = setmetatable({ is_cut = false, _to = to, _delay = math.floor(delay * 1000), _pairs = {} }, SlowPath)
  self.listener = uv.new_tcp()
  assert(self.listener:bind("127.0.0.1", 0))
  assert(self.listener:listen(BACKLOG, function() accept(self) end))
  self.port = self.listener:getsockname().port
  return self
end

return slow_path
