-- SPDX-License-Identifier: MIT
-- Query strings and forms, as GET requests and v1 carry parameters: "Outputs.0.PushUrl=rtmp%3A..." to names and values,
-- of which cme.api.flatten makes the tree that a JSON body would have been. Pure.

local sign = require "cme.sign"

local query = {}

--- Whether there are more parameters than so many; looks no further than it must.
---@param raw string
---@param most integer
---@return boolean
function query.exceeds(raw, most)
  local at = 0
  for _ = 1, most do
    at = raw:find("&", at + 1, true)
    if not at then return false end
  end
  return true
end

--- A parameter, without a look at the others. Names with escapes are not found.
---@param raw string
---@param name string
---@return string|nil value nil: none, or one that query.parse refuses
function query.find(raw, name)
  local probe = name .. "="
  if raw:sub(1, #probe) ~= probe then
    local _, last = raw:find("&" .. probe, 1, true)
    return last and sign.url_decode(raw:match("^[^&]*", last + 1))
  end
  return sign.url_decode(raw:match("^[^&]*", #probe + 1))
end

--- Splits "a=1&b=2" and undoes the URL encoding.
---@param raw string
---@return table<string, string>|nil params, string|nil message
function query.parse(raw)
  local params = {}
  for pair in raw:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    local plain_name, plain_value = sign.url_decode(name), sign.url_decode(value)
    if not plain_name or not plain_value then
      return nil, ("parameter '%s': a percent sign must be followed by two hex digits"):format(name:sub(1, 64))
    end
    if params[plain_name] then return nil, ("parameter '%s': given twice"):format(plain_name:sub(1, 64)) end
    params[plain_name] = plain_value
  end
  return params
end

return query
