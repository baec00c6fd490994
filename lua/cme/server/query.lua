-- SPDX-License-Identifier: MIT
-- Flattened parameters, as GET requests and forms carry them: "Outputs.0.PushUrl=rtmp%3A..." back into the tree
-- that a JSON body would have been. Values are coerced by the schema; what cannot be is left as text, and an
-- unknown name stays in the tree, so that schema.check names either. Pure.

local schema = require "cme.schema"

local query = {}

local function unescape(text)
  local bad = false
  local plain = text:gsub("+", " "):gsub("%%(.?.?)", function(digits)
    local byte = #digits == 2 and digits:match "^%x%x$" and tonumber(digits, 16)
    bad = bad or not byte
    return byte and string.char(byte) or ""
  end)
  if bad then
    return nil
  end
  return plain
end

---Splits "a=1&b=2" and undoes the URL encoding.
---@param raw string
---@return table<string, string>? params, string? message
function query.parse(raw)
  local params = {}
  for pair in raw:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    local plain_name, plain_value = unescape(name), unescape(value)
    if not plain_name or not plain_value then
      return nil, ("parameter '%s': a percent sign must be followed by two hex digits"):format(name:sub(1, 64))
    end
    if params[plain_name] then
      return nil, ("parameter '%s': given twice"):format(plain_name:sub(1, 64))
    end
    params[plain_name] = plain_value
  end
  return params
end

-- Puts one value into the raw tree, whose every node is a table by member name or index text.
local function place(tree, name, value)
  local path, last = name:match "^(.-)([^.]+)$"
  local node = tree
  for part in (path or ""):gmatch "([^.]*)%." do
    node[part] = node[part] or {}
    node = node[part]
    if type(node) ~= "table" or part == "" then
      return false
    end
  end
  if not last or node[last] ~= nil then
    return false
  end
  node[last] = value
  return true
end

local coerce = {
  integer = function(text)
    return text:match "^%-?%d+$" and math.tointeger(tonumber(text)) or text
  end,
  float = function(text)
    return text:match "^%-?[%d.]+$" and tonumber(text) or text
  end,
  boolean = function(text)
    if text == "true" or text == "false" then
      return text == "true"
    end
    return text
  end,
  string = function(text)
    return text
  end,
}
coerce.int64, coerce.uint64 = coerce.integer, coerce.integer

local build_fields

-- One value by the word of the schema: a scalar's type or an object's name.
local function build_element(raw, word)
  if coerce[word] then
    return type(raw) == "string" and coerce[word](raw) or raw
  end
  return build_fields(raw, schema.objects[word])
end

local function build_array(raw, word)
  if type(raw) ~= "table" then
    return raw
  end
  local list, count = {}, 0
  for _ in pairs(raw) do
    count = count + 1
  end
  for i = 1, count do
    local element = raw[tostring(i - 1)]
    if element == nil then
      return raw -- indices with a gap or no indices: schema.check says that an array is needed
    end
    list[i] = build_element(element, word)
  end
  return list
end

build_fields = function(raw, fields)
  if type(raw) ~= "table" or not fields then
    return raw
  end
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

---The tree of flattened parameters.
---@param params table<string, string>
---@param fields cme.schema.field[]
---@return table? tree, string? message
function query.tree(params, fields)
  local names, raw = {}, {}
  for name in pairs(params) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    if not place(raw, name, params[name]) then
      return nil, ("parameter '%s': it does not fit the parameters beside it"):format(name:sub(1, 64))
    end
  end
  return build_fields(raw, fields)
end

return query
