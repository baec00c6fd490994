-- SPDX-License-Identifier: MIT
-- Whether a text can be the URL of an input or an output. Facts never repeat it: what is no URL cannot be redacted,
-- and it may be a stream key. Pure.

local codes = require "cme.codes"
local rtmp_url = require "cme.net.rtmp_url"
local stream_options = require "cme.net.stream_options"
local text = require "cme.text.strings"

---@class cme.net.stream_url
local stream_url = {}

-- Schemes of other protocols: one of these was meant as written, however near it is to one that is taken.
local FOREIGN = {
  rtsp = true, rtsps = true, rtp = true, srtp = true, rtmpt = true, rtmpe = true, rtmpte = true, rtmfp = true,
  http = true, https = true, ftp = true, sftp = true, mms = true, udp = true, tcp = true, rist = true, ws = true,
  wss = true,
}

local function takes(schemes, scheme)
  for _, known in ipairs(schemes) do
    if scheme == known then return true end
  end
  return false
end

local function scheme_fault(written, schemes)
  local scheme = written:lower()
  if takes(schemes, scheme) then return nil end
  if scheme == "file" and takes(schemes, "http") then return codes.reason "invalid.url:file" end
  local near = not FOREIGN[scheme] and text.nearest(scheme, schemes)
  if near then return codes.reason("invalid.url:scheme_typo", { scheme = written:sub(1, 20), near = near }) end
  return codes.reason("invalid.url:scheme", { scheme = written:sub(1, 20), known = table.concat(schemes, ", ") })
end

-- Of a source: whoever called first would be on the air.
local function listener_fault(url, scheme)
  if scheme:lower() ~= "srt" then return nil end
  for mode in ("&" .. (url:match "%?(.*)" or "")):gmatch "&mode=([^&]*)" do
    if mode ~= "caller" then return codes.reason "invalid.url:listener" end
  end
end

local PORTLESS = { srt = true, udp = true, rtp = true } -- of these no port is usual

local function authority_fault(authority, scheme)
  local place = authority:gsub("^.*@", "")
  if place:gsub(":%d*$", "") == "" then return codes.reason "invalid.url:no_host" end
  local port = place:gsub("^%b[]", "[]"):match ":(.*)$"
  local number = tonumber(port and port:match "^%d+$")
  if port and port ~= "" and not (number and number >= 1 and number <= 65535) then
    return codes.reason "invalid.url:port"
  end
  return PORTLESS[scheme] and not number and codes.reason("invalid.url:no_port", { scheme = scheme }) or nil
end

local function is_rtmp(scheme)
  return scheme:lower():find "^rtmps?$" ~= nil
end

--- A URL by which to tell whether another names the same destination.
---@param url string one without a fault
---@return string
function stream_url.identity(url)
  local parts = rtmp_url.parse(url)
  if parts then
    return table.concat({ tostring(parts.tls), parts.host:lower(), parts.port, parts.app, parts.key }, "\n")
  end
  return (url:gsub("^([^/]*//)([^/?#]*)", function(scheme, authority)
    return scheme:lower() .. authority:gsub("[^@]*$", string.lower)
  end))
end

-- An SRT listener may take one reader only, a camera few.
local SHARED = { http = true, https = true, rtmp = true, rtmps = true }

--- Whether many may read from a URL at once: a second reader then takes nothing from the engine.
---@param url string
---@return boolean
function stream_url.is_shared(url)
  local scheme = url:match "^(%a+)://"
  return scheme ~= nil and SHARED[scheme:lower()] == true
end

--- What is wrong with a URL.
---@param url string
---@param schemes string[] those that may be (cme.api.limits); the last but one makes the example
---@return cme.reason|nil fact nil: nothing that can be seen from here
function stream_url.fault(url, schemes)
  local scheme, authority = url:match "^(%a[%w+.-]*)://([^/?#]*)"
  if not scheme then return codes.reason("invalid.url:none", { scheme = schemes[#schemes - 1] }) end
  if url:find "[%c%s]" then return codes.reason "invalid.url:space" end
  local of_source = takes(schemes, "http") -- destinations are never pulled
  return scheme_fault(scheme, schemes) or of_source and listener_fault(url, scheme)
    or stream_options.fault(url, scheme:lower())
    or is_rtmp(scheme) and select(2, rtmp_url.parse(url)) or authority_fault(authority, scheme:lower())
end

return stream_url
