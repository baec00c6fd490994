-- SPDX-License-Identifier: MIT
-- One encoder, two servers, one engine that merges what comes from both: the connections are cut in turn, and what a
-- destination got is compared with what the encoder sent, packet by packet. bench/faults.lua prints it,
-- spec/integration/relay_merge_spec.lua holds it.

local uv = require "luv"

local films = require "spec.support.films"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local slow_path = require "spec.support.fakes.slow_path"
local srt_gateway = require "spec.support.programs.srt_gateway"
local ts_server = require "spec.support.fakes.ts_server"

local merge = {}

local LIMIT = 60 -- seconds for anything to happen at all
local STALL_LIMIT = 10 -- seconds: longer than a busy machine lets a source wait, which is no loss of it
local LOOK_MS = 100
local RATE, GOP = 25, 25
local STEP = { video = 1 / RATE, audio = 1024 / 44100 } -- seconds between two packets

-- A slide and digital silence repeat byte for byte.
local PICTURES = { moving = "testsrc2=size=320x180:rate=25", still = "smptebars=size=320x180:rate=25" }
local SOUNDS = { tone = "sine=frequency=440:sample_rate=44100", silence = "anullsrc=sample_rate=44100:cl=stereo" }

---@class spec.merge_way
---@field delay number|nil  seconds
---@field by "ts"|"srt"|nil  MPEG-TS over HTTP, the same by SRT; default RTMP

---@class spec.merge_case
---@field name string
---@field picture "moving"|"still"|nil
---@field sound "tone"|"silence"|nil
---@field main spec.merge_way|nil
---@field backup spec.merge_way|nil
---@field began number|nil  the encoder's time at its start, in seconds

---@class spec.merge_result
---@field packets integer   that the destination got
---@field lost integer
---@field doubled integer
---@field other integer     packets that are not the encoder's next
---@field cuts integer
---@field publishes integer
---@field distance_ms integer   as the engine told it
---@field taken { main: integer, backup: integer }
---@field late integer          that one path lost and the other brought too late
---@field dropped integer       that the engine's queue to the destination had no room for
---@field gaps integer          places where packets are lost, of each stream
---@field still number          seconds that the ways stood still at once, at most: the machine gave them no processor

local function encode(case, seconds)
  return films.make(proc.folder() .. "/encoded.flv", { "-f", "lavfi", "-i",
    PICTURES[case.picture or "moving"], "-f", "lavfi", "-i", SOUNDS[case.sound or "tone"], "-c:v", "libx264",
    "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", tostring(GOP), "-keyint_min", tostring(GOP), "-sc_threshold",
    "0", "-c:a", "aac", "-ac", "2", "-t", tostring(seconds) })
end

---@class spec.merge_stage
---@field case spec.merge_case
---@field paths table<string, spec.slow_path|spec.srt_gateway>
local Stage = {}
Stage.__index = Stage

-- MPEG-TS of the encoder: the slave of its tee, and the port to read it from over HTTP.
function Stage:_serve_ts()
  local server = ts_server.start()
  self.closing[#self.closing + 1] = server
  return ("[f=mpegts:flush_packets=1]tcp://127.0.0.1:%d"):format(server.from_port), server.port
end

function Stage:_serve_rtmp()
  local server = nginx.start { apps = { "live" } }
  self.closing[#self.closing + 1] = { close = function() server:stop() end }
  return "[f=flv:flush_packets=1]" .. server:url("live", "one"), server.port
end

-- A server of its own for each way: the slave of the encoder's tee, and the URL to read it by. An SRT receiver makes
-- its delay itself.
function Stage:_serve(endpoint)
  local way = self.case[endpoint] or {}
  local slave, port = (way.by and self._serve_ts or self._serve_rtmp)(self)
  local url = way.by and "http://127.0.0.1:%d/live.ts" or "rtmp://127.0.0.1:%d/live/hush-one"
  if way.by == "srt" then
    self.paths[endpoint] = srt_gateway.start(url:format(port))
    url = ("srt://127.0.0.1:%%d?latency=%d"):format(1000000 * way.delay)
  else
    self.paths[endpoint] = slow_path.start(port, way.delay or 0)
  end
  return slave, url:format(self.paths[endpoint].port)
end

-- The ways run on this loop: while it does not, nothing comes by either of them.
function Stage:_watch_loop()
  local last = uv.hrtime()
  self.still, self.clock = 0, uv.new_timer()
  self.clock:start(LOOK_MS, LOOK_MS, function()
    local now = uv.hrtime()
    self.still = math.max(self.still, (now - last) / 1e9 - LOOK_MS / 1000)
    last = now
  end)
end

local function start(case, seconds)
  local self = setmetatable({ case = case, paths = {}, closing = {}, seen = 0 }, Stage)
  self.ignored = uv.new_signal() -- of the ways, whose other ends come and go
  self.ignored:start("sigpipe", function() end)
  self.file = encode(case, seconds)
  self:_watch_loop()
  self.platform = nginx.start { apps = { "live" }, record = true }
  local main, main_url = self:_serve "main"
  local backup, backup_url = self:_serve "backup"
  self.encoder = proc.spawn({ "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-re", "-itsoffset",
    tostring(case.began or 60), "-i", self.file, "-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "tee",
    main .. "|" .. backup }, { name = "encoder" })
  self.engine, self.control = relay.control()
  assert(self.control:request("set", { spec = { project = "merge", revision = 1, active = "main", merge = true,
    stall_limit = STALL_LIMIT,
    inputs = { main = { url = main_url }, backup = { url = backup_url } },
    outputs = { { id = "1", name = "", url = self.platform:url("live", "out") } } } }))
  return self
end

-- The state of the merge, as the engine told it last. Not asked for: this loop is what the media come through, and a
-- question at each turn of it leaves too little of a busy machine for them.
function Stage:state()
  local events = self.control.events
  for i = self.seen + 1, #events do
    if events[i].event == "merge" then self.told = events[i].state end
  end
  self.seen = #events
  return self.told
end

local function until_aligned(self)
  proc.eventually(function() return ("%s: aligned, is %s"):format(self.case.name, self.told) end, LIMIT, function()
    return self:state() == "aligned"
  end)
end

-- Cuts main and backup in turn, each time when both are there again.
local function cut_in_turn(self, cuts)
  for n = 1, cuts do
    until_aligned(self)
    proc.elapse(0.3 + 0.1 * (n % 7))
    local path = self.paths[n % 2 == 1 and "main" or "backup"]
    path:cut()
    proc.eventually("one of the two alone", LIMIT, function() return self:state() ~= "aligned" end)
    proc.elapse(0.2 * (n % 3))
    path:mend()
  end
  until_aligned(self)
end

-- Dts in seconds and hash of every packet, without what muxers add: parameter sets, delimiters, filler.
local function packets_of(path)
  local code, out, err = proc.run({ "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-copyts", "-i", path,
    "-map", "0:v", "-map", "0:a", "-c", "copy", "-bsf:v", "filter_units=remove_types=7-9|12", "-f", "framemd5", "-" },
    { name = "ffmpeg" })
  assert(code == 0, err)
  local list, units = { video = {}, audio = {} }, {}
  for stream, by in out:gmatch "#tb (%d): 1/(%d+)" do units[stream] = 1 / tonumber(by) end
  for stream, dts, hash in out:gmatch "\n(%d),%s*(%d+),[^\n]-(%x+)%f[\n\0]" do
    table.insert(list[stream == "0" and "video" or "audio"], { dts = tonumber(dts) * units[stream], hash = hash })
  end
  return list
end

---@class spec.merge_count
---@field lost integer
---@field gaps integer
---@field doubled integer
---@field other integer

-- A publish begins with the parameter sets in band, and what is left without them is written in another way.
local function is_other(i, known)
  return not known and i > 1 and 1 or 0
end

local function add_gap(count, packets)
  if packets <= 0 then return end
  count.lost = count.lost + packets
  count.gaps = count.gaps + 1
end

-- By what they are, which says nothing where packets repeat.
---@return spec.merge_count
local function count_by_payload(got, sent)
  local number, count, last = {}, { lost = 0, gaps = 0, doubled = 0, other = 0 }, nil
  for i, packet in ipairs(sent) do number[packet.hash] = i end
  for i, packet in ipairs(got) do
    local this = number[packet.hash]
    count.other = count.other + is_other(i, this)
    if this then
      add_gap(count, last and this - last - 1 or 0)
      count.doubled = count.doubled + (last and this <= last and 1 or 0)
      last = this
    end
  end
  return count
end

-- By their times.
---@return spec.merge_count
local function count_by_time(got, sent, step)
  local known, count = {}, { lost = 0, gaps = 0, doubled = 0, other = 0 }
  for _, packet in ipairs(sent) do known[packet.hash] = true end
  for i, packet in ipairs(got) do
    local steps = i > 1 and math.floor((packet.dts - got[i - 1].dts) / step + 0.5) or 1
    add_gap(count, steps - 1)
    count.doubled = count.doubled + (steps < 1 and 1 or 0)
    count.other = count.other + is_other(i, known[packet.hash])
  end
  return count
end

local function judge(self, result)
  local recordings = self.platform:recordings "live"
  assert(#recordings == 1, #recordings .. " recordings")
  local got, sent = packets_of(recordings[1]), packets_of(self.file)
  local repeats = { video = self.case.picture == "still", audio = self.case.sound == "silence" }
  result.packets = #got.video + #got.audio
  result.lost, result.gaps, result.doubled, result.other = 0, 0, 0, 0
  for kind, step in pairs(STEP) do
    local by = repeats[kind] and count_by_time or count_by_payload
    for what, count in pairs(by(got[kind], sent[kind], step)) do result[what] = result[what] + count end
  end
  result.publishes = #self.platform:publishes "live"
end

local function stop(self)
  assert(self.control:request "stop")
  assert(self.engine:wait() == 0, self.engine:output())
  self.encoder:kill()
  self.platform:expect_silence "live"
  self.encoder:wait()
  self.platform:stop()
  for _, path in pairs(self.paths) do path:close() end
  for _, one in ipairs(self.closing) do one:close() end
  self.control:close()
  self.clock:close()
  self.ignored:close()
end

--- Cuts the connections of a merge so many times.
---@param case spec.merge_case
---@param cuts integer
---@param seconds number    of media; the cuts have to be over by then
---@return spec.merge_result
function merge.run(case, cuts, seconds)
  local self = start(case, seconds)
  cut_in_turn(self, cuts)
  local stat = self.control:request "stat"
  local paths = stat.merge
  local result = { cuts = cuts, distance_ms = paths.distance_ms, dropped = stat.outputs[1].dropped,
    taken = { main = paths.main.taken, backup = paths.backup.taken }, late = paths.main.late + paths.backup.late,
    still = self.still }
  stop(self)
  judge(self, result)
  return result
end

return merge
