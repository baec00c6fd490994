-- SPDX-License-Identifier: MIT
-- The arguments of ffprobe and ffmpeg for one source: pure functions of a source and the wanted picture. No shell is
-- involved. The URL is not among the arguments: it is in the environment, and secret_argument.so, loaded with
-- LD_PRELOAD, puts it in the place of `placeholder`. A source may open only the protocols and containers that are
-- listed for its kind, whatever a playlist inside asks.

local child = require "cme.system.child"

local arguments = {}

arguments.placeholder = "cme-source:" -- twin of src/playout/secret_argument.c
arguments.variable = "CME_PLAYOUT_SOURCE"

local SILENCE_US = 10 * 1000 * 1000 -- a source that gives nothing for so long is given up
local CONTAINERS = "mov,mp4,m4a,3gp,matroska,webm,flv,live_flv,mpegts,mpeg,avi,asf,ogg,mp3,aac,wav,flac,h264,hevc"

local function url_kind(protocols, formats)
  return { "-protocol_whitelist", protocols, "-format_whitelist", formats, "-rw_timeout", tostring(SILENCE_US) }
end

-- By scheme of the source; twins of src/pull/kind.c. An HLS playlist may name anything, so files of the library
-- are none.
local KINDS = {
  http = url_kind("http,https,httpproxy,tcp,tls,crypto,data", CONTAINERS .. ",hls,applehttp"),
  https = url_kind("https,httpproxy,tcp,tls,crypto,data", CONTAINERS .. ",hls,applehttp"),
  rtmp = url_kind("rtmp,tcp", "flv,live_flv"),
  path = { "-protocol_whitelist", "file", "-format_whitelist", CONTAINERS },
}

---@class cme.playout.source
---@field id string
---@field url string|nil    http, https or rtmp
---@field path string|nil   a file of the library
---@field offset number|nil seconds; of a path
---@field duration number|nil seconds; of a path
---@field public boolean|nil it is read from public addresses alone; of a url

---@class cme.playout.libraries that ffmpeg and ffprobe are started with
---@field secret string path of secret_argument.so
---@field public string path of public_only.so

---@class cme.playout.picture
---@field width integer
---@field height integer
---@field bitrate integer      kbit/s
---@field frame_rate number
---@field sample_rate integer|nil Hz; 44100 unless told
---@field channels integer|nil 2 unless told

local function append(argv, ...)
  for _, value in ipairs { ... } do
    argv[#argv + 1] = value
  end
end

local function extend(argv, list)
  table.move(list, 1, #list, #argv + 1, argv)
end

--- Where a source is.
---@param source cme.playout.source
---@return string
function arguments.location(source)
  return source.url or "file:" .. source.path
end

local LOOK_US = "1000000" -- of media is enough to know a live source; ffmpeg would wait for five times as much

-- Certificates are verified only when asked for; ffmpeg refuses the option where it has no use.
local function add_input(argv, source)
  extend(argv, KINDS[source.url and source.url:match("^%a+"):lower() or "path"])
  if source.url and source.url:lower():find "^https:" then
    append(argv, "-tls_verify", "1")
  end
  append(argv, "-i", arguments.placeholder)
end

local entries = table.concat({ "format=duration", "stream=index,codec_type,codec_name,profile,width,height,pix_fmt,"
  .. "avg_frame_rate,r_frame_rate,sample_aspect_ratio,field_order,bit_rate,sample_rate,channels",
  "stream_disposition=attached_pic" }, ":")

---@param source cme.playout.source
---@return string[]
function arguments.probe(source)
  local argv = { "-v", "error", "-of", "json", "-show_entries", entries }
  if source.url and source.url:lower():find "^rtmp" then
    append(argv, "-analyzeduration", LOOK_US)
  end
  add_input(argv, source)
  return argv
end

local function number(value)
  return (("%.3f"):format(value):gsub("%.?0+$", ""))
end

local function filter(picture, video)
  local chain = {}
  if video and video.sar ~= 1 then -- scale knows nothing of the shape of pixels
    chain[1] = ("scale=trunc(iw*%s/2)*2:ih"):format(number(video.sar))
  end
  append(chain, ("scale=%d:%d:force_original_aspect_ratio=decrease"):format(picture.width, picture.height),
    ("pad=%d:%d:-1:-1"):format(picture.width, picture.height), "setsar=1", "fps=" .. number(picture.frame_rate),
    "format=yuv420p")
  return table.concat(chain, ",")
end

local function add_picture(argv, picture, video, preset)
  local rate = ("%dk"):format(picture.bitrate)
  local gop = ("%d"):format(math.max(1, math.floor(picture.frame_rate * 2 + 0.5)))
  append(argv, "-vf", filter(picture, video), "-c:v", "libx264", "-preset", preset, "-b:v", rate, "-maxrate", rate,
    "-bufsize", rate, "-g", gop, "-keyint_min", gop, "-sc_threshold", "0")
end

-- Sound is stretched to its times, which also fills what is missing at the start and in between.
local function add_sound(argv, picture)
  append(argv, "-af", "aresample=async=1:first_pts=0", "-c:a", "aac", "-b:a", "128k", "-ar",
    ("%d"):format(picture.sample_rate or 44100), "-ac", ("%d"):format(picture.channels or 2))
end

local function black(picture)
  return ("color=black:size=%dx%d:rate=%s"):format(picture.width, picture.height, number(picture.frame_rate))
end

local function silence(picture)
  return ("anullsrc=sample_rate=%d:channel_layout=%s"):format(picture.sample_rate or 44100,
    picture.channels == 1 and "mono" or "stereo")
end

local HEAD = { "-nostdin", "-hide_banner", "-v", "error" }
local TAIL = { "-map_metadata", "-1", "-f", "flv", "-flvflags", "no_duration_filesize", "pipe:1" }

--- What plays a source as FLV on stdout.
---@param source cme.playout.source
---@param probed cme.playout.probed
---@param picture cme.playout.picture
---@param options { preset: string, copy: boolean } copy: what ffprobe saw is the picture that is wanted
---@return string[]
function arguments.play(source, probed, picture, options)
  local argv = { table.unpack(HEAD) }
  if (source.offset or 0) > 0 then
    append(argv, "-ss", number(source.offset))
  end
  if (source.duration or 0) > 0 then
    append(argv, "-t", number(source.duration))
  end
  if not probed.duration then -- the frame rate is known, so no time is spent on counting
    append(argv, "-analyzeduration", LOOK_US, "-fpsprobesize", "0", "-fflags", "nobuffer")
  end
  add_input(argv, source)
  local video, audio = probed.video, probed.audio
  if not (video and audio) then -- both tracks, always: the other one comes from a generator
    append(argv, "-f", "lavfi", "-i", video and silence(picture) or black(picture), "-shortest")
  end
  append(argv, "-map", video and ("0:%d"):format(video.index) or "1:0", "-map",
    audio and ("0:%d"):format(audio.index) or "1:0")
  if options.copy then
    append(argv, "-c:v", "copy")
  else
    add_picture(argv, picture, video, options.preset)
  end
  if options.copy and audio then
    append(argv, "-c:a", "copy")
  else
    add_sound(argv, picture)
  end
  extend(argv, TAIL)
  return argv
end

--- What makes a black picture without sound, for the time when no source gives media.
---@param picture cme.playout.picture
---@param preset string
---@return string[]
function arguments.filler(picture, preset)
  local argv = { table.unpack(HEAD) }
  append(argv, "-f", "lavfi", "-i", black(picture), "-f", "lavfi", "-i", silence(picture), "-map", "0:0", "-map", "1:0")
  add_picture(argv, picture, nil, preset)
  add_sound(argv, picture)
  extend(argv, TAIL)
  return argv
end

-- What the environment of ffmpeg may hold of ours; keys of the service are not among it.
local KEPT = { "PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
  "SSL_CERT_DIR" }

-- A proxy connects to whatever it is told: it is for sources that need not be public.
local PROXIES = { "http_proxy", "https_proxy", "no_proxy" }

--- The environment of ffmpeg or ffprobe.
---@param environ table<string, string> ours
---@param source cme.playout.source|nil what it reads
---@param libraries cme.playout.libraries|nil needed with a source
---@return string[]
function arguments.environment(environ, source, libraries)
  local names = { table.unpack(KEPT) }
  local public = source and source.public
  if not public then extend(names, PROXIES) end
  if not source then return child.environment(environ, names) end
  return child.environment(environ, names, { arguments.variable .. "=" .. arguments.location(source),
    "LD_PRELOAD=" .. libraries.secret .. (public and ":" .. libraries.public or "") })
end

return arguments
