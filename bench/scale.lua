-- SPDX-License-Identifier: MIT
-- How far one machine goes: one engine with many outputs, or many engines with one output each.
--
--   lua5.4 bench/scale.lua outputs 200
--   lua5.4 bench/scale.lua engines 50
--
-- Prints what the engines cost, what the machine had left, and what was lost: what limits first is to be read there.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local uv = require "luv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local usage = require "spec.support.proofs.usage"

local SETTLE, SECONDS = 6, 15

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- Seconds the processors of the machine did nothing, all together.
local function idle()
  local sum = 0
  for _, cpu in ipairs(uv.cpu_info()) do sum = sum + cpu.times.idle / 1000 end
  return sum
end

local function start(source, sink, ids)
  local engine, control = relay.control()
  local outputs = {}
  for i, id in ipairs(ids) do outputs[i] = { id = id, name = "", url = sink:url("live", id) } end
  assert(control:request("set", { spec = { project = ids[1], revision = 1, active = "main", outputs = outputs,
    inputs = { main = { url = source:url("live", "show") } } } }))
  return { proc = engine, control = control, outputs = #ids }
end

-- Groups of output ids, one group an engine.
local plans = {
  outputs = function(count)
    local ids = {}
    for i = 1, count do ids[i] = "o" .. i end
    return { ids }
  end,
  engines = function(count)
    local groups = {}
    for i = 1, count do groups[i] = { "o" .. i } end
    return groups
  end,
}

local function live(engine)
  local count = 0
  for _, output in ipairs(engine.control:request("stat").outputs) do
    if output.state == "live" then count = count + 1 end
  end
  return count
end

local function sum_of(engines, what)
  local sum = 0
  for _, engine in ipairs(engines) do sum = sum + what(engine.proc.pid) end
  return sum
end

local function outputs_of(engines)
  local worst = { p50 = 0, p99 = 0, dropped = 0, connects = 0, high_ms = 0 }
  for _, engine in ipairs(engines) do
    for _, output in ipairs(engine.control:request("stat").outputs) do
      worst.p50 = math.max(worst.p50, tonumber(output.delay_p50_ms) or math.huge)
      worst.p99 = math.max(worst.p99, tonumber(output.delay_p99_ms) or math.huge)
      worst.high_ms = math.max(worst.high_ms, output.queue_high_ms)
      worst.dropped, worst.connects = worst.dropped + output.dropped, worst.connects + output.connects
    end
  end
  return worst
end

local function run(kind, count)
  local file = media.file(proc.folder() .. "/show.flv", 20, media.SHOW)
  local source = nginx.start { apps = { "live" }, plain = true }
  local sink = nginx.start { apps = { "live" }, plain = true }
  media.replay(source:url("live", "show"), file)
  local engines, since = {}, usage.wall()
  for i, ids in ipairs(plans[kind](count)) do engines[i] = start(source, sink, ids) end
  proc.eventually("all outputs to be live", 60, function()
    for _, engine in ipairs(engines) do
      if live(engine) < engine.outputs then return false end
    end
    return true
  end)
  say("%d %s: all live after %.1f s", count, kind, usage.wall() - since)
  proc.elapse(SETTLE)
  local cpu, sink_cpu, still, at = sum_of(engines, usage.cpu), usage.cpu(sink.proc.pid), idle(), usage.wall()
  proc.elapse(SECONDS)
  local seconds, worst = usage.wall() - at, outputs_of(engines)
  say("engines: %.2f processors, RSS %.0f MB (own %.0f MB), %d threads, %d descriptors",
    (sum_of(engines, usage.cpu) - cpu) / seconds,
    sum_of(engines, function(pid) return usage.memory(pid).rss end) / 1024,
    sum_of(engines, function(pid) return usage.memory(pid).own end) / 1024, sum_of(engines, usage.threads),
    sum_of(engines, usage.descriptors))
  say("the platform beside them: %.2f processors; idle: %.2f of %d", (usage.cpu(sink.proc.pid) - sink_cpu) / seconds,
    (idle() - still) / seconds, #uv.cpu_info())
  say("worst output: p50 %.1f ms, p99 %.1f ms, queue at most %d ms; %d dropped, %d connects for %d outputs", worst.p50,
    worst.p99, worst.high_ms, worst.dropped, worst.connects, count)
end

local kind, count = arg[1], math.tointeger(tonumber(arg[2]))
if not plans[kind] or not count then
  io.stderr:write "usage: lua5.4 bench/scale.lua outputs|engines N\n"
  os.exit(2)
end
local ok, message = pcall(run, kind, count)
proc.cleanup()
if not ok then error(message, 0) end
