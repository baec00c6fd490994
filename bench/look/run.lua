-- SPDX-License-Identifier: MIT
-- What `cme run` says of ten destinations of one show, of which five break in turn for their viewers: each has to be
-- alerted within look_every and NAMED_WITHIN, as what it is, and the others not at all in three minutes.
--
--   make bench-look-run [SEED=N]      four minutes and the coding of the films; fails when one is judged wrongly
--
-- A real service broadcasts to a real nginx-rtmp. What viewers get is published beside it: a platform whose own coder
-- breaks is as healthy as any other for who sends to it.

package.path = "./?.lua;" .. package.path

local cjson = require "cjson"
local uv = require "luv"

local cases = require "bench.look.cases"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local OUTPUTS = 10
local LOOK_EVERY = 10 -- seconds
local NAMED_WITHIN = 15
local LASTS = 200 -- seconds of the films
local PATIENCE = 60

-- The first breaks when looks have been long under way; a good one is watched for three minutes.
local BREAKS = { { name = "black", at = 70 }, { name = "silent", at = 90 }, { name = "frozen", at = 110 },
  { name = "wrong", at = 130 }, { name = "gone", at = 150 } }

local SHOW = [[return {
  project = { name = "ten", owner = "bench", input = %q, outputs = { %s } },
  start_at = %d, stop_at = %d, look_every = %d, on_sigterm = "stop",
}]]

local function now()
  local seconds, micros = uv.gettimeofday()
  return seconds + micros / 1e6
end

local function write_show(path, server)
  local outputs = {}
  for i = 1, OUTPUTS do
    outputs[i] = ("{ name = %q, url = %q, watch = %q }"):format(tostring(i), server:url("platform", i),
      server:url("viewers", i))
  end
  local file = assert(io.open(path, "w"))
  file:write(SHOW:format(server:url("source", "main"), table.concat(outputs, ", "),
    os.time(), os.time() + 3600, LOOK_EVERY))
  file:close()
  return path
end

-- Publishes films as they are, in one process, so that they begin together.
local function publish(films, urls)
  local argv = { "ffmpeg", "-v", "error", "-nostdin" }
  for _, path in ipairs(films) do table.move({ "-re", "-i", path }, 1, 3, #argv + 1, argv) end
  for i, url in ipairs(urls) do
    table.move({ "-map", tostring(i - 1), "-c", "copy", "-max_interleave_delta", "100000", "-f", "flv", url }, 1, 9,
      #argv + 1, argv)
  end
  return proc.spawn(argv, { name = "publisher" })
end

-- The source and all viewers but those of the one that goes, which has a process of its own.
local function publish_all(server, source, list)
  local films, urls, dying = { source }, { server:url("source", "main") }, nil
  for i = 1, OUTPUTS do
    local one = list[i]
    if one and one.dies then
      dying = publish({ one.output }, { server:url("viewers", i) })
    else
      films[#films + 1], urls[#urls + 1] = one and one.output or source, server:url("viewers", i)
    end
  end
  return publish(films, urls), dying
end

-- The alerts about viewers of each output, when they were told.
local function alerts_of(run)
  local found = {}
  for text in run.out:gmatch "[^\n]+" do
    local line = cjson.decode(text)
    if line.what == "alert" and line.kind == "viewers" then
      found[line.name] = found[line.name] or {}
      table.insert(found[line.name], { at = line.at, state = line.state, look = line.look, picture = line.picture })
    end
  end
  return found
end

local function verdict(one, alerts, breaks_at)
  local first = alerts and alerts[1]
  if not one then return first == nil, first and first.look or "-" end
  if not first then return false, "-" end
  local after = first.at - breaks_at
  return first.look == one.state and after >= 0 and after <= LOOK_EVERY + NAMED_WITHIN and first.picture ~= nil,
    first.look, after
end

local function print_table(run, list, began_at)
  local found, failed = alerts_of(run), 0
  print(("%-8s %-12s %-12s %8s"):format("output", "is", "alerted", "after, s"))
  for i = 1, OUTPUTS do
    local ok, called, after = verdict(list[i], found[tostring(i)], began_at + (BREAKS[i] or { at = 0 }).at)
    failed = failed + (ok and 0 or 1)
    print(("%-8d %-12s %-12s %8s  %s"):format(i, list[i] and list[i].state or "fine", called,
      after and ("%.1f"):format(after) or "-", ok and "" or "WRONG"))
  end
  print(("%d of %d judged rightly"):format(OUTPUTS - failed, OUTPUTS))
  return failed
end

local function environment(serve)
  local env = serve:environment()
  env.TERM = "dumb"
  return env
end

local function main(seed)
  print("seed " .. seed)
  local source, list = cases.in_turn(seed, BREAKS, LASTS)
  local server = nginx.start { apps = { "source", "platform", "viewers" } }
  local serve = service.start()
  local all, dying = publish_all(server, source, list)
  server:expect_publish("viewers", OUTPUTS, PATIENCE)
  local began_at = now()
  local path = write_show(proc.folder() .. "/ten.lua", server)
  local run = proc.spawn({ "bin/cme", "run", path, "--json" }, { name = "run", env = environment(serve) })
  for i, one in ipairs(list) do
    if one.dies then
      proc.elapse(BREAKS[i].at - (now() - began_at))
      dying:kill "sigkill"
    end
  end
  proc.elapse(LASTS - 5 - (now() - began_at))
  local failed = print_table(run, list, began_at)
  run:stop(40)
  all:stop()
  serve:stop()
  server:stop()
  proc.cleanup()
  return failed
end

local seed = math.tointeger(tonumber(arg[1] or "")) or os.time() % 100000
os.exit(main(seed) == 0 and 0 or 1)
