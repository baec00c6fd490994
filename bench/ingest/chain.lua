-- SPDX-License-Identifier: MIT
-- What it costs to take one encoder and relay it to N destinations: the edge and the engine together beside nginx-rtmp,
-- which takes and pushes in one process, and beside the edge with a bare loop in the engine's place, which is the floor
-- of two processes (bench/relay/floor.c); and how long a packet is on its way from an encoder's socket to the
-- destination's.
--
--   make bench-ingest OUTPUTS="1 20"
--
-- The delay is measured by an encoder of our own, whose 30 pictures and 48 sounds a second say when they were sent, and
-- at the socket of a second edge that the engine pushes to: it includes that edge, and reading in Lua.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local enhanced = require "spec.support.proofs.enhanced"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rounds = require "bench.rounds"
local uv = require "luv"

local COUNTS = { 1, 20 }
local PICTURE_MS, SOUND_MS = 33, 21 -- from one to the next
local PICTURE, SOUND = 16000, 300 -- bytes
local FIRST = 80 -- pictures and sounds: those of the engine's start are not counted
local FLOOR = (os.getenv "CME_BUILD" or "build") .. "/bench/relay/floor"

local say = rounds.say
local file = rounds.show()

local function sink() return nginx.start { apps = { "live" }, plain = true } end

local function outputs_to(server, count)
  local list = {}
  for i = 1, count do list[i] = { id = tostring(i), name = "", url = server:url("live", "o" .. i) } end
  return list
end

-- An engine that reads a key's socket.
local function engine_of(own, id, outputs)
  local engine, control = relay.control()
  assert(control:request("set", { spec = { project = "bench", revision = 1, active = "main", outputs = outputs,
    inputs = { main = { url = ("unix:%s/%s.flv"):format(own.folder, id) } } } }))
  return engine, control
end

local function edge_of_show()
  local own = edge.start()
  own:set { show = "hush-show" }
  return own
end

-- Each of these starts what relays to N destinations, returns its processes, the port that destinations are at, and
-- what is to be closed at the end.
local chains = {}

function chains.engine(count)
  local own, to = edge_of_show(), sink()
  local engine, control = engine_of(own, "show", outputs_to(to, count))
  media.replay(own:url "hush-show", file)
  return { own.proc, engine }, to.port, function()
    own.control:close()
    control:close()
  end
end

function chains.bare(count)
  local own = edge_of_show()
  local port = proc.spawn({ FLOOR, "sink" }):expect "listening on (%d+)"
  local loop = proc.spawn { FLOOR, "relay", ("%s/show.flv"):format(own.folder), port, tostring(count) }
  media.replay(own:url "hush-show", file)
  return { own.proc, loop }, tonumber(port), function() own.control:close() end
end

function chains.nginx(count)
  local pushes, to = {}, sink()
  for i, output in ipairs(outputs_to(to, count)) do pushes[i] = ("push %s;"):format(output.url) end
  local server = nginx.start { apps = { "live" }, plain = true, more = table.concat(pushes, " ") }
  media.replay(server:url("live", "show"), file)
  return { server.proc }, to.port
end

local function measure(kind, count)
  local processes, port, last = chains[kind](count)
  rounds.wait_for(count, port)
  return rounds.measure(processes, last)
end

-- ---- the delay

-- When each byte of a socket had come: a list of { nanoseconds, bytes so far }.
local function listen(path)
  local pipe, arrivals, parts, size = uv.new_pipe(false), {}, {}, 0
  pipe:connect(path, function()
    pipe:read_start(function(_, chunk)
      if not chunk then return end
      parts[#parts + 1], size = chunk, size + #chunk
      arrivals[#arrivals + 1] = { uv.hrtime(), size }
    end)
  end)
  return pipe, arrivals, parts
end

-- Sends a body every so many milliseconds, and when it was sent.
local function repeat_tag(one, kind, each_ms, body)
  local timer, count = uv.new_timer(), 0
  timer:start(0, each_ms, function()
    one:media(flv.tag(kind, count * each_ms, body(count) .. ("sent %020d"):format(uv.hrtime())))
    count = count + 1
  end)
  return timer
end

-- Sends pictures and sounds for the time of a measurement.
local function send_show(one)
  local picture, sound = enhanced.PICTURES.h264, enhanced.SOUNDS.aac
  one:media(flv.tag(flv.VIDEO, 0, picture.header))
  one:media(flv.tag(flv.AUDIO, 0, sound.header))
  local pictures = repeat_tag(one, flv.VIDEO, PICTURE_MS, function(count)
    return (count % 30 == 0 and picture.key or picture.inter) .. ("x"):rep(PICTURE)
  end)
  local sounds = repeat_tag(one, flv.AUDIO, SOUND_MS, function() return sound.frame .. ("s"):rep(SOUND) end)
  proc.elapse(rounds.seconds + 2)
  pictures:close()
  sounds:close()
end

-- Milliseconds of each picture and sound.
local function delays(bytes, arrivals)
  local list, at, place = {}, 1, 13
  for _, tag in ipairs(flv.parse(bytes)) do
    place = place + 11 + #tag.data + 4
    while arrivals[at] and arrivals[at][2] < place do at = at + 1 end
    local sent = tonumber(tag.data:match "sent (%d+)$")
    if sent and arrivals[at] then list[#list + 1] = (arrivals[at][1] - sent) / 1e6 end
  end
  return list
end

local function delay()
  local own, far = edge.start(), edge.start()
  own:set { show = "hush-show" }
  far:set { out = { key = "hush-out", own = true } }
  local _, control = engine_of(own, "show", { { id = "1", name = "", url = far:url "hush-out" } })
  local one = encoder.connect(own.port)
  one:send(encoder.opening(edge.app, "hush-show"))
  one:expect "NetStream.Publish.Start"
  local pipe, arrivals, parts = listen(far.folder .. "/out.flv")
  send_show(one)
  local list = delays(table.concat(parts), arrivals)
  for _, open in ipairs { pipe, own.control.pipe, far.control.pipe, control.pipe } do open:close() end
  one:close()
  proc.stop_all()
  table.move(list, FIRST + 1, #list, 1)
  for _ = 1, FIRST do list[#list] = nil end
  table.sort(list)
  return list
end

say("\none encoder to N destinations: ms of processor per second and RSS in MB, medians of %d rounds of "
  .. "%g s; ratio with quartiles\n\n", rounds.count, rounds.seconds)
rounds.compare(COUNTS, { { kind = "engine", head = "edge, engine" }, { kind = "bare", head = "edge, bare loop" },
  { kind = "nginx", head = "nginx-rtmp push" } }, measure)
local list = delay()
proc.cleanup()
say("\nfrom the encoder's socket through edge, engine and one more edge, ms: p50 %.1f, p99 %.1f, most %.1f, of %d\n",
  list[math.ceil(#list / 2)], list[math.ceil(#list * 0.99)], list[#list], #list)
