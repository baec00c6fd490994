-- SPDX-License-Identifier: MIT
-- Query strings and forms, as GET requests and v1 carry parameters: "Outputs.0.PushUrl=rtmp%3A..." to names and values,
-- of which cme.flatten makes the tree that a JSON body would have been. Pure.

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

return query
