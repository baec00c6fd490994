-- SPDX-License-Identifier: MIT
-- What `cme watch` knows: each project as it was last read, and what has changed since. The comparison is
-- cme.project.watch's. A reading that fails leaves what was known, with the fault beside it. Pure: time and
-- readings are arguments.

local codes = require "cme.codes"
local diff = require "cme.project.watch".diff
local exit = require "cme.cli.exit"

local watch_model = {}

local KEPT = 200 -- changes

---@class cme.cli.watch.reading of one project
---@field id string
---@field name string|nil
---@field info cme.cli.reading|nil nil: it could not be read
---@field message string|nil why not
---@field detail cme.detail|nil

---@class cme.cli.watch.fault
---@field code string|nil
---@field message string
---@field since number unix seconds

---@class cme.cli.watch.entry
---@field id string
---@field name string
---@field info cme.cli.reading|nil the last good one
---@field fault cme.cli.watch.fault|nil why there is no newer one
---@field gone boolean|nil true: the service no longer has it

---@class cme.cli.watch.change a cme.change, and of which project
---@field what "project"|"status"|"active"|"on_slate"|"stop_at"|"name"|"input"|"output"|"source"|"record"|"merge"
---|"merge_state"|"standby"|"standby_state"|"error"
---@field project string|nil its id; nil: of the service
---@field label string|nil its name
---@field old any
---@field new any
---@field id string|nil
---@field at number

---@class cme.cli.watch.model
---@field entries cme.cli.watch.entry[] in the order of the readings
---@field changes cme.cli.watch.change[] the newest last
---@field fault cme.cli.watch.fault|nil why not even the list of projects is newer

---@return cme.cli.watch.model
function watch_model.new()
  return { entries = {}, changes = {} }
end

-- The states of inputs, outputs and the recording where cme.project.watch compares them.
local function with_states(info)
  for _, input in pairs(info.inputs) do input.state = input.health and input.health.state end
  for _, output in ipairs(info.outputs) do output.state = output.health and output.health.state end
  info.merge_state, info.standby_state = info.merge_health and info.merge_health.state, info.standby_health
  local record = info.record
  if record and record.health then record.state, record.file = record.health.state, record.health.file end
  return info
end

-- A fault that is the one there was keeps its time.
local function fault_of(before, message, detail, now)
  local code = detail and detail.code
  local reason = detail and codes.words(message, detail)
  return { code = code, message = message, reason = reason,
    since = before and before.code == code and before.since or now }
end

-- Tells a fault that came, went or became another one.
local function compare_faults(add, before, after)
  if (before and before.code or before ~= nil) == (after and after.code or after ~= nil) then return end
  local function shown(fault) return fault and { code = fault.code, message = fault.message, reason = fault.reason } end
  add { what = "error", old = shown(before), new = shown(after) }
end

-- The entry after a reading, which may have failed.
local function renewed(before, one, add, now)
  local entry = { id = one.id, name = one.name or before and before.name or one.id, info = before and before.info }
  if not one.info then
    entry.fault = fault_of(before and before.fault, one.message, one.detail, now)
    entry.gone = exit.of(one.detail) == exit.NOT_FOUND or nil
  else
    entry.info, entry.name = with_states(one.info), one.info.name or entry.name
    if not before or not before.info then
      add { what = "project", new = entry.info }
    else
      for _, change in ipairs(diff(before.info, entry.info, now)) do add(change) end
    end
  end
  compare_faults(add, before and before.fault, entry.fault)
  return entry
end

local function keep(model, changes)
  for _, change in ipairs(changes) do model.changes[#model.changes + 1] = change end
  local extra = #model.changes - KEPT
  if extra > 0 then model.changes = table.move(model.changes, extra + 1, #model.changes, 1, {}) end
end

-- All readings of a round; projects that are in none of them are no longer there.
local function take_all(model, readings, add_for, now)
  local before = {}
  for _, entry in ipairs(model.entries) do before[entry.id] = entry end
  model.entries = {}
  for i, one in ipairs(readings) do
    model.entries[i] = renewed(before[one.id], one, add_for(one), now)
    before[one.id] = nil
  end
  for _, entry in pairs(before) do add_for(entry) { what = "project", old = entry.info } end
end

--- Takes in what a round of readings gave.
---@param model cme.cli.watch.model
---@param readings cme.cli.watch.reading[]|nil nil: the list of projects could not be read
---@param message string|nil
---@param detail cme.detail|nil
---@param now number unix seconds
---@return cme.cli.watch.change[] changes
function watch_model.take(model, readings, message, detail, now)
  local changes = {}
  local function add_for(one)
    return function(change)
      change.project, change.label, change.at = one.id, one.info and one.info.name or one.name or one.id, now
      changes[#changes + 1] = change
    end
  end
  local before = model.fault
  model.fault = not readings and fault_of(before, message, detail, now) or nil
  compare_faults(add_for {}, before, model.fault)
  if readings then take_all(model, readings, add_for, now) end
  keep(model, changes)
  return changes
end

return watch_model
