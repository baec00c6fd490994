-- SPDX-License-Identifier: MIT
-- The ways in of the table of codecs: each has programs of others send a film, and is the URL to read it at.
--
-- No program at hand publishes Enhanced RTMP. What node-media-server 4 gives out by RTMP and http-flv therefore came to
-- it from an engine, but for the codecs that FFmpeg publishes.

local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local ts_server = require "spec.support.fakes.ts_server"
local uv = require "luv"
local vectors = require "spec.support.proofs.codecs.vectors"

---@class spec.codecs.source
---@field url string|nil      where the engine reads; nil: there is none of this kind
---@field loop boolean|nil    a list, which the engine plays again and again
---@field missing string|nil  why
---@field close fun()|nil

---@class spec.codecs.way_in
---@field name string
---@field peer string
---@field films string[]|nil  by name, if it is for these alone
---@field open fun(stage: spec.codecs.stage, film: spec.codecs.film, key: string): spec.codecs.source

local function ffmpeg(film, ...)
  return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-i", film.path, "-c", "copy", "-strict",
    "experimental", ... },
    { name = "sender" })
end

-- Publishes by RTMP, and waits until it is taken.
local function publish(film, url)
  if film.name == "h264+aac" or film.name == "h264+mp3" then return ffmpeg(film, "-f", "flv", url) end
  return relay.start("-i", film.path, "-o", url)
end

-- A node-media-server's stream, once it has begun.
local function node_media_server(scheme, suffix)
  return function(stage, film, key)
    publish(film, ("%s/live/%s"):format(stage.nms4.rtmp, key))
    proc.eventually("the publish of " .. key, 30, function()
      return stage.nms4.proc:output():find(key, 1, true)
    end)
    return { url = ("%s/live/%s%s"):format(stage.nms4[scheme], key, suffix or "") }
  end
end

-- The same as bytes on a socket of this machine, passed on as they come.
local function unix(stage, film, key)
  local port, host = stage.nms4.http:match ":(%d+)$", "127.0.0.1"
  node_media_server("http", ".flv")(stage, film, key)
  local path, server = ("%s/%s.flv"):format(stage.folder, key), uv.new_pipe(false)
  assert(server:bind(path))
  assert(server:listen(4, function()
    local reader, from, head = uv.new_pipe(false), uv.new_tcp(), ""
    server:accept(reader)
    reader:read_start(function(_, data) return data or reader:is_closing() or reader:close() end)
    from:connect(host, tonumber(port), function()
      from:write(("GET /live/%s.flv HTTP/1.0\r\n\r\n"):format(key))
      from:read_start(function(_, data)
        if reader:is_closing() then return from:is_closing() or from:close() end
        if not data then return reader:close() end
        if not head then return reader:write(data) end
        head = head .. data
        local stop = select(2, head:find("\r\n\r\n", 1, true))
        if stop then
          reader:write(head:sub(stop + 1))
          head = nil
        end
      end)
    end)
  end))
  return { url = "unix:" .. path, close = function() server:close() end }
end

-- FFmpeg writes FLAC into MPEG-TS as data that nobody reads.
local function ts(open)
  return function(stage, film, key)
    if film.audio == "flac" then return { missing = "no program at hand sends FLAC in MPEG-TS" } end
    return open(stage, film, key)
  end
end

local function udp(_, film)
  local port = proc.free_port()
  ffmpeg(film, "-f", "mpegts", ("udp://127.0.0.1:%d?pkt_size=1316"):format(port))
  return { url = ("udp://127.0.0.1:%d"):format(port) }
end

local function srt(_, film)
  local port = proc.free_port()
  ffmpeg(film, "-f", "mpegts", ("srt://127.0.0.1:%d?mode=listener"):format(port))
  return { url = ("srt://127.0.0.1:%d"):format(port) }
end

local function ts_http(_, film)
  local server = ts_server.start()
  ffmpeg(film, "-f", "mpegts", "-flush_packets", "1", ("tcp://127.0.0.1:%d"):format(server.from_port))
  return { url = ("http://127.0.0.1:%d/live.ts"):format(server.port), close = function() server:close() end }
end

local function hls(stage, film, key)
  local folder = ("%s/hls/src"):format(stage.nginx.dir)
  local list = ("%s/%s.m3u8"):format(folder, key)
  ffmpeg(film, "-f", "hls", "-hls_time", "1", "-hls_list_size", "6", "-hls_segment_type", "fmp4",
    "-hls_fmp4_init_filename", key .. ".init.mp4", "-hls_segment_filename", ("%s/%s-%%d.m4s"):format(folder, key), list)
  proc.eventually("a playlist", 30, function()
    local file = io.open(list)
    if not file then return false end
    local text = file:read "a"
    file:close()
    return select(2, text:gsub("EXTINF", "")) > 2
  end)
  return { url = ("http://127.0.0.1:%d/hls/src/%s.m3u8"):format(stage.nginx.http_port, key) }
end

-- GStreamer's payloads of RTP; it has none of AV1 and FLAC here.
local PAYLOADS = { h264 = "h264parse ! rtph264pay", hevc = "h265parse ! rtph265pay", vp9 = "rtpvp9pay",
  aac = "aacparse ! rtpmp4gpay", opus = "opusparse ! rtpopuspay", mp3 = "mpegaudioparse ! rtpmpapay",
  ac3 = "ac3parse ! rtpac3pay" }

local function rtsp(_, film)
  for _, codec in ipairs { film.video, film.audio } do
    if not PAYLOADS[codec] then return { missing = "no RTSP server at hand sends " .. codec } end
  end
  local port = proc.free_port()
  local pipeline = ("( filesrc location=%s ! qtdemux name=d  d.video_0 ! queue ! %s name=pay0 pt=96 "
    .. "d.audio_0 ! queue ! %s name=pay1 pt=97 )"):format(film.path, PAYLOADS[film.video], PAYLOADS[film.audio])
  local server = proc.spawn({ "/usr/bin/python3", "spec/support/programs/rtsp_server.py", tostring(port), pipeline },
    { name = "RTSP server" })
  server:expect "listening"
  return { url = ("rtsp://127.0.0.1:%d/cam"):format(port) }
end

local function file(_, film) return { url = film.path, loop = true } end

---@type spec.codecs.way_in[]
local ways = {
  { name = "RTMP", peer = "node-media-server 4", open = node_media_server "rtmp" },
  { name = "RTMPS", peer = "node-media-server 4", open = node_media_server "rtmps" },
  { name = "FLV by HTTP", peer = "node-media-server 4", open = node_media_server("http", ".flv") },
  { name = "FLV by unix:", peer = "node-media-server 4", open = unix },
  { name = "TS by UDP", peer = "FFmpeg", open = ts(udp) },
  { name = "TS by SRT", peer = "FFmpeg", open = ts(srt) },
  { name = "TS by HTTP", peer = "FFmpeg", open = ts(ts_http) },
  { name = "HLS", peer = "FFmpeg, nginx", open = hls },
  { name = "RTSP", peer = "GStreamer", open = rtsp },
  { name = "file", peer = "FFmpeg", open = file },
}

return table.move(vectors.WAYS, 1, #vectors.WAYS, #ways + 1, ways)
