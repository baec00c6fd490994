-- SPDX-License-Identifier: MIT
-- Playback: what a project sends, and its inputs, as HLS that viewing.lua serves. For this, each engine gets one more
-- output, which is not one of the project's: only the engine knows it, and its failures are not those of the project.
-- DescribeProjectPlayback returns the addresses.

local codes = require "cme.codes"
local json = require "cme.json"
local recordings = require "cme.server.recordings"

local playback = {}

playback.output_id = "cme:playback" -- project.lua refuses it as an output's own
playback.NAME = "hls" -- of that output; before version 0.2 it was the address of an nginx

--- The state an engine is to have, with the output for a look; pure but for the edge's addresses.
---@param edge cme.server.edge|nil
---@param spec table of the control protocol's `set`
---@return table spec
function playback.add(edge, spec)
  if edge then
    spec.outputs[#spec.outputs + 1] = { id = playback.output_id, name = playback.NAME,
      url = edge.viewing:url(spec.project, "output") }
  end
  return spec
end

--- The state of an engine that may not know how to write HLS: one of before version 0.2, whose broadcast goes on and
--- cannot be looked at. Pure.
---@param spec table
---@param hls any what it says in `stat`
---@return table spec
function playback.fit(spec, hls)
  if hls == true or not playback.edge_of(spec.outputs) then return spec end
  local fitting = {}
  for name, value in pairs(spec) do fitting[name] = value end
  fitting.outputs = json.array {}
  for _, output in ipairs(spec.outputs) do
    if output.id ~= playback.output_id then fitting.outputs[#fitting.outputs + 1] = output end
  end
  return fitting
end

--- Whether an output, or an event about one, is not of the project's own; pure.
---@param id any
---@return boolean
function playback.is_internal(id)
  return id == playback.output_id or id == recordings.OUTPUT_ID
end

--- How an engine gives what is to be looked at: the name of that output, nil for none; pure.
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
  if not edge then return codes.fail "api.UnsupportedOperation:no_edge" end
  local viewing = edge.viewing
  local response = { ProjectId = record.id, Output = viewing:playback_url(record.id, "output") }
  for member, endpoint in pairs(ENDPOINTS) do
    local there = service.has_input and service:has_input(record, endpoint)
    response[member] = there and viewing:playback_url(record.id, endpoint) or ""
  end
  return response
end

return playback
