-- SPDX-License-Identifier: MIT
-- Which transport carries the requests of those who name none: cosockets inside nginx, libcurl elsewhere. Nothing is
-- loaded before it is asked for.

local transport = {}

--- Whether this Lua runs inside nginx's Lua module.
---@return boolean
function transport.in_nginx()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and type(ngx.get_phase) == "function" and type(ngx.socket) == "table"
end

-- The phases in which nginx's Lua may wait: sockets, sleep, light threads, semaphores.
local WAITING = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true,
  ssl_cert = true, ssl_client_hello = true, ssl_session_fetch = true,
}

--- Whether the present phase of nginx lets Lua wait.
---@return boolean
---@return string phase
function transport.can_wait()
  local phase = _G.ngx.get_phase()
  return WAITING[phase] == true, phase
end

--- The transport that clients without one share, so that they share connections too.
---@return cme.transport
function transport.shared()
  return require(transport.in_nginx() and "cme.net.transport.resty" or "cme.net.transport.curl").shared()
end

return transport
