-- SPDX-License-Identifier: MIT
-- Where this code runs: plain Lua or nginx, and there, whether the present phase lets Lua wait.

local phase = {}

--- Whether this Lua runs inside nginx's Lua module.
---@return boolean
function phase.in_nginx()
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
function phase.can_wait()
  local name = _G.ngx.get_phase()
  return WAITING[name] == true, name
end

return phase
