-- SPDX-License-Identifier: MIT
-- Playback: what a project sends, and what is pushed to it, as HLS previews served by the edge. For this, each engine
-- gets one more output, which is not one of the project's: only the engine knows it, and its failures are not failures
-- of the project. DescribeProjectPlayback returns the addresses.

local codes = require "cme.codes"
local recordings = require "cme.server.recordings"

local playback = {}

playback.output_id = "cme:playback" -- project.lua refuses it as an output's own

--- The state an engine is to have, with the output for a look; pure but for the edge's addresses.
---@param edge cme.server.edge|nil
---@param spec table of the control protocol's `set`
---@return table spec
function playback.add(edge, spec)
  local viewing = edge and edge.viewing
  if viewing then
    spec.outputs[#spec.outputs + 1] = { id = playback.output_id, name = viewing:address(),
      url = viewing:publish_url(spec.project .. "-output") }
  end
  return spec
end

--- Whether an output, or an event about one, is not of the project's own; pure.
---@param id any
---@return boolean
function playback.is_internal(id)
  return id == playback.output_id or id == recordings.OUTPUT_ID
end

--- Which edge an engine gives its output to: the name of that output, nil for none; pure.
---@param outputs any of a spec, or of an engine's `stat`
---@return string|nil
function playback.edge_of(outputs)
  for _, output in ipairs(type(outputs) == "table" and outputs or {}) do
    if type(output) == "table" and output.id == playback.output_id then return output.name end
  end
  return nil
end

--- Takes what is not the project's out of an engine's answer to `stat`.
---@param stat table
---@return table stat
function playback.hide(stat)
  for i, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    if type(output) == "table" and output.id == playback.output_id then
      table.remove(stat.outputs, i)
      break
    end
  end
  return stat
end

local ENDPOINTS = { Main = "main", Backup = "backup" }

--- DescribeProjectPlayback.
---@param edge cme.server.edge|nil
---@param service cme.server.category_service the project's category
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function playback.describe(edge, service, record)
  local viewing = edge and edge.viewing
  if not viewing then return codes.fail "api.UnsupportedOperation:no_edge" end
  local response = { ProjectId = record.id, Output = viewing:playback_url(record.id, "output") }
  for member, endpoint in pairs(ENDPOINTS) do
    local there = service.has_input and service:has_input(record, endpoint)
    response[member] = there and viewing:playback_url(record.id, endpoint) or ""
  end
  return response
end

return playback
