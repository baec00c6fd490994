-- SPDX-License-Identifier: MIT
-- Who counts as one where passwords are tried: an IPv4 address, or the /64 of an IPv6 one, of which anybody has as many
-- addresses as he likes. Pure.

local address = {}

-- The groups of 16 bits on one side of "::".
local function groups(part)
  local list = {}
  for group in part:gmatch "[^:]+" do list[#list + 1] = ("%x"):format(tonumber(group, 16) or 0) end
  return list
end

-- The first four groups of an IPv6 address.
local function network(text)
  local head, tail = text:match "^(.-)::(.*)$"
  local first, last = groups(head or text), groups(tail or "")
  local zeros = head and 8 - #first - #last or 0
  for _ = 1, zeros do first[#first + 1] = "0" end
  for _, group in ipairs(last) do first[#first + 1] = group end
  return table.concat(first, ":", 1, math.min(4, #first))
end

--- The group that an address is counted with.
---@param text string as nginx gives it: "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"
---@return string
function address.group(text)
  local mapped = text:lower():match "^::ffff:(%d+%.%d+%.%d+%.%d+)$"
  if mapped then return mapped end
  if not text:find(":", 1, true) then return text end
  return network(text:lower()) .. "::/64"
end

return address
