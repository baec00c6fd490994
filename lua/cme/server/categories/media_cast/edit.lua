-- SPDX-License-Identifier: MIT
-- The operations of HandleMediaCastProject that change what a project is made of, while Idle and while Working. The
-- running engine and playout have taken the change when they answer. Answers are nil, code, message.

local changes = require "cme.server.changes"
local destinations = require "cme.server.categories.media_cast.destinations"
local project = require "cme.server.categories.media_cast.project"
local settings = require "cme.server.categories.media_cast.settings"
local sources = require "cme.server.categories.media_cast.sources"

local edit = {}

local invalid_operation = "InvalidParameterValue.OperationInvalid"

-- Changes members of a project's input. `make` gets the project as it is, and returns them, and the planned end when it
-- changes (false: none), or nil, code, message.
local function change(context, call, record, make)
  local after, code, message = changes.tell(context, record.id, "edit", function(before)
    local members, stop_at_or_code, why = make(before)
    if not members then
      return nil, stop_at_or_code, why
    end
    return { input = project.with(before.input, members), stop_at = stop_at_or_code, reason = changes.reason(call) }
  end)
  if not after then
    return nil, code, message
  end
  local ok, refusal = context.playouts:update(record.id)
  if not ok then
    return nil, "FailedOperation",
      ("project '%s': its playout did not take the change: %s: it is tried again with the next change, and when the "
        .. "playout starts"):format(record.id, refusal)
  end
  return after
end

local function missing(member, operation)
  return nil, "MissingParameter", ("field '%s': missing (%s needs it)"):format(member, operation)
end

-- ---- sources

function edit.add_source(context, call, record)
  local given = call.params.SourceInfos or {}
  if #given == 0 then
    return missing("SourceInfos", "AddSource")
  end
  local added, code, message = sources.check(context, given, project.new_id)
  if not added then
    return nil, code, message
  end
  local after
  after, code, message = change(context, call, record, function(before)
    local list, refusal, why = sources.insert(before.input.SourceInfos, added, call.params.Position)
    if not list then
      return nil, refusal, why
    end
    return { SourceInfos = list }
  end)
  if not after then
    return nil, code, message
  end
  local set = {}
  for i, source in ipairs(added) do
    set[i] = sources.info(source)
  end
  return { SourceInfoSet = set }
end

-- The source that plays, which cannot be deleted; false: none does. nil, message: nobody could say.
local function playing(context, record)
  if record.status ~= "Working" then
    return false
  end
  local stat, message = context.playouts:stat(record.id)
  if not stat then
    return nil, message
  end
  return stat.source_id or false
end

function edit.delete_source(context, call, record)
  local ids = sources.ids(call.params.SourceInfos)
  if not ids or #ids == 0 then
    return missing("SourceInfos.0.Id", "DeleteSource")
  end
  local current, failure = playing(context, record)
  if current == nil then
    return nil, "FailedOperation", ("project '%s': which source plays is not known: %s"):format(record.id, failure)
  end
  for _, id in ipairs(ids) do
    if id == current then
      return nil, invalid_operation,
        ("source '%s': it is the one that plays: SwitchSource to another one first"):format(id)
    end
  end
  return changes.done(change(context, call, record, function(before)
    local list, refusal, why = sources.remove(before.input.SourceInfos, ids)
    if not list then
      return nil, refusal, why
    end
    return { SourceInfos = list }
  end))
end

-- ---- destinations

-- The one destination that a request names.
local function only_destination(call)
  local given = call.params.DestinationInfos or {}
  if #given ~= 1 then
    return nil, #given == 0 and "MissingParameter" or "InvalidParameterValue",
      ("field 'DestinationInfos': %d given, %s needs one"):format(#given, call.params.Operation)
  end
  return given[1]
end

-- An operation on the destinations, from a function of their list and the one that is given.
local function of_destinations(make)
  return function(context, call, record)
    local given, code, message = only_destination(call)
    if not given then
      return nil, code, message
    end
    return changes.done(change(context, call, record, function(before)
      local list, refusal, why = make(before.input.DestinationInfos, given)
      if not list then
        return nil, refusal, why
      end
      return { DestinationInfos = list }
    end))
  end
end

edit.modify_destination = of_destinations(destinations.modify)
edit.delete_destination = of_destinations(function(list, given)
  return destinations.remove(list, given.Id)
end)

function edit.add_destination(context, call, record)
  local given, code, message = only_destination(call)
  if not given then
    return nil, code, message
  end
  local added
  added, code, message = destinations.check({ given }, project.new_id)
  if not added then
    return nil, code, message
  end
  local after
  after, code, message = change(context, call, record, function(before)
    local list, refusal, why = destinations.add(before.input.DestinationInfos, added)
    if not list then
      return nil, refusal, why
    end
    return { DestinationInfos = list }
  end)
  if not after then
    return nil, code, message
  end
  return { DestinationInfoSet = added }
end

-- Takes a destination of a running project off the air, or puts it back. Whatever it was before is fine.
local function turn(off)
  return function(context, call, record)
    local given, code, message = only_destination(call)
    if not given then
      return nil, code, message
    end
    return changes.done(change(context, call, record, function(before)
      if before.status ~= "Working" then
        return nil, invalid_operation,
          ("project '%s': it is Idle: destinations are enabled and disabled while it is Working"):format(before.id)
      end
      local at, refusal, why = destinations.find(before.input.DestinationInfos, given.Id)
      if not at then
        return nil, refusal, why
      end
      local disabled = project.disabled(before)
      disabled[given.Id] = off or nil
      local ids = {}
      for id in pairs(disabled) do
        ids[#ids + 1] = id
      end
      table.sort(ids)
      return { Run = project.with(project.run(before), { Disabled = ids }) }
    end))
  end
end

edit.disable_destination = turn(true)
edit.enable_destination = turn(false)

-- ---- settings

function edit.set_output_media(context, call, record)
  if not call.params.OutputMediaSetting then
    return missing("OutputMediaSetting", "ModifyOutputMediaSetting")
  end
  local media, code, message = settings.check_media(call.params.OutputMediaSetting)
  if not media then
    return nil, code, message
  end
  return changes.done(change(context, call, record, function(before)
    if before.status ~= "Idle" then
      return nil, invalid_operation, ("project '%s': it is Working: Stop it to change its picture"):format(before.id)
    end
    return { OutputMediaSetting = media }
  end))
end

function edit.set_play(context, call, record)
  local given = call.params.PlaySetting
  if not given then
    return missing("PlaySetting", "ModifyPlaySetting")
  end
  local read, code, message = settings.read_play(given, context.now())
  if not read then
    return nil, code, message
  end
  local after
  after, code, message = change(context, call, record, function(before)
    local working = before.status == "Working"
    if working and read.auto_start_at then
      return nil, invalid_operation,
        ("project '%s': it is Working: AutoStartTime can be set while it is Idle"):format(before.id)
    end
    local play = settings.merge_play(before.input.PlaySetting, read)
    local input, current = { PlaySetting = play }, project.run(before)
    if not working then
      return input
    end
    return input, project.stop_at(project.with(before.input, input), current.StartedAt, current.Confirmed) or false
  end)
  if not after then
    return nil, code, message
  end
  context.auto_start:watch(after)
  return {}
end

return edit
