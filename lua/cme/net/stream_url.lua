-- SPDX-License-Identifier: MIT
-- Whether a text can be the URL of an input or an output. Facts never repeat it: what is no URL cannot be redacted,
-- and it may be a stream key. Pure.

local rtmp_url = require "cme.net.rtmp_url"
local text = require "cme.text.strings"

---@class cme.stream_url
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
  if scheme == "file" and takes(schemes, "http") then
    return "a file cannot be pulled through the API (serve it over http and give that URL)"
  end
  local near = not FOREIGN[scheme] and text.nearest(scheme, schemes)
  return ("scheme '%s' is not supported (%s)"):format(written:sub(1, 20),
    near and ("did you mean '%s'?"):format(near) or table.concat(schemes, ", "))
end

-- Of a source: whoever called first would be on the air.
local function listener_fault(url, scheme)
  if scheme:lower() ~= "srt" then return nil end
  for mode in ("&" .. (url:match "%?(.*)" or "")):gmatch "&mode=([^&]*)" do
    if mode ~= "caller" then return "mode=listener waits for any caller (give the address of an SRT sender)" end
  end
end

local function authority_fault(authority)
  local place = authority:gsub("^.*@", "")
  if place:gsub(":%d*$", "") == "" then return "no host in the URL" end
  local port = place:gsub("^%b[]", "[]"):match ":(.*)$"
  local number = tonumber(port and port:match "^%d+$")
  if port and port ~= "" and not (number and number >= 1 and number <= 65535) then
    return "the port in the URL must be a number from 1 to 65535"
  end
end

-- As the engine takes it apart; a destination is given no user and password.
local function rtmp_fault(url, of_source)
  local parts, fact = rtmp_url.parse(url)
  if fact then return fact end
  if parts.login and not of_source then return "user and password in the URL are not supported" end
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

--- What is wrong with a URL.
---@param url string
---@param schemes string[] those that may be (cme.limits); the last but one makes the example
---@return string|nil fact nil: nothing that can be seen from here
function stream_url.fault(url, schemes)
  local scheme, authority = url:match "^(%a[%w+.-]*)://([^/?#]*)"
  if not scheme then return ("not a URL (write it like %s://host/app/name)"):format(schemes[#schemes - 1]) end
  if url:find "[%c%s]" then return "a space or control character in the URL" end
  local of_source = takes(schemes, "http") -- destinations are never pulled
  return scheme_fault(scheme, schemes) or of_source and listener_fault(url, scheme)
    or is_rtmp(scheme) and rtmp_fault(url, of_source) or authority_fault(authority)
end

return stream_url
