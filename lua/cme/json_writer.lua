-- SPDX-License-Identifier: MIT
-- The short way to write JSON by a list of fields: one walk both checks and writes, and gives up at the first thing
-- out of the ordinary (a value that does not fit, a null, a table with a metatable, a character to be escaped). Then
-- cme.json takes its long way, which names what is wrong or writes what is rare. Nearly every request goes the short
-- way, so what it costs is what encoding costs; the bytes are the same on both.
-- Texts are written unseen and judged at the end, all at once: `%q` lengthens a text by one for each quote, and by one
-- or more for each backslash and control character, so when it adds as many as quotes were written, there is no other;
-- and the whole is UTF-8 only if each text is, since between texts there is ASCII. Pure.

local schema = require "cme.schema"
local text = require "cme.text"

local writer = {}

local concat, type, next, getmetatable = table.concat, type, next, getmetatable

--- The shortest of two forms that reads back as the same number. The C locale's decimal comma is undone.
---@param value number finite
---@return string
function writer.number(value)
  if schema.is_integer(value) then return value == 0 and "0" or ("%.0f"):format(value) end
  local short = ("%.14g"):format(value)
  if tonumber(short) ~= value then short = ("%.17g"):format(value) end
  return (short:gsub(",", "."))
end

local number = writer.number

-- What was written last in an object or array: nothing, a value, or a text, whose closing quote is still to come.
local NOTHING, VALUE, TEXT = 1, 2, 3
local CLOSE_OBJECT = { "{}", "}", '"}' }
local CLOSE_ARRAY = { "[]", "]", '"]' }
local NEXT_ELEMENT = { "[", ",", '",' }

---@class cme.json_writer.step one field
---@field name string
---@field openings string[] by what was written last: all that comes before the value
---@field is_text boolean|nil
---@field put fun(out: string[], n: integer, value: any, of: any): integer|nil, integer|nil
---@field of any

-- A put writes a value after the n pieces of out. It gives the new n and how many pairs of quotes it wrote, or nil.

local put_fields

local function put_integer(out, n, value, of)
  if not schema.is_integer(value) or of == "uint64" and value < 0 then return nil end
  out[n + 1] = number(value)
  return n + 1, 0
end

local function put_float(out, n, value)
  if type(value) ~= "number" or value - value ~= 0 then return nil end
  out[n + 1] = number(value)
  return n + 1, 0
end

local function put_boolean(out, n, value)
  if type(value) ~= "boolean" then return nil end
  out[n + 1] = value and "true" or "false"
  return n + 1, 0
end

-- A table of `count` members and no surprises.
local function is_plain(value, count)
  for _ in next, value do count = count - 1 end
  return count == 0
end

local function put_texts(out, n, value)
  local opening = '["'
  for i = 1, #value do
    if type(value[i]) ~= "string" then return nil end
    out[n + 1], out[n + 2] = opening, value[i]
    n, opening = n + 2, '","'
  end
  out[n + 1] = CLOSE_ARRAY[opening == '["' and NOTHING or TEXT]
  return n + 1, #value
end

local function put_others(out, n, value, put, of)
  local last, pairs_written = NOTHING, 0
  for i = 1, #value do
    out[n + 1] = NEXT_ELEMENT[last]
    local more
    n, more = put(out, n + 1, value[i], of)
    if not n then return nil end
    last, pairs_written = VALUE, pairs_written + more
  end
  out[n + 1] = CLOSE_ARRAY[last]
  return n + 1, pairs_written
end

local SCALARS = {
  int64 = put_integer, uint64 = put_integer, float = put_float, boolean = put_boolean,
}

local function put_array(out, n, value, of)
  if type(value) ~= "table" or getmetatable(value) ~= nil or not is_plain(value, #value) then return nil end
  if of == "string" then return put_texts(out, n, value) end
  local put = SCALARS[of] or put_fields
  return put_others(out, n, value, put, put == put_fields and schema.fields(of) or of)
end

local function put_object(out, n, value, of)
  return put_fields(out, n, value, schema.fields(of))
end

local PUTS = {
  integer = put_integer, float = put_float, boolean = put_boolean, array = put_array, object = put_object,
}

local function make_step(field)
  local key = '"' .. field.name .. '":' .. (field.type == "string" and '"' or "")
  return {
    name = field.name,
    required = field.required,
    openings = { "{" .. key, "," .. key, '",' .. key },
    is_text = field.type == "string" or nil,
    put = PUTS[field.type],
    of = field.of,
  }
end

---@type table<cme.schema.field[], cme.json_writer.step[]>
local plans = setmetatable({}, {
  __mode = "k",
  __index = function(self, fields)
    local plan = {}
    for i, field in ipairs(fields) do plan[i] = make_step(field) end
    self[fields] = plan
    return plan
  end,
})

put_fields = function(out, n, value, fields)
  if type(value) ~= "table" or getmetatable(value) ~= nil then return nil end
  local plan = plans[fields]
  local last, members, pairs_written = NOTHING, 0, 0
  for i = 1, #plan do
    local step = plan[i]
    local member = value[step.name]
    if member ~= nil then
      n = n + 1
      out[n] = step.openings[last]
      if not step.is_text then
        local more
        n, more = step.put(out, n, member, step.of)
        if not n then return nil end
        last, pairs_written = VALUE, pairs_written + more
      elseif type(member) == "string" then
        n = n + 1
        out[n] = member
        last, pairs_written = TEXT, pairs_written + 1
      else
        return nil
      end
      members = members + 1
    elseif step.required then
      return nil
    end
  end
  if not is_plain(value, members) then return nil end -- a member that no field has
  out[n + 1] = CLOSE_OBJECT[last]
  return n + 1, pairs_written + members
end

-- Lua 5.1's %q leaves control characters as they are: there, only the long way is left.
local shows_controls = #("%q"):format("\1") > 3

--- Writes a value as JSON, in the order of the fields.
---@param value any
---@param fields cme.schema.field[]
---@return string|nil source nil when the value does not fit, or needs more than this way can do
function writer.write(value, fields)
  local out = {}
  local n, pairs_written = put_fields(out, 0, value, fields)
  if not n or not shows_controls then return nil end
  local source = concat(out, "", 1, n)
  if #("%q"):format(source) ~= #source + 2 + 2 * pairs_written or not text.utf8_len(source) then return nil end
  return source
end

return writer
