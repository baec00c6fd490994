-- SPDX-License-Identifier: MIT
-- Makes a stream URL fit for a message or a log line: the stream key (last path segment), the userinfo and the
-- query become "***", and so does a playback token with all that follows it. Twin of src/common/redact.c; both pass
-- spec/fixtures/redact.tsv. Pure.

---@class cme.redact
local redact = {}

local HIDDEN = "***"
local BEFORE_TOKEN = "^(.-/)" .. ("%x"):rep(8) .. "%-" .. ("%x"):rep(32) .. "%f[/\0]" -- server/edge/token.lua

--- Hides what is secret in a URL.
---@param url string a URL; a text without "://" is a file name, of which only the query is hidden
---@return string shown e.g. rtmp://user:pw@host:1935/app/key?x=y -> rtmp://***@host:1935/app/***
---@usage require "cme.redact".url "rtmp://push.example.com/live/key" --> rtmp://push.example.com/live/***
function redact.url(url)
  local base, tail = url:match "^([^?#]*)(.*)$"
  local scheme, rest = base:match "^(.-://)(.*)$"
  if not scheme then return base .. (tail ~= "" and HIDDEN or "") end
  local host, path = rest:match "^([^/]*)(.*)$"
  local at = host:match ".*()@"
  local shown = scheme .. (at and HIDDEN .. "@" or "") .. host:sub((at or 0) + 1)
  local before = path:match(BEFORE_TOKEN)
  if before then return shown .. before .. HIDDEN end
  local folder, slashes = path:match "^(.*/)[^/]+(/*)$"
  if not folder or (folder == "/" and slashes ~= "") then -- an only segment with a slash is an application
    return shown .. path .. (tail ~= "" and HIDDEN or "")
  end
  return shown .. folder .. HIDDEN
end

local URL = "%f[%a]%a[%w+.-]*://[^%s\"'<>`]+"

-- What URL matches goes on past a Chinese closing quote, after which there need be no blank.
local quoted
quoted = function(url)
  local close = url:find("”", 1, true)
  if not close then return redact.url(url) end
  local rest = url:sub(close):gsub(URL, quoted)
  return redact.url(url:sub(1, close - 1)) .. rest
end

--- Hides what is secret in every URL of a text.
---@param text string
---@param limit integer bytes of it that are looked at and kept: finding URLs takes the square of the length
---@return string shown a URL that the limit cuts is left out, since what remains of it cannot be redacted
function redact.text(text, limit)
  local cut = text:sub(1, limit)
  if #cut < #text then cut = cut:gsub("%S*://%S*$", "") end
  return (cut:gsub(URL, quoted))
end

return redact
