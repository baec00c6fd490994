-- SPDX-License-Identifier: MIT
-- Which transport carries the requests of those who name none: cosockets inside nginx, libcurl elsewhere. Nothing is
-- loaded before it is asked for.

local phase = require "cme.net.phase"

local transport = {}

--- The transport that clients without one share, so that they share connections too.
---@return cme.transport
function transport.shared()
  return require(phase.in_nginx() and "cme.net.transport.resty" or "cme.net.transport.curl").shared()
end

return transport
