-- SPDX-License-Identifier: MIT
-- The API endpoint, where the service is: "cme.tencentcloudapi.com", "host:8156" or "http://127.0.0.1:8156" to the
-- parts a request needs. The Host header is signed, so it is settled once here and sent exactly so: with the port
-- unless it is the scheme's own. Plain http is used only where someone wrote http://. Pure.

local lazy = require "cme.text.lazy"

local codes = lazy.module(function() return require "cme.codes" end)

---@class cme.api.endpoint
---@field scheme "https"|"http"
---@field host string the Host header, e.g. "127.0.0.1:8156"
---@field url string what requests go to, e.g. "http://127.0.0.1:8156/"
local endpoint = {}

local PORTS = { https = 443, http = 80 }

-- The authority's host and port; nil when it is neither a name nor an address.
local function split(authority)
  local host, rest = authority:match "^(%[[%x:.]+%])(.*)$"
  if not host then host, rest = authority:match "^([%w._-]+)(.*)$" end
  if not host then return nil end
  if rest == "" then return host end
  local port = tonumber(rest:match "^:(%d+)$")
  if not port or port < 1 or port > 65535 then return nil end
  return host, port
end

--- Reads an endpoint.
---@param written string a host, or an http(s) URL without path, userinfo and query
---@return cme.api.endpoint|nil endpoint
---@return cme.reason|nil fact what is wrong, fit to follow "option 'endpoint': "
function endpoint.parse(written)
  local scheme, rest = written:match "^(%a[%w+.-]*)://(.*)$"
  scheme, rest = (scheme or "https"):lower(), rest or written
  if not PORTS[scheme] then
    return nil, codes.reason("invalid.url:scheme", { scheme = scheme, known = "https, http" })
  end
  local authority, tail = rest:match "^([^/?#]*)(.*)$"
  if authority:find("@", 1, true) then
    return nil, codes.reason "invalid.endpoint:login"
  elseif tail ~= "" and tail ~= "/" then
    return nil, codes.reason "invalid.endpoint:path"
  end
  local host, port = split(authority)
  if not host then
    return nil, codes.reason("invalid.endpoint:host", { host = authority:sub(1, 80):gsub("%c", "?") })
  end
  if port and port ~= PORTS[scheme] then host = ("%s:%d"):format(host, port) end
  return { scheme = scheme, host = host, url = scheme .. "://" .. host .. "/" }
end

--- Whether an endpoint is Tencent Cloud's own.
---@param url string|nil as parse() gives it
---@return boolean
function endpoint.is_cloud(url)
  local host = (url or ""):lower():match "^%a+://([^/:]*)"
  return host ~= nil and ("." .. host):find "%.tencentcloudapi%.com$" ~= nil
end

return endpoint
