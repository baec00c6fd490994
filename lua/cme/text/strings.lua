-- SPDX-License-Identifier: MIT
-- Text helpers that know nothing of the service: UTF-8 checked and counted, the nearest word for
-- "did you mean", and the masking of identifiers. Pure; runs on Lua 5.1, LuaJIT and 5.4.

---@class cme.text.strings
local text = {}

-- Every well-formed sequence of more than one byte (Unicode 15, table 3-7): no overlong forms,
-- no surrogates, nothing past U+10FFFF.
local SEQUENCES = {
  "\240[\144-\191][\128-\191][\128-\191]",
  "[\241-\243][\128-\191][\128-\191][\128-\191]",
  "\244[\128-\143][\128-\191][\128-\191]",
  "\224[\160-\191][\128-\191]",
  "[\225-\236\238\239][\128-\191][\128-\191]",
  "\237[\128-\159][\128-\191]",
  "[\194-\223][\128-\191]",
}

-- 5.4 counts in C, by the same rules; 5.3's counter lets surrogates through, and 5.1 has none.
local library = rawget(_G, "utf8")
local native = library and not library.len "\237\160\128" and library.len

--- The counter for Lua without a strict utf8 library.
---@param s string
---@return integer|nil
function text.utf8_len_portable(s)
  if not s:find "[\128-\255]" then return #s end
  for _, sequence in ipairs(SEQUENCES) do
    s = s:gsub(sequence, "_")
  end
  if s:find "[\128-\255]" then return nil end
  return #s
end

--- Counts the characters of a UTF-8 text.
---@param s string
---@return integer|nil length in code points; nil when s is not valid UTF-8
function text.utf8_len(s)
  if not native then return text.utf8_len_portable(s) end
  return native(s) or nil
end

--- Where a string of JSON ends that begins at a quote.
---@param source string
---@param quote integer
---@return integer last its closing quote, or the text's end when it has none
function text.end_of_string(source, quote)
  local at = quote + 1
  while true do
    at = source:find('["\\]', at)
    if not at or source:byte(at) == 34 then return at or #source end
    at = at + 2
  end
end

--- The keys of a table, sorted.
---@param map table<string, any>
---@return string[]
function text.sorted_keys(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Edits (insert, delete, replace, swap of neighbours) from a to b, both lower case.
local function distance(a, b)
  local before, row = {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local older = before
    before, row = row, { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, older[j - 2] + 1)
      end
      row[j] = best
    end
  end
  return row[#b]
end

--- Finds the word of a list that was probably meant.
---@param word string what was written
---@param list string[] what exists
---@return string|nil best nil when nothing is near (more than a third of the word would change)
function text.nearest(word, list)
  local wanted = tostring(word):lower():sub(1, 64)
  local best, least = nil, math.max(1, math.floor(#wanted / 3)) + 1
  for _, candidate in ipairs(list) do
    local edits = distance(wanted, candidate:lower())
    if edits < least or (edits == least and best and candidate < best) then
      best, least = candidate, edits
    end
  end
  return best
end

--- A foreign text, fit to be shown: bounded, one line, UTF-8.
---@param value any
---@param limit integer bytes at most
---@return string shown
function text.printable(value, limit)
  local shown = tostring(value)
  if not text.utf8_len(shown) then shown = shown:gsub("[\128-\255]", "?") end
  shown = shown:gsub("%c", "?")
  local next_byte = shown:byte(limit + 1)
  shown = shown:sub(1, limit)
  -- Not in the middle of a character.
  if next_byte and next_byte >= 128 and next_byte < 192 then shown = shown:gsub("[\192-\255][\128-\191]*$", "") end
  return shown
end

--- Masks an identifier for display, leaving enough to recognise it.
---@param id string a secret id (never a secret key: those are not shown at all)
---@return string masked such as "AKID***LE"
function text.mask(id)
  if #id < 10 then return "***" end
  return id:sub(1, 4) .. "***" .. id:sub(-2)
end

--- Whether a list has a value.
---@param list any[]
---@param value any
---@return boolean
function text.contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

return text
