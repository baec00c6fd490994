-- SPDX-License-Identifier: MIT
-- JSON by schema, over lua-cjson. What plain cjson loses is kept here: `[]` stays an array, integers stay integers and
-- are exact to 2^53 (past it an error, never a wrong digit), null stays apart from absent, text must be UTF-8,
-- nesting is bounded. Encoding follows the schema's order, so the same value is always the same bytes.
-- Without a list of fields both functions still work, by the shape of the value.
-- Pure; the cjson configuration used is private to this module.

local cjson = require "cjson"
local core = require "cme.json_core"
local schema = require "cme.schema"
local text = require "cme.text"
local walk = require "cme.json_walk"

---@class cme.json
---@field null lightuserdata JSON null in a decoded or to be encoded table
local json = { null = cjson.null }

local null = cjson.null
local DEPTH = 64

local parser = cjson.new()
parser.decode_max_depth(DEPTH)
parser.decode_invalid_numbers(false)

local function fail(code, fact)
  return nil, "json: " .. fact, { code = "invalid." .. code }
end

-- ---- decoding

-- Finds an integer that a double cannot hold. Strings are blanked first: backslashes occur only there.
local function big_integer(source)
  local bare = source:gsub("\\.", ""):gsub('"[^"]*"', '""')
  for number in bare:gmatch "[%d.eE+-]+" do
    local digits = number:match "^%-?(%d+)$"
    if digits and (#digits > 16 or #digits == 16 and digits > "9007199254740992") then return number end
  end
end

-- A list of walk.MARK alone.
local MARKED = '["\\u0001[]"]'

-- Where the string that starts at `quote` ends.
local function string_end(source, quote)
  local at = quote + 1
  while true do
    at = source:find('["\\]', at)
    if not at or source:byte(at) == 34 then return at or #source end
    at = at + 2
  end
end

-- Writes every empty array as an array of one marker, leaving strings alone.
local function mark_arrays(source)
  local out, at = {}, 1
  while true do
    local quote = source:find('"', at, true)
    out[#out + 1] = source:sub(at, (quote or 0) - 1):gsub("%[%s*%]", MARKED)
    if not quote then break end
    local last = string_end(source, quote)
    out[#out + 1] = source:sub(quote, last)
    at = last + 1
  end
  return table.concat(out)
end

-- Whether a pair of brackets has nothing between; brackets within strings count too, which only costs time.
local function has_empty(source, bracket, pair)
  local at = source:find(bracket, 1, true)
  while at do
    if source:find(pair, at) then return true end
    at = source:find(bracket, at + 1, true)
  end
  return false
end

local function screen(source)
  if core.is_text(source) then return true end
  if not text.utf8_len(source) then return fail("not_utf8", "the text is not UTF-8") end
  return fail("json", "a NUL byte in the text")
end

--- Reads JSON.
---@param source string
---@param fields cme.schema.field[]|nil what the text should be; nil: anything. A value of another type is kept as it is
--- (schema.check names it)
---@return any|nil value unknown members are kept; an empty array outside the schema has schema.array_mt
---@return string|nil message
---@return table|nil detail code invalid.json, invalid.not_utf8 or invalid.integer_range
function json.decode(source, fields)
  local ok, message, detail = screen(source)
  if not ok then return nil, message, detail end
  local good, value = pcall(parser.decode, source)
  if not good then return fail("json", tostring(value):gsub("^.-:%d+: ", ""):lower()) end
  local big, arrays, others
  value, big, arrays, others = walk.settle(value, fields)
  local number = big and big_integer(source)
  if number then return fail("integer_range", ("the integer %s is past 2^53"):format(number:sub(1, 40))) end
  -- cjson reads [] and {} alike: where there is the wrong one of the two, once more with a marker in the arrays.
  if arrays and has_empty(source, "{", "^{%s*}") or others and has_empty(source, "[", "^%[%s*%]") then
    value = walk.settle(parser.decode(mark_arrays(source)), fields, true)
  end
  return value
end

-- ---- encoding

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char)
  return ESCAPES[char] or ("\\u%04x"):format(char:byte())
end

-- From this length on cjson is faster at finding that there is nothing to escape. It escapes slashes, which we do not.
local LONG = 32

local function quote(value)
  if #value >= LONG and not value:find("/", 1, true) then
    local quoted = parser.encode(value)
    if #quoted == #value + 2 then return quoted end
  end
  if value:find '[%c"\\]' then value = value:gsub('[%c"\\]', escape) end
  return '"' .. value .. '"'
end

-- The shortest of two forms that reads back as the same number. The C locale's decimal comma is undone.
local function number_text(value)
  if schema.is_integer(value) then return value == 0 and "0" or ("%.0f"):format(value) end
  local short = ("%.14g"):format(value)
  if tonumber(short) ~= value then short = ("%.17g"):format(value) end
  return (short:gsub(",", "."))
end

-- Elements of an array have the array's `of`: the name of an object, or the word of a scalar.
local function element_type(of)
  if of == "int64" or of == "uint64" then return "integer" end
  if of and of ~= "string" and of ~= "float" and of ~= "boolean" then return "object" end
  return of
end

local write_fields

local function write_value(out, value, kind, of)
  if value == null then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "array" then
    local inner = element_type(of)
    for i = 1, #value do
      out[#out + 1] = i == 1 and "[" or ","
      write_value(out, value[i], inner, of)
    end
    out[#out + 1] = #value == 0 and "[]" or "]"
  elseif kind == "object" then
    write_fields(out, value, schema.fields(of))
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  else
    out[#out + 1] = number_text(value)
  end
end

-- By a list of fields: what is written before each member, the first of an object and a later one.
local openings = setmetatable({}, { __mode = "k" })

local function openings_of(fields)
  local made = openings[fields]
  if not made then
    made = { first = {}, later = {} }
    for i, field in ipairs(fields) do
      made.first[i], made.later[i] = '{"' .. field.name .. '":', ',"' .. field.name .. '":'
    end
    openings[fields] = made
  end
  return made
end

write_fields = function(out, value, fields)
  local made = openings_of(fields)
  local opening = made.first
  for i = 1, #fields do
    local field = fields[i]
    local member = value[field.name]
    if member ~= nil then
      out[#out + 1] = opening[i]
      write_value(out, member, field.type, field.of)
      opening = made.later
    end
  end
  out[#out + 1] = opening == made.first and "{}" or "}"
end

local write_any

local function write_object(out, value, depth)
  local names = {}
  for name in pairs(value) do
    if type(name) ~= "string" then
      error(("a table with the key '%s' is neither array nor object"):format(tostring(name)), 0)
    end
    names[#names + 1] = name
  end
  table.sort(names)
  local separator = "{"
  for _, name in ipairs(names) do
    out[#out + 1] = separator
    write_any(out, name, depth)
    out[#out + 1] = ":"
    write_any(out, value[name], depth)
    separator = ","
  end
  out[#out + 1] = #names == 0 and "{}" or "}"
end

local function write_array(out, value, depth)
  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > #value then
      error(("a table with the key '%s' is no array"):format(tostring(key)), 0)
    end
    count = count + 1
  end
  for i = 1, count do
    out[#out + 1] = i == 1 and "[" or ","
    write_any(out, value[i], depth)
  end
  out[#out + 1] = count == 0 and "[]" or "]"
end

local SCALARS = {
  boolean = tostring,
  string = function(value)
    if not text.utf8_len(value) then error("the text is not UTF-8", 0) end
    return quote(value)
  end,
  number = function(value)
    if value - value ~= 0 then error("the number " .. tostring(value) .. " has no JSON form", 0) end
    if value % 1 == 0 and not schema.is_integer(value) and value > -1e18 and value < 1e19 then
      error(("the integer %.0f is past 2^53"):format(value), 0)
    end
    return number_text(value)
  end,
}

-- By the shape of the value alone. Raises texts; json.encode turns them into a fail tuple.
write_any = function(out, value, depth)
  local scalar = SCALARS[type(value)]
  if value == null then
    out[#out + 1] = "null"
  elseif scalar then
    out[#out + 1] = scalar(value)
  elseif type(value) ~= "table" then
    error("a " .. type(value) .. " has no JSON form", 0)
  elseif depth >= DEPTH then
    error(("nested deeper than %d levels"):format(DEPTH), 0)
  elseif value[1] ~= nil or getmetatable(value) == schema.array_mt then
    write_array(out, value, depth + 1)
  else
    write_object(out, value, depth + 1)
  end
end

--- Marks a table as an array, so that it is written as [] when empty (only needed without a schema).
---@param value table
---@return table value
function json.array(value)
  return setmetatable(value, schema.array_mt)
end

--- Writes JSON, in the schema's order. The value is checked first (schema.check).
---@param value any
---@param fields cme.schema.field[]|nil what the value must be; nil: by its shape, object members sorted
---@return string|nil source
---@return string|nil message names the field
---@return table|nil detail see schema.check; without fields code invalid.value
function json.encode(value, fields)
  local source = fields and walk.write(value, fields)
  if source then return source end
  local out = {}
  if fields then
    local ok, message, detail = schema.check(value, fields)
    if not ok then return nil, message, detail end
    write_fields(out, value, fields)
    return table.concat(out)
  end
  local ok, message = pcall(write_any, out, value, 0)
  if not ok then return fail("value", tostring(message)) end
  return table.concat(out)
end

--- Writes a number as JSON does: integers without a point, others as the shortest text that reads back the same.
---@param value number finite
---@return string
json.number = number_text

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
