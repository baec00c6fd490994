-- SPDX-License-Identifier: MIT
-- The outputs of a stream-connect project: what may be one, their ids, and a list of them with one added, changed or
-- removed. Pure. Lists are never changed in place. Answers are nil, code, message.

local limits = require "cme.api.limits"
local playback = require "cme.server.edge.playback"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"
local url_check = require "cme.server.categories.url_check"

local outputs = {}

outputs.max = 50 -- the cloud documents no bound; this one is ours
local max_id = 64 -- bytes; ours, too
local max_name = 128 -- characters

local invalid = "InvalidParameterValue.StreamConnectOutputInvalid"

local function fault_of(output)
  if output.Type and output.Type ~= "" and output.Type ~= "URL" then
    return ("Type '%s': it must be URL"):format(output.Type:sub(1, 64))
  end
  if not output.PushUrl then
    return "PushUrl is missing"
  end
  local fault = url_check.fault(output.PushUrl, limits.output_schemes)
  if fault then
    return "PushUrl: " .. fault
  end
  if output.Id and #output.Id > max_id then
    return ("Id is longer than %d bytes"):format(max_id)
  end
  if playback.is_internal(output.Id) then
    return ("Id '%s': it is the service's own"):format(output.Id)
  end
  if output.Name and (text.utf8_len(output.Name) or math.huge) > max_name then
    return ("Name is longer than %d characters"):format(max_name)
  end
  return nil
end

local function has_id(output)
  return output.Id ~= nil and output.Id ~= ""
end

-- The ids that callers chose; they must differ.
local function taken_ids(list)
  local taken = {}
  for i, output in ipairs(list) do
    if has_id(output) then
      if taken[output.Id] then
        return nil, ("Outputs.%d.Id '%s': another output has it"):format(i - 1, output.Id)
      end
      taken[output.Id] = true
    end
  end
  return taken
end

-- A destination takes one publisher.
local function same_url(list, output)
  local identity = stream_url.identity(output.PushUrl)
  for _, other in ipairs(list) do
    if other.Id ~= output.Id and stream_url.identity(other.PushUrl) == identity then
      return ("PushUrl: output '%s' has the same URL (a destination takes one publisher)"):format(other.Id)
    end
  end
  return nil
end

local function fresh_id(taken, new_id)
  local id
  repeat
    id = new_id()
  until not taken[id]
  taken[id] = true
  return id
end

local function complete(output, taken, new_id)
  return { Id = has_id(output) and output.Id or fresh_id(taken, new_id), Name = output.Name or "", Type = "URL",
    PushUrl = output.PushUrl }
end

local function check_count(count)
  if count > outputs.max then
    return nil, "LimitExceeded", ("Outputs: %d, at most %d"):format(count, outputs.max)
  end
  return true
end

---Whether an output is off the air.
---@param input table a stored one
---@param id string
---@return boolean
function outputs.is_disabled(input, id)
  for _, each in ipairs(input.Disabled or {}) do
    if each == id then
      return true
    end
  end
  return false
end

---Checks a list of outputs and gives ids to those without.
---@param list table[] StreamConnectOutput
---@param new_id fun(): string
---@return table[]? outputs, string? code, string? message
function outputs.check(list, new_id)
  local ok, code, message = check_count(#list)
  if not ok then
    return nil, code, message
  end
  local taken
  taken, message = taken_ids(list)
  if not taken then
    return nil, invalid, message
  end
  local checked = {}
  for i, output in ipairs(list) do
    local fault = fault_of(output) or same_url(checked, output)
    if fault then
      return nil, invalid, ("Outputs.%d: %s"):format(i - 1, fault)
    end
    checked[i] = complete(output, taken, new_id)
  end
  return checked
end

local function find(list, output)
  if not has_id(output) then
    return nil, invalid, "field 'OutputInfo.Id': missing (DescribeProjects has the ids)"
  end
  for i, one in ipairs(list) do
    if one.Id == output.Id then
      return i, one
    end
  end
  return nil, invalid, ("output '%s': there is none of this id (DescribeProjects has the ids)"):format(
    output.Id:sub(1, max_id))
end

---@param list table[] a project's
---@param output table StreamConnectOutput
---@param new_id fun(): string
---@return table[]? list, string? code, string? message
function outputs.add(list, output, new_id)
  local ok, code, message = check_count(#list + 1)
  if not ok then
    return nil, code, message
  end
  local taken = taken_ids(list)
  local fault = fault_of(output)
  if not fault and has_id(output) and taken[output.Id] then
    fault = ("Id '%s': another output has it: use ModifyOutput to change that one"):format(output.Id)
  end
  fault = fault or same_url(list, output)
  if fault then
    return nil, invalid, "OutputInfo: " .. fault
  end
  local longer = table.move(list, 1, #list, 1, {})
  longer[#longer + 1] = complete(output, taken, new_id)
  return longer
end

---Changes the members that are given.
---@param list table[] a project's
---@param output table StreamConnectOutput with Id
---@return table[]? list, string? code, string? message
function outputs.modify(list, output)
  local at, one, message = find(list, output)
  if not at then
    return nil, one, message
  end
  local changed = { Id = one.Id, Type = output.Type or one.Type, Name = output.Name or one.Name,
    PushUrl = output.PushUrl or one.PushUrl }
  local fault = fault_of(changed) or output.PushUrl and same_url(list, changed)
  if fault then
    return nil, invalid, "OutputInfo: " .. fault
  end
  local copy = table.move(list, 1, #list, 1, {})
  copy[at] = complete(changed)
  return copy
end

---The ids of outputs that are off the air once one was switched.
---@param input table a stored one
---@param id string
---@param on boolean
---@return string[]? disabled, string? code, string? message
function outputs.switch(input, id, on)
  local at, code, message = find(input.Outputs, { Id = id })
  if not at then
    return nil, code, message
  end
  local disabled = {}
  for _, output in ipairs(input.Outputs) do
    local is_off = outputs.is_disabled(input, output.Id)
    if output.Id == id then
      is_off = not on
    end
    disabled[#disabled + 1] = is_off and output.Id or nil
  end
  return disabled
end

---@param list table[] a project's
---@param output table StreamConnectOutput of which only the Id counts
---@return table[]? list, string? code, string? message
function outputs.remove(list, output)
  local at, code, message = find(list, output)
  if not at then
    return nil, code, message
  end
  local shorter = table.move(list, 1, at - 1, 1, {})
  return table.move(list, at + 1, #list, at, shorter)
end

return outputs
