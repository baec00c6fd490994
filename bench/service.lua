-- SPDX-License-Identifier: MIT
-- `cme serve` under load: 500 projects in its database, 20 of them on the air, 64 clients. Prints p50 and p99 of
-- DescribeProjects (20 of them) and of a change (ModifyOutput, of projects on the air and of others), alone and beside
-- 1,000 connections that say nothing and 100 that send slowly, in turn; ratios are medians of the rounds'.
--
--   lua5.4 bench/service.lua [ROUNDS]
--
-- The clients share the processors with the service and its engines: read ratios, not absolutes.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local rounds = require "bench.rounds"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

local ROUNDS = tonumber(arg[1]) or 5
local PROJECTS, WORKING, CLIENTS, CALLS = 500, 20, 64, 30
local IDLE, SLOW = 1000, 100
local LOOK = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- ---- the stage

local function fill(client, source, sink)
  local ids = {}
  for i = 1, PROJECTS do
    ids[i] = assert(client:call("CreateProject", { Name = "p" .. i, Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "bench" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = source:url("live", "show") } },
        Outputs = { { Id = "1", Name = "one", PushUrl = sink:url("live", "p" .. i) } } } })).ProjectId
  end
  for i = 1, WORKING do
    assert(client:call("HandleStreamConnectProject", { ProjectId = ids[i], Operation = "Start" }))
  end
  return ids
end

local function start()
  local source = nginx.start { apps = { "live" }, plain = true }
  local sink = nginx.start { apps = { "live" }, plain = true }
  media.replay(source:url("live", "show"), media.file(proc.folder() .. "/show.flv", 10, LOOK))
  local serve = service.start { args = { "--rate-limit", "off" } }
  local options = serve:client_options()
  options.rate = false
  return serve, fill(cme.client(options), source, sink)
end

-- ---- one measurement

local function measure(serve, ids)
  local argv = { "lua5.4", "bench/service/clients.lua", tostring(CLIENTS), tostring(CALLS) }
  for _, id in ipairs(ids) do argv[#argv + 1] = id end
  local code, out, err = proc.run(argv, { env = serve:environment(), timeout = 300 })
  assert(code == 0, err)
  local times = {}
  for text in out:gmatch "[%d.]+" do times[#times + 1] = tonumber(text) end
  table.sort(times)
  return { p50 = times[#times // 2], p99 = times[math.ceil(#times * 0.99)] }
end

local function crowd(serve)
  local child = proc.spawn { "lua5.4", "bench/service/crowd.lua", tostring(serve.port), tostring(IDLE),
    tostring(SLOW) }
  child:expect("(ready)\n", 60)
  return child
end

local function run()
  local serve, ids = start()
  local changed = table.move(ids, 1, CLIENTS, 1, {}) -- those on the air come first
  local kinds = { { "DescribeProjects", {} }, { "a change", changed } }
  local found = {}
  for _, kind in ipairs(kinds) do
    measure(serve, kind[2]) -- what is cached on first use
    found[kind[1]] = { p50 = {}, p99 = {}, more50 = {}, more99 = {} }
  end
  local before = usage.memory(serve.proc.pid).own
  for _ = 1, ROUNDS do
    for _, kind in ipairs(kinds) do
      local alone = measure(serve, kind[2])
      local others = crowd(serve)
      local beside, list = measure(serve, kind[2]), found[kind[1]]
      others:destroy()
      table.insert(list.p50, alone.p50)
      table.insert(list.p99, alone.p99)
      table.insert(list.more50, beside.p50 / alone.p50)
      table.insert(list.more99, beside.p99 / alone.p99)
    end
  end
  say("%d projects, %d on the air, %d clients", PROJECTS, WORKING, CLIENTS)
  say("%-18s %9s %9s   beside %d idle and %d slow connections: p50, p99", "", "p50 ms", "p99 ms", IDLE, SLOW)
  for _, kind in ipairs(kinds) do
    local list = found[kind[1]]
    say("%-18s %9.1f %9.1f   x%.2f, x%.2f", kind[1], rounds.median(list.p50), rounds.median(list.p99),
      rounds.median(list.more50), rounds.median(list.more99))
  end
  local after = usage.memory(serve.proc.pid).own
  say("the service's own memory: %.1f MB, after all of it %.1f MB", before / 1024, after / 1024)
  serve:stop()
end

local ok, message = pcall(run)
proc.cleanup()
if not ok then error(message, 0) end
