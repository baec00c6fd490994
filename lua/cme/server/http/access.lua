-- SPDX-License-Identifier: MIT
-- The checks that come first in every action: whether the platform and the project exist, and whether this operator may
-- change the project.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local db = require "cme.server.store.db"

local access = {}

local ADMINISTRATOR = "cmeid_system"

---@param operator string|nil
---@return boolean
function access.is_administrator(operator)
  return operator == nil or operator == "" or operator == ADMINISTRATOR
end

--- The answer when the database failed; the sentence says what stands, so that nobody takes it for done. A refusal of
--- the store's stays as it is.
---@param operation cme.reason "create project"
---@param message string the store's
---@param detail cme.detail|nil
---@return nil
---@return string message
---@return cme.detail detail of a failure its values have the database's sentence as `reason`
function access.storage_failed(operation, message, detail)
  if not db.is_failure(detail) then return nil, message, detail end
  local unknown = detail and detail.unknown_outcome
  return codes.fail(unknown and "api.InternalError:database_unknown" or "api.InternalError:database",
    { doing = operation, reason = answer.part(message, detail) })
end

---@param store cme.server.store.interface
---@param name string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function access.platform(store, name)
  if name == "" then return codes.fail "api.InvalidParameterValue.Platform:empty" end
  local found, message, detail = store:has_platform(name)
  if found == nil then return access.storage_failed(codes.reason "word:find_platform", message, detail) end
  if found then return true end
  return codes.fail("api.ResourceNotFound.Platform:unknown", { platform = answer.shown(name) })
end

--- Whether a key may be used for a platform.
---@param grant cme.server.store.grant
---@param platform string|nil nil: the action names none
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function access.key(grant, platform)
  if not grant.platforms or platform == nil then return true end
  for _, name in ipairs(grant.platforms) do
    if name == platform then return true end
  end
  return codes.fail("api.UnauthorizedOperation:platform",
    { platform = answer.shown(platform), platforms = table.concat(grant.platforms, ", ") })
end

--- The project that a request names.
---@param store cme.server.store.interface
---@param params { Platform: string, ProjectId: string, Operator: string|nil }
---@return cme.server.project|nil
---@return string|nil message
---@return cme.detail|nil detail
function access.project(store, params)
  local ok, message, detail = access.platform(store, params.Platform)
  if not ok then return nil, message, detail end
  local record
  record, message, detail = store:get(params.ProjectId)
  if message then return access.storage_failed(codes.reason "word:find_project", message, detail) end
  if not record or record.platform ~= params.Platform then
    return codes.fail("api.InvalidParameterValue.ProjectId:unknown",
      { id = answer.shown(params.ProjectId), platform = params.Platform })
  end
  if not access.is_administrator(params.Operator) and params.Operator ~= record.owner.id then
    return codes.fail("api.OperationDenied.PermissionDeny:not_owner",
      { id = record.id, operator = answer.shown(params.Operator) })
  end
  return record
end

return access
