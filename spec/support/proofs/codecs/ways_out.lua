-- SPDX-License-Identifier: MIT
-- The ways out of the table of codecs: each is an output, and a program of others behind it that keeps what arrives.

local flv = require "spec.support.proofs.flv"
local mpegts_player = require "spec.support.programs.mpegts_player"
local packets = require "spec.support.proofs.codecs.packets"
local proc = require "spec.support.proc"

---@class spec.codecs.sink
---@field output table                            members of the engine's output
---@field live fun()|nil                          called once the output is live
---@field packets fun(): spec.codecs.packets      what has arrived so far
---@field missing (fun(): string|nil)|nil         what the program at the far side cannot read, in its own words

---@class spec.codecs.way_out
---@field name string
---@field peer string
---@field open fun(stage: spec.codecs.stage, film: spec.codecs.film, key: string): spec.codecs.sink

-- A node-media-server's stream, played over http-flv.
local function node_media_server(name, scheme, codecs)
  return function(stage, film, key)
    local server, player = stage[name], nil
    return {
      output = { url = ("%s/live/%s"):format(server[scheme], key), codecs = codecs },
      live = function()
        player = player or proc.spawn({ "curl", "--silent", "--no-buffer", "--noproxy", "*",
          ("%s/live/%s.flv"):format(server.http, key) }, { name = "player" })
      end,
      packets = function()
        local bytes = player and player.out or ""
        return packets.of_tags(#bytes > 13 and flv.parse(bytes) or {}, film.video)
      end,
    }
  end
end

-- The same, played by mpegts.js.
local function mpegts_js(stage, film, key)
  local player
  return {
    output = { url = ("%s/live/%s"):format(stage.nms4.rtmp, key), codecs = "enhanced" },
    live = function()
      local url = ("%s/live/%s.flv"):format(stage.nms4.http, key)
      player = player or mpegts_player.start(url, stage.folder .. "/" .. key)
    end,
    packets = function()
      if not player then return { video = {}, audio = {} } end
      return { video = packets.of_file(player.video, film.video, film.audio).video,
        audio = packets.of_file(player.audio, film.video, film.audio).audio }
    end,
    missing = function()
      local words = player and (mpegts_player.refusal(player) or mpegts_player.fault(player))
      return words and "mpegts.js: " .. words
    end,
  }
end

-- A publish to nginx-rtmp, which records it.
local function nginx(stage, film, key)
  return {
    output = { url = stage.nginx:url("out", key), codecs = "h264" },
    packets = function()
      for _, path in ipairs(stage.nginx:recordings "out") do
        if path:find(key, 1, true) then return packets.of_tags(flv.read(path), film.video) end
      end
      return { video = {}, audio = {} }
    end,
  }
end

-- What a program writes into a file; it is read as MPEG-TS.
local function kept(stage, film, key, url, argv)
  local path = ("%s/%s.ts"):format(stage.folder, key)
  for i, word in ipairs(argv) do argv[i] = word:gsub("PATH", path) end
  proc.spawn(argv, { name = "receiver" })
  return { output = { url = url }, packets = function() return packets.of_file(path, film.video, film.audio) end }
end

local function srt(stage, film, key)
  local port = proc.free_port()
  return kept(stage, film, key, ("srt://127.0.0.1:%d"):format(port), { "ffmpeg", "-v", "error", "-nostdin", "-f",
    "data", "-i", ("srt://127.0.0.1:%d?mode=listener&tlpktdrop=0"):format(port), "-map", "0", "-c", "copy", "-f",
    "data", "-flush_packets", "1", "PATH" })
end

local function udp(stage, film, key)
  local port = proc.free_port()
  return kept(stage, film, key, ("udp://127.0.0.1:%d?pkt_size=1316"):format(port), { "gst-launch-1.0", "-q", "udpsrc",
    "address=127.0.0.1", "port=" .. port, "buffer-size=8000000", "!", "filesink", "location=PATH",
    "buffer-mode=unbuffered" })
end

local function file(stage, film, key)
  local name = key:gsub("^hush", "") -- a file's name is shown
  return {
    output = { record = { folder = stage.folder, name = name } },
    packets = function()
      local _, out = proc.run { "find", stage.folder, "-name", name .. "-*.mp4" }
      local path = out:match "[^\n]+"
      return path and packets.of_file(path, film.video, film.audio) or { video = {}, audio = {} }
    end,
  }
end

---@type spec.codecs.way_out[]
return {
  { name = "RTMP enhanced", peer = "node-media-server 4", open = node_media_server("nms4", "rtmp", "enhanced") },
  { name = "RTMP, player", peer = "node-media-server 4, mpegts.js 1.8", open = mpegts_js },
  { name = "RTMP id12", peer = "node-media-server 2", open = node_media_server("nms2", "rtmp", "id12") },
  { name = "RTMP h264", peer = "nginx-rtmp", open = nginx },
  { name = "RTMPS", peer = "node-media-server 4", open = node_media_server("nms4", "rtmps", "enhanced") },
  { name = "SRT", peer = "FFmpeg", open = srt },
  { name = "UDP", peer = "GStreamer", open = udp },
  { name = "file", peer = "FFmpeg, reading", open = file },
}
