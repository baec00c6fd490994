-- SPDX-License-Identifier: MIT
-- The destinations of a media cast: what may be one, their ids, and a list of them with one added, changed or removed.
-- Pure. Lists are never changed in place. Answers are nil, code, message.

local limits = require "cme.api.limits"
local sources = require "cme.server.categories.media_cast.sources"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"
local url_check = require "cme.server.categories.url_check"

local destinations = {}

local max_name = 128 -- characters; ours
local invalid = "InvalidParameterValue" -- the cloud's list has none for destinations

local function fault_of(destination)
  if not destination.PushUrl or destination.PushUrl == "" then
    return "PushUrl is missing"
  end
  local fact = url_check.fault(destination.PushUrl, limits.output_schemes)
  if fact then
    return ("PushUrl: %s"):format(fact)
  end
  if destination.Name and (text.utf8_len(destination.Name) or math.huge) > max_name then
    return ("Name is longer than %d characters"):format(max_name)
  end
  return nil
end

-- A destination takes one publisher.
local function same_url(list, destination)
  local identity = stream_url.identity(destination.PushUrl)
  for _, other in ipairs(list) do
    if other.Id ~= destination.Id and stream_url.identity(other.PushUrl) == identity then
      return ("PushUrl: output '%s' has the same URL (a destination takes one publisher)"):format(other.Id)
    end
  end
  return nil
end

---Checks destinations and gives them ids.
---@param list table[] MediaCastDestinationInfo
---@param new_id fun(): string
---@return table[]? list, string? code, string? message
function destinations.check(list, new_id)
  if #list > limits.cast.outputs then
    return nil, "LimitExceeded", ("DestinationInfos: %d given, at most %d"):format(#list, limits.cast.outputs)
  end
  local checked = {}
  for i, destination in ipairs(list) do
    local fact = fault_of(destination) or same_url(checked, { PushUrl = destination.PushUrl })
    if fact then
      return nil, invalid, ("DestinationInfos.%d: %s"):format(i - 1, fact)
    end
    checked[i] = { Id = new_id(), Name = destination.Name or "", PushUrl = destination.PushUrl }
  end
  return checked
end

---@param list table[] a project's
---@param added table[] checked ones
---@return table[]? list, string? code, string? message
function destinations.add(list, added)
  if #list + #added > limits.cast.outputs then
    return nil, "LimitExceeded", ("DestinationInfos: at most %d, %d are there"):format(limits.cast.outputs, #list)
  end
  for i, destination in ipairs(added) do
    local fact = same_url(list, destination)
    if fact then
      return nil, invalid, ("DestinationInfos.%d: %s"):format(i - 1, fact)
    end
  end
  return table.move(added, 1, #added, #list + 1, table.move(list, 1, #list, 1, {}))
end

---Where the destination is that a request names.
---@param list table[] a project's
---@param id string?
---@return integer? index, string? code, string? message
function destinations.find(list, id)
  if not id or id == "" then
    return nil, "MissingParameter", "field 'DestinationInfos.0.Id': missing (DescribeProjects has the ids)"
  end
  local at = sources.find(list, id)
  if not at then
    return nil, invalid,
      ("destination '%s': there is none of this id (DescribeProjects has the ids)"):format(id:sub(1, 64))
  end
  return at
end

---Changes the members that are given.
---@param list table[] a project's
---@param given table MediaCastDestinationInfo with Id
---@return table[]? list, string? code, string? message
function destinations.modify(list, given)
  local at, code, message = destinations.find(list, given.Id)
  if not at then
    return nil, code, message
  end
  local before = list[at]
  local changed = { Id = before.Id, Name = given.Name or before.Name, PushUrl = given.PushUrl or before.PushUrl }
  local fact = fault_of(changed) or given.PushUrl and same_url(list, changed)
  if fact then
    return nil, invalid, ("DestinationInfos.%d: %s"):format(0, fact)
  end
  local copy = table.move(list, 1, #list, 1, {})
  copy[at] = changed
  return copy
end

---@param list table[] a project's
---@param id string?
---@return table[]? list, string? code, string? message
function destinations.remove(list, id)
  local at, code, message = destinations.find(list, id)
  if not at then
    return nil, code, message
  end
  local shorter = table.move(list, 1, at - 1, 1, {})
  return table.move(list, at + 1, #list, at, shorter)
end

return destinations
