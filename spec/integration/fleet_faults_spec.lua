-- SPDX-License-Identifier: MIT
-- A short run of `make fleet-faults`, with a seed of its own each time; it is printed, and CME_SEED repeats it. Figures
-- are the bench's business: here no two hosts may publish at once, everything has to be on the air again, and what was
-- acknowledged has to be there.

local host = require "spec.support.proofs.fleet.host"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"

local LIMIT = 480 -- seconds
local LATE, WRONG = 3, 1 -- exit codes of the bench
local KINDS = { "host lost", "host with standby lost", "host stopped", "service killed", "cut off from etcd",
  "etcd leader stopped" }

-- Why this machine, or this build, cannot; nil when it can.
local function reason()
  if not host.is_possible() then return "network namespaces cannot be made here" end
  if paths.build ~= "build" then return "the leases are too short for an instrumented build" end
end

describe("a fleet of three hosts", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function run(rounds, kinds, more)
    local seed = os.getenv "CME_SEED" or tostring(os.time())
    print("# fleet seed " .. seed)
    local env = { ROUNDS = tostring(rounds), SEED = seed, PROJECTS = "4", LEASE = "3",
      KINDS = table.concat(kinds, ","), UNFENCED = more, KEEP = false }
    local code, out, err = proc.run({ "lua5.4", "bench/fleet.lua" }, { env = env, timeout = LIMIT })
    return code, out .. err
  end

  it("publishes each project once, whatever happens to a host", function()
    if reason() then return pending(reason()) end
    local code, said = run(#KINDS, KINDS)
    assert(code == 0 or code == LATE, said)
  end)

  it("is seen to publish twice when the engines' fences are off", function()
    if reason() then return pending(reason()) end
    local code, said = run(1, { "service stopped" }, "1")
    assert(code == WRONG and said:find("of an older epoch", 1, true), said)
  end)
end)
