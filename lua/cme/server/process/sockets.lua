-- SPDX-License-Identifier: MIT
-- Sockets between our own programs, as engines name them where they read: "read 'unix:/run/edge/1f.flv': no picture".
-- People know what is read there as an input, and are told no paths. Pure.

local sockets = {}

--- Whether an address is one of them.
---@param url any
---@return boolean
function sockets.is_one(url)
  return type(url) == "string" and url:find "^unix:/" ~= nil
end

local function names_socket(frame)
  for _, value in pairs(frame.values or {}) do
    if sockets.is_one(value) then return true end
  end
  return false
end

--- Takes them out of what a program says.
---@param said string
---@return string
function sockets.out_of_text(said)
  return (said:gsub("%l+ 'unix:/[^']*': ", ""))
end

--- Takes them out of a reason.
---@param reason cme.reason|nil changed in place
---@return cme.reason|nil reason the same
function sockets.out_of(reason)
  local kept
  for _, frame in ipairs(reason and reason.within or {}) do
    if not names_socket(frame) then
      kept = kept or {}
      kept[#kept + 1] = frame
    end
  end
  if reason then reason.within = kept end
  return reason
end

return sockets
