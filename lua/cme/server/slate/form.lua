-- SPDX-License-Identifier: MIT
-- What a slate is to be like, and how ffmpeg makes it so: made to the measure of the programme (codecs, size, profile,
-- frame rate, sound), since one publish cannot change its codecs. Matroska comes out, whose packets have the form that
-- RTMP wants (matroska.lua, tags.lua). Pure.

local codes = require "cme.codes"
local sign = require "cme.sign"

local form = {}

local BLACK_SECONDS = 0.5 -- of black and silence, looped: what takes long to encode comes late
local BLACK_PICTURES = 4 -- of it, at least
local STILL_SECONDS = 4 -- of a picture
local VIDEO_SECONDS = 60 -- of a video, at most
local LEAST_KBPS, MOST_KBPS = 500, 15000 -- of the picture: 60 s of it, with sound, are below 128 MiB

---@class cme.server.slate.programme what destinations get, as the engine's event of that name says it
---@field video string|nil libavcodec's name; nil: no picture
---@field width integer|nil
---@field height integer|nil
---@field profile integer|nil profile_idc of H.264, general_profile_idc of HEVC
---@field fps number|nil
---@field audio string|nil nil: no sound
---@field sample_rate integer|nil Hz
---@field channels integer|nil

---@class cme.server.slate.source a file of the media library
---@field path string
---@field size integer bytes
---@field changed integer unix seconds
---@field still boolean it is a picture
---@field sound boolean|nil it has sound; nil: not looked at yet

-- Of H.264: x264's name of a profile, its pixels, and the tools without which a fast preset falls below the profile.
local HIGH = "cabac=1:8x8dct=1"
local H264 = {
  [66] = { "baseline", "yuv420p", "cabac=0" }, [77] = { "main", "yuv420p", "cabac=1:8x8dct=0" },
  [100] = { "high", "yuv420p", HIGH }, [110] = { "high10", "yuv420p10le", HIGH },
  [122] = { "high422", "yuv422p10le", HIGH }, [244] = { "high444", "yuv444p", HIGH },
}
local HEVC = { [1] = { "main", "yuv420p" }, [2] = { "main10", "yuv420p10le" } }

-- Each frame of sound begins where the one before ends; a picture follows nothing but those before it (no B-frames), so
-- its DTS is its PTS.
local VIDEO = {
  h264 = function(programme, preset, gop)
    local profile = H264[programme.profile] or H264[100]
    return profile[2], { "-c:v", "libx264", "-preset", preset, "-profile:v", profile[1], "-x264-params",
      profile[3], "-bf", "0", "-g", gop, "-keyint_min", gop, "-sc_threshold", "0" }
  end,
  hevc = function(programme, preset, gop)
    local profile = HEVC[programme.profile] or HEVC[1]
    return profile[2], { "-c:v", "libx265", "-preset", preset, "-profile:v", profile[1], "-x265-params",
      ("log-level=error:bframes=0:scenecut=0:keyint=%s:min-keyint=%s"):format(gop, gop) }
  end,
}
local AUDIO = { aac = "aac", mp3 = "libmp3lame", opus = "libopus" }
local LAYOUTS = { "mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1" }

-- Rates that encoders use, as fractions: what is measured in milliseconds is rounded to the nearest.
local RATES = { { 24000, 1001 }, { 24, 1 }, { 25, 1 }, { 30000, 1001 }, { 30, 1 }, { 48, 1 }, { 50, 1 },
  { 60000, 1001 }, { 60, 1 }, { 15, 1 }, { 20, 1 }, { 12, 1 }, { 10, 1 }, { 120, 1 } }
local NEAR = 0.01

--- The frame rate that is meant by a measured one, as ffmpeg takes it. 1000/1001 are told apart where that is possible.
---@param fps number
---@return string
function form.rate(fps)
  local best, distance = nil, NEAR * fps
  for _, rate in ipairs(RATES) do
    local off = math.abs(rate[1] / rate[2] - fps)
    if off < distance then best, distance = rate, off end
  end
  if not best then return (("%.2f"):format(fps):gsub("%.?0+$", "")) end
  return best[2] == 1 and ("%d"):format(best[1]) or ("%d/%d"):format(best[1], best[2])
end

--- The programme of a start without a live source.
---@param format { Width: integer|nil, Height: integer|nil, FrameRate: number|nil }|nil
---@return cme.server.slate.programme
function form.default(format)
  format = format or {}
  return { video = "h264", profile = 100, width = format.Width or 1280, height = format.Height or 720,
    fps = format.FrameRate or 30, audio = "aac", sample_rate = 48000, channels = 2 }
end

--- The programme that an engine tells of.
---@param said table its event, or the member of its `stat`
---@return cme.server.slate.programme|nil nil: it is not known yet
function form.read(said)
  local function text(value) return type(value) == "string" and value or nil end
  local function integer(value) return math.tointeger(tonumber(value)) end
  if type(said) ~= "table" or not (text(said.video) or text(said.audio)) then return nil end
  return { video = text(said.video), width = integer(said.width), height = integer(said.height),
    profile = integer(said.profile), fps = tonumber(said.fps), audio = text(said.audio),
    sample_rate = integer(said.sample_rate), channels = integer(said.channels) }
end

--- Why no slate can be made for a programme.
---@param programme cme.server.slate.programme
---@return cme.reason|nil
function form.fault(programme)
  for _, kind in ipairs { { VIDEO, programme.video }, { AUDIO, programme.audio } } do
    if kind[2] and not kind[1][kind[2]] then return codes.reason("server.slate.unsupported", { codec = kind[2] }) end
  end
  local known = not programme.video or ((programme.width or 0) > 0 and (programme.height or 0) > 0)
  if not known or (programme.audio and (programme.sample_rate or 0) <= 0) then
    return codes.reason "server.slate.unsupported:unknown"
  end
  return nil
end

--- What tells a slate from others: the same name is the same content.
---@param programme cme.server.slate.programme
---@param source cme.server.slate.source|nil nil: black and silence
---@return string
function form.name(programme, source)
  local parts = { "3" } -- of what this file does
  for _, name in ipairs { "video", "profile", "width", "height", "audio", "sample_rate", "channels" } do
    parts[#parts + 1] = tostring(programme[name])
  end
  parts[#parts + 1] = programme.video and form.rate(programme.fps) or ""
  if source then parts[#parts + 1] = ("%s|%d|%d"):format(source.path, source.size, source.changed) end
  return sign.sha256_hex(table.concat(parts, "|")):sub(1, 32) .. ".flv"
end

-- ---- ffmpeg's arguments

local function append(argv, ...)
  for _, value in ipairs { ... } do argv[#argv + 1] = value end
end

local function silence(programme)
  local channels = programme.channels or 2
  return ("anullsrc=sample_rate=%d:channel_layout=%s"):format(programme.sample_rate,
    LAYOUTS[channels] or channels .. "c")
end

local function add_silence(argv, programme)
  append(argv, "-f", "lavfi", "-i", silence(programme))
end

-- What is read of a file: containers that hold no list of other files.
local STILLS = "image2,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe"
local CONTAINERS = "mov,mp4,m4a,matroska,webm,flv,mpegts,mpeg,avi,gif"

local function add_file(argv, source, rate)
  append(argv, "-protocol_whitelist", "file", "-format_whitelist", source.still and STILLS or CONTAINERS)
  if source.still then append(argv, "-f", "image2", "-pattern_type", "none", "-loop", "1", "-framerate", rate) end
  append(argv, "-t", tostring(source.still and STILL_SECONDS or VIDEO_SECONDS), "-i", "file:" .. source.path)
end

-- About 4 Mbit/s at 1080p30, within what a whole slate may be large.
local function bit_rate(programme)
  local kbps = programme.width * programme.height * programme.fps * 0.065 // 1000
  return ("%dk"):format(math.max(LEAST_KBPS, math.min(kbps, MOST_KBPS)))
end

local function add_picture(argv, programme, source, preset)
  local rate = form.rate(programme.fps)
  local gop = ("%d"):format(math.max(1, math.floor(programme.fps + 0.5)))
  local pixels, encoder = VIDEO[programme.video](programme, preset, gop)
  append(argv, "-map", "0:v:0", "-vf", source and ("scale=%d:%d:force_original_aspect_ratio=decrease,pad=%d:%d:-1:-1,"
    .. "setsar=1,fps=%s,format=%s"):format(programme.width, programme.height, programme.width, programme.height, rate,
    pixels) or "format=" .. pixels)
  append(argv, table.unpack(encoder))
  append(argv, "-b:v", bit_rate(programme), "-maxrate", bit_rate(programme), "-bufsize", bit_rate(programme))
end

local function add_sound(argv, programme, input)
  append(argv, "-map", input .. ":a:0", "-c:a", AUDIO[programme.audio], "-b:a",
    ("%dk"):format(64 * (programme.channels or 2)), "-ar", ("%d"):format(programme.sample_rate), "-ac",
    ("%d"):format(programme.channels or 2))
end

-- The inputs, in this order: the picture, and the silence where the sound is no file's.
local function add_inputs(argv, programme, source)
  local own_sound = source and not source.still and source.sound
  if source then
    add_file(argv, source, form.rate(programme.fps))
  elseif programme.video then
    append(argv, "-f", "lavfi", "-i", ("color=black:size=%dx%d:rate=%s"):format(programme.width, programme.height,
      form.rate(programme.fps)))
  end
  if programme.audio and not own_sound then add_silence(argv, programme) end
  return (own_sound or not programme.video) and 0 or 1
end

local function seconds(programme, source)
  if source then return source.still and STILL_SECONDS or VIDEO_SECONDS end
  return math.max(BLACK_SECONDS, programme.video and BLACK_PICTURES / programme.fps or 0)
end

--- What makes a slate, as Matroska on stdout.
---@param programme cme.server.slate.programme one without a fault
---@param source cme.server.slate.source|nil nil: black and silence; of a programme with a picture only
---@param preset string of the encoder
---@return string[]
function form.arguments(programme, source, preset)
  local argv = { "-nostdin", "-hide_banner", "-v", "error" }
  if not source then append(argv, "-filter_threads", "1") end -- threads cost more than they share of so little
  local sound = add_inputs(argv, programme, source)
  if programme.video then add_picture(argv, programme, source, preset) end
  if programme.audio then add_sound(argv, programme, sound) end
  append(argv, table.unpack(source and { "-shortest" } or { "-threads", "1" }))
  append(argv, "-t", ("%g"):format(seconds(programme, source)), "-map_metadata", "-1", "-f", "matroska", "pipe:1")
  return argv
end

--- What tells which streams a file has, a word a line.
---@param source cme.server.slate.source
---@return string[]
function form.probe(source)
  return { "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-show_entries",
    "stream=codec_type", "-of", "csv=p=0", "file:" .. source.path }
end

return form
