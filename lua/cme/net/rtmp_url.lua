-- SPDX-License-Identifier: MIT
-- Takes an RTMP URL apart into server and stream key. Twin of src/rtmp/url.c, whose header has the rules; both
-- pass spec/fixtures/rtmp_url.tsv. Facts never repeat the URL, which holds a key. Pure.

local codes = require "cme.codes"

---@class cme.net.rtmp_url
local rtmp_url = {}

---@class cme.net.rtmp_url.parts
---@field tls boolean
---@field login boolean there is a "user:password@", which is in no other member
---@field host string without the brackets of IPv6
---@field port integer 1935, or 443 for rtmps, unless given
---@field app string
---@field key string with its query; "" for a URL of one segment

local PORTS = { rtmp = 1935, rtmps = 443 }
local LONGEST = { host = 255, app = 1023, key = 2047 } -- bytes

local function parse_authority(authority)
  local literal, after = authority:match "^%[([^%]]*)%](.*)$"
  if authority:sub(1, 1) == "[" and not literal then return nil, codes.reason "invalid.url:bracket" end
  local host = literal or authority:match "^[^:]*"
  local rest = after or authority:sub(#host + 1)
  if rest ~= "" and rest:sub(1, 1) ~= ":" then return nil, codes.reason "invalid.url:after_address" end
  if host == "" then return nil, codes.reason "invalid.url:no_host" end
  if rest == "" then return host end
  local port = tonumber(rest:match "^:(%d+)$")
  if not port or port < 1 or port > 65535 then return nil, codes.reason "invalid.url:port" end
  return host, port
end

-- At the last "/" before the query, or, with only one segment there, at the first "/" in the query.
local function parse_path(path)
  if path:sub(1, 1) ~= "/" or path == "/" or path:sub(2, 2) == "?" then
    return nil, codes.reason "invalid.url:no_key"
  end
  path = path:sub(2)
  if path:sub(1, 1) == "/" then return nil, codes.reason "invalid.url:no_app" end
  local before = path:match "^[^?]*"
  local cut = before:match ".*()/" or path:find("/", #before + 1, true)
  if not cut then return path, "" end
  if cut == #path then return nil, codes.reason "invalid.url:ends_in_slash" end
  return path:sub(1, cut - 1):gsub("/+$", ""), path:sub(cut + 1)
end

--- Takes a URL apart.
---@param url string
---@return cme.net.rtmp_url.parts|nil parts
---@return cme.reason|nil fact what is wrong with it
function rtmp_url.parse(url)
  local scheme, authority, path = url:match "^(%a+)://([^/?#]*)(.*)$"
  scheme = scheme and scheme:lower()
  if not PORTS[scheme] then return nil, codes.reason "invalid.url:not_rtmp" end
  if url:find "[%c ]" then return nil, codes.reason "invalid.url:space" end
  local place = authority:gsub("^.*@", "")
  local host, port = parse_authority(place)
  if not host then return nil, port end
  local app, key = parse_path(path)
  if not app then return nil, key end
  local parts = { tls = scheme == "rtmps", login = place ~= authority, host = host, port = port or PORTS[scheme],
    app = app, key = key }
  for _, name in ipairs { "host", "key", "app" } do
    if #parts[name] > LONGEST[name] then return nil, codes.reason("invalid.url:long_" .. name) end
  end
  return parts
end

return rtmp_url
