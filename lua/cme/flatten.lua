-- SPDX-License-Identifier: MIT
-- Requests as flat parameters, the way GET and forms carry them: "Outputs.0.PushUrl=rtmp%3A%2F%2F...". Objects join
-- their members with dots, arrays count from 0; null members are left out, and so are empty arrays and objects, which
-- this form cannot express. Values are texts by the schema's types: the same table of types reads them back, for the
-- local service (cme.server.query), which puts the tree together again.
-- Pure; the value must have passed schema.check.

local json = require "cme.json"
local schema = require "cme.schema"

local flatten = {}

local to_integer = rawget(math, "tointeger") or function(value) return value end

---@class cme.flatten.scalar
---@field write fun(value: any): string
---@field read fun(text: string): any the text itself when it is no such value: schema.check then names it

local function same(text) return text end

local integer = {
  write = json.number,
  read = function(text) return text:match "^%-?%d+$" and to_integer(tonumber(text)) or text end,
}

---@type table<string, cme.flatten.scalar> by the schema's word for the type
flatten.SCALARS = {
  string = { write = same, read = same },
  integer = integer,
  int64 = integer,
  uint64 = integer,
  float = {
    write = json.number,
    read = function(text) return text:match "^%-?[%d.]+[eE]?[+-]?%d*$" and tonumber(text) or text end,
  },
  boolean = {
    write = tostring,
    read = function(text)
      if text == "true" or text == "false" then return text == "true" end
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
  local names = {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    names[i] = flatten.escape(name) .. "=" .. flatten.escape(params[name])
  end
  return table.concat(names, "&")
end

return flatten
