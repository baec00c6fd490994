-- SPDX-License-Identifier: MIT
-- JSON by schema, over lua-cjson. What plain cjson loses is kept here: `[]` stays an array, integers stay integers and
-- are exact to 2^53 (past it an error or a text, never a wrong digit), null stays apart from absent, text must be
-- UTF-8, nesting is bounded. Encoding follows the schema's order, so the same value is always the same bytes.
-- Without a list of fields both functions still work, by the shape of the value.
-- Pure; the cjson configuration used is private to this module.

local cjson = require "cjson"
local core = require "cme.json_core"
local schema = require "cme.schema"
local text = require "cme.text.strings"
local walk = require "cme.text.json_walk"

---@class cme.json
---@field null lightuserdata JSON null in a decoded or to be encoded table
local json = { null = cjson.null }

local DEPTH = 64

local parser = cjson.new()
parser.decode_max_depth(DEPTH)
parser.decode_invalid_numbers(false)

local function fail(sentence, values)
  return require "cme.codes".fail(sentence, values)
end

-- ---- decoding

-- Whether a double cannot hold a number as it is written, or there is no telling: at 2^53 one written as a fraction or
-- with an exponent may have been rounded to an integer.
local function is_lost(number)
  local digits = number:match "^%-?(%d+)$"
  if digits then return #digits > 16 or #digits == 16 and digits > "9007199254740992" end
  local size = math.abs(tonumber(number) or 0)
  return size == 2 ^ 53 or size == math.huge
end

-- Finds such a number. Strings are blanked first: backslashes occur only there.
local function lost_number(source)
  local bare = source:gsub("\\.", ""):gsub('"[^"]*"', '""')
  for number in bare:gmatch "[%d.eE+-]+" do
    if is_lost(number) then return number end
  end
end

-- A list of walk.MARK alone.
local MARKED = '["\\u0001[]"]'

-- The text with what stands outside of strings changed.
local function outside_strings(source, pattern, change)
  local out, at = {}, 1
  while true do
    local quote = source:find('"', at, true)
    out[#out + 1] = source:sub(at, (quote or 0) - 1):gsub(pattern, change)
    if not quote then break end
    local last = text.end_of_string(source, quote)
    out[#out + 1] = source:sub(quote, last)
    at = last + 1
  end
  return table.concat(out)
end

-- Writes every empty array as an array of one marker.
local function mark_arrays(source)
  return outside_strings(source, "%[%s*%]", MARKED)
end

-- Writes every number that would lose digits as a string of them.
local function quote_numbers(source)
  return outside_strings(source, "[%d.eE+-]+", function(number)
    return is_lost(number) and '"' .. number .. '"' or nil
  end)
end

local function screen(source)
  if core.is_text(source) then return true end
  if not text.utf8_len(source) then return fail "invalid.not_utf8:json" end
  return fail "invalid.json:nul"
end

-- What the parser finds, or expects there, by its own words.
local FOUND = {
  ["invalid escape code"] = "word:json_escape", ["invalid number"] = "word:json_number",
  ["unexpected end of string"] = "word:json_open_text",
}
local EXPECTED = {
  ["value"] = "word:json_value", ["object key string"] = "word:json_name", ["colon"] = "word:json_colon",
  ["comma or array end"] = "word:json_array_end", ["comma or object end"] = "word:json_object_end",
  ["the end"] = "word:json_end",
}

local function fail_to_parse(said)
  said = said:gsub("^.-:%d+: ", ""):lower()
  local expected, found, at = said:match "^expected (.+) but found (.+) at character (%d+)$"
  local word = FOUND[found] or EXPECTED[expected]
  if not word then return fail("invalid.json", { fact = said }) end
  return fail("invalid.json:at", { fact = require "cme.codes".reason(word), at = at })
end

local function parse(source)
  local good, value = pcall(parser.decode, source)
  if not good then return fail_to_parse(tostring(value)) end
  return value
end

--- Reads JSON.
---@param source string
---@param fields cme.schema.field[]|nil what the text should be; nil: anything. A value of another type is kept as it is
--- (schema.check names it)
---@param most integer|nil most values that a foreign text may have; nil: no limit
---@return any|nil value unknown members are kept, their integers past 2^53 as texts of their digits; an empty array
--- outside the schema has schema.array_mt
---@return string|nil message
---@return table|nil detail code invalid.json, invalid.not_utf8, invalid.too_large or invalid.integer_range
function json.decode(source, fields, most)
  if most and core.exceeds(source, most) then return fail("invalid.too_large:json", { limit = most }) end
  local ok, message, detail = screen(source)
  if not ok then return nil, message, detail end
  local value, fact, why = parse(source)
  if fact then return nil, fact, why end
  local big, arrays, others, odd
  value, big, arrays, others, odd = walk.settle(value, fields)
  local number = (big or odd and not fields) and lost_number(source)
  if number then return fail("invalid.integer_range", { number = number:sub(1, 40) }) end
  if odd then
    source = quote_numbers(source)
    value = walk.settle(parser.decode(source), fields)
  end
  -- cjson reads [] and {} alike: where there is the wrong one of the two, once more with a marker in the arrays.
  -- Brackets within strings count too, which only costs time.
  if arrays and source:find "{%s*}" or others and source:find "%[%s*%]" then
    value = walk.settle(parser.decode(mark_arrays(source)), fields, true)
  end
  return value
end

local ANYTHING = {}

--- Reads JSON that another service wrote: a broken character costs only itself, not the rest. The answer to a write
--- must be readable.
---@param source string
---@param fields cme.schema.field[]|nil of the members that matter; others may be anything
---@return any|nil value
---@return string|nil message
---@return table|nil detail see json.decode
function json.decode_answer(source, fields)
  local value, message, detail = json.decode(source, fields or ANYTHING)
  if message then
    local mended = require "cme.text.json_mend"(source)
    if mended ~= source then return json.decode(mended, fields or ANYTHING) end
  end
  return value, message, detail
end

-- ---- encoding

--- Marks a table as an array, so that it is written as [] when empty (only needed without a schema).
---@param value table
---@return table value
function json.array(value)
  return setmetatable(value, schema.array_mt)
end

local function mark_member(value, field)
  local fields = field.of and (type(field.of) == "table" and field.of or schema.objects[field.of])
  if type(value) ~= "table" or value == json.null then return end
  if field.type == "array" then
    json.array(value)
    for _, entry in ipairs(value) do json.mark(entry, fields) end
  else
    json.mark(value, fields)
  end
end

--- Marks the arrays of a decoded value by the schema, so that a writer without the schema writes them as [] when they
--- are empty.
---@param value any
---@param fields cme.schema.field[]|nil
---@return any value the same
function json.mark(value, fields)
  if type(value) ~= "table" then return value end
  for _, field in ipairs(fields or {}) do mark_member(value[field.name], field) end
  return value
end

--- Writes JSON, in the schema's order. The value is checked as it is written.
---@param value any
---@param fields cme.schema.field[]|nil what the value must be; nil: by its shape, object members sorted
---@return string|nil source
---@return string|nil message names the field
---@return table|nil detail see schema.check; else code invalid.value: it has no JSON form, or is too deep or too long
function json.encode(value, fields)
  local source, fact = walk.write(value, fields)
  if source then return source end
  if fact then return fail("invalid.value", { fact = fact }) end
  local ok, message, detail = schema.check(value, fields)
  if ok then return fail "invalid.value:changed" end
  return nil, message, detail
end

--- Writes a number as JSON does: integers without a point, others as the shortest text that reads back the same.
---@type fun(value: number): string
json.number = core.number

--- A member that should be text.
---@param value any of a decoded table
---@return string|nil value nil when absent, null or something else
function json.string(value)
  return type(value) == "string" and value or nil
end

--- A member that should be an object or array.
---@param value any of a decoded table
---@return table value empty when absent, null or something else
function json.object(value)
  return type(value) == "table" and value or {}
end

return json
