-- SPDX-License-Identifier: MIT
-- What every action asks first: does the platform exist, does the project, may this operator touch it. Answers are
-- nil, code, message.

local access = {}

access.denied = "OperationDenied.PermissionDeny"
local administrator = "cmeid_system"

-- What a request says, as far as a message repeats it.
local function shown(name)
  return name:sub(1, 64)
end

---@param operator string?
---@return boolean
function access.is_administrator(operator)
  return operator == nil or operator == "" or operator == administrator
end

---The answer when the database failed; the message names what stands, so that nobody takes it for done.
---@param operation string
---@param message string the database's
---@return nil, string code, string message
function access.storage_failed(operation, message)
  return nil, "InternalError",
    ("%s: nothing was changed: the service's database failed: %s"):format(operation, message)
end

---@param store cme.server.Store
---@param name string
---@return true?, string? code, string? message
function access.platform(store, name)
  if name == "" then
    return nil, "InvalidParameterValue.Platform", "field 'Platform': it is empty"
  end
  local found, message = store:has_platform(name)
  if found == nil then
    return access.storage_failed("find platform", message)
  end
  if not found then
    return nil, "ResourceNotFound.Platform",
      ("unknown platform '%s': use test, or start the service with --platform"):format(
        shown(name))
  end
  return true
end

---Whether a key may be used for a platform.
---@param grant cme.server.Grant
---@param platform string? nil: the action names none
---@return true?, string? code, string? message
function access.key(grant, platform)
  if not grant.platforms or platform == nil then
    return true
  end
  for _, name in ipairs(grant.platforms) do
    if name == platform then
      return true
    end
  end
  return nil, "UnauthorizedOperation",
    ("platform '%s': the key is for other platforms only (%s)"):format(shown(platform),
      table.concat(grant.platforms, ", "))
end

---The project that a request names.
---@param store cme.server.Store
---@param params { Platform: string, ProjectId: string, Operator: string? }
---@return cme.server.Project?, string? code, string? message
function access.project(store, params)
  local ok, code, message = access.platform(store, params.Platform)
  if not ok then
    return nil, code, message
  end
  local record
  record, message = store:get(params.ProjectId)
  if message then
    return access.storage_failed("find project", message)
  end
  if not record or record.platform ~= params.Platform then
    return nil, "InvalidParameterValue.ProjectId",
      ("project '%s': there is none of this id on platform '%s': see DescribeProjects for those there are"):format(
        shown(params.ProjectId), params.Platform)
  end
  if not access.is_administrator(params.Operator) and params.Operator ~= record.owner.id then
    return nil, access.denied, ("project '%s': operator '%s' is not its owner"):format(record.id,
      shown(params.Operator))
  end
  return record
end

return access
