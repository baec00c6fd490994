-- SPDX-License-Identifier: MIT
-- The category MEDIA_CAST: sources played one after the other, encoded anew, to many destinations. Its members are what
-- categories.lua says; the operations of HandleMediaCastProject are in run.lua and edit.lua.

local edit = require "cme.server.categories.media_cast.edit"
local json = require "cme.json"
local project = require "cme.server.categories.media_cast.project"
local run = require "cme.server.categories.media_cast.run"

---@type cme.server.Category
local media_cast = {
  check = project.check,
  copy = project.copy,
  push_addresses = project.push_addresses,
  info = project.info,
  spec = project.spec,
  playout_spec = project.playout_spec,
  over = run.over,
  ended = run.ended,
}

---Nothing is switched on an engine of this category: its one input is the playout.
---@return "Main"
function media_cast.active()
  return "Main"
end

---@param context cme.server.Context
---@param id string
function media_cast.created(context, id)
  local record = context.store:get(id)
  if record then
    context.auto_start:watch(record)
  end
end

---@param context cme.server.Context
---@param id string
function media_cast.deleted(context, id)
  context.auto_start:forget(id)
  context.cast_outputs[id] = nil
  context.playout_files:forget(id)
  context.playouts:forget(id)
end

local operations = {
  AddSource = edit.add_source,
  DeleteSource = edit.delete_source,
  SwitchSource = run.switch,
  AddDestination = edit.add_destination,
  ModifyDestination = edit.modify_destination,
  DeleteDestination = edit.delete_destination,
  EnableDestination = edit.enable_destination,
  DisableDestination = edit.disable_destination,
  Start = run.start,
  Confirm = run.confirm,
  Stop = run.stop,
  ModifyOutputMediaSetting = edit.set_output_media,
  ModifyPlaySetting = edit.set_play,
  DescribePlayInfo = run.play_info,
}

-- The store's refusals are those of stream-connect projects; this action has another code for a wrong state.
local codes = { ["FailedOperation.StreamConnect"] = "InvalidParameterValue.OperationInvalid" }

function media_cast.handle(context, call, record)
  local operation = operations[call.params.Operation]
  if not operation then
    return nil, "InvalidParameterValue.OperationInvalid",
      ("unknown operation '%s'"):format(call.params.Operation:sub(1, 64))
  end
  local response, code, message = operation(context, call, record)
  if not response then
    return nil, codes[code] or code, message
  end
  response.PlayInfo = response.PlayInfo or json.null
  response.SourceInfoSet = response.SourceInfoSet or json.array {}
  response.DestinationInfoSet = response.DestinationInfoSet or json.array {}
  return response
end

return media_cast
