-- SPDX-License-Identifier: MIT
-- The engine for a long time: memory, descriptors and the drift of its DTS against the wall clock.
--
--   make soak                                          an hour
--   lua5.4 bench/soak.lua [seconds] [change every]     another source on the air every two minutes, unless told
--                                                      otherwise: an encoder is killed, or a switch asked for, in turn
--
-- Fails when a figure is not as it must be.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local proc = require "spec.support.proc"
local soak = require "spec.support.proofs.soak"

local MEMORY_KB, DRIFT_MS = 2048, 50 -- the most that is still flat

local seconds = tonumber(arg[1]) or 3600
local change_every = tonumber(arg[2]) or 120

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

local function row(one)
  say("%7.0f s  %7.1f  %7.1f  %11d  %7d  %8.0f  %8.1f  %7d", one.at, one.rss / 1024, one.own / 1024, one.descriptors,
    one.threads, one.drift, one.delay_p99_ms, one.dropped)
end

say("%9s  %7s  %7s  %11s  %7s  %8s  %8s  %7s", "", "RSS MB", "own MB", "descriptors", "threads", "drift ms", "p99 ms",
  "dropped")
local ok, result = pcall(soak.run, {
  seconds = seconds, every = math.max(5, seconds / 60), change_every = change_every, report = row,
})
proc.cleanup()
if not ok then error(result, 0) end

local good = result.memory_growth <= MEMORY_KB and result.descriptor_growth <= 1 and result.drift <= DRIFT_MS
  and result.publishes == 1 and result.dropped == 0
say("\nmemory grew by %d KB (own, from a third on), descriptors by %d, drift %.0f ms", result.memory_growth,
  result.descriptor_growth, result.drift)
say("%d changes of source, %d publish, %d dropped: %s", result.changes, result.publishes, result.dropped,
  good and "flat" or "NOT AS IT SHOULD BE")
os.exit(good and 0 or 1, true)
