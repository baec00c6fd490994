-- SPDX-License-Identifier: MIT
-- What relaying one 4 Mbit/s source to N destinations costs: the engine beside its peers, all at the same moment.
--
--   make bench-relay                                    N = 1 5 10 20 50, a quarter of an hour
--   make bench-relay OUTPUTS="1 5 20"                   only these
--   ROUNDS=1 make bench-relay OUTPUTS=20 SECONDS=8      a quick look, half a minute
--
-- Peers: nginx-rtmp `push`; `ffmpeg -f tee` with a fifo for each; and a bare loop that only sends the bytes it got to
-- N sockets (bench/relay/floor.c), which is the floor. Each gets the same file at the pace of life from a server of its
-- own, an nginx-rtmp that an ffmpeg publishes to, and sends to the same kind of sink in a process of its own. The
-- engine runs once more with destinations of RTMPS, at a node-media-server. Counted is only the relaying process, once
-- all N run. A ratio is the median of as many rounds, with the quartiles behind it; in a round all run side by side,
-- since what a message costs depends on what the machine did before it came. Milliseconds of processor per second and
-- MB are of this machine, ratios travel.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local node_media_server = require "spec.support.programs.node_media_server"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rounds = require "bench.rounds"

local COUNTS = { 1, 5, 10, 20, 50 }
local FFMPEG_CHUNK = 60000 -- bytes
local TLS_MAX = 20 -- outputs to a sink in JavaScript
local KINDS = { "engine", "nginx", "tee", "floor", "tls" }
local FLOOR = (os.getenv "CME_BUILD" or "build") .. "/bench/relay/floor"

rounds.seconds = tonumber(os.getenv "SECONDS") or 15
rounds.count = math.tointeger(tonumber(os.getenv "ROUNDS")) or 7

local say = rounds.say
local file = rounds.show()

local function urls(server, count)
  local list = {}
  for i = 1, count do list[i] = server:url("live", "o" .. i) end
  return list
end

-- A platform that takes everything, without callbacks and records, and what it has been given.
local function sink()
  return nginx.start { apps = { "live" }, plain = true }
end

-- The server that a relay has the show from, in chunks of the size that ffmpeg sends: nginx-rtmp sends each of its own
-- alone.
local function source(more)
  local server = nginx.start { apps = { "live" }, plain = true, chunk_size = FFMPEG_CHUNK, more = more }
  local url = ("rtmp://127.0.0.1:%d/live/show"):format(server.port)
  media.replay(url, file)
  proc.eventually("the source", 10, function() return rounds.established(server.port) >= 1 end)
  return url, server.port
end

local function pushes_to(list)
  local pushes = {}
  for i, url in ipairs(list) do pushes[i] = ("push %s;"):format(url) end
  return table.concat(pushes, " ")
end

-- Each of these starts a relay with N outputs and returns its process, and for the engine its control connection.
local relays = {}

function relays.nginx(count)
  local to = sink()
  local server = nginx.start { apps = { "live" }, plain = true, more = pushes_to(urls(to, count)) }
  source(pushes_to { server:url("live", "show") })
  rounds.wait_for(count, to.port)
  return server.proc
end

-- An engine that sends to these URLs, until `port` has as many connections.
local function engine_to(list, port, ca_file)
  local url = source()
  local engine, control = relay.control(table.unpack(ca_file and { "--ca-file", ca_file } or {}))
  local outputs = {}
  for i, output in ipairs(list) do outputs[i] = { id = tostring(i), name = "", url = output } end
  assert(control:request("set", { spec = { project = "bench", revision = 1, active = "main", outputs = outputs,
    inputs = { main = { url = url } } } }))
  rounds.wait_for(#list, port)
  return engine, control
end

function relays.engine(count)
  local to = sink()
  return engine_to(urls(to, count), to.port)
end

function relays.tls(count)
  local to, list = node_media_server.start(4), {}
  for i = 1, count do list[i] = ("%s/live/o%d"):format(to.rtmps, i) end
  return engine_to(list, tonumber(to.rtmps:match "%d+$"), to.ca)
end

function relays.tee(count)
  local url, to = source(), sink()
  local slaves = {}
  for i, output in ipairs(urls(to, count)) do slaves[i] = ("[f=flv:onfail=ignore]%s"):format(output) end
  local ffmpeg = proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-i", url, "-map", "0", "-c", "copy", "-f", "tee",
    "-use_fifo", "1", table.concat(slaves, "|") }, { name = "tee" })
  rounds.wait_for(count, to.port)
  return ffmpeg
end

function relays.floor(count)
  local _, from = source()
  local to = tonumber(proc.spawn { FLOOR, "sink" }:expect "listening on (%d+)")
  local floor = proc.spawn { FLOOR, "relay", tostring(from), tostring(to), tostring(count) }
  rounds.wait_for(count, to)
  return floor
end

-- The worst delay of the engine's outputs, and whether any lost something.
local function health(control)
  local worst = { p50 = 0, p99 = 0, dropped = 0, live = 0 }
  for _, output in ipairs(control:request("stat").outputs) do
    worst.p50 = math.max(worst.p50, tonumber(output.delay_p50_ms) or math.huge)
    worst.p99 = math.max(worst.p99, tonumber(output.delay_p99_ms) or math.huge)
    worst.dropped = worst.dropped + output.dropped
    worst.live = worst.live + (output.state == "live" and 1 or 0)
  end
  return worst
end

-- A relay that runs.
local function start(kind, count)
  local process, control = relays[kind](count)
  return { processes = { process }, last = control and function(cost)
    cost.health = health(control)
    assert(cost.health.live == count, "not all outputs are live")
    control:close()
  end }
end

-- The median of what each round says, with the quartiles.
local function ratio(all, of, to)
  local list = {}
  for i, by in ipairs(all) do list[i] = by[of] and by[of].cpu / by[to].cpu end
  if #list == 0 then return "-" end
  return ("%.2f (%.2f-%.2f)"):format(rounds.quartiles(list))
end

local function median(all, kind, member)
  local list = {}
  for i, by in ipairs(all) do list[i] = by[kind][member] end
  return (rounds.quartiles(list))
end

local function delays(all)
  local p50, p99, lost = {}, {}, 0
  for i, by in ipairs(all) do
    p50[i], p99[i], lost = by.engine.health.p50, by.engine.health.p99, lost + by.engine.health.dropped
  end
  return (rounds.quartiles(p50)), (rounds.quartiles(p99)), lost
end

local function round(count)
  local servers = {}
  for _, kind in ipairs(KINDS) do
    if kind ~= "tls" or count <= TLS_MAX then servers[kind] = start(kind, count) end
  end
  return rounds.measure_all(servers)
end

local function row(count)
  local all = {}
  for i = 1, rounds.count do all[i] = round(count) end
  say("%5d", count)
  for _, kind in ipairs { "engine", "nginx", "tee", "floor" } do
    say("  %7.2f %5.1f", median(all, kind, "cpu"), median(all, kind, "memory"))
  end
  say("  %16s %16s %16s %16s", ratio(all, "engine", "nginx"), ratio(all, "engine", "tee"),
    ratio(all, "engine", "floor"), ratio(all, "tls", "engine"))
  say("  %6.1f %6.1f %5d\n", delays(all))
end

say("ms of processor per second and RSS in MB, medians of %d rounds of %g s; ratios of processor time with quartiles; "
  .. "delays of the engine in ms\n\n", rounds.count, rounds.seconds)
say("%5s  %-13s  %-13s  %-13s  %-13s  %16s %16s %16s %16s  %6s %6s %5s\n", "N", "engine", "nginx push", "ffmpeg tee",
  "floor", "to nginx", "to tee", "to floor", "RTMPS to RTMP", "p50", "p99", "lost")
rounds.each(COUNTS, row)
