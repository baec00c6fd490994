-- SPDX-License-Identifier: MIT
-- What taking N encoders costs, each with one reader: the edge beside nginx-rtmp, in turn, in one run.
--
--   make bench-ingest                          N = 1 10 50, about eight minutes
--   ROUNDS=1 make bench-ingest PUBLISHERS="1 10 50" SECONDS=20
--
-- Each encoder is the same ffmpeg that sends the same file (4 Mbit/s) at the pace of life, each reader an ffmpeg that
-- copies to nowhere: from nginx by RTMP, as engines read from it, from the edge by its unix socket. Counted is only
-- the server, once all readers run: milliseconds of processor per second, and RSS in MB. The target that follows it
-- also measures edge and engine together (bench/ingest/chain.lua), and what a kill costs (bench/ingest/kills.lua).

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local edge = require "spec.support.programs.edge"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local rounds = require "bench.rounds"

local COUNTS = { 1, 10, 50 }

local file = rounds.show()

-- A reader; returns what tells that it has something.
local function read(format, url)
  local reader = proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-f", format, "-i", url, "-c", "copy", "-progress",
    "pipe:1", "-f", "null", "-" }, { name = "reader" })
  return function() return reader:output():find "total_size=" end
end

local function wait_for(readers)
  proc.eventually("all readers to have something", 60, function()
    for _, has in ipairs(readers) do
      if not has() then return false end
    end
    return true
  end)
end

-- Each of these starts a server with N encoders and readers and returns its process.
local servers = {}

function servers.nginx(count)
  local server, readers = nginx.start { apps = { "live" }, plain = true }, {}
  for i = 1, count do
    media.replay(server:url("live", "o" .. i), file)
    readers[i] = read("live_flv", server:url("live", "o" .. i))
  end
  wait_for(readers)
  return server.proc
end

function servers.edge(count)
  local server, readers, keys = edge.start(), {}, {}
  for i = 1, count do keys["o" .. i] = "hush-o" .. i end
  server:set(keys)
  for i = 1, count do
    media.replay(server:url("hush-o" .. i), file)
    readers[i] = read("flv", ("unix:%s/o%d.flv"):format(server.folder, i))
  end
  wait_for(readers)
  return server.proc, server
end

local function measure(kind, count)
  local process, server = servers[kind](count)
  return rounds.measure({ process }, server and function() server.control:close() end)
end

rounds.say("ms of processor per second and RSS in MB, medians of %d rounds of %g s; ratio of processor time with "
  .. "quartiles\n\n", rounds.count, rounds.seconds)
rounds.compare(COUNTS, { { kind = "edge", head = "edge" }, { kind = "nginx", head = "nginx-rtmp" } }, measure)
