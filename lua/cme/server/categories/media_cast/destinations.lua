-- SPDX-License-Identifier: MIT
-- The destinations of a media cast: what may be one, their ids, and a list of them with one added, changed or removed.
-- Pure. Lists are never changed in place.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local limits = require "cme.api.limits"
local sources = require "cme.server.categories.media_cast.sources"
local text = require "cme.text.strings"
local url_check = require "cme.server.categories.url_check"

local destinations = {}

local MAX_NAME = 128 -- characters; ours

local function fault_of(destination)
  if not destination.PushUrl or destination.PushUrl == "" then return codes.reason "word:no_push_url" end
  local fact = url_check.fault(destination.PushUrl, limits.output_schemes)
  if fact then return codes.reason("word:push_url", { fault = fact }) end
  if destination.Name and (text.utf8_len(destination.Name) or math.huge) > MAX_NAME then
    return codes.reason("word:long_name", { limit = MAX_NAME })
  end
  return nil
end

local function invalid(at, fact)
  return codes.fail("api.InvalidParameterValue:destination", { index = at - 1, fault = fact })
end

--- Checks destinations and gives them ids.
---@param list table[] MediaCastDestinationInfo
---@param new_id fun(): string
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function destinations.check(list, new_id)
  if #list > limits.cast.outputs then
    return codes.fail("api.LimitExceeded:destinations", { count = #list, limit = limits.cast.outputs })
  end
  local checked = {}
  for i, destination in ipairs(list) do
    local fact = fault_of(destination) or url_check.same(checked, { PushUrl = destination.PushUrl })
    if fact then return invalid(i, fact) end
    checked[i] = { Id = new_id(), Name = destination.Name or "", PushUrl = destination.PushUrl }
  end
  return checked
end

---@param list table[] a project's
---@param added table[] checked ones
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function destinations.add(list, added)
  if #list + #added > limits.cast.outputs then
    return codes.fail("api.LimitExceeded:destinations_full", { limit = limits.cast.outputs, count = #list })
  end
  for i, destination in ipairs(added) do
    local fact = url_check.same(list, destination)
    if fact then return invalid(i, fact) end
  end
  return table.move(added, 1, #added, #list + 1, table.move(list, 1, #list, 1, {}))
end

--- Where the destination is that a request names.
---@param list table[] a project's
---@param id string|nil
---@return integer|nil index
---@return string|nil message
---@return cme.detail|nil detail
function destinations.find(list, id)
  if not id or id == "" then return codes.fail "api.MissingParameter:destination_id" end
  local at = sources.find(list, id)
  if at then return at end
  return codes.fail("api.InvalidParameterValue:unknown_destination", { id = answer.shown(id) })
end

--- Changes the members that are given.
---@param list table[] a project's
---@param given table MediaCastDestinationInfo with Id
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function destinations.modify(list, given)
  local at, message, detail = destinations.find(list, given.Id)
  if not at then return nil, message, detail end
  local before = list[at]
  local changed = { Id = before.Id, Name = given.Name or before.Name, PushUrl = given.PushUrl or before.PushUrl }
  local fact = fault_of(changed) or given.PushUrl and url_check.same(list, changed)
  if fact then return invalid(1, fact) end
  local copy = table.move(list, 1, #list, 1, {})
  copy[at] = changed
  return copy
end

---@param list table[] a project's
---@param id string|nil
---@return table[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function destinations.remove(list, id)
  local at, message, detail = destinations.find(list, id)
  if not at then return nil, message, detail end
  local shorter = table.move(list, 1, at - 1, 1, {})
  return table.move(list, at + 1, #list, at, shorter)
end

return destinations
