-- SPDX-License-Identifier: MIT
-- Makes a text readable as JSON that is so but for single characters: bytes that are no UTF-8, NULs, halves of
-- surrogate pairs. Each becomes U+FFFD. For answers of services, of which one bad byte in a message must not cost the
-- rest. Loaded when first needed. Pure.

local text = require "cme.text.strings"

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

-- The character that a pair of surrogates stands for.
local function join_pair(high, low)
  local code = 0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00
  return string.char(240 + math.floor(code / 0x40000), 128 + math.floor(code / 0x1000) % 64,
    128 + math.floor(code / 64) % 64, 128 + code % 64)
end

-- What the escape of a surrogate that ends at `to` becomes, and where that ends; nil: it is another escape.
local function mend_escape(source, char, hex, to)
  local unit = char == "u" and #hex == 4 and tonumber(hex, 16)
  if not unit or unit < 0xD800 or unit > 0xDFFF then return nil end
  local low = unit < 0xDC00 and source:match("^\\u([dD][c-fC-F]%x%x)", to + 1)
  if low then return join_pair(unit, tonumber(low, 16)), to + 6 end
  return REPLACEMENT, to
end

-- Escapes are taken one after the other, each with the character behind its backslash, so a run of backslashes costs
-- its length and no more.
local function mend_escapes(source)
  local out, kept, at = {}, 1, 1
  while true do
    local from, to, char, hex = source:find("\\(.)(%x?%x?%x?%x?)", at)
    if not from then break end
    local mended, last = mend_escape(source, char, hex, to)
    if mended then
      out[#out + 1] = source:sub(kept, from - 1) .. mended
      kept = last + 1
    end
    at = (last or to) + 1
  end
  return table.concat(out) .. source:sub(kept)
end

---@param source string
---@return string mended
return function(source)
  return mend_escapes((source:gsub("[\128-\255]+", mend_run):gsub("%z", REPLACEMENT)))
end
