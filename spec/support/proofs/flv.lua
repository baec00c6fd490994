-- SPDX-License-Identifier: MIT
-- FLV for specs: reads and writes tags, says what a tag is, changes it, and serves tags over HTTP at their own pace,
-- as a live source does. "Adobe Flash Video File Format Specification" 10.1, annex E; Enhanced RTMP v1 for the rest.

local raw_server = require "spec.support.fakes.raw_server"
local uv = require "luv"

local flv = {}

flv.AUDIO, flv.VIDEO, flv.SCRIPT = 8, 9, 18
flv.AVC, flv.HEVC_OLD = 7, 12 -- codec ids of pictures; 12 is what some encoders send HEVC as
flv.AAC = 10                  -- format of sound

local KIND = 2 -- bytes of a tag that say what is in it

---@class spec.flv.tag
---@field type integer      flv.AUDIO, flv.VIDEO or flv.SCRIPT
---@field timestamp integer milliseconds, the DTS
---@field data string       the tag's body

---@param type integer
---@param timestamp integer
---@param data string
---@return spec.flv.tag
function flv.tag(type, timestamp, data)
  return { type = type, timestamp = timestamp, data = data }
end

--- What a file begins with. Flags say which streams to expect; both by default.
---@param has { video: boolean|nil, audio: boolean|nil }|nil
---@return string
function flv.file_header(has)
  has = has or { video = true, audio = true }
  return ("FLV\1%c"):format((has.video and 1 or 0) | (has.audio and 4 or 0)) .. string.pack(">I4I4", 9, 0)
end

---@param tag spec.flv.tag
---@return string the tag as it stands in a file
function flv.pack(tag)
  local time = tag.timestamp & 0xffffffff
  return string.pack(">BI3I3BI3", tag.type, #tag.data, time & 0xffffff, time >> 24, 0) .. tag.data ..
    string.pack(">I4", 11 + #tag.data)
end

-- The tags in the bytes of a file, with so many bytes of each at the most.
local function parse(bytes, most)
  local tags, at = {}, string.unpack(">I4", bytes, 6) + 5
  while at + 11 <= #bytes do
    local type, size, low, high = string.unpack(">BI3I3B", bytes, at)
    if at + 11 + size > #bytes + 1 then break end
    tags[#tags + 1] = flv.tag(type & 0x1f, high << 24 | low, bytes:sub(at + 11, at + 10 + math.min(size, most)))
    at = at + 11 + size + 4
  end
  return tags
end

--- The tags in the bytes of a file; one that is cut off at the end is left out.
---@param bytes string
---@return spec.flv.tag[]
function flv.parse(bytes)
  return parse(bytes, math.huge)
end

---@param path string
---@return spec.flv.tag[]
function flv.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return flv.parse(file:read "a")
end

--- How many seconds a file holds so far, from its first tag to its last; 0 of one that has just begun.
---@param path string
---@return number
function flv.seconds(path)
  local file <close> = io.open(path, "rb")
  local bytes = file and file:read "a" or ""
  local media = #bytes > 13 and flv.media(parse(bytes, KIND)) or {}
  return #media > 0 and (media[#media].timestamp - media[1].timestamp) / 1000 or 0
end

---@param path string
---@param tags spec.flv.tag[]
---@return string path
function flv.write(path, tags)
  local file <close> = assert(io.open(path, "wb"))
  file:write(flv.file_header())
  for _, tag in ipairs(tags) do file:write(flv.pack(tag)) end
  return path
end

local function is_enhanced(tag)
  return tag.type == flv.VIDEO and tag.data:byte(1) & 0x80 ~= 0
end

--- The tag carries a codec configuration and no media: AVC or HEVC record, AudioSpecificConfig.
---@param tag spec.flv.tag
---@return boolean
function flv.is_sequence_header(tag)
  if #tag.data < 2 then return false end
  local first, second = tag.data:byte(1, 2)
  if is_enhanced(tag) then return first & 15 == 0 end
  if tag.type == flv.VIDEO then return (first & 15 == flv.AVC or first & 15 == flv.HEVC_OLD) and second == 0 end
  return tag.type == flv.AUDIO and first >> 4 == flv.AAC and second == 0
end

--- The tag carries a picture or a sound frame.
---@param tag spec.flv.tag
---@return boolean
function flv.is_media(tag)
  return tag.type ~= flv.SCRIPT and not flv.is_sequence_header(tag)
end

---@param tag spec.flv.tag
---@return boolean
function flv.is_keyframe(tag)
  return tag.type == flv.VIDEO and flv.is_media(tag) and (tag.data:byte(1) >> 4) & 7 == 1
end

--- The media of one type, in order, or all of it.
---@param tags spec.flv.tag[]
---@param type integer|nil
---@return spec.flv.tag[]
function flv.media(tags, type)
  local list = {}
  for _, tag in ipairs(tags) do
    if flv.is_media(tag) and (not type or tag.type == type) then list[#list + 1] = tag end
  end
  return list
end

-- How many bytes of an AVC or AAC tag stand before its payload.
local function prefix_size(tag)
  return tag.type == flv.VIDEO and 5 or 2
end

--- The bytes of an AVC or AAC tag without what FLV puts before them.
---@param tag spec.flv.tag
---@return string
function flv.payload(tag)
  return tag.data:sub(prefix_size(tag) + 1)
end

--- A copy with another payload.
---@param tag spec.flv.tag
---@param payload string
---@return spec.flv.tag
function flv.with_payload(tag, payload)
  return flv.tag(tag.type, tag.timestamp, tag.data:sub(1, prefix_size(tag)) .. payload)
end

--- A copy at another time.
---@param tag spec.flv.tag
---@param timestamp integer milliseconds
---@return spec.flv.tag
function flv.at(tag, timestamp)
  return flv.tag(tag.type, timestamp, tag.data)
end

--- PTS less DTS of an AVC picture, in milliseconds; the field is signed.
---@param tag spec.flv.tag
---@return integer
function flv.composition(tag)
  return (string.unpack(">i3", tag.data, 3))
end

---@param tag spec.flv.tag
---@param milliseconds integer
---@return spec.flv.tag a copy
function flv.with_composition(tag, milliseconds)
  return flv.tag(tag.type, tag.timestamp, tag.data:sub(1, 2) .. string.pack(">i3", milliseconds) .. tag.data:sub(6))
end

--- The result of `change` for every tag, in order; false leaves the tag out, nil keeps it.
---@param tags spec.flv.tag[]
---@param change fun(tag: spec.flv.tag, i: integer): spec.flv.tag|false|nil
---@return spec.flv.tag[]
function flv.map(tags, change)
  local list = {}
  for i, tag in ipairs(tags) do
    local changed = change(tag, i)
    if changed == nil then changed = tag end
    if changed then list[#list + 1] = changed end
  end
  return list
end

--- The tags over and over, as a live source has them: time goes on, headers come once.
---@param tags spec.flv.tag[]
---@param rounds integer
---@return spec.flv.tag[]
function flv.loop(tags, rounds)
  local list, length = {}, 0
  for _, tag in ipairs(tags) do length = math.max(length, tag.timestamp + 40) end
  for round = 0, rounds - 1 do
    for _, tag in ipairs(tags) do
      if round == 0 or flv.is_media(tag) then list[#list + 1] = flv.at(tag, tag.timestamp + round * length) end
    end
  end
  return list
end

-- Sends the tags, each when its time has come by the clock of the connection; `ahead` milliseconds at once.
local function play(connection, tags, ahead)
  local began, first = uv.hrtime(), nil
  for _, tag in ipairs(tags) do
    first = first or tag.timestamp
    local due = (tag.timestamp - first - ahead) / 1000
    connection:pause(due - (uv.hrtime() - began) / 1e9)
    if connection.ended then return end
    connection:write(flv.pack(tag))
  end
end

--- A live source: every client that asks gets the tags from the first one on, at their pace, and the end of the
--- connection after the last one.
---@param tags spec.flv.tag[]|fun(connection: spec.raw_connection): spec.flv.tag[]
---@param options { header: string|nil, ahead_ms: integer|nil, hold: boolean|nil }|nil  header: in place of the file
--- header for both streams; ahead_ms: how much comes at once at the start, as servers with a cache send it;
--- hold: keep the connection open after the last tag
---@return spec.raw_server server, string url
function flv.serve(tags, options)
  options = options or {}
  local server = raw_server.start(function(connection)
    if not connection:request() then return end
    connection:write "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n"
    connection:write(options.header or flv.file_header())
    play(connection, type(tags) == "function" and tags(connection) or tags, options.ahead_ms or 0)
    if options.hold then connection:stall() end
  end)
  return server, ("http://127.0.0.1:%d/live.flv"):format(server.port)
end

return flv
