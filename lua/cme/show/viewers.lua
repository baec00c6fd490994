-- SPDX-License-Identifier: MIT
-- What the viewers of a show's outputs see, as far as `watch` addresses tell: which addresses to look at, what a look
-- at the show takes in of them, which outputs to reconnect, and the report's figures. Pure.

local json = require "cme.json"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"

---@class cme.show.viewers
local viewers = {}

---@class cme.show.seen_viewers
---@field id string of the output
---@field name string|nil
---@field state string that cme-look names
---@field good boolean|nil they have picture and sound; nil: not known
---@field delay_ms number|nil
---@field picture string|nil file of what they saw when the state was named

--- The addresses of a look.
---@param outputs cme.show.seen_output[]
---@return { key: string, url: string }[]
function viewers.targets(outputs)
  local list = {}
  for _, output in ipairs(outputs) do
    if output.watch then list[#list + 1] = { key = output.id, url = output.watch } end
  end
  return list
end

--- What the addresses are compared with: the input on the air, if that is pulled from a server that has many readers.
---@param wanted string|false|nil of the show file; false: nothing
---@param info cme.project.info
---@return string|nil url
function viewers.source(wanted, info)
  if wanted ~= nil then return wanted or nil end
  local input = info.inputs and info.inputs[info.active or "main"]
  local url = input and input.kind == "live_pull" and input.url
  return url and stream_url.is_shared(url) and url or nil
end

--- What is known of the viewers of each output.
---@param outputs cme.show.seen_output[]
---@param view fun(id: string): cme.look.view|nil
---@return cme.show.seen_viewers[]
function viewers.of(outputs, view)
  local list = {}
  for _, output in ipairs(outputs) do
    local found = output.watch and view(output.id)
    if found then
      list[#list + 1] = { id = output.id, name = output.name, state = found.state, good = found.good,
        delay_ms = found.delay_ms, picture = found.picture }
    end
  end
  return list
end

-- ---- what is done about it

--- Which outputs are to be reconnected: once for each incident. The incidents remember it.
---@param open table<string, cme.show.incident> changed
---@param on_look table<string, "kick">|nil by state
---@return string[] ids
function viewers.kicks(open, on_look)
  local ids, taken = {}, {}
  for _, key in ipairs(text.sorted_keys(open)) do
    local incident = open[key]
    if on_look and incident.look and incident.told and not incident.kicked and on_look[incident.look] then
      incident.kicked = true
      if not taken[incident.id] then ids[#ids + 1] = incident.id end
      taken[incident.id] = true
    end
  end
  return ids
end

-- ---- the report

---@class cme.show.tally_viewers
---@field id string
---@field name string|nil
---@field known number seconds of which it is known what viewers had
---@field good number of these, with picture and sound
---@field looks integer with a delay
---@field delay_ms number the sum of these
---@field last_good boolean|nil at the last look
---@field last_at number|nil

local function find(list, id)
  for _, one in ipairs(list) do
    if one.id == id then return one end
  end
  list[#list + 1] = { id = id, known = 0, good = 0, looks = 0, delay_ms = 0 }
  return list[#list]
end

local function count_one(one, seen, at)
  local before, passed = one.last_good, math.max(0, at - (one.last_at or at))
  if before ~= nil then
    one.known = one.known + passed
    one.good = one.good + (before and passed or 0)
  end
  if seen and seen.good and seen.delay_ms then
    one.looks, one.delay_ms = one.looks + 1, one.delay_ms + seen.delay_ms
  end
  one.last_at, one.last_good = at, nil
  if seen then one.name, one.last_good = seen.name, seen.good end
end

--- Takes one look in: from one to the next, viewers had what the former saw.
---@param tally cme.show.tally changed in place
---@param list cme.show.seen_viewers[]
---@param at number unix seconds
function viewers.count(tally, list, at)
  if not list[1] and not tally.viewers then return end
  tally.viewers = tally.viewers or json.array {}
  local by_id = {}
  for _, seen in ipairs(list) do by_id[seen.id] = seen end
  for _, seen in ipairs(list) do find(tally.viewers, seen.id) end
  for _, one in ipairs(tally.viewers) do count_one(one, by_id[one.id], at) end
end

--- The figures of one output.
---@param one cme.show.tally_viewers
---@return number|nil share 0 to 1; nil: nothing is known
---@return number|nil delay seconds, the mean; nil: not known
function viewers.figures(one)
  return one.known > 0 and one.good / one.known or nil, one.looks > 0 and one.delay_ms / one.looks / 1000 or nil
end

return viewers
