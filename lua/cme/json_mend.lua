-- SPDX-License-Identifier: MIT
-- Makes a text readable as JSON that is so but for single characters: bytes that are no UTF-8, NULs, halves of
-- surrogate pairs. Each becomes U+FFFD. For answers of services, of which one bad byte in a message must not cost the
-- rest. Loaded when first needed. Pure.

local text = require "cme.text"

local REPLACEMENT = "\239\191\189" -- U+FFFD

-- The bytes of the character that `run` has at `at`; 0 when it is none.
local function character(run, at)
  for length = 2, 4 do
    local bytes = run:sub(at, at + length - 1)
    if #bytes == length and text.utf8_len(bytes) == 1 then return length end
  end
  return 0
end

local function mend_run(run)
  if text.utf8_len(run) then return run end
  local out, at = {}, 1
  while at <= #run do
    local length = character(run, at)
    out[#out + 1] = length > 0 and run:sub(at, at + length - 1) or REPLACEMENT
    at = at + math.max(length, 1)
  end
  return table.concat(out)
end

local function is_escape(backslashes)
  return #backslashes % 2 == 1
end

-- Marks a pair, so that what is left of surrogates is alone: as the character that it stands for.
local function join_pair(backslashes, high, low)
  if not is_escape(backslashes) then return nil end
  local code = 0x10000 + (tonumber(high, 16) - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00
  local last = { math.floor(code / 0x1000) % 64, math.floor(code / 64) % 64, code % 64 }
  return backslashes:sub(2) .. string.char(240 + math.floor(code / 0x40000), 128 + last[1], 128 + last[2],
    128 + last[3])
end

local function drop_half(backslashes)
  return is_escape(backslashes) and backslashes:sub(2) .. REPLACEMENT or nil
end

---@param source string
---@return string mended
return function(source)
  source = source:gsub("[\128-\255]+", mend_run):gsub("%z", REPLACEMENT)
  source = source:gsub("(\\+)u([dD][89aAbB]%x%x)\\u([dD][c-fC-F]%x%x)", join_pair)
  return (source:gsub("(\\+)u[dD][89a-fA-F]%x%x", drop_half))
end
