-- SPDX-License-Identifier: MIT
-- Films in forms of Enhanced RTMP that no program at hand sends, written from its text ("Enhanced RTMP v2": "Enhanced
-- Audio", "Enhanced Video"): FourCCs with modifiers (ModEx), several tracks in a message, AC-3. The spec's own server
-- gives them out.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local rtmp_server = require "spec.support.fakes.rtmp_server"
local uv = require "luv"

local vectors = {}

local AHEAD = 500 -- milliseconds that come at once, as from a server with a cache
local AC3_MS = 1536 / 48 -- of a frame at 48 kHz
local CODED_FRAMES = 1
local MODIFIED = 7 -- packet types, the one of tracks by the type of the body
local TRACKS = { [flv.VIDEO] = 6, [flv.AUDIO] = 5 }
local OFFSET_NANO, UNKNOWN = 0, 9 -- types of modifiers
local MANY_TRACKS = 1

---@class spec.codecs.body
---@field type integer   flv.VIDEO or flv.AUDIO
---@field first integer  the first byte of the body, without the type of the packet
---@field packet integer type of the packet
---@field fourcc string
---@field rest string    what stands behind the FourCC

local function plain(body)
  return string.char(body.first | body.packet) .. body.fourcc .. body.rest
end

-- Two modifiers: one of 3 bytes that says nanoseconds, one of 300, of a type that is not given out.
local function modified(body)
  return string.char(body.first | MODIFIED, 3 - 1) .. string.pack(">I3", 123456)
    .. string.char(OFFSET_NANO << 4 | MODIFIED, 0xff) .. string.pack(">I2", 300 - 1) .. ("?"):rep(300)
    .. string.char(UNKNOWN << 4 | body.packet) .. body.fourcc .. body.rest
end

local function track(id, bytes) return string.pack(">BI3", id, #bytes) .. bytes end

-- The film as track 0, and the same backwards as track 1: configurations of both are the same.
local function tracks(body)
  local other = body.packet == CODED_FRAMES and body.rest:reverse() or body.rest
  return string.char(body.first | TRACKS[body.type], MANY_TRACKS << 4 | body.packet) .. body.fourcc
    .. track(0, body.rest) .. track(1, other)
end

-- A tag of FLV's old format as a body with a FourCC.
local function body_of(tag)
  local first, packet = tag.data:byte(1, 2)
  if tag.type == flv.AUDIO then
    return { type = tag.type, first = 0x90, packet = packet, fourcc = "mp4a", rest = tag.data:sub(3) }
  end
  local rest = tag.data:sub(packet == CODED_FRAMES and 3 or 6) -- only a picture has a composition time
  return { type = tag.type, first = 0x80 | first & 0x70, packet = packet, fourcc = "avc1", rest = rest }
end

-- The film in another container; of the streams, what `option` leaves.
local function remux(film, suffix, option)
  local path = film.path .. suffix
  local argv = { "ffmpeg", "-v", "error", "-y", "-i", film.path, "-c", "copy", path }
  if option then table.insert(argv, #argv, option) end
  local code, out, err = proc.run(argv, { timeout = 60 })
  assert(code == 0, out .. err)
  return path
end

-- Frames of AC-3, which are all of one size.
local function ac3_tags(film)
  local file <close> = assert(io.open(remux(film, ".ac3", "-vn"), "rb"))
  local bytes, list = file:read "a", {}
  local size = assert(bytes:find("\x0b\x77", 3, true)) - 1
  for i = 0, #bytes // size - 1 do
    list[#list + 1] = flv.tag(flv.AUDIO, math.floor(i * AC3_MS),
      plain { type = flv.AUDIO, first = 0x90, packet = CODED_FRAMES, fourcc = "ac-3",
        rest = bytes:sub(i * size + 1, (i + 1) * size) })
  end
  return list
end

-- Two lists in the order of time as one.
local function merged(a, b)
  local list, next_of_b = {}, 1
  for _, tag in ipairs(a) do
    while b[next_of_b] and b[next_of_b].timestamp < tag.timestamp do
      list[#list + 1], next_of_b = b[next_of_b], next_of_b + 1
    end
    list[#list + 1] = tag
  end
  return list
end

local function tags_of(film, form)
  local is_ac3, list = film.audio == "ac3", {}
  for _, tag in ipairs(flv.read(remux(film, ".flv", is_ac3 and "-an" or nil))) do
    if tag.type ~= flv.SCRIPT then list[#list + 1] = flv.tag(tag.type, tag.timestamp, form(body_of(tag))) end
  end
  return is_ac3 and merged(list, ac3_tags(film)) or list
end

-- Sends the tags at their pace.
local function send(peer, tags)
  local began = uv.hrtime()
  for _, tag in ipairs(tags) do
    peer.connection:pause((tag.timestamp - AHEAD) / 1000 - (uv.hrtime() - began) / 1e9)
    if peer.connection.ended then return end
    peer:send(tag.type, tag.data, tag.timestamp, 1)
  end
  peer.connection:stall()
end

local function open(form)
  return function(_, film)
    local tags = tags_of(film, form)
    local server = rtmp_server.start { on_play = function(peer) send(peer, tags) end }
    return { url = server:url "live/hush", close = function() server:stop() end }
  end
end

--- What a way of these is marked with.
vectors.MARK = "*"

---@type spec.codecs.way_in[]
vectors.WAYS = {
  { name = "RTMP" .. vectors.MARK, films = { "h264+ac3" }, open = open(plain) },
  { name = "ModEx" .. vectors.MARK, films = { "h264+aac" }, open = open(modified) },
  { name = "multitrack" .. vectors.MARK, films = { "h264+aac" }, open = open(tracks) },
}
for _, way in ipairs(vectors.WAYS) do way.peer = "written from the specification" end

return vectors
