-- SPDX-License-Identifier: MIT
-- Push and play URLs with the CSS (live streaming) authentication: `txTime`, the unix second of expiry in upper-case
-- hex, and `txSecret`, the hex MD5 (or SHA-256, as the domain is set up) of key .. stream .. txTime. It is checked
-- when a connection is made; an open connection survives the expiry. A domain has a main and a backup key, both valid,
-- so that keys can be changed under running streams. The local service checks its own push addresses with this module.
--
--   rtmp://push.example.com/live/show?txSecret=...&txTime=5BA4A4A0         push, and play by rtmp
--   https://play.example.com/live/show.flv?...    .../show.m3u8?...        play by http-flv, hls
--
-- txTime is held to eight digits: key .. stream .. txTime has no separators, and with a free length "a1" until 2BC...
-- would be as good as "a" until 12BC.... Such a URL is a secret; messages here hold none of it. Pure.

local codes = require "cme.codes"
local options = require "cme.text.options"
local time = require "cme.time"

---@class cme.live_url
local live_url = {}

-- The years 1978 to 2106: eight digits.
local FIRST, LAST = 0x10000000, 0xFFFFFFFF
local LONGEST_URL = 4096
local HASHES = { md5 = "md5_hex", sha256 = "sha256_hex" }
local SUFFIX = { rtmp = "", flv = ".flv", hls = ".m3u8" }
local SCHEMES = { rtmp = { rtmp = true, rtmps = true }, flv = { http = true, https = true } }
SCHEMES.hls = SCHEMES.flv

local function fail(sentence, values)
  return codes.within("in.live_url", nil, select(2, codes.refuse(sentence, values)))
end

local function one_of(allowed, text)
  return function(value)
    if not allowed[value] then return text .. " is needed" end
  end
end

local KEY = { "string", fact = options.plain_text }
local HASH = { "string", fact = one_of(HASHES, "'md5' or 'sha256'") }

-- Names go into the URL as they are, so they have only characters that mean nothing there.
local function name_fault(what, value)
  if not value:find "^[%w._~-]+$" or #value > 256 or value == "." or value == ".." then
    return fail("invalid." .. what)
  end
end

local function domain_fault(value)
  local host, port = value:match "^([%w._-]+)(.*)$"
  if not host or #value > 255 or port ~= "" and not port:find "^:%d%d?%d?%d?%d?$" then return fail "invalid.domain" end
end

local function secret_for(hash, key, stream, tx_time)
  return assert(require "cme.sign"[HASHES[hash or "md5"]](key .. stream .. tx_time))
end

-- The query of a stream.
local function query_for(given)
  local expires, message, detail = time.parse(given.expires)
  if not expires then
    message = select(2, codes.within("in.variable", { variable = "expires" }, message, detail))
    return codes.within("in.live_url", nil, message, detail)
  end
  expires = math.floor(expires)
  if expires < FIRST or expires > LAST then return fail "invalid.time:expires" end
  local tx_time = ("%08X"):format(expires)
  return ("txSecret=%s&txTime=%s"):format(secret_for(given.hash, given.key, given.stream, tx_time), tx_time)
end

---@class cme.live_url.push
---@field domain string the push domain, with a port if it has one
---@field app string AppName, e.g. "live"
---@field stream string StreamName
---@field key string the domain's main or backup key
---@field expires number|string|table connections are accepted until this time: unix seconds, ISO 8601, os.date table
---@field hash "md5"|"sha256"|nil as configured for the domain, default md5
---@field scheme "rtmp"|"rtmps"|nil rtmp

local EXPIRES = { { "number", "string", "table" }, required = true }
local NAME = { "string", required = true }
local PUSH = {
  domain = NAME, app = NAME, stream = NAME, key = { "string", fact = options.plain_text, required = true },
  expires = EXPIRES, hash = HASH, scheme = { "string", fact = one_of(SCHEMES.rtmp, "'rtmp' or 'rtmps'") },
}

local function make(given, scheme, suffix)
  local _, message, detail = domain_fault(given.domain)
  for _, what in ipairs { "app", "stream" } do
    if not message then _, message, detail = name_fault(what, given[what]) end
  end
  if message then return nil, message, detail end
  local query = ""
  if given.key then
    query, message, detail = query_for(given)
    if not query then return nil, message, detail end
    query = "?" .. query
  end
  return ("%s://%s/%s/%s%s%s"):format(scheme, given.domain, given.app, given.stream, suffix, query)
end

--- Creates a push URL.
---@param given cme.live_url.push
---@return string|nil url
---@return string|nil message
---@return table|nil detail code invalid.domain, invalid.app, invalid.stream or invalid.time
---@usage live_url.push { domain = "push.example.com", app = "live", stream = "show", key = key, expires = 1795356000 }
function live_url.push(given)
  local checked = options.check("cme.live_url.push", given, PUSH)
  return make(checked, checked.scheme or "rtmp", "")
end

---@class cme.live_url.play
---@field domain string the play domain
---@field app string
---@field stream string
---@field form "rtmp"|"flv"|"hls"|nil flv
---@field key string|nil the play domain's key; nil where playing needs none
---@field expires number|string|table|nil with a key
---@field hash "md5"|"sha256"|nil
---@field scheme string|nil https for flv and hls, rtmp for rtmp; "http" and "rtmps" are the others

local PLAY = {
  domain = NAME, app = NAME, stream = NAME, key = KEY, expires = { EXPIRES[1] }, hash = HASH, scheme = { "string" },
  form = { "string", fact = one_of(SUFFIX, "'rtmp', 'flv' or 'hls'") },
}

--- Creates a play URL.
---@param given cme.live_url.play
---@return string|nil url
---@return string|nil message
---@return table|nil detail
function live_url.play(given)
  local checked = options.check("cme.live_url.play", given, PLAY)
  local form = checked.form or "flv"
  local scheme = checked.scheme or (form == "rtmp" and "rtmp" or "https")
  if not SCHEMES[form][scheme] then
    options.misuse(("cme.live_url.play: option 'scheme': not for form '%s'"):format(form))
  elseif checked.key and checked.expires == nil then
    options.misuse "cme.live_url.play: option 'expires': missing (it is needed with a key)"
  end
  return make(checked, scheme, SUFFIX[form])
end

-- ---- checking

---@class cme.live_url.keys
---@field key string
---@field backup_key string|nil
---@field now number unix seconds
---@field hash "md5"|"sha256"|nil md5

local KEYS = { key = { "string", fact = options.plain_text, required = true }, backup_key = KEY,
  now = { "number", required = true }, hash = HASH }

-- Which key made the secret. Both are tried, whatever the first gave.
local function key_of(stream, tx_secret, tx_time, keys)
  local sign = require "cme.sign"
  local given = tx_secret:lower()
  local main = sign.equal(given, secret_for(keys.hash, keys.key, stream, tx_time))
  local backup = keys.backup_key and sign.equal(given, secret_for(keys.hash, keys.backup_key, stream, tx_time))
  return main and "main" or backup and "backup" or nil
end

local function check_parts(stream, tx_secret, tx_time, keys)
  if type(tx_secret) ~= "string" or type(tx_time) ~= "string" then
    return fail "live_url.unsigned"
  elseif not tx_time:find "^%x%x%x%x%x%x%x%x$" then
    return fail "live_url.bad_signature:time"
  end
  local which = key_of(stream, tx_secret, tx_time, keys)
  if not which then return fail "live_url.bad_signature" end
  local expires = tonumber(tx_time, 16)
  if keys.now > expires then return fail("live_url.expired", { at = time.format(expires) }) end
  return { stream = stream, expires = expires, key = which }
end

--- Checks what a media server was given: a stream's name and the two parameters.
---@param stream any the foreign name
---@param tx_secret any
---@param tx_time any
---@param keys cme.live_url.keys
---@return { stream: string, expires: integer, key: "main"|"backup" }|nil found the stream, its expiry and the key that
--- signed it
---@return string|nil message
---@return table|nil detail code live_url.unsigned, live_url.bad_signature, live_url.expired or invalid.stream
function live_url.check_stream(stream, tx_secret, tx_time, keys)
  local checked = options.check("cme.live_url.check_stream", keys, KEYS)
  if type(stream) ~= "string" then return fail "invalid.stream:none" end
  local _, message, detail = name_fault("stream", stream)
  if message then return nil, message, detail end
  return check_parts(stream, tx_secret, tx_time, checked)
end

-- A parameter of a query; false when it is there twice, for then readers may differ on which counts.
local function parameter(query, name)
  local found
  for key, value in query:gmatch "([^&=]+)=([^&]*)" do
    if key == name then
      if found then return false end
      found = value
    end
  end
  return found
end

local function split(url)
  if type(url) ~= "string" or #url > LONGEST_URL then return nil end
  local scheme, path, query = url:match "^(%l+)://[^/?#]+/([^?#]+)%??([^#]*)$"
  local stream = path and path:match "/([^/]+)$"
  if not stream then return nil end
  if SCHEMES.flv[scheme] then
    stream = stream:match "^(.+)%.flv$" or stream:match "^(.+)%.m3u8$"
  elseif not SCHEMES.rtmp[scheme] then
    stream = nil
  end
  return stream, query
end

--- Checks a push or play URL.
---@param url any a foreign text
---@param keys cme.live_url.keys
---@return { stream: string, expires: integer, key: "main"|"backup" }|nil found the stream, its expiry and the key that
--- signed it
---@return string|nil message
---@return table|nil detail code as check_stream's, or invalid.url
---@usage local found = assert(live_url.check(url, { key = main, backup_key = backup, now = os.time() }))
function live_url.check(url, keys)
  local checked = options.check("cme.live_url.check", keys, KEYS)
  local stream, query = split(url)
  if not stream then return fail "invalid.url:live" end
  local _, message, detail = name_fault("stream", stream)
  if message then return nil, message, detail end
  local tx_secret, tx_time = parameter(query, "txSecret"), parameter(query, "txTime")
  return check_parts(stream, tx_secret or nil, tx_time or nil, checked)
end

return live_url
