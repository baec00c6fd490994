-- SPDX-License-Identifier: MIT
-- The operations of HandleStreamConnectProject that change what a project is made of: Add/Modify/DeleteInput and
-- Add/Modify/DeleteOutput, while Idle and while Working. A running engine has taken the change when they answer; it
-- touches nothing but what was changed. The input on air is left alone unless the service was told otherwise
-- (--active-input change): the broadcast would be without picture for as long as the new one needs.

local changes = require "cme.server.changes"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local inputs = require "cme.server.categories.stream_connect.inputs"
local outputs = require "cme.server.categories.stream_connect.outputs"
local project = require "cme.server.categories.stream_connect.project"

local edit = {}

-- ---- inputs

local function is_on_air(context, record, chosen)
  return record.status == "Working" and endpoint.active(context, record) == chosen
end

local function on_air(record, what, chosen)
  return nil, "FailedOperation.StreamConnect",
    ("%s input of project '%s': it is on air: SwitchInput to the other one first"):format(what .. " " ..
      chosen:lower(), record.id)
end

local function read_input(context, call)
  local input = call.params.InputInfo
  if not input then
    return nil, "MissingParameter", "field 'InputInfo': missing (AddInput and ModifyInput need it)"
  end
  return inputs.check(context, input, "InputInfo")
end

local function with_input(record, chosen, input)
  local changed = {}
  for name, member in pairs(record.input) do
    changed[name] = member
  end
  changed[project.members[chosen]] = input
  return changed
end

local function put_input(context, call, record, allow)
  local chosen, code, message = endpoint.read(call.params.InputEndpoint)
  if not chosen then
    return nil, code, message
  end
  local input
  input, code, message = read_input(context, call)
  if not input then
    return nil, code, message
  end
  local after
  after, code, message = changes.tell(context, record.id, "edit", function(before)
    local ok, refusal, why = allow(before, chosen)
    if not ok then
      return nil, refusal, why
    end
    return { input = with_input(before, chosen, input), reason = changes.reason(call) }
  end)
  if not after then
    return nil, code, message
  end
  return { StreamInputRtmpPushUrl = inputs.address(context, input) }
end

function edit.add_input(context, call, record)
  return put_input(context, call, record, function(before, chosen)
    if before.input[project.members[chosen]] then
      return nil, "InvalidParameterValue.StreamConnectInputInvalid",
        ("project '%s': it has a %s input: use ModifyInput to change that one"):format(before.id, chosen:lower())
    end
    return true
  end)
end

function edit.modify_input(context, call, record)
  return put_input(context, call, record, function(before, chosen)
    if is_on_air(context, before, chosen) and not context.settings.change_active_input then
      return on_air(before, "modify", chosen)
    end
    return endpoint.existing(before, chosen)
  end)
end

function edit.delete_input(context, call, record)
  return changes.done(changes.tell(context, record.id, "edit", function(before)
    local chosen, refusal, why = endpoint.existing(before, call.params.InputEndpoint)
    if not chosen then
      return nil, refusal, why
    end
    if is_on_air(context, before, chosen) then
      return on_air(before, "delete", chosen)
    end
    return { input = with_input(before, chosen, nil), reason = changes.reason(call) }
  end))
end

-- ---- outputs

-- A project's input with other outputs; one that is gone is not off the air either.
local function with_outputs(before, list)
  local disabled = {}
  for _, output in ipairs(list) do
    disabled[#disabled + 1] = outputs.is_disabled(before, output.Id) and output.Id or nil
  end
  return { MainInput = before.MainInput, BackupInput = before.BackupInput, Outputs = list,
    Disabled = disabled[1] and disabled or nil }
end

-- An operation on the outputs, from a function of their list.
local function of_outputs(change)
  return function(context, call, record)
    local output = call.params.OutputInfo
    if not output then
      return nil, "MissingParameter", "field 'OutputInfo': missing (operations on outputs need it)"
    end
    return changes.done(changes.tell(context, record.id, "edit", function(before)
      local list, refusal, why = change(before.input.Outputs, output, project.new_output_id)
      if not list then
        return nil, refusal, why
      end
      return { input = with_outputs(before.input, list), reason = changes.reason(call) }
    end))
  end
end

edit.add_output = of_outputs(outputs.add)
edit.modify_output = of_outputs(outputs.modify)
edit.delete_output = of_outputs(outputs.remove)

local switches = { On = true, Off = false }

---SwitchProjectOutput: takes an output off the air, or back, and keeps its URL. An action of this service.
---@param context cme.server.Context
---@param call cme.server.Call
---@param record cme.server.Project
---@return table? response, string? code, string? message
function edit.switch_output(context, call, record)
  local params = call.params
  if switches[params.Switch] == nil then
    return nil, "InvalidParameterValue", ("field 'Switch' '%s': On or Off"):format(params.Switch:sub(1, 64))
  end
  return changes.done(changes.tell(context, record.id, "edit", function(before)
    local disabled, refusal, why = outputs.switch(before.input, params.OutputId, switches[params.Switch])
    if not disabled then
      return nil, refusal, why
    end
    local input = { MainInput = before.input.MainInput, BackupInput = before.input.BackupInput,
      Outputs = before.input.Outputs, Disabled = disabled[1] and disabled or nil }
    return { input = input, reason = changes.reason(call) }
  end))
end

return edit
