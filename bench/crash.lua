-- SPDX-License-Identifier: MIT
-- `make crash COUNT=200 [SEED=N]`: the service killed so many times at random points under load. Prints what it did,
-- and what did not hold; then exits non-zero.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local crash = require "spec.support.proofs.crash"
local proc = require "spec.support.proc"

local count = math.tointeger(tonumber(arg[1])) or 200
local seed = math.tointeger(tonumber(arg[2])) or os.time()
print(("%d kills, seed %d"):format(count, seed))

local ok, result, faults = pcall(crash.run, { count = count, seed = seed, report = function(round, found)
  if round % 20 == 0 then print(("%d kills, %d faults"):format(round, found)) end
end })
proc.cleanup()
if not ok then error(result, 0) end
for _, fault in ipairs(faults) do print(fault) end
print(("%d changes acknowledged, %d starts; %d events came again with their id; a broadcast of %.0f s: largest gap "
  .. "%.3f s; %d faults"):format(result.changes, result.starts, result.repeated, result.seconds, result.gap, #faults))
os.exit(#faults == 0 and result.gap < 0.3 and 0 or 1, true)
