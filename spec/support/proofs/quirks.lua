-- SPDX-License-Identifier: MIT
-- Streams in the style of encoders that do things their own way, as data: what FFmpeg's encoders are asked for, or what
-- is done to the tags of a plain film before they come by RTMP. Each goes through an engine to an RTMP server, and what
-- arrives is compared with what was sent, packet by packet. spec/integration/quirks_pictures_spec.lua and
-- quirks_streams_spec.lua hold them.

local films = require "spec.support.films"
local flv = require "spec.support.proofs.flv"
local packets = require "spec.support.proofs.codecs.packets"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rtmp_server = require "spec.support.fakes.rtmp_server"
local uv = require "luv"

local quirks = {}

local SECONDS = 4
local STALL_LIMIT = 20
local LIMIT = 60 -- seconds for a stream to arrive
local AT_ONCE = 11
local LEAST = 4 -- one packet of so many, at the least: what came before the destination was connected does not go out

---@class spec.quirk
---@field name string
---@field video "h264"|"hevc"|nil          codec; nil: no picture
---@field audio "aac"|"mp3"|nil
---@field ext string|nil                   of a file that the engine plays; default mp4
---@field picture string|nil               of lavfi
---@field sound string|nil
---@field options string[]|nil             FFmpeg's, for the encoders
---@field tags (fun(tags: spec.flv.tag[]): spec.flv.tag[])|nil  a live source by RTMP: what it sends of a plain film
---@field chunk integer|nil                 its size of chunks
---@field interleaved boolean|nil           sound stands between the chunks of a picture

local function x264(params, ...)
  return { "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", params, ... }
end

local function x265(params, ...)
  return { "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:info=0:" .. params, ... }
end

local function map_times(add)
  return function(tags)
    return flv.map(tags, function(tag) return flv.at(tag, (tag.timestamp + add) & 0xffffffff) end)
  end
end

-- The clock jumps by so much in the middle.
local function with_jump(milliseconds)
  return function(tags)
    local middle = tags[#tags // 2].timestamp
    return flv.map(tags, function(tag)
      return tag.timestamp > middle and flv.at(tag, tag.timestamp + milliseconds) or nil
    end)
  end
end

-- One kind pauses for the second second.
local function with_gap(type)
  return function(tags)
    return flv.map(tags, function(tag) return (tag.type ~= type or tag.timestamp // 1000 ~= 1) and tag end)
  end
end

local function script(...) return flv.tag(flv.SCRIPT, 0, table.concat { ... }) end

local function name(text) return "\2" .. string.pack(">s2", text) end

local function member(key, value) return string.pack(">s2", key) .. value end

local function number(value) return "\0" .. string.pack(">d", value) end

-- The tags with one before them, in the place of their own metadata.
local function with_metadata(tag)
  return function(tags)
    local list = flv.map(tags, function(one) return one.type ~= flv.SCRIPT and one end)
    if tag then table.insert(list, 1, tag) end
    return list
  end
end

local WRONG = script(name "onMetaData", "\8\0\0\0\4", member("width", number(1)), member("height", number(-5)),
  member("videocodecid", number(2)), member("framerate", number(0 / 0)), "\0\0\9")
local ODD = script(name "onMetaData", "\3", member("date", "\11" .. string.pack(">d", 1e12) .. "\0\0"),
  member("list", "\10\0\0\0\2\5\6"), member("long", "\12" .. string.pack(">s4", ("x"):rep(70000))),
  member("xml", "\15" .. string.pack(">s4", "<a/>")), member("same", "\7\0\0"), "\0\0\9")

-- Leaves out the first pictures, so that the stream begins with one that needs others.
local function without_first_keyframe(tags)
  local keyframes = 0
  return flv.map(tags, function(tag)
    keyframes = keyframes + (flv.is_keyframe(tag) and 1 or 0)
    return not (flv.is_keyframe(tag) and keyframes == 1) and tag
  end)
end

-- Sends both configurations again before each keyframe.
local function with_repeated_headers(tags)
  local headers, list = {}, {}
  for _, tag in ipairs(tags) do
    if flv.is_sequence_header(tag) then headers[#headers + 1] = tag end
    if flv.is_keyframe(tag) and #list > 5 then
      for _, header in ipairs(headers) do list[#list + 1] = flv.at(header, tag.timestamp) end
    end
    list[#list + 1] = tag
  end
  return list
end

local function with_empty_tags(tags)
  local list = {}
  for i, tag in ipairs(tags) do
    list[#list + 1] = tag
    if i % 5 == 0 then list[#list + 1] = flv.tag(tag.type, tag.timestamp, "") end
  end
  return list
end

--- What the pictures are like.
---@type spec.quirk[]
quirks.PICTURES = {
  { name = "GOPs of 7 with 3 B-frames", options = x264 "keyint=7:min-keyint=7:bframes=3:scenecut=0" },
  { name = "a B-pyramid", options = x264 "keyint=25:bframes=7:b-pyramid=normal:b-adapt=0:ref=4" },
  { name = "open GOPs", options = x264 "keyint=20:bframes=3:open-gop=1" },
  { name = "interlaced (MBAFF)", options = x264("keyint=25:tff=1", "-flags", "+ilme+ildct") },
  { name = "progressive that says interlaced", options = x264 "keyint=25:fake-interlaced=1" },
  { name = "keyframes alone", options = x264 "keyint=1" },
  { name = "one keyframe", options = x264 "keyint=infinite:scenecut=0" },
  { name = "intra refresh", options = x264 "keyint=20:intra-refresh=1" },
  { name = "10 bits", options = x264("keyint=25", "-pix_fmt", "yuv420p10le") },
  { name = "4:2:2", options = x264("keyint=25", "-pix_fmt", "yuv422p") },
  { name = "4:4:4", options = x264("keyint=25", "-pix_fmt", "yuv444p") },
  { name = "delimiters and filler", ext = "ts", options = x264("keyint=25:aud=1:nal-hrd=cbr:filler=1", "-b:v", "1M",
    "-maxrate", "1M", "-bufsize", "500k") },
  { name = "eight slices", options = x264 "keyint=25:slices=8" },
  { name = "a message (SEI) with each picture", options = x264("keyint=25", "-bsf:v",
    "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+quirk") },
  { name = "huge keyframes", picture = "nullsrc=s=640x360:r=5,geq=random(1)*255:128:128",
    options = x264 "keyint=10:qp=1" },
  { name = "one picture a second", picture = "testsrc2=size=160x96:rate=1", options = x264 "keyint=2:bframes=0" },
  { name = "120 pictures a second", picture = "testsrc2=size=160x96:rate=120", options = x264 "keyint=120:bframes=2" },
  { name = "a variable rate", picture = "testsrc2=size=160x96:rate=30,select=not(mod(n\\,3))+not(mod(n\\,5))",
    options = x264("keyint=20:bframes=2", "-vsync", "vfr") },
  { name = "HEVC with open GOPs", video = "hevc", options = x265 "keyint=20:open-gop=1:bframes=3" },
  { name = "HEVC of 10 bits", video = "hevc", options = x265("keyint=25", "-pix_fmt", "yuv420p10le") },
  { name = "HEVC with delimiters and its sets before each keyframe", video = "hevc", ext = "ts",
    options = x265 "keyint=20:aud=1:repeat-headers=1:slices=2" },
}

--- What the sound, the clocks and the messages are like.
---@type spec.quirk[]
quirks.STREAMS = {
  { name = "mono", options = x264("keyint=25", "-ac", "1") },
  { name = "eight channels", options = x264("keyint=25", "-ac", "8") },
  { name = "AAC of 22.05 kHz", options = x264("keyint=25", "-ar", "22050") },
  { name = "MP3 of 48 kHz", audio = "mp3", options = x264("keyint=25", "-c:a", "libmp3lame", "-ar", "48000") },
  { name = "no sound", audio = false, options = x264("keyint=25", "-an") },
  { name = "no picture", video = false, options = { "-vn" } },
  { name = "sound that begins late", sound = "sine=sample_rate=44100,asetpts=PTS+1.5/TB", options = x264 "keyint=25" },
  { name = "a picture that begins late", picture = "testsrc2=size=160x96:rate=25,setpts=PTS+1.5/TB",
    options = x264 "keyint=25" },
  { name = "a clock of 33 bits that wraps", ext = "ts", options = x264("keyint=25", "-output_ts_offset", "95441.7") },
  { name = "a clock of 32 bits that wraps", tags = map_times(0xffffffff - 1500) },
  { name = "times past 24 bits", tags = map_times(0xffffff - 1500) },
  { name = "a clock that jumps ahead", tags = with_jump(3000) },
  { name = "a second without sound", tags = with_gap(flv.AUDIO) },
  { name = "a second without pictures", tags = with_gap(flv.VIDEO) },
  { name = "a first picture that is no keyframe", tags = without_first_keyframe },
  { name = "no metadata", tags = with_metadata(nil) },
  { name = "metadata that is wrong", tags = with_metadata(WRONG) },
  { name = "metadata of rare types", tags = with_metadata(ODD) },
  { name = "chunks of one byte", tags = with_metadata(nil), chunk = 1 },
  { name = "chunks of 65536 bytes", tags = with_metadata(nil), chunk = 65536 },
  { name = "sound between the chunks of pictures", tags = with_metadata(nil), chunk = 128, interleaved = true },
  { name = "configurations before each keyframe", tags = with_repeated_headers },
  { name = "empty messages", tags = with_empty_tags },
}

--- Makes a film. The picture moves and the sound is noise, so that no two packets are the same.
---@param folder string
---@param case spec.quirk
---@param i integer
---@return string path
function quirks.film(folder, case, i)
  return films.make(("%s/%d.%s"):format(folder, i, case.ext or "mp4"), { "-f", "lavfi", "-i",
    case.picture or "testsrc2=size=160x96:rate=25", "-f", "lavfi", "-i",
    case.sound or "anoisesrc=sample_rate=44100:amplitude=0.3:seed=7", "-t", tostring(SECONDS), "-pix_fmt",
    "yuv420p", "-ac", "2", "-c:a", "aac", table.unpack(case.options) })
end

-- The chunks of a message, on a stream of its type's own.
local function chunks_of(tag, size)
  local id, list = tag.type == flv.VIDEO and 6 or 4, {}
  local extended = tag.timestamp >= 0xffffff and string.pack(">I4", tag.timestamp) or ""
  for at = 1, math.max(#tag.data, 1), size do
    local head = at == 1 and string.pack(">BI3I3B<I4", id, math.min(tag.timestamp, 0xffffff), #tag.data, tag.type, 1)
      or string.char(0xc0 | id)
    list[#list + 1] = head .. extended .. tag.data:sub(at, at + size - 1)
  end
  return list
end

-- Two messages at once: their chunks in turn.
local function woven(a, b)
  local list = {}
  for i = 1, math.max(#a, #b) do list[#list + 1] = (a[i] or "") .. (b[i] or "") end
  return list
end

-- Sends the tags at their pace, half a second ahead as a server with a cache does.
local function send(peer, tags, case)
  local size, began, first, held = case.chunk or 60000, uv.hrtime(), nil, nil
  peer.connection:write("\2\0\0\0\0\0\4\1\0\0\0\0" .. string.pack(">I4", size))
  for _, tag in ipairs(tags) do
    first = first or tag.timestamp
    peer.connection:pause(((tag.timestamp - first & 0xffffffff) - 500) / 1000 - (uv.hrtime() - began) / 1e9)
    if peer.connection.ended then return end
    local list = chunks_of(tag, size)
    if held and tag.type == flv.AUDIO then list, held = woven(held, list), nil end
    if held then peer.connection:write(table.concat(held)) end
    held = case.interleaved and tag.type == flv.VIDEO and list or nil
    if not held then peer.connection:write(table.concat(list)) end
  end
  if held then peer.connection:write(table.concat(held)) end
  peer.connection:stall()
end

---@class spec.quirk_run
---@field expected spec.codecs.packets
---@field sink spec.rtmp_server
---@field source spec.rtmp_server|nil
---@field engine spec.proc
---@field control spec.control

local function codecs_of(case)
  return case.video == nil and "h264" or case.video or "none", case.audio == nil and "aac" or case.audio or "none"
end

--- Starts a stream through an engine.
---@param case spec.quirk
---@param path string a film of quirks.film, or the plain one for a case with tags: FLV
---@return spec.quirk_run
function quirks.start(case, path)
  local run, main = { sink = rtmp_server.start() }, { urls = { path } }
  if case.tags then
    local tags = case.tags(flv.read(path))
    run.source = rtmp_server.start { on_play = function(peer) send(peer, tags, case) end }
    run.expected, main = packets.of_tags(tags, "h264"), { url = run.source:url "live/hush" }
  else
    run.expected = packets.of_file(path, codecs_of(case))
  end
  run.engine, run.control = relay.control()
  assert(run.control:request("set", { spec = { stall_limit = STALL_LIMIT, inputs = { main = main },
    outputs = { { id = "1", name = "", url = run.sink:url "live/hush" } } } }))
  return run
end

local function arrived(run, case)
  local tags = {}
  for _, peer in ipairs(run.sink.peers) do table.move(peer.tags, 1, #peer.tags, #tags + 1, tags) end
  return packets.of_tags(tags, (codecs_of(case)))
end

local function is_whole(run, got)
  for kind, list in pairs(run.expected) do
    if #list > 0 and got[kind][#got[kind]] ~= list[#list] then return false end
  end
  return true
end

-- What is wrong with what came of one kind; nil: nothing. A destination joins at a keyframe; from there on nothing is
-- missing, doubled or changed up to the stream's last packet.
local function fault_of(kind, got, expected)
  if #expected == 0 then return #got > 0 and kind .. " out of nothing" or nil end
  local run = packets.run_of(got, expected)
  if run < #got then return ("%s: packet %d of %d is another"):format(kind, run + 1, #got) end
  if got[#got] ~= expected[#expected] then return kind .. ": the last packet is missing" end
  if #got * LEAST < #expected then return ("%s: %d of %d packets came"):format(kind, #got, #expected) end
end

-- Waits until all has arrived: an engine ends with its list, and a live source falls silent.
local function finish(run, case)
  if not case.tags then
    run.engine:wait(LIMIT)
    return arrived(run, case)
  end
  local got
  pcall(proc.eventually, "the end of " .. case.name, LIMIT / proc.PATIENCE, function()
    got = arrived(run, case)
    return is_whole(run, got)
  end)
  run.control:request "stop"
  run.engine:wait()
  run.source:stop()
  return got
end

--- Waits for the stream's end and says what is wrong with what arrived.
---@param run spec.quirk_run
---@param case spec.quirk
---@return string|nil
function quirks.judge(run, case)
  local got, fault = finish(run, case), nil
  run.control:close()
  run.sink:stop()
  for _, kind in ipairs { "video", "audio" } do
    fault = fault or fault_of(kind, got[kind], run.expected[kind])
  end
  return fault and ("%s: %s"):format(case.name, fault)
end

---@class spec.quirk_group
---@field name string
---@field [integer] spec.quirk

--- Streams in groups of as many as go at once.
---@param streams spec.quirk[]
---@return spec.quirk_group[]
function quirks.groups(streams)
  local groups = {}
  for first = 1, #streams, AT_ONCE do
    local group, names = table.move(streams, first, math.min(first + AT_ONCE - 1, #streams), 1, {}), {}
    for i, case in ipairs(group) do names[i] = case.name end
    group.name = table.concat(names, "; ")
    groups[#groups + 1] = group
  end
  return groups
end

-- The film that streams with tags are made of.
local PLAIN = { name = "plain", ext = "flv", options = x264 "keyint=25:bframes=2" }

--- Runs a group's streams at once and says what is wrong with what arrived.
---@param folder string
---@param group spec.quirk_group
---@return string
function quirks.faults(folder, group)
  local runs, faults, plain = {}, {}, nil
  for i, case in ipairs(group) do
    if case.tags then plain = plain or quirks.film(folder, PLAIN, 0) end
    runs[i] = quirks.start(case, case.tags and plain or quirks.film(folder, case, i))
  end
  for i, case in ipairs(group) do faults[#faults + 1] = quirks.judge(runs[i], case) end
  return table.concat(faults, "\n")
end

return quirks
