-- SPDX-License-Identifier: MIT
-- A name server on a free port of 127.0.0.1, for nginx, which reads no hosts file: every name is 127.0.0.1, but those
-- below "invalid", which do not exist. It lives in the spec's luv loop.

local uv = require "luv"

local dns = {}

---@class spec.dns
---@field port integer
local Dns = {}
Dns.__index = Dns

-- The question of a query: its labels end in a zero byte, a type and a class follow.
local function question(query)
  local at, name = 13, {}
  while query:byte(at) and query:byte(at) > 0 do
    name[#name + 1] = query:sub(at + 1, at + query:byte(at))
    at = at + query:byte(at) + 1
  end
  return query:sub(13, at + 4), name, query:sub(at + 1, at + 2)
end

local function answer(query)
  local asked, name, kind = question(query)
  local missing = name[#name] == "invalid"
  local found = not missing and kind == "\0\1"
  local head = query:sub(1, 2) .. (missing and "\129\131" or "\129\128") .. "\0\1" .. (found and "\0\1" or "\0\0")
    .. "\0\0\0\0"
  return head .. asked .. (found and "\192\12\0\1\0\1\0\0\0\60\0\4\127\0\0\1" or "")
end

--- Starts one.
---@return spec.dns
function dns.start()
  local self = setmetatable({ socket = uv.new_udp() }, Dns)
  assert(self.socket:bind("127.0.0.1", 0))
  self.port = self.socket:getsockname().port
  self.socket:recv_start(function(_, query, from)
    if query and #query > 16 then self.socket:send(answer(query), from.ip, from.port) end
  end)
  return self
end

function Dns:stop()
  self.socket:close()
end

return dns
