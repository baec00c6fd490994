-- SPDX-License-Identifier: MIT
-- The operations of HandleStreamConnectProject that change a project's inputs and outputs: Add/Modify/DeleteInput and
-- Add/Modify/DeleteOutput, in both states. They answer after a running engine has accepted the change, which affects
-- nothing else. Changing the input on the air is refused unless the service runs with `--active-input change`: the
-- broadcast would have no picture until the new input is live.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local inputs = require "cme.server.categories.stream_connect.inputs"
local limits = require "cme.api.limits"
local outputs = require "cme.server.categories.stream_connect.outputs"
local project = require "cme.server.categories.stream_connect.project"
local recordings = require "cme.server.recordings"
local rules = require "cme.server.categories.stream_connect.states"
local slates = require "cme.server.slate"
local states = require "cme.server.categories.states"
local text = require "cme.text.strings"

local edit = {}

-- ---- inputs

-- Whether an operation fits an input: true, or nil, message, detail.
local function check_off_air(self, record, operation, chosen)
  if record.status ~= "Working" or endpoint.active(record, self.relays) ~= chosen then return true end
  return states.check(rules, record, operation, "OnAir", { input = endpoint.words[chosen] })
end

local function read_input(self, call)
  local input = call.params.InputInfo
  if not input then return codes.fail "api.MissingParameter:input_info" end
  return inputs.check(input, "InputInfo", self.edge, self.now())
end

-- A project's input with another member.
local function with(input, name, value)
  local changed = {}
  for member, one in pairs(input) do changed[member] = one end
  changed[name] = value
  return changed
end

local function with_input(record, chosen, input)
  return with(record.input, project.members[chosen], input)
end

local function put_input(self, call, record, operation, allow)
  local chosen, message, detail = endpoint.read(call.params.InputEndpoint)
  if not chosen then return nil, message, detail end
  local input
  input, message, detail = read_input(self, call)
  if not input then return nil, message, detail end
  local after, changed
  after, message, detail = self.changes:tell(record.id, operation, function(before)
    local ok, why, refusal = allow(before, chosen)
    changed = { id = before.id, input = with_input(before, chosen, input) }
    if ok and self.edge then ok, why, refusal = self.edge:reserve(changed, before) end
    if not ok then return nil, why, refusal end
    return { input = changed.input, reason = answer.reason(call) }
  end)
  if not after and changed and self.edge then self.edge:cancel(changed) end
  if not after then return nil, message, detail end
  return { StreamInputRtmpPushUrl = inputs.address(input, self.edge) }
end

function edit.add_input(self, call, record)
  return put_input(self, call, record, "edit", function(before, chosen)
    if not before.input[project.members[chosen]] then return true end
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:input_there",
      { id = before.id, input = endpoint.words[chosen] })
  end)
end

function edit.modify_input(self, call, record)
  return put_input(self, call, record, "modify_input", function(before, chosen)
    if not self.settings.change_active_input then
      local ok, message, detail = check_off_air(self, before, "modify_input", chosen)
      if not ok then return nil, message, detail end
    end
    return endpoint.existing(before, chosen)
  end)
end

function edit.delete_input(self, call, record)
  return answer.done(self.changes:tell(record.id, "delete_input", function(before)
    local chosen, message, detail = endpoint.existing(before, call.params.InputEndpoint)
    if not chosen then return nil, message, detail end
    local ok
    ok, message, detail = check_off_air(self, before, "delete_input", chosen)
    if not ok then return nil, message, detail end
    return { input = with_input(before, chosen, nil), reason = answer.reason(call) }
  end))
end

-- ---- outputs

-- A project's input with other outputs; one that is gone is not off the air either.
local function with_outputs(before, list)
  local disabled = {}
  for _, output in ipairs(list) do
    disabled[#disabled + 1] = outputs.is_disabled(before, output.Id) and output.Id or nil
  end
  return with(with(before, "Outputs", list), "Disabled", disabled[1] and disabled or nil)
end

-- An operation on the outputs, from a function of their list.
local function of_outputs(change)
  return function(self, call, record)
    local output = call.params.OutputInfo
    if not output then return codes.fail "api.MissingParameter:output_info" end
    return answer.done(self.changes:tell(record.id, "edit", function(before)
      local list, message, detail = change(before.input.Outputs, output, project.new_output_id)
      if not list then return nil, message, detail end
      return { input = with_outputs(before.input, list), reason = answer.reason(call) }
    end))
  end
end

edit.add_output = of_outputs(outputs.add)
edit.modify_output = of_outputs(outputs.modify)
edit.delete_output = of_outputs(outputs.remove)

local SWITCHES = { On = true, Off = false }

--- SwitchProjectOutput: takes an output off the air, or back, and keeps its URL. An action of this service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.switch_output(self, call, record)
  local params = call.params
  if SWITCHES[params.Switch] == nil then
    return codes.fail("api.InvalidParameterValue:switch", { value = answer.shown(params.Switch) })
  end
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    local disabled, message, detail = outputs.switch(before.input, params.OutputId, SWITCHES[params.Switch])
    if not disabled then return nil, message, detail end
    return { input = with(before.input, "Disabled", disabled[1] and disabled or nil), reason = answer.reason(call) }
  end))
end

-- ---- the recording

-- A recording that is asked for, checked; false: none.
local function read_recording(self, given)
  if not given then return false end
  local possible = self.recordings and self.recordings:possible()
  if not possible then return codes.fail "api.UnsupportedOperation:no_folder" end
  local fact = recordings.fault(given)
  if not fact then return given end
  return codes.fail("api.InvalidParameterValue:recording", { name = answer.shown(given.Name), fact = fact })
end

--- ModifyProjectRecording: what of a project is recorded while it is on the air. An action of this service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.modify_recording(self, call, record)
  local wanted, message, detail = read_recording(self, call.params.Recording)
  if wanted == nil then return nil, message, detail end
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    return { input = with(before.input, "Recording", wanted or nil), reason = answer.reason(call) }
  end))
end

-- ---- the slate

-- A slate that is asked for, checked; false: none.
local function read_slate(self, given)
  if not given then return false end
  local fact = slates.fault(given)
  if fact then return codes.fail("api.InvalidParameterValue:slate", { fact = fact }) end
  if given.Name == "" or not self.slates then return given end
  fact = select(2, self.slates:find(given.Name))
  if not fact then return given end
  return codes.fail("api.InvalidParameterValue:slate_file", { name = answer.shown(given.Name), fact = fact })
end

--- ModifyProjectSlate: what is sent when no input has a picture, and whether a source without sound gets a silent
--- track. An action of this service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.modify_slate(self, call, record)
  local wanted, message, detail = read_slate(self, call.params.Slate)
  if wanted == nil then return nil, message, detail end
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    local input = with(before.input, "Slate", wanted or nil)
    return { input = with(input, "Silence", call.params.Silence or nil), reason = answer.reason(call) }
  end))
end

-- ---- what inputs show

local function looks_fault(params)
  for _, state in ipairs(params.FailoverOn or {}) do
    if not text.contains(limits.failover_on, state) then
      return codes.reason("word:failover_on",
        { value = answer.shown(state), known = table.concat(limits.failover_on, ", ") })
    end
  end
  if params.After and not (params.After >= 0 and params.After <= 600) then return codes.reason "word:failover_after" end
end

--- ModifyProjectLooks: whether what the inputs show is looked at, and what takes the broadcast to its backup. An action
--- of this service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.modify_looks(self, call, record)
  local params = call.params
  local fact = looks_fault(params)
  if fact then return codes.fail("api.InvalidParameterValue:looks", { fact = fact }) end
  local on = params.Inputs and params.FailoverOn and params.FailoverOn[1] and params.FailoverOn or nil
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    local input = with(with(before.input, "LookInputs", params.Inputs or nil), "FailoverOn", on)
    return { input = with(input, "FailoverAfter", on and params.After or nil), reason = answer.reason(call) }
  end))
end

-- ---- merging

--- ModifyProjectMerge: whether main and backup, which carry the same encoder's packets, are one programme. An action of
--- this service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.modify_merge(self, call, record)
  local window, range = call.params.Window, limits.merge_window
  if window and not (window >= range.min and window <= range.max) then
    return codes.fail("api.InvalidParameterValue:merge_window", { value = window, min = range.min, max = range.max })
  end
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    local input = with(before.input, "Merge", call.params.Merge or nil)
    return { input = with(input, "MergeWindow", call.params.Merge and window or nil), reason = answer.reason(call) }
  end))
end

-- ---- standing by

--- ModifyProjectStandby: whether another node of the fleet reads the inputs, to go on at once. An action of this
--- service.
---@param self cme.server.categories.stream_connect
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function edit.modify_standby(self, call, record)
  local on = call.params.Standby or nil
  if on and not self.in_fleet then return codes.fail "api.UnsupportedOperation:standby_alone" end
  return answer.done(self.changes:tell(record.id, "edit", function(before)
    return { input = with(before.input, "Standby", on), reason = answer.reason(call) }
  end))
end

return edit
