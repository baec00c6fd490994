-- SPDX-License-Identifier: MIT
-- Playback: what a project sends, and its inputs, as HLS that viewing.lua serves and by RTMP from cme-edge. For this,
-- each engine gets two more outputs, which are not the project's: only the engine knows them, and their failures are
-- not those of the project. DescribeProjectPlayback returns the addresses.

local codes = require "cme.codes"
local json = require "cme.json"
local ingest = require "cme.server.edge.ingest"
local recordings = require "cme.server.recordings"

local playback = {}

playback.output_id = "cme:playback" -- project.lua refuses these as an output's own
playback.NAME = "hls" -- of that output; before version 0.2 it was the address of an nginx
playback.rtmp_id = "cme:rtmp"

local IDS = { [playback.output_id] = true, [playback.rtmp_id] = true }

--- The outputs for viewers of one picture, which take no uplink; pure but for the edge's addresses.
---@param edge cme.server.edge
---@param project string
---@param what "output"|"main"|"backup"
---@param pushed boolean the edge has it, and plays it from there
---@return table[] outputs
function playback.outputs(edge, project, what, pushed)
  local hls = { id = playback.output_id, name = playback.NAME, url = edge.viewing:url(project, what) }
  if pushed then return { hls } end
  local url, name = edge:feed(project, what)
  return { hls, { id = playback.rtmp_id, name = name, url = url, uplink = false } }
end

--- The state an engine is to have, with the outputs for viewers; pure but for the edge's addresses.
---@param edge cme.server.edge|nil
---@param spec table of the control protocol's `set`
---@return table spec
function playback.add(edge, spec)
  if edge then
    local more = playback.outputs(edge, spec.project, "output", false)
    table.move(more, 1, #more, #spec.outputs + 1, spec.outputs)
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
  return IDS[id] or id == recordings.OUTPUT_ID
end

--- How an engine gives what is to be looked at: the names of those outputs, nil for none; pure.
---@param outputs any of a spec, or of an engine's `stat`
---@return string|nil
function playback.edge_of(outputs)
  local names = {}
  for _, output in ipairs(type(outputs) == "table" and outputs or {}) do
    if type(output) == "table" and IDS[output.id] then names[#names + 1] = output.name end
  end
  table.sort(names)
  return names[1] and table.concat(names, " ")
end

--- Takes what is not the project's out of an engine's answer to `stat`.
---@param stat table
---@return table stat
function playback.hide(stat)
  local outputs = type(stat.outputs) == "table" and stat.outputs or {}
  for i = #outputs, 1, -1 do
    if type(outputs[i]) == "table" and IDS[outputs[i].id] then table.remove(outputs, i) end
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
  local response = { ProjectId = record.id, Output = viewing:playback_url(record.id, "output"),
    RtmpOutput = edge:play_url(record.id, "output") }
  local pushed = ingest.addresses(record)
  for member, endpoint in pairs(ENDPOINTS) do
    local there = service.has_input and service:has_input(record, endpoint)
    response[member] = there and viewing:playback_url(record.id, endpoint) or ""
    local here = pushed[endpoint] and not select(2, edge:pull_url(pushed[endpoint]))
    if there and not here then edge:feed(record.id, endpoint) end -- the edge is to know it by then
    response["Rtmp" .. member] = there and edge:play_url(record.id, endpoint) or ""
  end
  return response
end

return playback
