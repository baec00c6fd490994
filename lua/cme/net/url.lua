-- SPDX-License-Identifier: MIT
-- Takes an http(s) URL apart for transports over bare sockets, and decides whether a request bypasses the proxy.
-- Strict: a URL with anything that a request line or Host header must not contain is refused. Pure.

---@class cme.net.url
---@field scheme "http"|"https"
---@field host string lower case; IPv6 addresses in brackets
---@field port integer
---@field authority string host, with the port where it is not the scheme's own
---@field path string with the query, "/" at least
---@field user string|nil "name:password", percent-decoded
local codes = require "cme.codes"

local url = {}

local PORTS = { http = 80, https = 443 }

local function decode(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function split_port(authority)
  local host, rest = authority:match "^(%[[%x:.]+%])(.*)$"
  if not host then host, rest = authority:match "^([%w._-]+)(.*)$" end
  if not host or rest == "" then return host end
  local port = tonumber(rest:match "^:(%d+)$")
  if not port or port < 1 or port > 65535 then return nil end
  return host, port
end

--- Takes a URL apart.
---@param text string
---@return cme.net.url|nil parts
---@return cme.reason|nil fact what is wrong; holds nothing of the URL
function url.parse(text)
  if text:find "[%c ]" then return nil, codes.reason "invalid.url:space" end
  local scheme, authority, path = text:match "^(%a+)://([^/?#]*)([^#]*)"
  scheme = scheme and scheme:lower()
  if not PORTS[scheme] then return nil, codes.reason "invalid.url:not_http" end
  local user, place = authority:match "^(.*)@(.-)$"
  local host, port = split_port(place or authority)
  if not host then return nil, codes.reason "invalid.url:host" end
  host, port = host:lower(), port or PORTS[scheme]
  return {
    scheme = scheme, host = host, port = port, user = user and decode(user),
    authority = port == PORTS[scheme] and host or ("%s:%d"):format(host, port),
    path = path:sub(1, 1) == "/" and path or "/" .. path,
  }
end

--- Whether a host is reached without the proxy.
---@param no_proxy string|nil hosts separated by commas or spaces; "*" is all; a domain covers what is below it
---@param host string lower case
---@return boolean
function url.passes_by(no_proxy, host)
  host = host:gsub("^%[(.*)%]$", "%1")
  for item in (no_proxy or ""):lower():gmatch "[^,%s]+" do
    local name = item:gsub("^%.", ""):gsub("^%[(.*)%]$", "%1")
    if item == "*" or host == name or host:sub(-#name - 1) == "." .. name then return true end
  end
  return false
end

return url
