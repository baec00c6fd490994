-- SPDX-License-Identifier: MIT
-- `make hostile [SESSIONS=100000] [HELD=10000] [SEED=N]`: what a crowd of hostile encoders does to cme-edge, and to the
-- ffmpeg that pushes beside them. Exits non-zero when the edge ends, memory is past its bound, or a packet of that
-- ffmpeg is missing. spec/integration/edge_hostile_spec.lua does the same with less of it.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local hostile = require "spec.support.proofs.hostile"
local proc = require "spec.support.proc"

local MB = 1024 * 1024
local HOLD_SECONDS = 15
local SLACK = 16 -- MB: of an allocator, and what 64 keys keep of small sessions
local STRANGER = 16 / 1024 -- MB that one may take
local INSIDER = 64 -- MB that an encoder with a key and a reader that takes nothing may take

local sessions = math.tointeger(tonumber(arg[1])) or 100000
local held = math.tointeger(tonumber(arg[2])) or 10000
local seed = math.tointeger(tonumber(arg[3])) or 1

local failed = false

local function row(what, act, bound)
  local within = act.peak <= bound
  failed = failed or not within
  print(("%-44s %7.1f s   peak %6.1f MB of %6.1f%s   healthy encoder silent at most %.2f s"):format(what, act.seconds,
    act.peak, bound, within and "" or " TOO MUCH", act.gap))
end

local ok, message = pcall(function()
  local crowd = hostile.start()
  local base = crowd:attacked(1).peak
  row("attacks without a key, 50 of each", crowd:attacked(50), base + SLACK)
  row("attacks with a key, 200 MB of each", crowd:betrayed(200 * MB), base + SLACK + INSIDER)
  base = crowd:attacked(1).peak -- what the allocator kept of that
  row(("%d sessions, seed %d"):format(sessions, seed), crowd:sessions(sessions, seed), base + SLACK + INSIDER)
  base = crowd:attacked(1).peak
  local act, most = crowd:held(held, HOLD_SECONDS)
  row(("%d connections held for %d s"):format(most, HOLD_SECONDS), act, base + SLACK + held * STRANGER)
  row("1000 handshakes, ten bytes a second", crowd:slow(1000, HOLD_SECONDS), base + SLACK + held * STRANGER)
  print(("healthy encoder: all of its %d packets came, in order and unchanged"):format(crowd:finish()))
end)
proc.cleanup()
if not ok then error(message, 0) end
os.exit(failed and 1 or 0, true)
