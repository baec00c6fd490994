-- SPDX-License-Identifier: MIT
-- What may happen to a fleet, a row each: what is done to a host that was drawn, how it is mended, and what viewers may
-- notice of it.

local weather = require "spec.support.proofs.fleet.weather"

local LONG = 10 -- seconds that somebody stands still, or the weather is bad
local LOSS, DELAY = 5, 300 -- percent, ms one way
local STEP = 3600 -- seconds that a wall clock is off

local ENGINE, MEMBER, SERVICE = "cme%-relay", "^etcd ", "bin/cme serve"

---@class spec.fleet.fault
---@field name string
---@field strike fun(stage: spec.fleet.stage, host: spec.fleet.host)
---@field mend fun(stage: spec.fleet.stage, host: spec.fleet.host)
---@field before fun(stage: spec.fleet.stage)|nil what is to be so before it strikes
---@field after fun(stage: spec.fleet.stage)|nil
---@field lasts integer|nil seconds until it is mended, at the least
---@field moves boolean|nil what ran on the host must be published anew, by another host or by this one
---@field gap number|nil    seconds without a picture at most, where nothing may be noticed
---@field within number|nil seconds beyond the lease until there is a picture again, of any project
---@field host (fun(stage: spec.fleet.stage): spec.fleet.host|nil)|nil which host; any that publishes when nil, but
---  the one whose member leads etcd only where there is no other
---@field possible (fun(stage: spec.fleet.stage): boolean)|nil whether this machine can do it

local STEADY = 1 -- seconds: pictures come each 67 ms, of a machine that has much else to do

local function start_missing(stage, host) stage:mend(host) end

local function signals(signal, pattern)
  return function(_, host) host:signal(signal, pattern) end
end

local function leader(stage) return stage:leader() end

-- A host that publishes and leads etcd.
local function busy_leader(stage) return stage:busy_leader() end

-- Another step each time, forward and back.
local function step(stage, host) stage:step_clock(host, math.random() < 0.5 and STEP or -STEP) end

---@type spec.fleet.fault[]
return {
  { name = "service killed", strike = signals("sigkill", SERVICE), mend = start_missing, lasts = LONG, moves = true },
  { name = "engine killed", mend = start_missing, moves = true, strike = function(_, host)
    require "luv".kill(host:pids(ENGINE)[1], "sigkill")
  end },
  { name = "etcd member killed", strike = signals("sigkill", MEMBER), mend = start_missing, lasts = LONG,
    gap = STEADY },
  { name = "leading host lost", strike = function(_, host) host:kill() end, mend = start_missing, moves = true,
    host = busy_leader },
  { name = "host lost", strike = function(_, host) host:kill() end, mend = start_missing, moves = true },
  { name = "host with standby lost", strike = function(_, host) host:kill() end, mend = start_missing, moves = true,
    before = function(stage) stage:set_standbys(true) end, after = function(stage) stage:set_standbys(false) end },
  { name = "pushed-to host lost", strike = function(_, host) host:kill() end, mend = start_missing, lasts = LONG,
    moves = true, within = 5, host = function(stage) return stage:pushed_host() end,
    possible = function(stage) return stage.pushed > 0 end },
  { name = "host cut off", strike = function(_, host) host:unplug() end, mend = function(_, host) host:plug() end,
    lasts = LONG, moves = true },
  { name = "cut off from etcd", strike = function(_, host) weather.cut_etcd(host) end, lasts = LONG, moves = true,
    mend = function(_, host) weather.clear(host) end },
  { name = "service stopped", strike = signals("sigstop", SERVICE), mend = signals("sigcont", SERVICE), lasts = LONG,
    moves = true },
  { name = "host stopped", strike = signals("sigstop", nil), mend = signals("sigcont", nil), lasts = LONG,
    moves = true },
  { name = "packets lost", strike = function(_, host) weather.lose(host, LOSS) end, lasts = LONG,
    mend = function(_, host) weather.clear(host) end },
  { name = "packets late", strike = function(_, host) weather.delay(host, DELAY) end, lasts = LONG,
    mend = function(_, host) weather.hasten(host) end, possible = weather.can_delay },
  { name = "etcd leader stopped", strike = signals("sigstop", MEMBER), mend = signals("sigcont", MEMBER), lasts = LONG,
    gap = STEADY, host = leader },
  { name = "wall clock stepped", strike = step, mend = function(stage, host) stage:step_clock(host, 0) end,
    lasts = LONG, gap = STEADY, possible = function(stage) return stage.faketime ~= nil end },
}
