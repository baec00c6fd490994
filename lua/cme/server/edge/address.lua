-- SPDX-License-Identifier: MIT
-- Addresses that the edge listens on: how they are written, told and chosen.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local uv = require "luv"

local address = {}

---@class cme.server.edge.address
---@field host string an IPv4 address
---@field port integer

--- Pure.
---@param it cme.server.edge.address
---@return string
function address.show(it)
  return ("%s:%d"):format(it.host, it.port)
end

--- Reads one that was shown. Pure.
---@param text string|nil
---@return cme.server.edge.address|nil
function address.read(text)
  local host, port = (text or ""):match "^([%d.]+):(%d+)$"
  return host and { host = host, port = math.tointeger(tonumber(port)) }
end

--- Host that people are told, when they are told none: the one that is listened on, or this machine's name. Pure.
---@param host string
---@param hostname string
---@return string
function address.domain(host, hostname)
  return host == "0.0.0.0" and hostname or host
end

-- nil with libuv's name and words: it is not free.
local function try(host, port, udp)
  local socket = udp and uv.new_udp() or uv.new_tcp()
  local ok, message, name = socket:bind(host, port)
  if ok and not udp then ok, message, name = socket:listen(1, function() end) end
  local found = ok and socket:getsockname().port
  socket:close()
  if found then return found end
  return nil, name, message
end

--- A port that is free to listen on.
---@param wanted cme.server.edge.address port 0: the one before, else any
---@param before cme.server.edge.address|nil
---@param option string that names the address
---@param udp boolean|nil it is UDP's
---@return integer|nil port
---@return string|nil message
---@return cme.detail|nil detail
function address.free_port(wanted, before, option, udp)
  local port, name, message
  if wanted.port == 0 and before and before.host == wanted.host then port = try(before.host, before.port, udp) end
  if not port then port, name, message = try(wanted.host, wanted.port, udp) end
  if port then return port end
  return codes.fail(name == "EADDRINUSE" and "local.listen:edge" or "local.listen:edge_elsewhere",
    { address = address.show(wanted), option = option, reason = errno.reason(name, message) })
end

return address
