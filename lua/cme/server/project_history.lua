-- SPDX-License-Identifier: MIT
-- DescribeProjectHistory: what was done to a project and why it is in its state, the newest first, from the store's
-- history. An action of this service only, for the project's owner or the administrator. It tells what people and the
-- service did; that an input or output was interrupted is an event, and stands in DescribeProjectHealth.

local access = require "cme.server.http.access"
local json = require "cme.json"
local redact = require "cme.redact"
local time = require "cme.time"

local project_history = {}

local max_changes = 200 -- as many as the store keeps of a project
local default_changes = 50
local max_reason = 1000 -- bytes

-- set_stop_at -> SetStopAt
local function camel(operation)
  return (("_" .. operation):gsub("_(%l)", string.upper))
end

---The response from the store's changes; pure.
---@param id string
---@param changes cme.server.Change[]
---@return table
function project_history.response(id, changes)
  local set = json.array {}
  for i, change in ipairs(changes) do
    set[i] = { Time = time.stamp(change.at), Operation = camel(change.operation), Status = change.status,
      Reason = redact.text(change.reason, max_reason) }
  end
  return { ProjectId = id, Changes = set }
end

---@param context cme.server.Context
---@param call cme.server.Call
---@param record cme.server.Project
---@return table? response, string? code, string? message
function project_history.describe(context, call, record)
  local limit = call.params.Limit or default_changes
  if limit < 1 or limit > max_changes then
    return nil, "InvalidParameterValue.Limit", ("field 'Limit' %d: it must be 1 to %d"):format(limit,
      max_changes)
  end
  local changes, message = context.store:history(record.id, limit)
  if not changes then
    return access.storage_failed("read history", message)
  end
  return project_history.response(record.id, changes)
end

return project_history
