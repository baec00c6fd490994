-- SPDX-License-Identifier: MIT
-- The films that go through every way in and out: each codec in company, made by FFmpeg's encoders. The picture moves
-- and the sound is noise, so that no two packets are the same.

local kept = require "spec.support.films"
local packets = require "spec.support.proofs.codecs.packets"

local films = {}

local SECONDS = 40 -- a run is over before, so that no film begins again

local VIDEO = {
  h264 = { "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2" },
  hevc = { "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
    "log-level=none:info=0:keyint=25:min-keyint=25:bframes=2" },
  -- mpegts.js 1.8 expects of a keyframe the order hints that frames between have, and fails where there are any
  av1 = { "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", "25", "-aom-params", "enable-order-hint=0" },
  vp9 = { "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25" },
}
local AUDIO = { aac = { "aac" }, opus = { "libopus" }, mp3 = { "libmp3lame" }, ac3 = { "ac3" },
  -- noise that nothing is left out of: little of it, or those who keep what arrives are kept busy
  flac = { "flac", "-ac", "1", "-ar", "16000", "-frame_size", "1024" } }

--- What the table's rows are made of: the codec that a row is about, and the film that shows it.
---@type { codec: string, kind: "video"|"audio", film: string }[]
films.ROWS = {
  { codec = "h264", kind = "video", film = "h264+aac" },
  { codec = "hevc", kind = "video", film = "hevc+aac" },
  { codec = "av1", kind = "video", film = "av1+aac" },
  { codec = "vp9", kind = "video", film = "vp9+aac" },
  { codec = "aac", kind = "audio", film = "h264+aac" },
  { codec = "opus", kind = "audio", film = "h264+opus" },
  { codec = "mp3", kind = "audio", film = "h264+mp3" },
  { codec = "ac3", kind = "audio", film = "h264+ac3" },
  { codec = "flac", kind = "audio", film = "h264+flac" },
}

---@class spec.codecs.film
---@field name string      "h264+aac"
---@field video string     codec
---@field audio string
---@field path string      MP4
---@field packets spec.codecs.packets

--- Makes a film.
---@param folder string
---@param name string "h264+aac"
---@param seconds number|nil
---@return spec.codecs.film
function films.make(folder, name, seconds)
  local video, audio = name:match "^(%w+)%+(%w+)$"
  local path = ("%s/%s.mp4"):format(folder, name)
  local argv = { "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i",
    "anoisesrc=sample_rate=48000:amplitude=0.3:seed=7", "-t", tostring(seconds or SECONDS), "-pix_fmt", "yuv420p",
    "-ac", "2", "-b:a", "96k", "-c:a", table.unpack(AUDIO[audio]) }
  argv[#argv + 1] = "-c:v"
  table.move(VIDEO[video], 1, #VIDEO[video], #argv + 1, argv)
  table.move({ "-strict", "experimental" }, 1, 2, #argv + 1, argv) -- FLAC in MP4
  kept.make(path, argv)
  return { name = name, video = video, audio = audio, path = path, packets = packets.of_file(path, video, audio) }
end

return films
