-- SPDX-License-Identifier: MIT
-- The broadcasts of `make bench-look`: what each shows its viewers, and what its source shows.

local broadcasts = require "spec.support.programs.broadcasts"
local films = require "bench.look.films"

local cases = {}

cases.BREAKS_AT = 45 -- seconds into a broken one
cases.BROKEN_FOR = 30
cases.FILM = 60 -- seconds of a good one, which comes again: longer than anybody is late
cases.DELAYED_FOR = 70 -- seconds of one that is late from its beginning

local LENGTH = cases.BREAKS_AT + cases.BROKEN_FOR
local GATE = "enable='gte(t,AT)'"

-- Cuts to some seconds ago.
local function cut_back(seconds)
  return ("split[one][two];[one]trim=0:AT,setpts=PTS-STARTPTS[before];[two]trim=AT-%d,setpts=PTS-STARTPTS[after];"
    .. "[before][after]concat"):format(seconds)
end

---@class bench.look.case
---@field name string
---@field state string that it has to be called; "fine": nothing but `still`
---@field source string path of the film
---@field output string
---@field kind "broken"|"good"|"late"
---@field dies boolean|nil its publisher does
---@field delay number|nil seconds, of a late one
---@field size string|nil of a late one: "same size" or "smaller"

-- AT in a filter: the second at which it breaks; LASTS: for so long.
---@type table<string, { state: string, picture: string|nil, sound: string|nil, other: boolean|nil, dies: boolean|nil }>
local BROKEN = {
  black = { state = "black", picture = "drawbox=c=black:t=fill:" .. GATE },
  frozen = { state = "frozen", picture = "trim=0:AT,tpad=stop_mode=clone:stop_duration=LASTS" },
  green = { state = "flat", picture = "format=yuv420p,lutyuv=y=0:u=0:v=0:" .. GATE },
  silent = { state = "silent", sound = "volume=0:" .. GATE },
  clipped = { state = "clipped", sound = "aformat=sample_fmts=s16,volume=30dB:precision=fixed:" .. GATE },
  one_ear = { state = "one_sided", sound = "aeval='val(0)|val(1)*lt(t,AT)':c=same" },
  late_3 = { state = "late", picture = cut_back(3) },
  late_20 = { state = "late", picture = cut_back(20) },
  half_rate = { state = "slow", picture = "select='if(gte(t,AT),mod(n,2),1)'" },
  sound_only = { state = "no_picture", picture = "select='lt(t,AT)'" },
  gone = { state = "gone", dies = true },
  refused = { state = "gone", dies = true },
  wrong = { state = "wrong", other = true },
}

local DELAYS = { 0.5, 3, 8, 20 } -- seconds
local SIZES = { ["same size"] = "null", smaller = "scale=240:136,drawbox=x=200:y=8:w=32:h=16:c=red:t=fill" }

local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local ENCODER = { "-map", "[v]", "-map", "[s]", "-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-g",
  "30", "-max_interleave_delta", "0", "-c:a", "aac", "-b:a", "96k" }

-- A film made of others by a graph.
local function derive(name, inputs, graph, seconds)
  local recipe = {}
  for _, path in ipairs(inputs) do table.move({ "-i", path }, 1, 2, #recipe + 1, recipe) end
  table.move({ "-filter_complex", graph, "-t", tostring(seconds) }, 1, 4, #recipe + 1, recipe)
  table.move(ENCODER, 1, #ENCODER, #recipe + 1, recipe)
  return films.make(name, recipe)
end

-- What viewers get of a film that breaks.
local function break_film(name, film, case, other, at, lasts)
  local picture = ("[0:v]%s[v]"):format(case.picture or "null")
  if case.other then
    picture = "[0:v]trim=0:AT,setpts=PTS-STARTPTS[b];[1:v]trim=0:LASTS,setpts=PTS-STARTPTS[a];[b][a]concat[v]"
  end
  local graph = (picture .. (";[0:a]%s[s]"):format(case.sound or "anull")):gsub("AT%-(%d+)",
    function(back) return tostring(at - tonumber(back)) end):gsub("%f[%a]AT%f[%A]", tostring(at))
    :gsub("LASTS", tostring(lasts))
  return derive(name, { film, other }, graph, at + lasts)
end

-- A film of a seed that lasts so long.
local function film_of(name, kind, seconds, seed)
  return films.make(("%s-%d"):format(name, seed), broadcasts.recipe(kind, seconds, seed))
end

--- Broadcasts that are fine until BREAKS_AT.
---@param seed integer
---@param wanted fun(name: string): boolean
---@return bench.look.case[]
function cases.broken(seed, wanted)
  local list = {}
  for _, name in ipairs(sorted(BROKEN)) do
    if wanted(name) then
      local film = film_of("film", broadcasts.GOOD.film, LENGTH, seed)
      local other = film_of("film", broadcasts.GOOD.film, LENGTH, seed + 1000)
      list[#list + 1] = { name = name, kind = "broken", state = BROKEN[name].state, dies = BROKEN[name].dies,
        source = film, output = break_film(("%s-%d"):format(name, seed), film, BROKEN[name], other,
          cases.BREAKS_AT, cases.BROKEN_FOR) }
    end
  end
  return list
end

--- One film, and what viewers get of it at several destinations, at some of which it breaks, each at another second.
---@param seed integer
---@param breaks { name: string, at: integer }[]
---@param seconds integer that it lasts
---@return string source
---@return bench.look.case[]
function cases.in_turn(seed, breaks, seconds)
  local film = film_of("turn", broadcasts.GOOD.film, seconds, seed)
  local other = film_of("turn", broadcasts.GOOD.film, seconds, seed + 1000)
  local list = {}
  for i, one in ipairs(breaks) do
    local case = BROKEN[one.name]
    list[i] = { name = one.name, kind = "broken", state = case.state, dies = case.dies, source = film,
      output = case.dies and film
        or break_film(("turn-%s-%d"):format(one.name, seed), film, case, other, one.at, seconds - one.at) }
  end
  return film, list
end

--- Broadcasts that look suspicious and are fine.
---@param seed integer
---@param wanted fun(name: string): boolean
---@return bench.look.case[]
function cases.good(seed, wanted)
  local list = {}
  for i, name in ipairs(sorted(broadcasts.GOOD)) do
    if wanted(name) then
      local path = film_of(name, broadcasts.GOOD[name], cases.FILM, seed + i)
      list[#list + 1] = { name = name, kind = "good", state = "fine", source = path, output = path }
    end
  end
  return list
end

--- Broadcasts that are late from their beginning: coded anew in the same size, and smaller with a logo.
---@param seed integer
---@param wanted fun(name: string): boolean
---@return bench.look.case[]
function cases.late(seed, wanted)
  local list = {}
  for _, delay in ipairs(wanted "delay" and DELAYS or {}) do
    local film = film_of("film", broadcasts.GOOD.film, LENGTH, seed)
    for _, size in ipairs(sorted(SIZES)) do
      local graph = ("[0:v]tpad=start_duration=%g,%s[v];[0:a]adelay=%d:all=1[s]"):format(delay, SIZES[size],
        delay * 1000)
      list[#list + 1] = { name = ("delay_%g_%s"):format(delay, size:match "^%a+"), kind = "late", delay = delay,
        size = size, source = film,
        output = derive(("delay_%g_%s-%d"):format(delay, size:match "^%a+", seed), { film }, graph, LENGTH) }
    end
  end
  return list
end

return cases
