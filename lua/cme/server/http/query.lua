-- SPDX-License-Identifier: MIT
-- Query strings and forms, as GET requests and v1 carry parameters: "Outputs.0.PushUrl=rtmp%3A..." becomes names and
-- values, and cme.api.flatten makes of them the tree that a JSON body has. Pure.

local codes = require "cme.codes"
local sign = require "cme.sign"

local query = {}

local MAX_NAME = 64 -- bytes of a parameter's name in a message

local function refuse(variant, name)
  return codes.fail("invalid.parameter:" .. variant, { name = name:sub(1, MAX_NAME) })
end

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
---@return table<string, string>|nil params
---@return string|nil message
---@return cme.detail|nil detail code invalid.parameter
function query.parse(raw)
  local params = {}
  for pair in raw:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    local plain_name, plain_value = sign.url_decode(name), sign.url_decode(value)
    if not plain_name or not plain_value then return refuse("escape", name) end
    if params[plain_name] then return refuse("twice", plain_name) end
    params[plain_name] = plain_value
  end
  return params
end

return query
