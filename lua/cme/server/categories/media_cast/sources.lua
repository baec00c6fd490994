-- SPDX-License-Identifier: MIT
-- The sources of a media cast: what may be one, their ids, and a list of them with some added or removed. Lists are
-- never changed in place.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local limits = require "cme.api.limits"
local url_check = require "cme.server.categories.url_check"

local sources = {}

---@class cme.server.categories.media_cast.source what is stored
---@field Id string
---@field Type "EXTERNAL"|"VOD"|"CME"
---@field Url string|nil
---@field FileId string|nil
---@field MaterialId string|nil
---@field Offset number|nil
---@field Duration number|nil

-- The member that names the media, by type.
local MEMBERS = { EXTERNAL = "Url", VOD = "FileId", CME = "MaterialId" }

local function external_fault(source)
  if (source.Offset or 0) ~= 0 or (source.Duration or 0) ~= 0 then return codes.reason "word:no_part" end
  local fact = url_check.fault(source.Url, limits.cast.source_schemes)
  return fact and codes.reason("word:url", { fault = fact })
end

local function library_fault(source, library)
  for _, member in ipairs { "Offset", "Duration" } do
    if source[member] and not (source[member] >= 0 and source[member] < 1e7) then
      return codes.reason("word:seconds", { field = member })
    end
  end
  local member = MEMBERS[source.Type]
  local _, fact = library:find(source[member])
  return fact and codes.reason("word:library_file", { field = member, id = answer.shown(source[member]), fault = fact })
end

local function fault_of(source, library)
  local member = MEMBERS[source.Type]
  if not member then return codes.reason "word:source_type" end
  if not source[member] then return codes.reason("word:missing_for_type", { field = member, type = source.Type }) end
  if source.Type == "EXTERNAL" then return external_fault(source) end
  return library_fault(source, library)
end

local function complete(source, new_id)
  local member = MEMBERS[source.Type]
  return { Id = new_id(), Type = source.Type, [member] = source[member], Offset = source.Offset,
    Duration = source.Duration }
end

--- Checks sources and gives them ids.
---@param list table[] MediaCastSourceInfo
---@param new_id fun(): string
---@param library cme.server.library
---@return cme.server.categories.media_cast.source[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function sources.check(list, new_id, library)
  if #list > limits.cast.sources then
    return codes.fail("api.LimitExceeded:sources", { count = #list, limit = limits.cast.sources })
  end
  local checked = {}
  for i, source in ipairs(list) do
    local fact = fault_of(source, library)
    if fact then return codes.fail("api.InvalidParameterValue.MediaCastSourceInfosInvalid:source",
      { index = i - 1, fault = fact }) end
    checked[i] = complete(source, new_id)
  end
  return checked
end

---@param list cme.server.categories.media_cast.source[] a project's
---@param added cme.server.categories.media_cast.source[] checked ones
---@param position integer|nil 0 is the first place; nil: at the end
---@return cme.server.categories.media_cast.source[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function sources.insert(list, added, position)
  if #list + #added > limits.cast.sources then
    return codes.fail("api.LimitExceeded:sources_full", { count = #list, added = #added, limit = limits.cast.sources })
  end
  local at = position or #list
  if at < 0 or at > #list then
    return codes.fail("api.InvalidParameterValue:position", { position = at, count = #list })
  end
  local longer = table.move(list, 1, at, 1, {})
  table.move(added, 1, #added, at + 1, longer)
  return table.move(list, at + 1, #list, at + #added + 1, longer)
end

--- The ids that a request names.
---@param list table[]|nil SourceInfos or DestinationInfos of a request
---@return string[]|nil ids nil: an entry has none
function sources.ids(list)
  local ids = {}
  for i, entry in ipairs(list or {}) do
    if not entry.Id or entry.Id == "" then return nil end
    ids[i] = entry.Id
  end
  return ids
end

---@param list { Id: string }[]
---@param id string
---@return integer|nil index
function sources.find(list, id)
  for i, one in ipairs(list) do
    if one.Id == id then return i end
  end
  return nil
end

--- The refusal of an id that no source has.
---@param id string
---@return nil
---@return string message
---@return cme.detail
function sources.unknown(id)
  return codes.fail("api.InvalidParameterValue.MediaCastSourceInfosInvalid:unknown_source", { id = answer.shown(id) })
end

---@param list cme.server.categories.media_cast.source[] a project's
---@param ids string[]
---@return cme.server.categories.media_cast.source[]|nil list
---@return string|nil message
---@return cme.detail|nil detail
function sources.remove(list, ids)
  local gone = {}
  for _, id in ipairs(ids) do
    if not sources.find(list, id) then return sources.unknown(id) end
    gone[id] = true
  end
  local left = {}
  for _, source in ipairs(list) do
    if not gone[source.Id] then
      left[#left + 1] = source
    end
  end
  return left
end

--- A source as the API shows it: every member.
---@param source cme.server.categories.media_cast.source
---@return table MediaCastSourceInfo
function sources.info(source)
  return { Id = source.Id, Type = source.Type, MaterialId = source.MaterialId or "", FileId = source.FileId or "",
    Url = source.Url or "", Offset = source.Offset or 0, Duration = source.Duration or 0 }
end

--- A source as the playout takes it. A file that is no more in the library gets a path that it cannot have.
---@param source cme.server.categories.media_cast.source
---@param library cme.server.library
---@param public boolean|nil URLs are read from public addresses alone
---@return cme.playout.source
function sources.playable(source, library, public)
  if source.Type == "EXTERNAL" then return { id = source.Id, url = source.Url, public = public } end
  return { id = source.Id, path = library:find(source[MEMBERS[source.Type]]) or "/nonexistent",
    offset = source.Offset, duration = source.Duration }
end

return sources
