-- SPDX-License-Identifier: MIT
-- The report of a show: how long each output was on the air, its gaps, the switches, when the slate went out. Pure.
-- The service reports each output's state, since when it has it, and when it failed last, so the figures include what
-- happened between two looks; of the slate they do not. Time about which the service says nothing counts as unknown,
-- never as good. The tally is one plain table, which is saved as JSON.

local json = require "cme.json"

---@class cme.show.report
local report = {}

---@class cme.show.tally
---@field from number|nil unix seconds, when it was first seen working
---@field seen_at number|nil the last look at it
---@field to number|nil when it was over
---@field outputs cme.show.tally_output[] in the order in which they were first seen
---@field viewers cme.show.tally_viewers[]|nil what viewers of the outputs had; nil: nobody looked
---@field switches { at: number, from: string, to: string, reason: string|nil }[]
---@field active string|nil at the last look
---@field slates { from: number, to: number|nil }[]|nil when the slate went out; to: nil while it does. As far as looks
--- tell. nil: never

---@class cme.show.tally_output
---@field id string
---@field name string
---@field up number seconds on the air
---@field unknown number seconds of which nothing is known
---@field looked_at number|nil up to when it is counted
---@field good boolean|nil at the last look
---@field told boolean|nil the service told how it does, at some look
---@field live boolean|nil it had a picture, at some look
---@field removed_at number|nil from then on it was no part of the show
---@field gaps { from: number, to: number|nil, reason: string|nil }[] to: nil while it lasts

local function find(tally, seen)
  for _, one in ipairs(tally.outputs) do
    if one.id == seen.id then return one end
  end
  local one = { id = seen.id, up = 0, unknown = 0, gaps = json.array {} }
  tally.outputs[#tally.outputs + 1] = one
  return one
end

local function open_gap(one, from, reason)
  one.gaps[#one.gaps + 1] = { from = from, reason = reason }
end

-- An output's first look: what is on the air is so since `since`, never before the show.
local function begin(one, seen, from, at)
  one.looked_at = at
  if seen.good then
    one.up = math.max(0, at - math.max(seen.since or at, from))
  elseif seen.good == false then
    open_gap(one, at, seen.reason)
  end
end

local function last_gap(one)
  local gap = one.gaps[#one.gaps]
  return gap and not gap.to and gap or nil
end

-- Good now: all the time since the last look, or there was a gap that ended at `since`.
local function count_good(one, seen, at)
  local since = math.min(seen.since or one.looked_at, at)
  local gap = last_gap(one)
  if gap then
    gap.to = math.max(since, gap.from)
    one.up = one.up + at - gap.to
  elseif since > one.looked_at and one.good then -- it went and came back between the looks
    local failed = seen.failed_at
    local from = failed and failed >= one.looked_at and failed <= since and failed or one.looked_at
    one.up = one.up + (from - one.looked_at) + (at - since)
    one.gaps[#one.gaps + 1] = { from = from, to = since, reason = seen.reason }
  else
    one.up = one.up + at - math.max(one.looked_at, since)
  end
end

-- Bad now: good until it failed.
local function count_bad(one, seen, at)
  if last_gap(one) then return end
  local failed = seen.failed_at
  local from = failed and failed >= one.looked_at and failed <= at and failed or at
  if one.good then one.up = one.up + from - one.looked_at end
  open_gap(one, from, seen.reason)
end

-- No more is known than at the last look: it was so until now.
local function settle(one, at)
  local rest = math.max(0, at - one.looked_at)
  local gap = last_gap(one)
  if gap then
    gap.to = math.max(at, gap.from)
  elseif one.good then
    one.up = one.up + rest
  else
    one.unknown = one.unknown + rest
  end
  one.looked_at = math.max(at, one.looked_at)
end

local function count(one, seen, at)
  if seen.good then
    count_good(one, seen, at)
  elseif seen.good == false then
    count_bad(one, seen, at)
  else
    one.unknown = one.unknown + at - one.looked_at
  end
  one.looked_at = at
end

--- A tally of nothing yet.
---@return cme.show.tally
function report.new()
  return { outputs = json.array {}, switches = json.array {} }
end

local function find_seen(seen, id)
  for _, output in ipairs(seen.outputs) do
    if output.id == id then return output end
  end
end

-- An output that was removed, or taken off the air, was on it until now.
local function count_removed(tally, seen, at)
  for _, one in ipairs(tally.outputs) do
    if not one.removed_at and not find_seen(seen, one.id) then
      settle(one, at)
      one.removed_at, one.good = at, nil
    end
  end
end

-- Nothing is on the air of a show that somebody stopped.
local function count_stopped(tally, at)
  for _, one in ipairs(tally.outputs) do
    if one.good and not one.removed_at then
      settle(one, at)
      one.good = false
      open_gap(one, at, "stopped")
    end
  end
end

local function count_outputs(tally, seen, at)
  for _, output in ipairs(seen.outputs) do
    local one = find(tally, output)
    one.name = output.name
    if one.removed_at then one.looked_at, one.removed_at = at, nil end
    if one.looked_at then count(one, output, at) else begin(one, output, tally.from, at) end
    one.good, one.told, one.live = output.good, one.told or output.reason ~= nil, one.live or output.good
  end
  count_removed(tally, seen, at)
end

-- The slate goes out, or no more.
local function count_slate(tally, on, at)
  local last = tally.slates and tally.slates[#tally.slates]
  local open = last and not last.to
  if on and not open then
    tally.slates = tally.slates or json.array {}
    tally.slates[#tally.slates + 1] = { from = at }
  elseif open and not on then
    last.to = at
  end
end

--- Takes one look in.
---@param tally cme.show.tally changed in place
---@param seen cme.show.seen
---@param reason string|nil of a switch since the last look, where it is known
function report.step(tally, seen, reason)
  local at = math.max(seen.at, tally.seen_at or seen.at) -- a clock that was set back takes nothing away
  if seen.status == "idle" and tally.from then
    tally.seen_at = at
    count_slate(tally, false, at)
    return count_stopped(tally, at)
  elseif seen.status ~= "working" then
    return
  end
  tally.from = tally.from or math.min(seen.started_at or at, at)
  tally.seen_at = at
  count_outputs(tally, seen, at)
  count_slate(tally, seen.on_slate, at)
  if seen.active and tally.active and tally.active ~= seen.active then
    tally.switches[#tally.switches + 1] = { at = at, from = tally.active, to = seen.active, reason = reason }
  end
  tally.active = seen.active or tally.active
end

--- Whether no output ever had a picture, as far as the service tells: where it tells nothing, nobody knows.
---@param tally cme.show.tally
---@return boolean
function report.never_live(tally)
  for _, one in ipairs(tally.outputs) do
    if one.live or one.up > 0 or not one.told then return false end
  end
  return tally.outputs[1] ~= nil
end

--- Ends a tally: what was on the air at the last look was so until the show's end.
---@param tally cme.show.tally changed in place
---@param at number unix seconds
function report.finish(tally, at)
  for _, one in ipairs(tally.outputs) do
    if not one.removed_at then settle(one, at) end
  end
  count_slate(tally, false, at)
  tally.to = at
end

return report
