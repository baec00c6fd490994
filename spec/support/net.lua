-- SPDX-License-Identifier: MIT
-- This machine's network.

local uv = require "luv"

local net = {}

--- An address of this machine that is not a loopback one.
---@return string|nil
function net.outward_address()
  for _, list in pairs(uv.interface_addresses()) do
    for _, one in ipairs(list) do
      if not one.internal and one.family == "inet" then return one.ip end
    end
  end
end

return net
