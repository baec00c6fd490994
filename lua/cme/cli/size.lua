-- SPDX-License-Identifier: MIT
-- Sizes and rates on a command line: "500M", "2G", "1073741824"; "20M" bits a second. Pure.

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

local RATES = { K = 1, M = 1000, G = 1000000 }

--- Reads a rate of bits a second, with K, M or G (of 1000): "800K", "20M", "2.5M".
---@param text string
---@return integer|nil kbps above 0; nil: it is none
function size.kbps(text)
  local number, unit = text:match "^(%d+%.?%d*)([KMG])$"
  local kbps = number and #number <= MAX_DIGITS and math.floor(tonumber(number) * RATES[unit])
  return kbps and kbps > 0 and kbps or nil
end

return size
