-- SPDX-License-Identifier: MIT
-- The bench of `cme look`: broken broadcasts and good ones that look suspicious, each beside its source, all at once.
--
--   make bench-look [SEED=N] [CASES="black wrong"]      five minutes; fails when one is judged wrongly
--
-- A broken one is fine for BREAKS_AT seconds and has to be named within NAMED_WITHIN after that. A good one may be
-- called nothing but `still` for GOOD_FOR seconds. The films come from the seed; without one, from the time.

package.path = "./?.lua;" .. package.path

local cjson = require "cjson"
local uv = require "luv"

local broadcasts = require "spec.support.programs.broadcasts"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

local BREAKS_AT = 45
local BROKEN_FOR = 30
local NAMED_WITHIN = 15
local GOOD_FOR = 180
local FILM = 60 -- seconds of a good one, which comes again: longer than anybody is late
local LENGTH = BREAKS_AT + BROKEN_FOR
local GATE = ("enable='gte(t,%d)'"):format(BREAKS_AT)

-- Cuts to another time of the film, or to another film.
local function cut_to(seconds)
  return ("split[one][two];[one]trim=0:%d,setpts=PTS-STARTPTS[before];[two]trim=%d,setpts=PTS-STARTPTS[after];"
    .. "[before][after]concat"):format(BREAKS_AT, seconds)
end

---@class bench.look.case
---@field state string that it has to be called
---@field picture string|nil filters from the source's picture to the viewers'
---@field sound string|nil
---@field other boolean|nil the picture becomes another film's
---@field dies boolean|nil its publisher does

---@type table<string, bench.look.case>
local BROKEN = {
  black = { state = "black", picture = "drawbox=c=black:t=fill:" .. GATE },
  frozen = { state = "frozen", picture = ("trim=0:%d,tpad=stop_mode=clone:stop_duration=%d"):format(BREAKS_AT,
    BROKEN_FOR) },
  green = { state = "flat", picture = "format=yuv420p,lutyuv=y=0:u=0:v=0:" .. GATE },
  silent = { state = "silent", sound = "volume=0:" .. GATE },
  clipped = { state = "clipped", sound = "aformat=sample_fmts=s16,volume=30dB:precision=fixed:" .. GATE },
  one_ear = { state = "one_sided", sound = ("aeval='val(0)|val(1)*lt(t,%d)':c=same"):format(BREAKS_AT) },
  late_3 = { state = "late", picture = cut_to(BREAKS_AT - 3) },
  late_20 = { state = "late", picture = cut_to(BREAKS_AT - 20) },
  half_rate = { state = "slow", picture = ("select='if(gte(t,%d),mod(n,2),1)'"):format(BREAKS_AT) },
  sound_only = { state = "no_picture", picture = ("select='lt(t,%d)'"):format(BREAKS_AT) },
  gone = { state = "gone", dies = true },
  refused = { state = "gone", dies = true },
  wrong = { state = "wrong", other = true },
}

local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function run(argv)
  local code, out, err = proc.run(argv, { name = "ffmpeg", timeout = 600 })
  assert(code == 0, out .. err)
end

-- What viewers get of a film that breaks.
local function break_film(path, source, case, other)
  local graph
  if case.other then
    graph = ("[0:v]trim=0:%d,setpts=PTS-STARTPTS[b];[1:v]trim=0:%d,setpts=PTS-STARTPTS[a];[b][a]concat[v]"):format(
      BREAKS_AT, BROKEN_FOR)
  else
    graph = ("[0:v]%s[v]"):format(case.picture or "null")
  end
  run { "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-i", other, "-filter_complex",
    graph .. (";[0:a]%s[s]"):format(case.sound or "anull"), "-map", "[v]", "-map", "[s]", "-t", tostring(LENGTH),
    "-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-max_interleave_delta", "0",
    "-c:a", "aac", "-b:a", "96k", path }
end

-- Publishes both as they are, in one process, so that they begin together.
local function publish_both(server, name, source, output, loop)
  local argv = { "ffmpeg", "-v", "error", "-nostdin" }
  for _, path in ipairs { source, output } do
    table.move({ "-re", "-stream_loop", loop and "-1" or "0", "-i", path }, 1, 5, #argv + 1, argv)
  end
  for i, app in ipairs { "source", "output" } do
    table.move({ "-map", tostring(i - 1), "-c", "copy", "-max_interleave_delta", "100000", "-f", "flv",
      server:url(app, name) }, 1, 9, #argv + 1, argv)
  end
  return proc.spawn(argv, { name = name })
end

local function prepare(folder, seed, wanted)
  local plan = {}
  local film = broadcasts.make(folder .. "/film.flv", broadcasts.GOOD.film, LENGTH, seed)
  local other = broadcasts.make(folder .. "/other.flv", broadcasts.GOOD.film, LENGTH, seed + 1000)
  for _, name in ipairs(sorted(BROKEN)) do
    if wanted(name) then
      local path = ("%s/%s.flv"):format(folder, name)
      break_film(path, film, BROKEN[name], other)
      plan[#plan + 1] = { name = name, source = film, output = path, case = BROKEN[name] }
    end
  end
  for i, name in ipairs(sorted(broadcasts.GOOD)) do
    if wanted(name) then
      local path = broadcasts.make(("%s/%s.flv"):format(folder, name), broadcasts.GOOD[name], FILM, seed + i)
      plan[#plan + 1] = { name = name, source = path, output = path, case = { state = "fine" }, good = true }
    end
  end
  return plan
end

local function start(server, one)
  if one.case.dies then
    broadcasts.publish(server:url("source", one.name), one.source)
    one.dying = broadcasts.publish(server:url("output", one.name), one.output)
  else
    publish_both(server, one.name, one.source, one.output, one.good)
  end
  one.began = uv.hrtime() / 1e9
  one.began_at = os.time()
  one.look = proc.spawn({ "bin/cme", "look", "--json", "--every", "5s", "--source", server:url("source", one.name),
    server:url("output", one.name) }, { name = "look " .. one.name })
end

-- What was named, and how long after it broke. A broadcast begins when it is first seen.
local function changes_of(one)
  local list = {}
  for text in one.look.out:gmatch "[^\n]+" do
    local line = cjson.decode(text)
    if line.kind == "change" and not line.source then list[#list + 1] = line end
  end
  return list
end

local function judge(one)
  for _, line in ipairs(changes_of(one)) do
    local after = line.at - one.began_at - (one.good and 0 or BREAKS_AT)
    if one.good and line.state ~= "ok" and line.state ~= "still" then return false, line.state, after end
    if not one.good and after < 0 and line.state ~= "ok" then return false, line.state, after end
    if not one.good and line.state ~= "ok" and line.state ~= "still" then
      return line.state == one.case.state and after <= NAMED_WITHIN, line.state, after
    end
  end
  return one.good or false, "-", nil
end

local function print_table(plan)
  local failed = 0
  print(("%-14s %-12s %-12s %8s"):format("broadcast", "is", "called", "after, s"))
  for _, one in ipairs(plan) do
    local ok, state, after = judge(one)
    failed = failed + (ok and 0 or 1)
    print(("%-14s %-12s %-12s %8s  %s"):format(one.name, one.case.state, state, after and ("%.1f"):format(after) or "-",
      ok and "" or "WRONG"))
  end
  print(("%d of %d judged rightly"):format(#plan - failed, #plan))
  return failed
end

local function main(seed, ...)
  local names, any = {}, select("#", ...) > 0
  for _, name in ipairs { ... } do names[name] = true end
  local server = nginx.start { apps = { "source", "output" } }
  print("seed " .. seed)
  local plan = prepare(proc.folder(), seed, function(name) return not any or names[name] end)
  local longest = LENGTH
  for _, one in ipairs(plan) do
    start(server, one)
    if one.good then longest = GOOD_FOR end
  end
  proc.elapse(BREAKS_AT)
  for _, one in ipairs(plan) do
    if one.dying then one.dying:kill "sigkill" end
  end
  proc.elapse(longest - BREAKS_AT)
  local failed = print_table(plan)
  proc.cleanup()
  return failed
end

local seed = math.tointeger(tonumber(arg[1] or "")) or os.time() % 100000
os.exit(main(seed, table.unpack(arg, 2)) == 0 and 0 or 1)
