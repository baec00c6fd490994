-- SPDX-License-Identifier: MIT
-- Rounds of faults on a fleet that is on the air: one fault each, and what came of it by the judge.

local faults = require "spec.support.proofs.fleet.faults"
local proc = require "spec.support.proc"
local stage = require "spec.support.proofs.fleet.stage"
local usage = require "spec.support.proofs.usage"

local rounds = {}

local LIMIT = 60 -- seconds until each project has to be on the air again, whatever happens
local SETTLE = 4 -- seconds of watching after a fault was mended: who wakes up late publishes then

---@class spec.fleet.options
---@field rounds integer
---@field each integer|nil    rounds of each fault instead
---@field seed integer
---@field projects integer
---@field pushed integer|nil how many of them are pushed
---@field lease integer       seconds
---@field gop integer         seconds between two keyframes of the source
---@field kinds string|nil    names of faults, separated by commas; nil: all
---@field unfenced boolean|nil
---@field report fun(round: spec.fleet.round)|nil
---@field keep string|nil    folder that all that was said is copied to

---@class spec.fleet.round
---@field number integer
---@field fault spec.fleet.fault
---@field host integer
---@field publishes number[]  seconds until each project that ran there was published anew
---@field pictures number[]   and until it had a picture
---@field others integer      projects of other hosts that were published anew as well
---@field strict number[]     seconds from the old session's end until the next publish, on the strict platform
---@field gap number          the longest time without a picture, of any project
---@field overlaps integer    messages of an older epoch after the first of a newer one
---@field doubles integer     messages of an older publish of the same host
---@field late number         seconds after which the last of both came
---@field off integer         projects that were not on the air again in time
---@field lost integer        writes
---@field words string[]      what is wrong, in words

-- The faults that are drawn from.
local function wanted(self, kinds)
  local list = {}
  for _, fault in ipairs(faults) do
    local is_named = not kinds or ("," .. kinds .. ","):find("," .. fault.name .. ",", 1, true)
    if is_named and (not fault.possible or fault.possible(self)) then list[#list + 1] = fault end
  end
  assert(#list > 0, "no fault that this machine can do is named so: " .. tostring(kinds))
  return list
end

-- Each kind as often as any other: in an order of its own, again and again.
local function draw(bag, list)
  if #bag == 0 then table.move(list, 1, #list, 1, bag) end
  return table.remove(bag, math.random(#bag))
end

-- Whether all that has to be published anew is, and everything is on the air.
local function is_over(self, fault, struck)
  if not self:is_on_air() then return false end
  if not fault.moves then return true end
  local moved, of = 0, 0
  for _, result in ipairs(self.verdict:results(stage.now_us())) do
    if result.from == struck.address then
      of, moved = of + 1, moved + (result.picture and result.publish and 1 or 0)
    end
  end
  return moved == of or (fault.name == "engine killed" and moved > 0)
end

local function wait_for_picture(self, fault, struck)
  local ok, message = pcall(self.wait, self, "pictures", LIMIT, function() return is_over(self, fault, struck) end)
  if not ok and self.interrupted then error(message, 0) end
  return ok
end

local function count(self, round, struck)
  for _, result in ipairs(self.verdict:results(stage.now_us())) do
    if result.from == struck.address and result.publish then
      round.publishes[#round.publishes + 1] = result.publish
      round.pictures[#round.pictures + 1] = result.picture
    elseif result.publish then
      round.others = round.others + 1
    end
    round.gap, round.late = math.max(round.gap, result.gap), math.max(round.late, result.late)
    round.overlaps, round.doubles = round.overlaps + result.overlaps, round.doubles + result.doubles
    if result.gap > LIMIT or not result.host then round.off = round.off + 1 end
  end
end

-- What must hold whatever the machine has to do beside.
local function judge(round)
  local function say(...) round.words[#round.words + 1] = string.format(...) end
  if round.overlaps > 0 then
    say("%d messages of an older epoch, up to %.2f s after a newer one's first", round.overlaps, round.late)
  end
  if round.doubles > 0 then say("%d messages of an engine that another one had followed", round.doubles) end
  if round.off > 0 then say("%d projects were not on the air again after %d s", round.off, LIMIT) end
  if round.lost > 0 then say("%d acknowledged writes are lost: %s", round.lost, round.lost_words) end
end

local function mend(self, fault, struck, since_us)
  local left = (fault.lasts or 0) - (stage.now_us() - since_us) / 1e6
  if left > 0 then self:pass(left) end
  fault.mend(self, struck)
  self:pass(SETTLE)
  self:expect_ready()
  self:wait("pictures", LIMIT, function() return self:is_on_air() end)
end

local function play(self, number, fault)
  local struck = fault.host and self:wait("a leader", LIMIT, function() return fault.host(self) end)
    or self:busy_host()
  if fault.before then fault.before(self) end
  local round = { number = number, fault = fault, host = struck.number, publishes = {}, pictures = {}, strict = {},
    others = 0, gap = 0, overlaps = 0, doubles = 0, late = 0, off = 0, words = {} }
  local since_us, since = stage.now_us(), usage.wall()
  self.verdict:mark(since_us)
  fault.strike(self, struck)
  if not wait_for_picture(self, fault, struck) then round.off = 1 end
  mend(self, fault, struck, since_us)
  count(self, round, struck)
  if fault.after then fault.after(self) end
  round.strict = self:strict_waits(since)
  local written = self:check_writes()
  round.lost, round.lost_words = written.lost - self.lost, written.words
  round.writes, round.unanswered, self.lost = written.writes, written.unanswered, written.lost
  judge(round)
  return round
end

local function play_all(self, options)
  local list, bag, played = wanted(self, options.kinds), {}, {}
  for i = 1, options.each and options.each * #list or options.rounds do
    played[i] = play(self, i, draw(bag, list))
    if options.report then options.report(played[i]) end
  end
  return played
end

--- Plays rounds on a fleet of its own; in a network of the runner's own.
---@param options spec.fleet.options
---@return spec.fleet.round[]
function rounds.run(options)
  math.randomseed(options.seed)
  local self = stage.start(options)
  self.lost = 0
  local ok, played = xpcall(play_all, debug.traceback, self, options)
  if options.keep then proc.run { "cp", "-r", self.dir, options.keep } end
  if not ok then error(played, 0) end
  return played
end

return rounds
