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

--- The transport that clients without one share, so that they share connections too.
---@return cme.transport
function transport.shared()
  return require(transport.in_nginx() and "cme.transport.resty" or "cme.transport.curl").shared()
end

return transport
