-- SPDX-License-Identifier: MIT
-- JSON over several lines, for people. Pure.

local text = require "cme.text.strings"

local pretty = {}

--- Spreads JSON over lines.
---@param source string JSON without spaces between its parts
---@return string
function pretty.lines(source)
  local out, depth, at = {}, 0, 1
  local function put(part) out[#out + 1] = part end
  local function line() put("\n" .. ("  "):rep(depth)) end
  while at <= #source do
    local char = source:sub(at, at)
    local token = char == '"' and source:sub(at, text.end_of_string(source, at))
      or source:match("^[%[{][%]}]", at) or char
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
