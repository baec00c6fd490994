-- SPDX-License-Identifier: MIT
-- What a faulty destination costs a healthy one, how soon the engine knows, and how soon it is over; then what ten
-- switches and three failovers do to a publish; how soon there is a slate, and what it does when both sources are
-- killed; and twenty cuts of the connections of inputs that are merged. The table that
-- spec/integration/faults_spec.lua, slate_spec.lua and relay_merge_spec.lua hold, with its times.
--
--   make bench-faults             half an hour; fails when a figure misses its limit
--   make bench-faults PART=merge  a part: destinations, switching, slate, merge
--   make bench-faults PART=merge CASE="SRT beside RTMP"  one of its rows

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local faults = require "spec.support.proofs.faults"
local merge = require "spec.support.proofs.merge"
local proc = require "spec.support.proc"
local slate_fault = require "spec.support.proofs.slate_fault"

local KNOWN, BACK = 5, 5 -- seconds at most
local GAP, PLANNED, FAILOVER = 0.150, 100, 100 -- s beyond the source's own, ms, ms beyond the stall limit
local STALL_LIMIT = 2
local SLATE_READY, SLATE_AFTER, SLATE_SLACK, SLATE_SECONDS = 2, 3, 0.2, 30

-- The ways of one encoder's packets to the engine.
---@type spec.merge_case[]
local MERGES = {
  { name = "a moving picture" },
  { name = "main 2 s later", main = { delay = 2 } },
  { name = "backup 2 s later", backup = { delay = 2 } },
  { name = "a still slide", picture = "still", main = { delay = 0.7 } },
  { name = "digital silence", sound = "silence", backup = { delay = 0.7 } },
  { name = "a still slide, digital silence", picture = "still", sound = "silence", backup = { delay = 0.7 } },
  { name = "MPEG-TS beside RTMP", backup = { by = "ts", delay = 0.5 } },
  { name = "SRT beside RTMP", backup = { by = "srt", delay = 0.7 } },
  { name = "RTMP beside SRT that is first", main = { delay = 2 }, backup = { by = "srt", delay = 0.2 } },
  { name = "across a wrap of timestamps", main = { delay = 0.4 }, began = 4294967.296 - 30 },
}
local CUTS, ENCODED = 20, 480 -- s of media, in which they have to be over

-- What the sources send that a slate is made for.
local function look(fields)
  local found = { size = "640x360", rate = 30, gop = 30, bitrate = "900k", picture = "testsrc2", tone = 440,
    sample_rate = 44100, profile = "high", bframes = 0 }
  for name, value in pairs(fields) do found[name] = value end
  return found
end

---@type spec.slate_case[]
local SLATES = {
  { name = "1080p30 High", look = look { size = "1920x1080", bitrate = "4000k" } },
  { name = "720p25 Main, 48 kHz", look = look { size = "1280x720", rate = 25, gop = 50, profile = "main",
    sample_rate = 48000 } },
  { name = "60 fps", look = look { rate = 60, gop = 120 } },
  { name = "B-frames", look = look { bframes = 3 } },
  { name = "mono 44.1 kHz", look = look { channels = 1 } },
  { name = "HEVC, B-frames", look = look { codec = "hevc", bframes = 3 } },
}

local good = true

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- "" or what is wrong with a row.
local function verdict(fine)
  good = good and fine
  return fine and "" or "  NOT AS IT SHOULD BE"
end

local function print_destinations(result)
  say("%-9s  %-46s  %-24s  %7s  %7s  %8s  %8s", "", "fault", "the engine says", "after s", "back s", "connects",
    "backward")
  for _, fault in ipairs(result.faults) do
    -- a platform that said no is asked again after 2.5 to 5 s: its recovery is seen at the next time
    local fine = fault.right_after <= KNOWN and fault.back_after <= BACK + 0.5
      and fault.backward == 0
    say("%-9s  %-46s  %-24s  %7.2f  %7.2f  %8d  %8d%s", fault.id, fault.what,
      fault.behind and ("live, %d overflows"):format(fault.last.overflows) or fault.state .. " " .. fault.code,
      fault.right_after, fault.back_after, fault.last.connects, fault.backward, verdict(fine))
  end
  local healthy = result.good
  say("\nhealthy: largest gap between pictures %.0f ms on arrival (the source's own %.0f), %.0f ms of media; "
    .. "%d connect, %d publish, %d dropped, %d backward%s", 1000 * healthy.arrival_gap, 1000 * healthy.source_gap,
    1000 * healthy.media_gap, healthy.connects, healthy.publishes, healthy.dropped, healthy.backward,
    verdict(healthy.arrival_gap <= GAP + healthy.source_gap and healthy.connects == 1 and healthy.publishes == 1
      and healthy.dropped == 0 and healthy.backward == 0))
end

local function print_switching(result)
  table.sort(result.planned)
  table.sort(result.failovers)
  local planned, failover = result.planned[#result.planned], result.failovers[#result.failovers]
  say("\nplanned switches: %d, gap %d to %d ms%s", #result.planned, result.planned[1], planned,
    verdict(planned <= PLANNED))
  say("failovers: %d, gap %d to %d ms with a stall limit of %d ms%s", #result.failovers, result.failovers[1], failover,
    1000 * STALL_LIMIT, verdict(failover <= 1000 * STALL_LIMIT + FAILOVER))
  for i, app in ipairs(result.apps) do
    say("destination %d: %d publish, %d backward, largest gap %.2f s of media%s", i, app.publishes, app.backward,
      app.largest_gap, verdict(app.publishes == 1 and app.backward == 0))
  end
end

-- Those rows of a part that are asked for.
local function chosen(cases)
  if not arg[2] or arg[2] == "" then return cases end
  for _, case in ipairs(cases) do
    if case.name == arg[2] then return { case } end
  end
  error(("there is no case '%s'"):format(arg[2]), 0)
end

local function print_merges()
  say("\n%-32s  %5s  %8s  %6s  %5s  %8s  %6s  %6s  %8s  %9s  %12s  %8s", "merge", "cuts", "packets", "lost", "gaps",
    "doubled", "other", "late", "dropped", "publishes", "distance ms", "still s")
  for _, case in ipairs(chosen(MERGES)) do
    local result = merge.run(case, CUTS, ENCODED)
    say("%-32s  %5d  %8d  %6d  %5d  %8d  %6d  %6d  %8d  %9d  %12d  %8.1f%s", case.name, result.cuts,
      result.packets, result.lost, result.gaps, result.doubled, result.other, result.late, result.dropped,
      result.publishes, result.distance_ms, result.still,
      verdict(result.lost + result.doubled + result.other == 0 and result.publishes == 1))
  end
end

local function print_slates()
  say("\n%-24s  %9s  %21s  %9s  %8s  both sources killed for %d s", "slate", "ready s", "without a picture s",
    "publishes", "backward", SLATE_SECONDS)
  for _, case in ipairs(chosen(SLATES)) do
    local result = slate_fault.run(case, SLATE_SECONDS)
    say("%-24s  %9.2f  %21.2f  %9d  %8d%s", case.name, result.ready_after, result.arrival_gap, result.publishes,
      result.backward, verdict(result.ready_after <= SLATE_READY and result.on_slate
        and result.arrival_gap <= SLATE_AFTER + SLATE_SLACK and result.publishes == 1 and result.backward == 0))
  end
end

local PARTS = {
  { "destinations", function() print_destinations(faults.destinations()) end },
  { "switching", function() print_switching(faults.switching(STALL_LIMIT)) end },
  { "slate", print_slates },
  { "merge", print_merges },
}

local ok, message = pcall(function()
  for _, part in ipairs(PARTS) do
    if not arg[1] or arg[1] == "" or arg[1] == part[1] then part[2]() end
  end
end)
proc.cleanup()
if not ok then error(message, 0) end
os.exit(good and 0 or 1, true)
