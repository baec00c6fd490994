-- SPDX-License-Identifier: MIT
-- The category STREAM_CONNECT: one source with a backup to many outputs, relayed as it is. Its members are what
-- categories.lua says; the operations of HandleStreamConnectProject are in run.lua and edit.lua.

local edit = require "cme.server.categories.stream_connect.edit"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local json = require "cme.json"
local project = require "cme.server.categories.stream_connect.project"
local run = require "cme.server.categories.stream_connect.run"

---@type cme.server.Category
local stream_connect = {
  check = project.check,
  copy = project.copy,
  push_addresses = project.push_addresses,
  active = endpoint.active,
  spec = project.spec,
  switch_output = edit.switch_output,
}

function stream_connect.info(context, record)
  return project.info(context, record, endpoint.active(context, record))
end

local operations = {
  Start = run.start,
  Stop = run.stop,
  SwitchInput = run.switch,
  ModifyCurrentStopTime = run.set_stop_at,
  AddInput = edit.add_input,
  ModifyInput = edit.modify_input,
  DeleteInput = edit.delete_input,
  AddOutput = edit.add_output,
  ModifyOutput = edit.modify_output,
  DeleteOutput = edit.delete_output,
  DescribeInputPlayInfo = run.describe_play,
}

function stream_connect.handle(context, call, record)
  local name = call.params.Operation
  local operation = operations[name]
  if not operation then
    return nil, "InvalidParameterValue.OperationInvalid",
      ("unknown operation '%s'"):format(name:sub(1, 64))
  end
  local response, code, message, pending = operation(context, call, record)
  if not response then
    return nil, code, message, pending
  end
  response.StreamInputRtmpPushUrl = response.StreamInputRtmpPushUrl or ""
  response.VodPullInputPlayInfo = response.VodPullInputPlayInfo or json.null
  return response
end

return stream_connect
