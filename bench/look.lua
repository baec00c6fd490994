-- SPDX-License-Identifier: MIT
-- The bench of `cme look`: broken broadcasts and good ones that look suspicious, each beside its source, and broadcasts
-- that are late by so much. A few at a time: on a machine that reads its sources late, nothing is compared.
--
--   make bench-look [SEED=N] [CASES="black wrong delay"] [AT_ONCE=7]      ten minutes; fails when one is judged wrongly
--
-- A broken one is fine for BREAKS_AT seconds and has to be named within NAMED_WITHIN after that. A good one may be
-- called nothing but `still` for GOOD_FOR seconds. Each is looked at without its source, too: then what needs one
-- (NEEDS_SOURCE) may not be claimed, and all else holds. The films come from the seed; without one, from the time.

package.path = "./?.lua;" .. package.path

local cjson = require "cjson"
local uv = require "luv"

local broadcasts = require "spec.support.programs.broadcasts"
local cases = require "bench.look.cases"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

local NAMED_WITHIN = 15
local GOOD_FOR = 180
local DELAY_OFF = 0.2 -- seconds that a delay may be measured wrongly by
local PATIENCE = 60 -- seconds for publishers to begin
local NEEDS_SOURCE = { frozen = true, late = true, slow = true, wrong = true }
local LASTS = { broken = cases.BREAKS_AT + cases.BROKEN_FOR, good = GOOD_FOR, late = cases.DELAYED_FOR }

-- Publishes both as they are, in one process, so that they begin together.
local function publish_both(server, one)
  local argv, loop = { "ffmpeg", "-v", "error", "-nostdin" }, one.kind == "good" and "-1" or "0"
  for _, path in ipairs { one.source, one.output } do
    table.move({ "-re", "-stream_loop", loop, "-i", path }, 1, 5, #argv + 1, argv)
  end
  for i, app in ipairs { "source", "output" } do
    table.move({ "-map", tostring(i - 1), "-c", "copy", "-max_interleave_delta", "100000", "-f", "flv",
      server:url(app, one.name) }, 1, 9, #argv + 1, argv)
  end
  return proc.spawn(argv, { name = one.name })
end

local function start(server, one)
  if one.dies then
    one.publishers = { broadcasts.publish(server:url("source", one.name), one.source),
      broadcasts.publish(server:url("output", one.name), one.output) }
  else
    one.publishers = { publish_both(server, one) }
  end
  local output = server:url("output", one.name)
  one.look = proc.spawn({ "bin/cme", "look", "--json", "--every", "5s", "--source", server:url("source", one.name),
    output }, { name = "look " .. one.name })
  one.alone = proc.spawn({ "bin/cme", "look", "--json", "--every", "5s", output }, { name = "alone " .. one.name })
end

local function now()
  local seconds, micros = uv.gettimeofday()
  return seconds + micros / 1e6
end

-- When each began to be published.
local function note_beginnings(server, batch)
  server:expect_publish("output", server.published + #batch, PATIENCE)
  server.published = server.published + #batch
  local at = {}
  for _, publish in ipairs(server:publishes "output") do at[publish.name] = publish.at end
  for _, one in ipairs(batch) do
    one.began_at = at[one.name]
    one.breaks_at = one.began_at + (one.kind == "broken" and cases.BREAKS_AT or 0)
  end
end

local function kill_dying(batch)
  for _, one in ipairs(batch) do
    if one.dies then
      one.breaks_at = now()
      one.publishers[2]:kill "sigkill"
    end
  end
end

local function run_batch(server, batch)
  for _, one in ipairs(batch) do start(server, one) end
  note_beginnings(server, batch)
  local lasts = LASTS[batch[1].kind]
  if batch[1].kind == "broken" then
    proc.elapse(cases.BREAKS_AT)
    kill_dying(batch)
    lasts = lasts - cases.BREAKS_AT
  end
  proc.elapse(lasts)
  for _, one in ipairs(batch) do
    one.look:stop(10)
    one.alone:stop(10)
    for _, publisher in ipairs(one.publishers) do publisher:stop() end
  end
end

local function run(server, list, at_once)
  for first = 1, #list, at_once do
    run_batch(server, table.move(list, first, math.min(first + at_once - 1, #list), 1, {}))
  end
end

-- ---- what was said

local function lines_of(look, kind)
  local list = {}
  for text in look.out:gmatch "[^\n]+" do
    local line = cjson.decode(text)
    if line.kind == kind and not line.source then list[#list + 1] = line end
  end
  return list
end

-- What was named by a look, and how long after it broke. `state` is what it has to be; "fine": nothing but `still`.
local function judge(one, look, state)
  for _, line in ipairs(lines_of(look, "change")) do
    local after = line.at - one.breaks_at
    local fault = line.state ~= "ok" and line.state ~= "still"
    if state == "fine" and fault then return false, line.state, after end
    if state ~= "fine" and after < 0 and line.state ~= "ok" then return false, line.state, after end
    if state ~= "fine" and fault then return line.state == state and after <= NAMED_WITHIN, line.state, after end
  end
  return state == "fine", "-", nil
end

-- The median of what the looks of the second half told.
local function delay_of(one)
  local looks, told = lines_of(one.look, "look"), {}
  for i = #looks // 2 + 1, #looks do told[#told + 1] = tonumber(looks[i].delay_ms) end
  table.sort(told)
  return told[1] and told[#told // 2 + 1] / 1000
end

local function cell(ok, state, after)
  return ("%s %s%s"):format(state, after and ("%.1f s"):format(after) or "", ok and "" or "  WRONG")
end

local function print_judged(list)
  local failed = { 0, 0 }
  print(("%-14s %-12s %-28s %s"):format("broadcast", "is", "called, after", "without --source"))
  for _, one in ipairs(list) do
    local told = {}
    for i, state in ipairs { one.state, NEEDS_SOURCE[one.state] and "fine" or one.state } do
      local ok, called, after = judge(one, i == 1 and one.look or one.alone, state)
      failed[i] = failed[i] + (ok and 0 or 1)
      told[i] = cell(ok, called, after)
    end
    print(("%-14s %-12s %-28s %s"):format(one.name, one.state, told[1], told[2]))
  end
  print(("%d of %d judged rightly, %d without --source"):format(#list - failed[1], #list, #list - failed[2]))
  return failed[1] + failed[2]
end

local function print_delays(list)
  local failed = 0
  print(("%-14s %-12s %12s"):format("delay, s", "coded anew", "measured, s"))
  for _, one in ipairs(list) do
    local delay = delay_of(one)
    local ok = delay and math.abs(delay - one.delay) <= DELAY_OFF
    failed = failed + (ok and 0 or 1)
    print(("%-14g %-12s %12s  %s"):format(one.delay, one.size, delay and ("%.2f"):format(delay) or "-",
      ok and "" or "WRONG"))
  end
  return failed
end

local function main(seed, ...)
  local names, any = {}, select("#", ...) > 0
  for _, name in ipairs { ... } do names[name] = true end
  local function wanted(name) return not any or names[name] end
  local at_once = math.tointeger(tonumber(os.getenv "AT_ONCE" or "")) or 7
  print("seed " .. seed)
  local broken, good, late = cases.broken(seed, wanted), cases.good(seed, wanted), cases.late(seed, wanted)
  local server, failed = nginx.start { apps = { "source", "output" } }, 0
  server.published = 0
  for _, list in ipairs { late, broken, good } do run(server, list, at_once) end
  if late[1] then failed = failed + print_delays(late) end
  local judged = table.move(good, 1, #good, #broken + 1, broken)
  if judged[1] then failed = failed + print_judged(judged) end
  proc.cleanup()
  return failed
end

local seed = math.tointeger(tonumber(arg[1] or "")) or os.time() % 100000
os.exit(main(seed, table.unpack(arg, 2)) == 0 and 0 or 1)
