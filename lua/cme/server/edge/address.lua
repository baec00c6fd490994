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

local LINES = { "rtmps", "srt" } -- behind those of RTMP and playback, which have no name

--- Where the edge and playback listen, as it is kept for the next service. Pure.
---@param all { rtmp: cme.server.edge.address, http: cme.server.edge.address, rtmps: cme.server.edge.address|nil,
---  srt: cme.server.edge.address|nil }
---@return string
function address.write(all)
  local lines = { address.show(all.rtmp), address.show(all.http) }
  for _, name in ipairs(LINES) do
    if all[name] then lines[#lines + 1] = name .. " " .. address.show(all[name]) end
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Reads what was written. Pure.
---@param text string
---@return table<string, cme.server.edge.address> all as write() takes it; none of what is not there
function address.read_all(text)
  local all = { rtmp = address.read(text:match "^([%d.:]+)\n"), http = address.read(text:match "\n([%d.:]+)\n") }
  for _, name in ipairs(LINES) do all[name] = address.read(text:match("\n" .. name .. " ([%d.:]+)\n")) end
  return all
end

--- Whether what listens somewhere is where it is wanted. Pure.
---@param text string|nil nil: nothing listens
---@param wanted cme.server.edge.address|nil port 0: any; nil: nothing is to
---@return boolean
function address.fits(text, wanted)
  local found = address.read(text)
  if not found or not wanted then return found == wanted end
  return found.host == wanted.host and (wanted.port == 0 or wanted.port == found.port)
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
