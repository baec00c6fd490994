-- SPDX-License-Identifier: MIT
-- The operations of HandleMediaCastProject that change a project's sources, destinations and settings, in both states.
-- They answer after the running engine and playout have accepted the change.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local destinations = require "cme.server.categories.media_cast.destinations"
local project = require "cme.server.categories.media_cast.project"
local rules = require "cme.server.categories.media_cast.states"
local settings = require "cme.server.categories.media_cast.settings"
local sources = require "cme.server.categories.media_cast.sources"
local states = require "cme.server.categories.states"

local edit = {}

-- Changes members of a project's input. `make` gets the project as it is, and returns them, and the planned end when it
-- changes (false: none), or nil, message, detail.
local function change(self, call, record, operation, make)
  local after, message, detail = self.changes:tell(record.id, operation, function(before)
    local members, stop_at, refusal = make(before)
    if not members then return nil, stop_at, refusal end
    return { input = project.with(before.input, members), stop_at = stop_at, reason = answer.reason(call) }
  end)
  if not after then return nil, message, detail end
  local ok, why, cause = self.processes:update(record.id)
  if ok then return after end
  return codes.fail("api.FailedOperation:playout_refused", { id = record.id, reason = answer.part(why, cause) })
end

local function missing(member, operation)
  return codes.fail("api.MissingParameter:needed", { field = member, operation = operation })
end

-- ---- sources

function edit.add_source(self, call, record)
  local given = call.params.SourceInfos or {}
  if #given == 0 then return missing("SourceInfos", "AddSource") end
  local added, message, detail = sources.check(given, project.new_id, self.library)
  if not added then return nil, message, detail end
  local after
  after, message, detail = change(self, call, record, "edit", function(before)
    local list, why, refusal = sources.insert(before.input.SourceInfos, added, call.params.Position)
    if not list then return nil, why, refusal end
    return { SourceInfos = list }
  end)
  if not after then return nil, message, detail end
  local set = {}
  for i, source in ipairs(added) do set[i] = sources.info(source) end
  return { SourceInfoSet = set }
end

-- The source that plays, which cannot be deleted; false: none does. nil, message: nobody could say.
local function playing(self, record)
  if record.status ~= "Working" then return false end
  local stat, message, detail = self.processes:stat(record.id)
  if not stat then return nil, message, detail end
  return stat.source_id or false
end

function edit.delete_source(self, call, record)
  local ids = sources.ids(call.params.SourceInfos)
  if not ids or #ids == 0 then return missing("SourceInfos.0.Id", "DeleteSource") end
  local current, failure, cause = playing(self, record)
  if current == nil then
    return codes.fail("api.FailedOperation:playing_unknown", { id = record.id, reason = answer.part(failure, cause) })
  end
  for _, id in ipairs(ids) do
    if id == current then return states.check(rules, record, "delete_source", "Playing", { id = id }) end
  end
  return answer.done(change(self, call, record, "delete_source", function(before)
    local list, message, detail = sources.remove(before.input.SourceInfos, ids)
    if not list then return nil, message, detail end
    return { SourceInfos = list }
  end))
end

-- ---- destinations

-- The one destination that a request names.
local function only_destination(call)
  local given = call.params.DestinationInfos or {}
  if #given == 1 then return given[1] end
  return codes.fail("api:one_destination",
    { count = #given, operation = call.params.Operation },
    { code = #given == 0 and "api.MissingParameter" or "api.InvalidParameterValue" })
end

-- An operation on the destinations, from a function of their list and the one that is given.
local function of_destinations(make)
  return function(self, call, record)
    local given, message, detail = only_destination(call)
    if not given then return nil, message, detail end
    return answer.done(change(self, call, record, "edit", function(before)
      local list, why, refusal = make(before.input.DestinationInfos, given)
      if not list then return nil, why, refusal end
      return { DestinationInfos = list }
    end))
  end
end

edit.modify_destination = of_destinations(destinations.modify)
edit.delete_destination = of_destinations(function(list, given)
  return destinations.remove(list, given.Id)
end)

function edit.add_destination(self, call, record)
  local given, message, detail = only_destination(call)
  if not given then return nil, message, detail end
  local added
  added, message, detail = destinations.check({ given }, project.new_id)
  if not added then return nil, message, detail end
  local after
  after, message, detail = change(self, call, record, "edit", function(before)
    local list, why, refusal = destinations.add(before.input.DestinationInfos, added)
    if not list then return nil, why, refusal end
    return { DestinationInfos = list }
  end)
  if not after then return nil, message, detail end
  return { DestinationInfoSet = added }
end

-- The ids of destinations that are off the air once one was turned.
local function turned(before, id, off)
  local disabled, ids = project.disabled(before), {}
  disabled[id] = off or nil
  for each in pairs(disabled) do ids[#ids + 1] = each end
  table.sort(ids)
  return ids
end

-- Takes a destination of a running project off the air, or puts it back. Whatever it was before is fine.
local function turn(off)
  return function(self, call, record)
    local given, message, detail = only_destination(call)
    if not given then return nil, message, detail end
    return answer.done(change(self, call, record, "turn_destination", function(before)
      local at, why, refusal = destinations.find(before.input.DestinationInfos, given.Id)
      if not at then return nil, why, refusal end
      return { Run = project.with(project.run(before), { Disabled = turned(before, given.Id, off) }) }
    end))
  end
end

edit.disable_destination = turn(true)
edit.enable_destination = turn(false)

-- ---- settings

function edit.set_output_media(self, call, record)
  if not call.params.OutputMediaSetting then return missing("OutputMediaSetting", "ModifyOutputMediaSetting") end
  local media, message, detail = settings.check_media(call.params.OutputMediaSetting)
  if not media then return nil, message, detail end
  return answer.done(change(self, call, record, "set_picture", function()
    return { OutputMediaSetting = media }
  end))
end

function edit.set_play(self, call, record)
  local given = call.params.PlaySetting
  if not given then return missing("PlaySetting", "ModifyPlaySetting") end
  local read, message, detail = settings.read_play(given, self.now())
  if not read then return nil, message, detail end
  local operation = read.auto_start_at and "set_auto_start" or "edit"
  local after
  after, message, detail = change(self, call, record, operation, function(before)
    local input = { PlaySetting = settings.merge_play(before.input.PlaySetting, read) }
    if before.status ~= "Working" then return input end
    local current = project.run(before)
    return input, project.stop_at(project.with(before.input, input), current.StartedAt, current.Confirmed) or false
  end)
  if not after then return nil, message, detail end
  self.auto_start:watch(after)
  return {}
end

return edit
