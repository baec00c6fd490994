-- SPDX-License-Identifier: MIT
-- The sources of a media cast: what may be one, their ids, and a list of them with some added or removed. Lists are
-- never changed in place. Answers are nil, code, message.

local limits = require "cme.api.limits"
local url_check = require "cme.server.categories.url_check"

local sources = {}

sources.invalid = "InvalidParameterValue.MediaCastSourceInfosInvalid"

---@class cme.server.CastSource what is stored
---@field Id string
---@field Type "EXTERNAL"|"VOD"|"CME"
---@field Url string?
---@field FileId string?
---@field MaterialId string?
---@field Offset number?
---@field Duration number?

-- The member that names the media, by type.
local members = { EXTERNAL = "Url", VOD = "FileId", CME = "MaterialId" }

local function external_fault(source)
  if (source.Offset or 0) ~= 0 or (source.Duration or 0) ~= 0 then
    return "Offset and Duration are for VOD and CME only"
  end
  local fact = url_check.fault(source.Url, limits.cast.source_schemes)
  return fact and ("Url: %s"):format(fact)
end

local function library_fault(context, source)
  for _, member in ipairs { "Offset", "Duration" } do
    if source[member] and not (source[member] >= 0 and source[member] < 1e7) then
      return ("%s: seconds from 0 on are needed"):format(member)
    end
  end
  local member = members[source.Type]
  local _, fact = context.library:find(source[member])
  return fact and ("%s: library file '%s': %s"):format(member, source[member]:sub(1, 64), fact)
end

local function fault_of(context, source)
  local member = members[source.Type]
  if not member then
    return "Type: it must be EXTERNAL, VOD or CME"
  end
  if not source[member] then
    return ("%s: missing (Type is %s)"):format(member, source.Type)
  end
  if source.Type == "EXTERNAL" then
    return external_fault(source)
  end
  return library_fault(context, source)
end

local function complete(source, new_id)
  local member = members[source.Type]
  return { Id = new_id(), Type = source.Type, [member] = source[member], Offset = source.Offset,
    Duration = source.Duration }
end

---Checks sources and gives them ids.
---@param context cme.server.Context
---@param list table[] MediaCastSourceInfo
---@param new_id fun(): string
---@return cme.server.CastSource[]? list, string? code, string? message
function sources.check(context, list, new_id)
  if #list > limits.cast.sources then
    return nil, "LimitExceeded", ("SourceInfos: %d given, at most %d"):format(#list, limits.cast.sources)
  end
  local checked = {}
  for i, source in ipairs(list) do
    local fact = fault_of(context, source)
    if fact then
      return nil, sources.invalid, ("SourceInfos.%d: %s"):format(i - 1, fact)
    end
    checked[i] = complete(source, new_id)
  end
  return checked
end

---@param list cme.server.CastSource[] a project's
---@param added cme.server.CastSource[] checked ones
---@param position integer? 0 is the first place; nil: at the end
---@return cme.server.CastSource[]? list, string? code, string? message
function sources.insert(list, added, position)
  if #list + #added > limits.cast.sources then
    return nil, "LimitExceeded",
      ("SourceInfos: %d are there and %d come, at most %d"):format(#list, #added, limits.cast.sources)
  end
  local at = position or #list
  if at < 0 or at > #list then
    return nil, "InvalidParameterValue", ("field 'Position' %d: 0 to %d"):format(at, #list)
  end
  local longer = table.move(list, 1, at, 1, {})
  table.move(added, 1, #added, at + 1, longer)
  return table.move(list, at + 1, #list, at + #added + 1, longer)
end

---The ids that a request names.
---@param list table[]? SourceInfos or DestinationInfos of a request
---@return string[]? ids nil: an entry has none
function sources.ids(list)
  local ids = {}
  for i, entry in ipairs(list or {}) do
    if not entry.Id or entry.Id == "" then
      return nil
    end
    ids[i] = entry.Id
  end
  return ids
end

---@param list { Id: string }[]
---@param id string
---@return integer? index
function sources.find(list, id)
  for i, one in ipairs(list) do
    if one.Id == id then
      return i
    end
  end
  return nil
end

---@param list cme.server.CastSource[] a project's
---@param ids string[]
---@return cme.server.CastSource[]? list, string? code, string? message
function sources.remove(list, ids)
  local gone = {}
  for _, id in ipairs(ids) do
    if not sources.find(list, id) then
      return nil, sources.invalid,
        ("source '%s': there is none of this id (DescribeProjects has the ids)"):format(id:sub(1, 64))
    end
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

---A source as the API shows it: every member.
---@param source cme.server.CastSource
---@return table MediaCastSourceInfo
function sources.info(source)
  return { Id = source.Id, Type = source.Type, MaterialId = source.MaterialId or "", FileId = source.FileId or "",
    Url = source.Url or "", Offset = source.Offset or 0, Duration = source.Duration or 0 }
end

---A source as the playout takes it. A file that is no more in the library gets a path that it cannot have.
---@param context cme.server.Context
---@param source cme.server.CastSource
---@return cme.server.playout.Source
function sources.playable(context, source)
  if source.Type == "EXTERNAL" then
    return { id = source.Id, url = source.Url }
  end
  return { id = source.Id, path = context.library:find(source[members[source.Type]]) or "/nonexistent",
    offset = source.Offset, duration = source.Duration }
end

return sources
