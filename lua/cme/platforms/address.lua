-- SPDX-License-Identifier: MIT
-- The URL of a platform: how server and stream key join, and how they come apart again. Facts never repeat what was
-- given: it may be a stream key. Pure.

local codes = require "cme.codes"
local rtmp_url = require "cme.net.rtmp_url"

---@class cme.platforms.address
local address = {}

--- The host of a URL.
---@param url string
---@return string|nil host in lower case
function address.host(url)
  local authority = url:match "^%a[%w+.-]*://([^/?#]*)"
  local host = authority and authority:gsub("^.*@", ""):gsub(":%d*$", ""):lower()
  return host ~= "" and host or nil
end

--- Whether a host is one of these names, or ends in one of them.
---@param host string
---@param names string[]
---@return boolean
function address.is_of(host, names)
  for _, name in ipairs(names) do
    if host == name or host:sub(-#name - 1) == "." .. name then return true end
  end
  return false
end

-- Whether a server has an application, which follows its host.
local function has_app(server)
  return server:find "^%a[%w+.-]*://[^/]*/+[^/?]" ~= nil
end

local function server_fact(server)
  local scheme = server:match "^(%a[%w+.-]*)://[^/?#]"
  if not scheme then return "invalid.server:no_url" end
  if not scheme:lower():find "^rtmps?$" then return "invalid.server:scheme" end
end

local function key_fact(key)
  if (key or "") == "" then return "invalid.key:missing" end
  if key:find "[%c ]" then return "invalid.key:space" end
  if key:find("://", 1, true) then return "invalid.key:url" end
end

--- Joins a server and a stream key.
---@param server string
---@param key string
---@param platform cme.platform|nil
---@return string|nil url
---@return string|nil message
---@return cme.detail|nil detail
function address.join(server, key, platform)
  local fact = server_fact(server) or key_fact(key)
  if fact then return codes.refuse(fact) end
  server = server:gsub("/+$", "")
  local app = platform and platform.join and platform.join.app
  if app and not has_app(server) then server = server .. "/" .. app end
  if not has_app(server) then return codes.refuse "invalid.server:no_app" end
  return server .. "/" .. key
end

--- Takes a URL apart.
---@param url string
---@return string|nil server nil: it is no RTMP URL with a key
---@return string|nil key
function address.split(url)
  local parts = rtmp_url.parse(url)
  if not parts or parts.key == "" then return nil end
  return (url:sub(1, -#parts.key - 1):gsub("/+$", "")), parts.key
end

return address
