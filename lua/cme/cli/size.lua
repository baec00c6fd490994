-- SPDX-License-Identifier: MIT
-- Sizes on a command line: "500M", "2G", "1073741824". Pure.

local size = {}

local UNITS = { [""] = 1, K = 1024, M = 1024 ^ 2, G = 1024 ^ 3, T = 1024 ^ 4 }
local MAX_DIGITS = 11

--- Reads a size: a whole number above 0, with K, M, G or T (of 1024) or without.
---@param text string
---@return integer|nil bytes nil: it is none
function size.bytes(text)
  local number, unit = text:match "^(%d+)([KMGT]?)$"
  local bytes = number and #number <= MAX_DIGITS and math.tointeger(tonumber(number) * UNITS[unit])
  return bytes and bytes > 0 and bytes or nil
end

return size
