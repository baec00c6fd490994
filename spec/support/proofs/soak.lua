-- SPDX-License-Identifier: MIT
-- One engine for a long time: does its memory stay, do its descriptors, and does its output keep the wall's time?
--
-- Two destinations that work, one where nobody listens, so that connections come and go all the time, and a warm
-- backup; every `change_every` seconds, if asked for, another source is on the air: in turn because the encoder of the
-- one that was is killed, and comes back later, and because of a planned switch. bench/soak.lua prints it, soak_spec
-- holds it.
--
-- Drift: the engine says the DTS of the last packet it wrote and how long ago that was, so DTS + age - wall clock is
-- the same number for ever if DTS and wall agree. Packets are written in bursts and picture and sound are not
-- equally far, hence the median of several looks. A source that waits for the processor is behind for a while: of both
-- halves of the time, the looks that were least behind tell what lies between.

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local usage = require "spec.support.proofs.usage"

local soak = {}

local LOOKS, BETWEEN = 25, 0.04 -- of one sample: a second
local SETTLE = 5 -- seconds before the first sample: the burst at the start is not drift
local STALL_LIMIT = 6 -- seconds, longer than a busy machine lets a source wait

local function ahead_of_wall(control)
  local list = {}
  for i = 1, LOOKS do
    local output = control:output "1"
    list[i] = output.last_dts_ms + output.write_age_ms - 1000 * usage.wall()
    proc.elapse(BETWEEN)
  end
  table.sort(list)
  return list[LOOKS // 2 + 1]
end

local function sample(engine, control, since)
  local memory, ahead = usage.memory(engine.pid), ahead_of_wall(control)
  local output = control:output "1"
  return {
    at = usage.wall() - since, ahead = ahead, rss = memory.rss, own = memory.own,
    descriptors = usage.descriptors(engine.pid), threads = usage.threads(engine.pid),
    dropped = output.dropped, delay_p99_ms = output.delay_p99_ms, queue_high_ms = output.queue_high_ms,
    connects = output.connects, failures = control:output("dead").error.at,
  }
end

-- The most of a field from one sample to another.
local function most(samples, field, from, to)
  local found = samples[from][field]
  for i = from, to do found = math.max(found, samples[i][field]) end
  return found
end

-- What the samples say together: growth is from the first third to the end, in KB and descriptors.
local function judge(samples)
  local first, last = samples[1], samples[#samples]
  local warm = samples[math.max(1, #samples // 3)]
  local half = (#samples + 1) // 2
  local drift = math.abs(most(samples, "ahead", math.min(half + 1, #samples), #samples)
    - most(samples, "ahead", 1, half))
  local result = { samples = samples, drift = drift, memory_growth = last.own - warm.own, rss = last.rss,
    descriptor_growth = 0, dropped = last.dropped, connects = last.connects }
  for _, one in ipairs(samples) do
    one.drift = one.ahead - first.ahead
    result.descriptor_growth = math.max(result.descriptor_growth, one.descriptors - first.descriptors)
  end
  return result
end

local function set_up(options)
  local platform = nginx.start { apps = { "src", "a", "b" } }
  local file = media.file(proc.folder() .. "/show.flv", options.loop or 30, options.look or media.SHOW)
  local encoders = {}
  local function encode(name) encoders[name] = media.replay(platform:url("src", name), file) end
  encode "main"
  encode "backup"
  platform:expect_publish("src", 2)
  local engine, control = relay.control()
  assert(control:request("set", { spec = {
    project = "soak", revision = 1, active = "main", failover = true, stall_limit = STALL_LIMIT,
    inputs = { main = { url = platform:url("src", "main") }, backup = { url = platform:url("src", "backup") } },
    outputs = {
      { id = "1", name = "", url = platform:url("a", "k") }, { id = "2", name = "", url = platform:url("b", "k") },
      { id = "dead", name = "", url = ("rtmp://127.0.0.1:%d/live/k"):format(proc.free_port()) },
    },
  } }))
  for _, id in ipairs { "1", "2" } do control:until_output(id, "live") end
  control:until_output("dead", "backoff")
  return { platform = platform, engine = engine, control = control, encoders = encoders, encode = encode }
end

local OTHER = { main = "backup", backup = "main" }

local function switch(set)
  local ok, err = set.control:request("switch", { to = OTHER[set.control:request("stat").active] })
  assert(ok, err and err.message)
end

-- The other source has to take over by itself; the one that was killed is there again for the next change.
local function kill(set)
  local active = set.control:request("stat").active
  local encoder = set.encoders[active]
  encoder:kill "sigkill"
  encoder:wait()
  proc.eventually("the other source", 60, function() return set.control:request("stat").active == OTHER[active] end)
  set.encode(active)
end

local CHANGES = { kill, switch }

--- Runs it. Raises when something does not work at all; whether the figures are good is the caller's to say.
---@param options { seconds: number, every: number, change_every: number|nil, loop: number|nil, look: table|nil,
---  report: fun(sample: table)|nil }
---@return { samples: table[], drift: number, memory_growth: integer, descriptor_growth: integer, rss: integer,
---  dropped: integer, connects: integer, publishes: integer, changes: integer }
function soak.run(options)
  local set = set_up(options)
  local control, engine = set.control, set.engine
  local samples, changes = {}, 0
  proc.elapse(SETTLE)
  local since = usage.wall()
  local next_change = options.change_every or math.huge
  local least = options.seconds // next_change
  while usage.wall() - since < options.seconds or changes < least do
    local one = sample(engine, control, since)
    samples[#samples + 1] = one
    judge(samples)
    if options.report then options.report(one) end
    if one.at >= next_change then
      CHANGES[changes % #CHANGES + 1](set)
      changes, next_change = changes + 1, next_change + options.change_every
    end
    control.answers, control.events, control.count = {}, {}, 0
    proc.elapse(math.max(0, #samples * options.every - (usage.wall() - since)))
  end
  samples[#samples + 1] = sample(engine, control, since)
  local result = judge(samples)
  if options.report then options.report(samples[#samples]) end
  result.publishes, result.changes = #set.platform:publishes "a", changes
  assert(control:request "stop")
  assert(engine:wait() == 0, engine:output())
  return result
end

return soak
