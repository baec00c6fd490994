-- SPDX-License-Identifier: MIT
-- `make fleet-faults ROUNDS=24 [SEED=N] [PROJECTS=20] [PUSHED=0] [LEASE=3] [KINDS="host lost,host cut off"]`: what
-- happens to hosts of a fleet, and what viewers notice of it. Prints a line for each round and a table by fault; fails
-- when two hosts published at once or a write was lost (1), or when a figure misses its limit (3; not with CI set,
-- where others work on the machine). PUSHED of the projects have an encoder of their own, and the hosts an edge.
-- GOP=N has the source send a keyframe every N seconds. UNFENCED=1 switches the engines' fences off: it has to fail
-- then. EACH=N plays N rounds of each fault. KEEP=FOLDER keeps what all said. RESULTS=FILE gets a line for each round;
-- after each run, and with SUM=1 instead of one, a table tells of all rounds that it has.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local faults = require "spec.support.proofs.fleet.faults"
local host = require "spec.support.proofs.fleet.host"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local rounds = require "spec.support.proofs.fleet.rounds"
local tally = require "spec.support.proofs.fleet.tally"

local INSIDE = "CME_FLEET_INSIDE" -- of the environment: this runs in a network of its own
local TAKEOVER = 3 -- seconds beyond the lease until the first publish, at p99
local WRONG, LATE = 1, 3 -- exit codes

local function number(name, usual) return math.tointeger(tonumber(os.getenv(name) or "")) or usual end

local function text(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local options = {
  rounds = number("ROUNDS", 24), seed = number("SEED", os.time()), projects = number("PROJECTS", 20),
  pushed = number("PUSHED", 0), lease = number("LEASE", 3), gop = number("GOP", 1), each = number "EACH",
  kinds = text "KINDS", unfenced = os.getenv "UNFENCED" == "1", keep = text "KEEP",
  results = text "RESULTS" or paths.build .. "/fleet-faults.jsonl",
}

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- Again in a network of its own, where nothing is left of it whatever ends it.
local function go_inside()
  if not host.is_possible() then
    say "fleet-faults: cannot make network namespaces: run it as root, where unshare --net --pid --mount is allowed"
    os.exit(2)
  end
  local ok, _, code = os.execute(INSIDE .. "=1 exec setpriv --pdeathsig KILL unshare --net lua5.4 bench/fleet.lua")
  os.exit(ok and 0 or code, true)
end

---@param round spec.fleet.round
local function report(round)
  say("%3d  %-22s  host %d  %2d+%d moved, publish <= %5.2f s, picture <= %5.2f s, gap %5.2f s  %s",
    round.number, round.fault.name, round.host, #round.publishes, round.others, tally.percentile(round.publishes, 1),
    tally.percentile(round.pictures, 1), round.gap, table.concat(round.words, "; "))
end

local function find_fault(name)
  for _, fault in ipairs(faults) do
    if fault.name == name then return fault end
  end
  return {}
end

-- What is wrong with a row, "" when nothing is, and the exit code for that.
local function judge(row)
  local fault = find_fault(row.kind)
  if row.wrong > 0 then return ("  %d ROUNDS WENT WRONG"):format(row.wrong), WRONG end
  if fault.gap and row.gap > fault.gap then return ("  NOTICED: gap over %g s"):format(fault.gap), LATE end
  if fault.within then -- what is published waits for an encoder, too
    local late = row.gap > options.lease + fault.within
    return late and ("  LATE: gap over %d s"):format(options.lease + fault.within) or "", late and LATE or 0
  end
  if fault.moves and tally.percentile(row.publishes, 0.99) > options.lease + TAKEOVER then
    return ("  LATE: over %d s"):format(options.lease + TAKEOVER), LATE
  end
  return "", 0
end

local function spread(list)
  return ("%6.2f %6.2f %6.2f"):format(tally.percentile(list, 0.5), tally.percentile(list, 0.99),
    tally.percentile(list, 1))
end

-- Prints a table, and returns the exit code.
local function print_table(title, list)
  local codes = { [0] = true }
  say("\n%s\n%-22s  %6s  %5s  %20s  %20s  %20s  %6s  %8s  %11s", title, "fault", "rounds", "moved",
    "publish p50 p99 max", "picture p50 p99 max", "strict p50 p99 max", "gap s", "overlaps", "writes lost")
  for _, row in ipairs(tally.rows(list)) do
    local wrong, code = judge(row)
    codes[code] = true
    say("%-22s  %6d  %5d  %s  %s  %s  %6.2f  %8d  %11d%s", row.kind, row.rounds, #row.publishes,
      spread(row.publishes), spread(row.pictures), spread(row.strict), row.gap, row.overlaps, row.lost, wrong)
  end
  return codes[WRONG] and WRONG or codes[LATE] and LATE or 0
end

-- All rounds that were ever written down.
local function print_sum()
  local list = tally.read(options.results, options.projects, options.lease, options.gop)
  return print_table(("all %d rounds with %d projects and a lease of %d s in %s"):format(#list, options.projects,
    options.lease, options.results), list)
end

-- The checkout that is measured.
local function commit()
  local code, out = proc.run { "git", "rev-parse", "--short", "HEAD" }
  return code == 0 and out:match "%x+" or ""
end

-- Plays, and returns the exit code.
local function play()
  local noted, last = {}, { writes = 0, unanswered = 0 }
  options.commit = commit()
  options.report = function(round)
    last, noted[#noted + 1] = round, tally.note(round, options)
    report(round)
    if not options.unfenced then tally.append(options.results, noted[#noted]) end
  end
  local ok, message = pcall(rounds.run, options)
  local code = print_table("this run", noted)
  proc.cleanup()
  if not ok then
    say("stopped: %s", message)
    return WRONG
  end
  say("%d writes acknowledged, %d not answered", last.writes, last.unanswered)
  if not options.unfenced then print_sum() end
  return code == LATE and os.getenv "CI" and 0 or code
end

if os.getenv "SUM" == "1" then os.exit(print_sum(), true) end
if not os.getenv(INSIDE) then go_inside() end
say("%s, seed %d, %d projects, lease %d s%s", options.each and options.each .. " rounds of each fault"
  or options.rounds .. " rounds", options.seed, options.projects, options.lease,
  options.unfenced and ", WITHOUT FENCES" or "")
os.exit(play(), true)
