-- SPDX-License-Identifier: MIT
-- `make fleet-sdk KILLS=15 [EVERY=20] [SEED=N]`: every action of the official Node SDK against a fleet of three through
-- a TCP balancer, while a node is killed every 20 s. Prints what calls met with; exits with 1 when one did not come to
-- its end, or something was done twice.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local proc = require "spec.support.proc"
local sdk = require "spec.support.proofs.fleet.sdk"

local function number(name, usual) return math.tointeger(tonumber(os.getenv(name) or "")) or usual end

local options = { kills = number("KILLS", 15), every = number("EVERY", 20), seed = number("SEED", os.time()) }
print(("%d kills, one every %d s, seed %d"):format(options.kills, options.every, options.seed))
local result, message = sdk.run(options)
proc.cleanup()
print(("%d rounds, %d calls; %d services and %d nodes killed; %d calls again, %d found done"):format(result.rounds,
  result.calls, result.kills.service, result.kills.node, result.careful.again, result.careful.found))
local met = {}
for words, count in pairs(result.careful.said) do met[#met + 1] = ("  %4d  %s"):format(count, words) end
table.sort(met)
print(table.concat(met, "\n"))
if message then print("wrong: " .. message) end
os.exit(message and 1 or 0, true)
