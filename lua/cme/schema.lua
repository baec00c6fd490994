-- SPDX-License-Identifier: MIT
-- The service's 52 actions and 105 objects as data, and the check of a value against them. Everything that must
-- know a field name or type asks here: encoding, decoding, validation before sending, and the local service.
-- The data is generated (schema_data.lua), but for what the local service offers beyond it (schema_local.lua); a list
-- of fields is expanded when first asked for, because a script uses two or three actions of 52 and a cold start should
-- not pay for the rest.
-- Pure: no I/O, no clock.

local null = require "cjson".null
local data = require "cme.api.schema_data"
local marks = require "cme.text.marks"
local more = require "cme.api.schema_local"
local text = require "cme.text.strings"

---@class cme.schema.field
---@field name string the service's PascalCase name
---@field type "string"|"integer"|"float"|"boolean"|"object"|"array"
---@field of string|cme.schema.field[]|nil of an object its name or its fields, of an array its element ("string",
--- "uint64" or an object's name), of an integer int64 or uint64
---@field required boolean|nil
---@field disabled boolean|nil the service takes it but no longer reads it

---@class cme.schema.action
---@field request cme.schema.field[]
---@field response cme.schema.field[] without the Error member

---@class cme.schema
---@field service string "cme"
---@field version string the API version, sent as X-TC-Version
---@field host string the cloud's host
---@field actions table<string, cme.schema.action> by action name, those of the local service too
---@field action_names string[] the cloud's 52, sorted
---@field local_action_names string[] of the local service only, sorted
---@field objects table<string, cme.schema.field[]> by object name
local schema = {
  service = data.service,
  version = data.version,
  host = data.host,
  actions = {},
}

schema.array_mt = marks.array
schema.object_mt = marks.object

-- Past this a double no longer holds every integer.
local LARGEST = 9007199254740992

local TYPES = { string = "string", int64 = "integer", uint64 = "integer", float = "float", bool = "boolean" }

local function field_of(name, array, word, required, disabled)
  local field = { name = name, type = TYPES[word] or "object" }
  if array == "[" then field.type = "array" end
  if field.type ~= TYPES[word] or field.type == "integer" then field.of = word end
  if required == "!" then field.required = true end
  if disabled == "-" then field.disabled = true end
  return field
end

local function expand(words)
  local fields = {}
  for name, array, word, required, disabled in words:gmatch "(%w+):(%[?)(%w+)%]?(!?)(%-?)" do
    fields[#fields + 1] = field_of(name, array, word, required, disabled)
  end
  return fields
end

-- A table whose members are expanded from texts on first use.
local function lazy(texts)
  return setmetatable({}, {
    __index = function(self, name)
      local words = texts[name]
      if not words then return nil end
      local fields = expand(words)
      rawset(self, name, fields)
      return fields
    end,
  })
end

schema.objects = lazy(setmetatable({}, {
  __index = function(_, name)
    local words, ours = more.objects[name] or data.objects[name], more.members[name]
    return ours and words .. " " .. ours or words
  end,
}))

setmetatable(schema.actions, {
  __index = function(self, name)
    local texts = data.actions[name] or more.actions[name]
    if not texts then return nil end
    local action = lazy(texts)
    rawset(self, name, action)
    return action
  end,
})

local NAMES = { action_names = data.actions, local_action_names = more.actions }

setmetatable(schema, {
  __index = function(self, list)
    local names = NAMES[list] and text.sorted_keys(NAMES[list])
    rawset(self, list, names)
    return names
  end,
})

local indexes = setmetatable({}, { __mode = "k" })

--- Finds fields by name.
---@param fields cme.schema.field[]
---@return table<string, cme.schema.field>
function schema.index(fields)
  local index = indexes[fields]
  if not index then
    index = {}
    for _, field in ipairs(fields) do index[field.name] = field end
    indexes[fields] = index
  end
  return index
end

--- Whether a value can be written as an integer without losing a digit.
---@param value any
---@return boolean
function schema.is_integer(value)
  return type(value) == "number" and value % 1 == 0 and value >= -LARGEST and value <= LARGEST
end

--- The fields of an object.
---@param of string|cme.schema.field[] a name, or the fields themselves
---@return cme.schema.field[]
function schema.fields(of)
  return type(of) == "table" and of or schema.objects[of]
end

---@class cme.schema.fault what a check found; nothing is built while all is well, for every call is checked
---@field sentence string of the catalogue
---@field values table|nil
---@field path string|nil from the value that was checked inwards; each level puts its own name in front

local function within(name, fault)
  fault.path = fault.path and name .. "." .. fault.path or name
  return fault
end

local function wrong_type(wanted, value)
  local got = value == null and "null" or type(value)
  if got == "number" or got == "boolean" then got = tostring(value) end
  if getmetatable(value) == schema.array_mt then got = { sentence = "word:empty_array" } end
  if getmetatable(value) == schema.object_mt then got = { sentence = "word:empty_object" } end
  return { sentence = "invalid.wrong_type:" .. wanted, values = { got = got } }
end

local is_integer = schema.is_integer

-- Scalars by the word of the metadata: each gives a fault or nothing.
local SCALARS = {
  string = function(value)
    if type(value) ~= "string" then return wrong_type("string", value) end
    if not text.utf8_len(value) then return { sentence = "invalid.not_utf8" } end
  end,
  int64 = function(value)
    if not is_integer(value) then return wrong_type("integer", value) end
  end,
  uint64 = function(value)
    if not is_integer(value) or value < 0 then return wrong_type("unsigned", value) end
  end,
  float = function(value)
    if type(value) ~= "number" or value - value ~= 0 then return wrong_type("number", value) end
  end,
  boolean = function(value)
    if type(value) ~= "boolean" then return wrong_type("boolean", value) end
  end,
}

local check_fields

local function check_element(value, of)
  local scalar = SCALARS[of]
  if scalar then return scalar(value) end
  return check_fields(value, schema.fields(of))
end

-- A Lua sequence: keys 1..n and nothing else.
local function check_array(value, of)
  if type(value) ~= "table" or getmetatable(value) == schema.object_mt then return wrong_type("array", value) end
  local count = #value
  for key in pairs(value) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > count then
      return { sentence = "invalid.wrong_type:array_key", values = { key = tostring(key) } }
    end
  end
  for i = 1, count do
    local fault = check_element(value[i], of)
    if fault then return within(("%d"):format(i - 1), fault) end
  end
end

local function names_of(fields)
  local names = {}
  for i, field in ipairs(fields) do names[i] = field.name end
  return names
end

-- The first name (in sorted order, so that the same mistake reads the same every time) that no field has.
local function check_unknown(value, fields)
  local index = schema.index(fields)
  local unknown
  for name in pairs(value) do
    if not index[name] and (not unknown or tostring(name) < unknown) then unknown = tostring(name) end
  end
  if not unknown then return end
  local near = text.nearest(unknown, names_of(fields))
  return { sentence = near and "invalid.unknown_field:typo" or "invalid.unknown_field", values = { near = near },
    path = unknown }
end

local function check_member(value, field)
  if value == nil or value == null then
    return field.required and { sentence = "invalid.missing_field" } or nil
  elseif field.type == "array" then
    return check_array(value, field.of)
  end
  return check_element(value, field.of or field.type)
end

check_fields = function(value, fields)
  if type(value) ~= "table" or getmetatable(value) == schema.array_mt or value[1] ~= nil then
    return wrong_type("object", value)
  end
  local fault = check_unknown(value, fields)
  if fault then return fault end
  for i = 1, #fields do -- most members of most requests are absent: those cost no call
    local field = fields[i]
    local member = value[field.name]
    if member ~= nil or field.required then
      fault = check_member(member, field)
      if fault then return within(field.name, fault) end
    end
  end
end

--- Checks a request or an object before it is sent, or after it was received. A null member counts as absent.
---@param value table
---@param fields cme.schema.field[] e.g. schema.actions.CreateProject.request
---@return true|nil ok
---@return string|nil message names the field, and the nearest known one
---@return table|nil detail { code = "invalid.unknown_field|missing_field|wrong_type|not_utf8", field = "Outputs.0.Id" }
function schema.check(value, fields)
  local fault = check_fields(value, fields)
  if not fault then return true end
  local path = fault.path or "(top)"
  local codes = require "cme.codes"
  return codes.within("in.field", { field = path },
    select(2, codes.fail(fault.sentence, fault.values, { field = path })))
end

return schema
