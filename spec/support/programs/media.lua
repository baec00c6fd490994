-- SPDX-License-Identifier: MIT
-- Test pictures with sound made by ffmpeg, and what ffprobe reads in a recording.

local films = require "spec.support.films"
local proc = require "spec.support.proc"

local media = {}

local LOOP = 60 -- seconds of what is published again and again

-- The two sources of a broadcast differ in everything a switch must survive.
media.MAIN = { size = "640x360", rate = 30, gop = 30, bitrate = "900k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "high", bframes = 2 }
media.BACKUP = { size = "480x270", rate = 25, gop = 25, bitrate = "500k", picture = "smptebars", tone = 880,
  sample_rate = 48000, profile = "main", bframes = 0 }
-- For long specs: an engine does not care how large a picture is, and the machine has other things to do.
media.SMALL = { size = "320x180", rate = 15, gop = 15, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "high", bframes = 2 }
-- What a show looks like to the benches: about 4 Mbit/s.
media.SHOW = { size = "1280x720", rate = 30, gop = 60, bitrate = "3900k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "high", bframes = 2 }

-- How the picture and the sound of a look are encoded, by its codec.
local PICTURES = {
  h264 = function(look)
    return { "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-profile:v", look.profile,
      "-bf", tostring(look.bframes), "-g", tostring(look.gop), "-keyint_min", tostring(look.gop),
      "-sc_threshold", "0", "-b:v", look.bitrate, "-maxrate", look.bitrate, "-bufsize", look.bitrate,
      "-c:a", "aac", "-b:a", "96k", "-ac", tostring(look.channels or 2) }
  end,
  hevc = function(look)
    return { "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", look.bitrate, "-x265-params",
      ("log-level=error:bframes=%d:scenecut=0:keyint=%d:min-keyint=%d"):format(look.bframes, look.gop, look.gop),
      "-c:a", "aac", "-b:a", "96k", "-ac", tostring(look.channels or 2) }
  end,
}

local function encoder(look)
  return {
    "-f", "lavfi", "-i", ("%s=size=%s:rate=%d"):format(look.picture, look.size, look.rate),
    "-f", "lavfi", "-i", ("sine=frequency=%d:sample_rate=%d"):format(look.tone, look.sample_rate),
    table.unpack(PICTURES[look.codec or "h264"](look)),
  }
end

local function ffmpeg(...)
  local argv = { "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin" }
  for _, part in ipairs { ... } do table.move(part, 1, #part, #argv + 1, argv) end
  return argv
end

--- Publishes a test picture that is encoded meanwhile, until stopped.
---@param url string   rtmp URL
---@param look table|nil media.MAIN by default
---@return spec.proc
function media.encode(url, look)
  return proc.spawn(ffmpeg({ "-re" }, encoder(look or media.MAIN), { "-f", "flv", url }), { name = "source" })
end

-- What makes so many seconds of test picture.
local function recipe(seconds, look)
  local argv = encoder(look or media.MAIN)
  table.move({ "-t", tostring(seconds) }, 1, 2, #argv + 1, argv)
  return argv
end

--- Publishes a live test picture until stopped: what an encoder made before, so that it takes next to no processor.
---@param url string   rtmp URL
---@param look table|nil media.MAIN by default
---@return spec.proc
function media.publish(url, look)
  local path = films.kept("flv", recipe(LOOP, look))
  return path and media.replay(url, path) or media.encode(url, look)
end

--- Writes `seconds` of test picture to a file; the format follows the name.
function media.file(path, seconds, look)
  return films.make(path, recipe(seconds, look))
end

--- Publishes a file again and again as if it were live, until stopped. Costs next to no processor time.
---@param url string   where to, as FLV
---@param path string
---@return spec.proc
function media.replay(url, path)
  return proc.spawn(ffmpeg({ "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f", "flv", url }),
    { name = "source" })
end

-- "a=1|b=2" as a table, or "kind|a=1|b=2"; nil when there is nothing in it.
local function parse_row(line)
  local row = { row = line:match "^(%l+)|" }
  for key, value in line:gmatch "([%w_]+)=([^|]*)" do row[key] = tonumber(value) or value end
  return next(row) and row
end

-- What ffprobe is asked for, by the kind of its rows.
local STREAMS, PACKETS = "stream=codec_type,codec_name", "packet=codec_type,dts_time"
local FRAMES = "frame=media_type,width,height"

-- ffprobe's compact form as a list of tables, whose `row` is "stream", "packet" or "frame". To start it costs more than
-- to read a recording: whoever wants several kinds of rows asks once.
local function ffprobe(path, ...)
  local argv = { "ffprobe", "-v", "error", "-of", "compact", "-show_entries", table.concat({ ... }, ":"), path }
  local code, out, err = proc.run(argv, { name = "ffprobe" })
  assert(code == 0, err)
  local list = {}
  for line in out:gmatch "[^\n]+" do
    list[#list + 1] = parse_row(line)
  end
  return list
end

local function streams_in(rows)
  local found = {}
  for _, row in ipairs(rows) do
    if row.row == "stream" then found[row.codec_type] = row.codec_name end
  end
  return found
end

--- What a recording holds.
---@return { video: string|nil, audio: string|nil } codec names
function media.streams(path)
  return streams_in(ffprobe(path, STREAMS))
end

---@class spec.packets
---@field count integer          packets of picture and sound
---@field backward integer       packets whose DTS is below that of the packet before, in one stream
---@field seconds number         last DTS less first
---@field largest_gap number     seconds between two packets of the picture
---@field gaps spec.gap[]  of the picture, longer than MISSED seconds

---@class spec.gap
---@field at number          seconds since the first packet
---@field seconds number     how long
---@field pictures integer   that came before it

local MISSED = 0.3

local function packets_in(rows)
  local result = { count = 0, backward = 0, seconds = 0, largest_gap = 0, gaps = {} }
  local first, last, pictures = nil, {}, 0
  for _, packet in ipairs(rows) do
    local kind, dts = packet.codec_type, packet.dts_time
    if packet.row == "packet" and type(dts) == "number" then
      result.count = result.count + 1
      first = first or dts
      local before = last[kind]
      if before and dts < before then result.backward = result.backward + 1 end
      if before and kind == "video" then
        result.largest_gap = math.max(result.largest_gap, dts - before)
        if dts - before > MISSED then
          result.gaps[#result.gaps + 1] = { at = before - first, seconds = dts - before, pictures = pictures }
        end
      end
      if kind == "video" then pictures = pictures + 1 end
      last[kind] = dts
      result.seconds = math.max(result.seconds, dts - first)
    end
  end
  return result
end

--- The order of a recording's packets.
---@return spec.packets
function media.packets(path)
  return packets_in(ffprobe(path, PACKETS))
end

--- Watches a live stream from now on and notes when each packet comes; ends when the server hangs up.
---@return spec.proc
function media.watch(url)
  return proc.spawn({ "ffprobe", "-v", "error", "-use_wallclock_as_timestamps", "1", "-of", "compact=p=0",
    "-show_entries", "packet=codec_type,dts_time", url }, { name = "watcher" })
end

--- The longest time between two pictures that a watcher saw, once it has ended; the first second does not count,
--- since servers begin with what they hold.
---@return number seconds
function media.arrival_gap(watcher)
  local first, last, largest = nil, nil, 0
  for line in watcher.out:gmatch "[^\n]+" do
    local packet = parse_row(line)
    if packet and packet.codec_type == "video" and type(packet.dts_time) == "number" then
      first = first or packet.dts_time
      if last and last > first + 1 then largest = math.max(largest, packet.dts_time - last) end
      last = packet.dts_time
    end
  end
  assert(last, "nothing was seen: " .. watcher.err)
  return largest
end

-- The picture sizes of a recording in the order they appear, decoded.
local function sizes_in(rows)
  local list = {}
  for _, frame in ipairs(rows) do
    if frame.row == "frame" and frame.media_type == "video" then
      local size = ("%dx%d"):format(frame.width, frame.height)
      if not list[#list] or list[#list].size ~= size then list[#list + 1] = { size = size, frames = 0 } end
      list[#list].frames = list[#list].frames + 1
    end
  end
  return list
end

--- What ffmpeg says when it decodes all of a file; "" when nothing is wrong with it. Times stay what they are: ffmpeg
--- would round them to the frame rate that it guesses, and complain where two then are the same.
---@param path string
---@param seconds number|nil
---@return string
function media.complaints(path, seconds)
  local code, _, err = proc.run({ "ffmpeg", "-v", "error", "-i", path, "-enc_time_base", "-1", "-f", "null", "-" },
    { timeout = seconds })
  return code == 0 and err or ("exit code %s: %s"):format(code, err)
end

--- All of it for one recording; `looks` is the order of picture sizes as one string: "640x360 480x270 640x360";
--- `frames` counts the pictures of all sizes, `sizes` those of each.
---@return { video: string|nil, audio: string|nil, looks: string, frames: integer, backward: integer, largest_gap:
--- number,
---  gaps: table[], seconds: number, sizes: { size: string, frames: integer }[] }
function media.report(path)
  local rows = ffprobe(path, STREAMS, PACKETS, FRAMES)
  local report, streams, looks = packets_in(rows), streams_in(rows), {}
  report.frames, report.sizes = 0, sizes_in(rows)
  for i, look in ipairs(report.sizes) do
    looks[i] = look.size
    report.frames = report.frames + look.frames
  end
  report.video, report.audio, report.looks = streams.video, streams.audio, table.concat(looks, " ")
  return report
end

return media
