-- SPDX-License-Identifier: MIT
-- Requests as flat parameters, the way GET and forms carry them: "Outputs.0.PushUrl=rtmp%3A%2F%2F...". Objects join
-- their members with dots, arrays count from 0; null members are left out, and so are empty arrays and objects, which
-- this form cannot express. Values are texts by the schema's types: the same table of types reads them back, for the
-- local service and for command lines, which have the tree put together again.
-- Pure; the value must have passed schema.check.

local json = require "cme.json"
local schema = require "cme.schema"
local sorted_keys = require "cme.text.strings".sorted_keys

local flatten = {}

local to_integer = rawget(math, "tointeger") or function(value) return value end

---@class cme.api.flatten.scalar
---@field write fun(value: any): string
---@field read fun(text: string): any the text itself when it is no such value: schema.check then names it

local function same(text) return text end

local INTEGER = {
  write = json.number,
  read = function(text) return text:match "^%-?%d+$" and to_integer(tonumber(text)) or text end,
}

---@type table<string, cme.api.flatten.scalar> by the schema's word for the type
flatten.SCALARS = {
  string = { write = same, read = same },
  integer = INTEGER,
  int64 = INTEGER,
  uint64 = INTEGER,
  float = {
    write = json.number,
    read = function(text) return text:match "^%-?[%d.]+[eE]?[+-]?%d*$" and tonumber(text) or text end,
  },
  boolean = {
    write = tostring,
    read = function(text)
      local word = text:lower() -- some languages write True
      if word == "true" or word == "false" then return word == "true" end
      return text
    end,
  },
}

local SCALARS = flatten.SCALARS

local put_fields

local function put(flat, name, value, word)
  local scalar = SCALARS[word]
  if scalar then
    flat[name] = scalar.write(value)
  else
    put_fields(flat, name .. ".", value, schema.fields(word))
  end
end

local function put_member(flat, name, member, field)
  if field.type ~= "array" then return put(flat, name, member, field.of or field.type) end
  for i = 1, #member do put(flat, ("%s.%d"):format(name, i - 1), member[i], field.of) end
end

put_fields = function(flat, prefix, value, fields)
  for _, field in ipairs(fields) do
    local member = value[field.name]
    if member ~= nil and member ~= json.null then put_member(flat, prefix .. field.name, member, field) end
  end
end

--- A request's flat parameters.
---@param value table checked by the schema
---@param fields cme.schema.field[]
---@return table<string, string> params by full name, not URL-encoded
function flatten.params(value, fields)
  local flat = {}
  put_fields(flat, "", value, fields)
  return flat
end

local function escape(char)
  return ("%%%02X"):format(char:byte())
end

--- URL-encodes a text (RFC 3986: all but the unreserved characters).
---@param text string
---@return string
function flatten.escape(text)
  return (text:gsub("[^A-Za-z0-9._~-]", escape))
end

--- Writes parameters as a query or form, in the order of their names.
---@param params table<string, string>
---@return string
function flatten.encode(params)
  local names = sorted_keys(params)
  for i, name in ipairs(names) do
    names[i] = flatten.escape(name) .. "=" .. flatten.escape(params[name])
  end
  return table.concat(names, "&")
end

-- ---- and back

-- Puts one value into the raw tree, whose every node is a table by member name or index text.
local function place(tree, name, value)
  local path, last = name:match "^(.-)([^.]+)$"
  local node = tree
  for part in (path or ""):gmatch "([^.]*)%." do
    node[part] = node[part] or {}
    node = node[part]
    if type(node) ~= "table" or part == "" then return false end
  end
  if not last or node[last] ~= nil then return false end
  node[last] = value
  return true
end

local build_fields

-- One value by the word of the schema: a scalar's type or an object's name.
local function build_element(raw, word)
  local scalar = SCALARS[word]
  if scalar then
    if type(raw) ~= "string" then return raw end
    return scalar.read(raw)
  end
  return build_fields(raw, schema.objects[word])
end

local function build_array(raw, word)
  if type(raw) ~= "table" then return raw end
  local list, count = {}, 0
  for _ in pairs(raw) do
    count = count + 1
  end
  for i = 1, count do
    local element = raw[tostring(i - 1)]
    if element == nil then return raw end -- a gap, or no indices: schema.check says that an array is needed
    list[i] = build_element(element, word)
  end
  return list
end

build_fields = function(raw, fields)
  if type(raw) ~= "table" or not fields then return raw end
  local index, object = schema.index(fields), {}
  for name, value in pairs(raw) do
    local field = index[name]
    if not field then
      object[name] = value
    elseif field.type == "array" then
      object[name] = build_array(value, field.of)
    elseif field.type == "object" then
      object[name] = build_fields(value, schema.objects[field.of])
    else
      object[name] = build_element(value, field.type)
    end
  end
  return object
end

--- The tree of flat parameters: the inverse of flatten.params. Values are read by the schema's types; what cannot be is
--- left as text, and an unknown name stays in the tree, so that schema.check names either.
---@param params table<string, string>
---@param fields cme.schema.field[]
---@return table|nil tree
---@return string|nil message
---@return cme.detail|nil detail code invalid.parameter
function flatten.tree(params, fields)
  local raw = {}
  for _, name in ipairs(sorted_keys(params)) do
    if not place(raw, name, params[name]) then
      return require "cme.codes".fail("invalid.parameter:misplaced", { name = name:sub(1, 64) })
    end
  end
  return build_fields(raw, fields)
end

return flatten
