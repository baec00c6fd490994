-- SPDX-License-Identifier: MIT
-- What is wrong with a show, reported once: an incident opens when something has been wrong for `after` seconds, and
-- closes when it works again; each is one alert. Pure; open incidents are one plain table, which is saved as JSON, so
-- that a program that was killed and started again does not report them twice.

local codes = require "cme.codes"
local text = require "cme.text.strings"

---@class cme.show.incidents
local incidents = {}

---@class cme.show.alert
---@field kind "service"|"stopped"|"input"|"slate"|"output"|"viewers"|"uplink"|"merge"
---|"switched"|"notice"
---@field id string|nil of an input "main" or "backup", of an output and its viewers the id of that
---@field name string|nil of an output
---@field state "open"|"closed"|"note" a note is told at once, and has no end
---@field at number unix seconds, when it began (closed: when it ended)
---@field lasted number|nil seconds, of a closed one
---@field reason string|nil
---@field look string|nil of viewers: the state that cme-look names, "black"
---@field picture string|nil of viewers: file of what they see

---@class cme.show.incident
---@field kind string
---@field id string|nil
---@field name string|nil
---@field since number
---@field told boolean
---@field reason string|nil
---@field look string|nil
---@field picture string|nil
---@field kicked boolean|nil the output was reconnected because of it

-- What viewers see. A state that is followed by another goes on until all is well: black, then gone, is one recovery.
local function add_viewers(found, seen, open)
  local fine = {}
  for _, one in ipairs(seen.viewers or {}) do
    fine[one.id] = one.good
    if one.good == false then
      found[("viewers %s %s"):format(one.id, one.state)] = { kind = "viewers", id = one.id, name = one.name,
        look = one.state, picture = one.picture, reason = codes.say(codes.reason("look." .. one.state)) }
    end
  end
  local there = {}
  for _, output in ipairs(seen.outputs) do there[output.id] = seen.status == "working" end
  for key, incident in pairs(open) do
    local stays = incident.kind == "viewers" and not fine[incident.id] and (there[incident.id] or seen.fault)
    if stays then found[key] = found[key] or incident end
  end
end

-- What is wrong at a look, by a key that tells one thing from another.
local function faults_of(seen, open)
  local found = {}
  local function add(key, fault)
    found[key] = fault
  end
  add_viewers(found, seen, open)
  if seen.fault then
    add("service", { kind = "service", reason = seen.fault.message })
    return found, true
  end
  if seen.status == "idle" then add("stopped", { kind = "stopped", reason = "stopped before its time" }) end
  for endpoint, good in pairs(seen.inputs) do
    if good == false then
      add("input " .. endpoint, { kind = "input", id = endpoint, reason = seen.reasons[endpoint] })
    end
  end
  local slate = seen.on_slate and "no input has a picture, the destinations get the slate" or seen.slate_fault
  if slate then add("slate", { kind = "slate", reason = slate }) end
  if seen.merge_fault then add("merge", { kind = "merge", reason = seen.merge_fault }) end
  if seen.uplink and seen.uplink.full then add("uplink", { kind = "uplink", reason = seen.uplink.reason }) end
  for _, output in ipairs(seen.outputs) do
    if output.good == false then
      add("output " .. output.id, { kind = "output", id = output.id, name = output.name, reason = output.reason })
    end
  end
  return found, false
end

local function alert_of(incident, state, at)
  return { kind = incident.kind, id = incident.id, name = incident.name, state = state, at = at,
    lasted = state == "closed" and math.max(0, at - incident.since) or nil, reason = incident.reason,
    look = incident.look, picture = state == "open" and incident.picture or nil }
end

-- Of a service that cannot be asked nothing else is known: what is open stays open.
local function close_what_is_right(open, wrong, blind, at, alerts)
  for _, key in ipairs(text.sorted_keys(open)) do
    local incident = open[key]
    if not wrong[key] and not (blind and incident.kind ~= "service" and incident.kind ~= "viewers") then
      if incident.told then alerts[#alerts + 1] = alert_of(incident, "closed", at) end
      open[key] = nil
    end
  end
end

--- Takes one look in.
---@param open table<string, cme.show.incident> changed in place; empty at first
---@param seen cme.show.seen
---@param after number seconds for which something must be wrong
---@return cme.show.alert[] alerts to be told now
function incidents.step(open, seen, after)
  local alerts = {}
  local wrong, blind = faults_of(seen, open)
  close_what_is_right(open, wrong, blind, seen.at, alerts)
  for _, key in ipairs(text.sorted_keys(wrong)) do
    local incident = open[key]
    if not incident then
      incident = wrong[key]
      incident.since, incident.told = seen.at, false
      open[key] = incident
    end
    incident.reason = wrong[key].reason or incident.reason
    incident.since = math.min(incident.since, seen.at) -- the clock may have been set back
    if not incident.told and (incident.kind == "viewers" or seen.at - incident.since >= after) then
      incident.told = true
      alerts[#alerts + 1] = alert_of(incident, "open", incident.since)
    end
  end
  return alerts
end

return incidents
