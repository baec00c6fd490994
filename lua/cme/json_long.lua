-- SPDX-License-Identifier: MIT
-- The long way to write JSON, for what the short one (cme.json_walk) gives up on: it names what does not fit, and
-- writes nulls, what must be escaped, and values that no list of fields describes. Loaded when first needed. Pure.

local cjson = require "cjson"
local schema = require "cme.schema"
local text = require "cme.text"

local long = {}

local null = cjson.null
local DEPTH = 64
local plain = cjson.new()

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char)
  return ESCAPES[char] or ("\\u%04x"):format(char:byte())
end

-- From this length on cjson is faster at finding that there is nothing to escape. It escapes slashes, which we do not.
local LONG = 32

local function quote(value)
  if #value >= LONG and not value:find("/", 1, true) then
    local quoted = plain.encode(value)
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

--- See cme.json.number.
---@param value number finite
---@return string
long.number = number_text

--- Writes JSON; see cme.json.encode.
---@param value any
---@param fields cme.schema.field[]|nil
---@return string|nil source
---@return string|nil message
---@return table|nil detail
function long.encode(value, fields)
  local out = {}
  if fields then
    local ok, message, detail = schema.check(value, fields)
    if not ok then return nil, message, detail end
    write_fields(out, value, fields)
    return table.concat(out)
  end
  local ok, message = pcall(write_any, out, value, 0)
  if not ok then return nil, "json: " .. tostring(message), { code = "invalid.value" } end
  return table.concat(out)
end

return long
