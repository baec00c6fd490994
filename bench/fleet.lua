-- SPDX-License-Identifier: MIT
-- `make fleet-faults ROUNDS=24 [SEED=N] [PROJECTS=20] [LEASE=3] [KINDS="host lost,host cut off"]`: what happens to
-- hosts of a fleet, and what viewers notice of it. Prints a line for each round and a table by fault; fails when two
-- hosts published at once or a write was lost (1), or when a figure misses its limit (3). UNFENCED=1 switches the
-- engines' fences off: it has to fail then. KEEP=FOLDER keeps what all said.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local host = require "spec.support.proofs.fleet.host"
local proc = require "spec.support.proc"
local rounds = require "spec.support.proofs.fleet.rounds"

local INSIDE = "CME_FLEET_INSIDE" -- of the environment: this runs in a network of its own
local TAKEOVER = 3 -- seconds beyond the lease until the first publish, at p99
local WRONG, LATE = 1, 3 -- exit codes

local function number(name, usual) return math.tointeger(tonumber(os.getenv(name) or "")) or usual end

local kinds = os.getenv "KINDS"
local options = {
  rounds = number("ROUNDS", 24), seed = number("SEED", os.time()), projects = number("PROJECTS", 20),
  lease = number("LEASE", 3), kinds = kinds ~= "" and kinds or nil, unfenced = os.getenv "UNFENCED" == "1",
  keep = os.getenv "KEEP",
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

local function percentile(list, share)
  table.sort(list)
  return list[math.max(1, math.ceil(#list * share))] or 0
end

---@param round spec.fleet.round
local function report(round)
  say("%3d  %-20s  host %d  %2d+%d moved, publish <= %5.2f s, picture <= %5.2f s, gap %5.2f s  %s",
    round.number, round.fault.name, round.host, #round.publishes, round.others, percentile(round.publishes, 1),
    percentile(round.pictures, 1), round.gap, table.concat(round.words, "; "))
end

-- The rounds of each fault, in the order of their first ones.
local function by_fault(played)
  local list, rows = {}, {}
  for _, round in ipairs(played) do
    local row = rows[round.fault]
    if not row then
      row = { fault = round.fault, rounds = 0, publishes = {}, pictures = {}, strict = {}, gap = 0, overlaps = 0,
        lost = 0, wrong = 0 }
      rows[round.fault], list[#list + 1] = row, row
    end
    row.rounds, row.gap = row.rounds + 1, math.max(row.gap, round.gap)
    table.move(round.publishes, 1, #round.publishes, #row.publishes + 1, row.publishes)
    table.move(round.pictures, 1, #round.pictures, #row.pictures + 1, row.pictures)
    table.move(round.strict, 1, #round.strict, #row.strict + 1, row.strict)
    row.overlaps, row.lost = row.overlaps + round.overlaps + round.doubles, row.lost + round.lost
    row.wrong = row.wrong + (#round.words > 0 and 1 or 0)
  end
  return list
end

-- What is wrong with a row, "" when nothing is, and the exit code for that.
local function fault_of(row)
  if row.wrong > 0 then return ("  %d ROUNDS WENT WRONG"):format(row.wrong), WRONG end
  if row.fault.gap and row.gap > row.fault.gap then return ("  NOTICED: gap over %g s"):format(row.fault.gap), LATE end
  if row.fault.moves and percentile(row.publishes, 0.99) > options.lease + TAKEOVER then
    return ("  LATE: over %d s"):format(options.lease + TAKEOVER), LATE
  end
  return "", 0
end

-- Prints the table, and returns the exit code.
local function print_table(played)
  local codes = { [0] = true }
  say("\n%-20s  %6s  %5s  %15s  %15s  %7s  %6s  %8s  %11s", "fault", "rounds", "moved", "publish p50/p99",
    "picture p50/p99", "strict", "gap s", "overlaps", "writes lost")
  for _, row in ipairs(by_fault(played)) do
    local wrong, code = fault_of(row)
    codes[code] = true
    say("%-20s  %6d  %5d  %7.2f %7.2f  %7.2f %7.2f  %7.2f  %6.2f  %8d  %11d%s", row.fault.name, row.rounds,
      #row.publishes, percentile(row.publishes, 0.5), percentile(row.publishes, 0.99), percentile(row.pictures, 0.5),
      percentile(row.pictures, 0.99), percentile(row.strict, 0.99), row.gap, row.overlaps, row.lost, wrong)
  end
  return codes[WRONG] and WRONG or codes[LATE] and LATE or 0
end

if not os.getenv(INSIDE) then go_inside() end
say("%d rounds, seed %d, %d projects, lease %d s%s", options.rounds, options.seed, options.projects, options.lease,
  options.unfenced and ", WITHOUT FENCES" or "")
local played = {}
options.report = function(round)
  played[#played + 1] = round
  report(round)
end
local ok, message = pcall(rounds.run, options)
local code = print_table(played)
proc.cleanup()
if not ok then
  say("stopped: %s", message)
  os.exit(WRONG, true)
end
local last = played[#played]
say("%d writes acknowledged, %d not answered", last.writes, last.unanswered)
os.exit(code, true)
