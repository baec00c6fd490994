-- SPDX-License-Identifier: MIT
-- DescribeProjectHistory: what was done to a project and why it is in its state, the newest first, from the store's
-- history. An action of this service only, for the project's owner or the administrator. It tells what people and the
-- service did; that an input or output was interrupted is an event, and stands in DescribeProjectHealth.

local access = require "cme.server.http.access"
local codes = require "cme.codes"
local describe = require "cme.server.describe"
local json = require "cme.json"
local redact = require "cme.redact"
local time = require "cme.time"

local project_history = {}

local MAX_CHANGES = 200 -- as many as the store keeps of a project
local DEFAULT_CHANGES = 50
local MAX_REASON = 1000 -- bytes

-- set_stop_at -> SetStopAt
local function camel(operation)
  return (("_" .. operation):gsub("_(%l)", string.upper))
end

--- The response from the store's changes; pure.
---@param id string
---@param changes cme.server.store.noted[]
---@return table
function project_history.response(id, changes)
  local set = json.array {}
  for i, change in ipairs(changes) do
    set[i] = { Time = time.stamp(change.at), Operation = camel(change.operation), Status = change.status,
      Reason = redact.text(change.reason, MAX_REASON) }
  end
  return { ProjectId = id, Changes = set }
end

---@param store cme.server.store.interface
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function project_history.describe(store, call, record)
  local page, message, detail = describe.page(call.params, DEFAULT_CHANGES, MAX_CHANGES)
  if not page then return nil, message, detail end
  local changes
  changes, message, detail = store:history(record.id, page.limit)
  if not changes then return access.storage_failed(codes.reason "word:read_history", message, detail) end
  return project_history.response(record.id, changes)
end

return project_history
