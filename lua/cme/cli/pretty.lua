-- SPDX-License-Identifier: MIT
-- JSON over several lines, for people. Pure.

local pretty = {}

-- Where the string that begins at `quote` ends.
local function string_end(source, quote)
  local at = quote + 1
  while true do
    at = source:find('["\\]', at)
    if not at or source:byte(at) == 34 then return at or #source end
    at = at + 2
  end
end

--- Spreads JSON over lines.
---@param source string JSON without spaces between its parts
---@return string
function pretty.lines(source)
  local out, depth, at = {}, 0, 1
  local function put(text) out[#out + 1] = text end
  local function line() put("\n" .. ("  "):rep(depth)) end
  while at <= #source do
    local char = source:sub(at, at)
    local token = char == '"' and source:sub(at, string_end(source, at)) or source:match("^[%[{][%]}]", at) or char
    at = at + #token
    if token == "{" or token == "[" then
      depth = depth + 1
      put(token)
      line()
    elseif token == "}" or token == "]" then
      depth = depth - 1
      line()
      put(token)
    elseif token == "," then
      put(token)
      line()
    else
      put(token == ":" and ": " or token)
    end
  end
  return table.concat(out)
end

return pretty
