-- SPDX-License-Identifier: MIT
-- What the query of a source's URL may ask for, and that of an SRT output's, and what is wrong with it. The query of
-- RTSP is the camera's, but for names that begin with "rtsp_". Twin of src/av/options.c, which judges again. A fact
-- never repeats a value. Pure.

local codes = require "cme.codes"

---@class cme.net.stream_options
local stream_options = {}

---@class cme.net.stream_options.option
---@field name string
---@field form "word"|"microseconds"|"milliseconds"|"bytes"|"text"|"address"
---@field words string|nil of a word: those that may be
---@field min integer|nil of numbers; of a text: characters
---@field max integer|nil

local function word(name, words) return { name = name, form = "word", words = words } end
local function number(name, form, min, max) return { name = name, form = form, min = min, max = max } end
local function address(name) return { name = name, form = "address" } end

---@type table<string, cme.net.stream_options.option[]> by scheme, in the order of messages
stream_options.known = {
  srt = {
    word("mode", "caller"), number("latency", "microseconds", 10000, 60000000),
    number("connect_timeout", "milliseconds", 100, 9000), number("passphrase", "text", 10, 79),
    word("pbkeylen", "16,24,32"), number("streamid", "text", 1, 512), number("srt_streamid", "text", 1, 512),
    word("tlpktdrop", "0,1"), word("transtype", "live"), number("pkt_size", "bytes", 188, 1456),
  },
  rtsp = { word("rtsp_transport", "tcp,udp,udp_multicast") },
  udp = { address "localaddr", address "sources", number("buffer_size", "bytes", 65536, 67108864) },
  rtp = { address "localaddr", address "sources" },
}

local function find(list, name)
  for _, option in ipairs(list) do
    if option.name == name then return option end
  end
end

local function is_word(words, value)
  if value == "" or value:find(",", 1, true) then return false end
  return ("," .. words .. ","):find("," .. value .. ",", 1, true) ~= nil
end

local function is_number(option, value)
  local given = #value <= 12 and value:match "^%d+$" and tonumber(value)
  return given and given >= option.min and given <= option.max
end

local function value_fault(option, value)
  local name, form = option.name, option.form
  if form == "word" then
    return not is_word(option.words, value) and codes.reason("invalid.url:option_word",
      { name = name, words = option.words })
  elseif form == "address" then
    return not value:find "^[%x.:,]+$" and codes.reason("invalid.url:option_address", { name = name })
  elseif form == "text" then
    return (#value < option.min or #value > option.max) and codes.reason("invalid.url:option_length",
      { name = name, min = option.min, max = option.max })
  end
  return not is_number(option, value) and codes.reason("invalid.url:option_number",
    { name = name, min = option.min, max = option.max, unit = codes.reason("word:" .. form) })
end

local function unknown(scheme, list, name)
  local names = {}
  for i, option in ipairs(list) do names[i] = option.name end
  return codes.reason("invalid.url:option_unknown", { name = name, scheme = scheme, known = table.concat(names, ", ") })
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function pair_fault(scheme, list, pair)
  if scheme == "rtsp" and not pair:find "^rtsp_" then return nil end
  local name, value = pair:match "^([%w_]+)=(.*)$"
  if not name or #name > 31 or name:find "%u" then return codes.reason "invalid.url:option_none" end
  local option = find(list, name)
  if not option then return unknown(scheme, list, name) end
  return value_fault(option, option.form == "address" and value or decode(value)) or nil
end

--- What is wrong with the options of a URL.
---@param url string
---@param scheme string in small letters
---@return cme.reason|nil fact nil: nothing
function stream_options.fault(url, scheme)
  local list, query = stream_options.known[scheme], url:match "%?(.*)"
  if not list or not query then return nil end
  for pair in query:gmatch "[^&]+" do
    local fact = pair_fault(scheme, list, pair)
    if fact then return fact end
  end
  return nil
end

return stream_options
