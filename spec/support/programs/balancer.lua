-- SPDX-License-Identifier: MIT
-- A plain TCP balancer: each connection goes to the next of some ports, and to the one after that when nobody listens
-- there. It looks at nothing that goes through, and ends a connection when either end does. It runs on the loop of
-- whoever uses it, so only while that waits for something (proc.eventually and friends).

local uv = require "luv"

local BACKLOG = 64

---@class spec.balancer
---@field port integer
---@field private _ports integer[]
---@field private _next integer
---@field private _listener any
---@field private _handles table<any, true> that are open
local Balancer = {}
Balancer.__index = Balancer

local balancer = {}

local function close(self, handle)
  self._handles[handle] = nil
  if not handle:is_closing() then handle:close() end
end

-- Sends on what one end says, until it ends.
local function join(self, from, to)
  from:read_start(function(_, data)
    if data and not to:is_closing() then
      to:write(data)
    else
      close(self, from)
      close(self, to)
    end
  end)
end

-- Tries the ports in turn, `left` of them.
local function connect(self, client, left)
  self._next = self._next % #self._ports + 1
  local server = uv.new_tcp()
  self._handles[server] = true
  server:connect("127.0.0.1", self._ports[self._next], function(failure)
    if failure then
      close(self, server)
      if left > 1 and not client:is_closing() then return connect(self, client, left - 1) end
      return close(self, client)
    end
    join(self, client, server)
    join(self, server, client)
  end)
end

---@param ports integer[] of 127.0.0.1
---@return spec.balancer
function balancer.start(ports)
  local self = setmetatable({ _ports = ports, _next = 0, _handles = {}, _listener = uv.new_tcp() }, Balancer)
  assert(self._listener:bind("127.0.0.1", 0))
  assert(self._listener:listen(BACKLOG, function()
    local client = uv.new_tcp()
    self._handles[client] = true
    self._listener:accept(client)
    connect(self, client, #self._ports)
  end))
  self.port = self._listener:getsockname().port
  return self
end

--- Ends all connections.
function Balancer:stop()
  self._listener:close()
  for handle in pairs(self._handles) do close(self, handle) end
end

return balancer
