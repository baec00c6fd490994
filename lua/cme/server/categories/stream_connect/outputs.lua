-- SPDX-License-Identifier: MIT
-- The outputs of a stream-connect project: what may be one, their ids, and a list of them with one added, changed or
-- removed. Pure. Lists are never changed in place.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local limits = require "cme.api.limits"
local playback = require "cme.server.edge.playback"
local text = require "cme.text.strings"
local url_check = require "cme.server.categories.url_check"

local outputs = {}

outputs.max = 50 -- the cloud documents no bound; this one is ours

local MAX_ID = 64 -- bytes; ours, too
local MAX_NAME = 128 -- characters

local function url_fault(output)
  if not output.PushUrl then return codes.reason "word:no_push_url" end
  local fault = url_check.fault(output.PushUrl, limits.output_schemes)
  return fault and codes.reason("word:push_url", { fault = fault })
end

local function id_fault(output)
  if output.Id and #output.Id > MAX_ID then return codes.reason("word:long_id", { limit = MAX_ID }) end
  if playback.is_internal(output.Id) then return codes.reason("word:own_id", { id = output.Id }) end
  return nil
end

local function codecs_fault(output)
  if output.Codecs == nil or text.contains(limits.codecs, output.Codecs) then return nil end
  return codes.reason("word:codecs", { value = answer.shown(output.Codecs), known = table.concat(limits.codecs, ", ") })
end

local function watch_fault(output)
  if not output.Watch or output.Watch == "" then return nil end
  local fault = url_check.fault(output.Watch, limits.watch_schemes)
  return fault and codes.reason("word:watch_url", { fault = fault })
end

local function fault_of(output)
  if output.Type and output.Type ~= "" and output.Type ~= "URL" then
    return codes.reason("word:output_type", { value = answer.shown(output.Type) })
  end
  local fault = url_fault(output) or id_fault(output) or codecs_fault(output) or watch_fault(output)
  if fault then return fault end
  if output.Name and (text.utf8_len(output.Name) or math.huge) > MAX_NAME then
    return codes.reason("word:long_name", { limit = MAX_NAME })
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
        return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:id_twice",
          { index = i - 1, id = output.Id })
      end
      taken[output.Id] = true
    end
  end
  return taken
end

local function fresh_id(taken, new_id)
  local id
  repeat id = new_id() until not taken[id]
  taken[id] = true
  return id
end

local function complete(output, taken, new_id)
  return { Id = has_id(output) and output.Id or fresh_id(taken, new_id), Name = output.Name or "", Type = "URL",
    PushUrl = output.PushUrl, Codecs = output.Codecs, Watch = output.Watch ~= "" and output.Watch or nil }
end

local function check_count(count)
  if count > outputs.max then return codes.fail("api.LimitExceeded:outputs", { count = count, limit = outputs.max }) end
  return true
end

--- Whether an output is off the air.
---@param input table a stored one
---@param id string
---@return boolean
function outputs.is_disabled(input, id)
  for _, each in ipairs(input.Disabled or {}) do
    if each == id then return true end
  end
  return false
end

--- Checks a list of outputs and gives ids to those without.
---@param list table[] StreamConnectOutput
---@param new_id fun(): string
---@return table[]|nil outputs
---@return string|nil message
---@return cme.detail|nil detail
function outputs.check(list, new_id)
  local ok, message, detail = check_count(#list)
  if not ok then return nil, message, detail end
  local taken
  taken, message, detail = taken_ids(list)
  if not taken then return nil, message, detail end
  local checked = {}
  for i, output in ipairs(list) do
    local fault = fault_of(output) or url_check.same(checked, output)
    if fault then return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:one_of",
      { index = i - 1, fault = fault }) end
    checked[i] = complete(output, taken, new_id)
  end
  return checked
end

local function find(list, output)
  if not has_id(output) then return codes.fail "api.InvalidParameterValue.StreamConnectOutputInvalid:output_id" end
  for i, one in ipairs(list) do
    if one.Id == output.Id then return i end
  end
  return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:unknown", { id = output.Id:sub(1, MAX_ID) })
end

---@param list table[] a project's
---@param output table StreamConnectOutput
---@param new_id fun(): string
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function outputs.add(list, output, new_id)
  local ok, message, detail = check_count(#list + 1)
  if not ok then return nil, message, detail end
  local taken = taken_ids(list)
  local fault = fault_of(output)
  if not fault and has_id(output) and taken[output.Id] then
    fault = codes.reason("word:id_taken", { id = output.Id })
  end
  fault = fault or url_check.same(list, output)
  if fault then return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:output", { fault = fault }) end
  local longer = table.move(list, 1, #list, 1, {})
  longer[#longer + 1] = complete(output, taken, new_id)
  return longer
end

--- Changes the members that are given.
---@param list table[] a project's
---@param output table StreamConnectOutput with Id
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function outputs.modify(list, output)
  local at, message, detail = find(list, output)
  if not at then return nil, message, detail end
  local one = list[at]
  local changed = { Id = one.Id, Type = output.Type or one.Type, Name = output.Name or one.Name,
    PushUrl = output.PushUrl or one.PushUrl, Codecs = output.Codecs or one.Codecs, Watch = output.Watch or one.Watch }
  local fault = fault_of(changed) or output.PushUrl and url_check.same(list, changed)
  if fault then return codes.fail("api.InvalidParameterValue.StreamConnectOutputInvalid:output", { fault = fault }) end
  local copy = table.move(list, 1, #list, 1, {})
  copy[at] = complete(changed)
  return copy
end

--- The ids of outputs that are off the air once one was switched.
---@param input table a stored one
---@param id string
---@param on boolean
---@return string[]|nil disabled
---@return string|nil message
---@return cme.detail|nil detail
function outputs.switch(input, id, on)
  local at, message, detail = find(input.Outputs, { Id = id })
  if not at then return nil, message, detail end
  local disabled = {}
  for _, output in ipairs(input.Outputs) do
    local is_off = outputs.is_disabled(input, output.Id)
    if output.Id == id then is_off = not on end
    disabled[#disabled + 1] = is_off and output.Id or nil
  end
  return disabled
end

---@param list table[] a project's
---@param output table StreamConnectOutput of which only the Id counts
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function outputs.remove(list, output)
  local at, message, detail = find(list, output)
  if not at then return nil, message, detail end
  local shorter = table.move(list, 1, at - 1, 1, {})
  return table.move(list, at + 1, #list, at, shorter)
end

return outputs
