-- SPDX-License-Identifier: MIT
-- What a keeper decides about an engine: what to tell it so that it does what is desired, and whether its run is over.
-- Pure. Two places know the truth: the store says what should run, the engine says which input is active.

local json = require "cme.json"
local playback = require "cme.server.edge.playback"

local reconcile = {}

--- What is desired of the engine of a project that only the engine knows: what it does. It is told nothing but its end,
--- and not started again.
---@param record cme.server.project
---@return table spec
function reconcile.as_it_is(record)
  return { project = record.id, as_it_is = true, inputs = {}, outputs = {}, active = "main",
    stop_at = record.stop_at or json.null }
end

--- Fills in what an engine says that it does.
---@param spec table of as_it_is
---@param stat table the engine's answer
function reconcile.fill_in(spec, stat)
  for name, input in pairs(type(stat.inputs) == "table" and stat.inputs or {}) do
    spec.inputs[name] = type(input) == "table" and {} or nil
  end
  for i, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    spec.outputs[i] = { id = output.id, name = output.name, url = "" }
  end
end

local function with_active(desired, active)
  local spec = {}
  for name, value in pairs(desired) do spec[name] = value end
  spec.active = active
  return spec
end

--- What a running engine must be told so that it does what is desired. Its own active input wins, since it may have
--- failed over while nobody listened.
---@param desired table spec
---@param stat table the engine's answer
---@param untold boolean|nil it may not have been told all of it, whatever its revision
---@return table|nil spec to set; nil when the engine has it already
---@return string active
function reconcile.change(desired, stat, untold)
  local active, its_active = desired.active, type(stat.active) == "string" and stat.active or nil
  if desired.as_it_is then return nil, its_active or active end
  local has_spec = stat.project == desired.project
  if has_spec and its_active and desired.inputs[its_active] then active = its_active end
  local spec = playback.fit(desired, stat.hls)
  local same_edge = playback.edge_of(stat.outputs) == playback.edge_of(spec.outputs)
  if has_spec and stat.revision == desired.revision and same_edge and not untold then return nil, active end
  return with_active(spec, active), active
end

--- Whether the planned end of a spec has come.
---@param spec table
---@param now number unix seconds
---@return number|nil at
function reconcile.overdue(spec, now)
  local at = spec.stop_at
  return type(at) == "number" and at <= now and at or nil
end

-- Reasons of an engine's, or a playout's, end that are the run's.
local RUN_ENDS = { stop_at = true, played_out = true, no_media = true }

--- What an engine's last event says about the run.
---@param event { reason: string, time: number } "stopped"
---@return { at: number, why: string }|nil stop nil: the run is not over
function reconcile.end_of_run(event)
  if RUN_ENDS[event.reason] and type(event.time) == "number" then return { at = event.time, why = event.reason } end
  return nil
end

return reconcile
