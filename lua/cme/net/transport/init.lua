-- SPDX-License-Identifier: MIT
-- The default transport: cosockets inside nginx, libcurl elsewhere. Neither is loaded before it is needed.

local phase = require "cme.net.phase"

local transport = {}

--- The transport that clients without one share, so that they share connections too.
---@return cme.transport
function transport.shared()
  return require(phase.in_nginx() and "cme.net.transport.resty" or "cme.net.transport.curl").shared()
end

return transport
