-- SPDX-License-Identifier: MIT
-- Base64 (RFC 4648, section 4), as etcd's gateway has keys and values. Pure.

local base64 = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local PADDING = { [0] = "", "==", "=" } -- by the bytes in the last group

local digit_of, value_of = {}, {}
for i = 1, #ALPHABET do
  digit_of[i - 1] = ALPHABET:sub(i, i)
  value_of[ALPHABET:byte(i)] = i - 1
end

-- The four digits of each 12 bits, in pairs: half as many look-ups.
local pair_of = {}
for high = 0, 63 do
  for low = 0, 63 do pair_of[high << 6 | low] = digit_of[high] .. digit_of[low] end
end

--- Encodes.
---@param bytes string
---@return string text
function base64.encode(bytes)
  local out, rest = {}, #bytes % 3
  for i = 1, #bytes - rest, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    out[#out + 1] = pair_of[a << 4 | b >> 4]
    out[#out + 1] = pair_of[(b & 15) << 8 | c]
  end
  if rest > 0 then
    local a, b = bytes:byte(#bytes - rest + 1, #bytes)
    local bits = a << 16 | (b or 0) << 8
    out[#out + 1] = (pair_of[bits >> 12] .. pair_of[bits & 4095]):sub(1, rest + 1) .. PADDING[rest]
  end
  return table.concat(out)
end

--- Decodes.
---@param text string padded
---@return string|nil bytes nil: it is not base64
function base64.decode(text)
  local digits, padding = text:match "^([%w+/]*)(=*)$"
  if not digits or #text % 4 ~= 0 or #padding > 2 then return nil end
  local out, rest = {}, #digits % 4
  for i = 1, #digits - rest, 4 do
    local a, b, c, d = digits:byte(i, i + 3)
    local bits = value_of[a] << 18 | value_of[b] << 12 | value_of[c] << 6 | value_of[d]
    out[#out + 1] = string.char(bits >> 16, bits >> 8 & 255, bits & 255)
  end
  if rest > 0 then
    local a, b, c = digits:byte(#digits - rest + 1, #digits)
    local bits = value_of[a] << 18 | value_of[b] << 12 | value_of[c or 65] << 6
    out[#out + 1] = rest == 2 and string.char(bits >> 16) or string.char(bits >> 16, bits >> 8 & 255)
  end
  return table.concat(out)
end

return base64
