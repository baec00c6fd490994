-- SPDX-License-Identifier: MIT
-- The actions about projects that change something, and the list of all that this service offers. Those that only
-- tell are in describe.lua, project_health.lua, project_history.lua and playback.lua, those about a run in the
-- category's module. An action gets a call whose parameters fit the schema, and returns the response's members, or nil,
-- code, message. What it returns as done is on the disk. A failing database is InternalError, and nothing of the change
-- is kept.

local access = require "cme.server.http.access"
local categories = require "cme.server.categories"
local category = require "cme.server.categories.category"
local changes = require "cme.server.changes"
local describe = require "cme.server.describe"
local playback = require "cme.server.edge.playback"
local project = require "cme.server.project"
local project_health = require "cme.server.project_health"
local project_history = require "cme.server.project_history"
local sign = require "cme.sign"

local actions = {}

-- ---- CreateProject, CopyProject

-- Runs checks, each a function and what it checks; one whose value is absent is left out.
local function check_all(checks)
  for _, each in ipairs(checks) do
    if each[2] ~= nil then
      local ok, code, message = each[1](each[2])
      if not ok then
        return nil, code, message
      end
    end
  end
  return true
end

local function check_category(params)
  local name = params.Category
  if not category.inputs[name] then
    return nil, "InvalidParameterValue.Category",
      ("field 'Category': unknown category '%s'"):format(name:sub(1, 64))
  end
  if not categories[name] then
    return nil, "UnsupportedOperation", ("field 'Category' '%s': this service does not run such projects"):format(name)
  end
  for other, member in pairs(category.inputs) do
    if other ~= name and params[member] then
      return nil, "InvalidParameter", ("field '%s': it does not belong to category %s"):format(member, name)
    end
  end
  return true
end

-- All its members may be left out, it may not.
local function check_input(params)
  local member = category.inputs[params.Category]
  if params[member] then
    return true
  end
  return nil, "MissingParameter", ("field '%s': missing (it is required)"):format(member)
end

local function add_project(context, record)
  record.id = "cmepid_" .. sign.random_hex(12)
  local ok, message = context.store:create(record)
  if not ok then
    return access.storage_failed("create project", message)
  end
  context.log:info("project created", { project = record.id })
  local created = categories[record.category].created
  if created then
    created(context, record.id)
  end
  return record
end

local function create_project(context, call)
  local params = call.params
  local ok, code, message = check_all { { project.check_name, params.Name }, { check_category, params },
    { project.check_owner, params.Owner }, { project.check_aspect_ratio, params.AspectRatio },
    { project.check_description, params.Description }, { check_input, params } }
  if not ok then
    return nil, code, message
  end
  local kind = categories[params.Category]
  local input
  input, code, message = kind.check(context, params[category.inputs[params.Category]])
  if not input then
    return nil, code, message
  end
  local record
  record, code, message = add_project(context, { platform = params.Platform, category = params.Category,
    name = params.Name, description = params.Description, mode = params.Mode,
    owner = { type = params.Owner.Type, id = params.Owner.Id }, input = input })
  if not record then
    return nil, code, message
  end
  return { ProjectId = record.id, RtmpPushInputInfoSet = kind.push_addresses(context, input) }
end

local function copy_project(context, call, record)
  local params = call.params
  local ok, code, message = check_all { { project.check_name, params.Name }, { project.check_owner, params.Owner } }
  if not ok then
    return nil, code, message
  end
  local input
  input, code, message = categories[record.category].copy(context, record.input)
  if not input then
    return nil, code, message
  end
  local owner = params.Owner and { type = params.Owner.Type, id = params.Owner.Id } or record.owner
  local description, failure = context.store:description(record.id)
  if failure then
    return access.storage_failed("copy project", failure)
  end
  local copy
  copy, code, message = add_project(context, { platform = record.platform, category = record.category,
    name = params.Name or project.copy_name(record.name), description = description, mode = record.mode, owner = owner,
    input = input })
  if not copy then
    return nil, code, message
  end
  return { ProjectId = copy.id }
end

-- ---- ModifyProject, DeleteProject

local function modify_project(context, call, record)
  local params = call.params
  local ok, code, message = check_all { { project.check_name, params.Name }, { project.check_owner, params.Owner },
    { project.check_aspect_ratio, params.AspectRatio } }
  if not ok then
    return nil, code, message
  end
  local owner = params.Owner and { type = params.Owner.Type, id = params.Owner.Id } or nil
  ok, code, message = changes.apply(context, record.id, "modify", { name = params.Name, owner = owner,
    mode = params.Mode, reason = changes.reason(call) })
  if not ok then
    return nil, code, message
  end
  return {}
end

local function delete_project(context, call, record)
  local ok, message, refusal = context.store:delete(record.id, changes.reason(call))
  if not ok then
    if refusal then
      return nil, refusal.code, ("delete project '%s': %s"):format(record.id, message)
    end
    return access.storage_failed("delete project", message)
  end
  context.relays:forget(record.id)
  local deleted = categories[record.category].deleted
  if deleted then
    deleted(context, record.id)
  end
  if context.edge then
    context.edge:settle(record)
  end
  context.log:info("project deleted", { project = record.id })
  ok, message = context.store:wipe()
  if not ok then
    context.log:warn("stream keys of deleted projects stay in the database's log for now", { error = message })
  end
  return {}
end

-- ---- the list

-- An action of a platform.
local function on_platform(action)
  return function(context, call)
    local ok, code, message = access.platform(context.store, call.params.Platform)
    if not ok then
      return nil, code, message
    end
    return action(context, call)
  end
end

-- An action on a project, which it gets as third argument.
local function on_project(action)
  return function(context, call)
    local record, code, message = access.project(context.store, call.params)
    if not record then
      return nil, code, message
    end
    return action(context, call, record)
  end
end

-- What can be asked for all the same of a project that only its engine knows, or nobody.
local still_done = { Stop = true, ModifyCurrentStopTime = true }

local function check_whole(record)
  if record.fault then
    return nil, category.failures[record.category],
      ("project '%s': %s: Stop it, then DeleteProject"):format(record.id, record.fault)
  end
  return true
end

-- An action that needs to know what the project is.
local function on_whole_project(action)
  return on_project(function(context, call, record)
    local ok, code, message = check_whole(record)
    if not ok then
      return nil, code, message
    end
    return action(context, call, record)
  end)
end

-- The Handle...Project action of a category.
local function of_category(name)
  return on_project(function(context, call, record)
    if record.category ~= name then
      return nil, "InvalidParameterValue.Category",
        ("project '%s': it is a %s project, not a %s one"):format(record.id, record.category, name)
    end
    local ok, code, message = check_whole(record)
    if not ok and not still_done[call.params.Operation] then
      return nil, code, message
    end
    return categories[name].handle(context, call, record)
  end)
end

local function switch_output(context, call, record)
  local switch = categories[record.category].switch_output
  if not switch then
    return nil, "InvalidParameterValue.Category",
      ("project '%s': it is a %s project, which has EnableDestination and DisableDestination"):format(record.id,
        record.category)
  end
  return switch(context, call, record)
end

local by_name = {
  CreateProject = on_platform(create_project),
  CopyProject = on_whole_project(copy_project),
  ModifyProject = on_project(modify_project),
  DeleteProject = on_project(delete_project),
  DescribeProjects = on_platform(describe.projects),
  DescribePlatforms = describe.platforms,
  DescribeProjectHealth = on_project(project_health.describe),
  DescribeProjectHistory = on_project(project_history.describe),
  DescribeProjectsHealth = on_platform(project_health.describe_many),
  DescribeProjectPlayback = on_project(playback.describe),
  SwitchProjectOutput = on_whole_project(switch_output),
  HandleStreamConnectProject = of_category "STREAM_CONNECT",
  HandleMediaCastProject = of_category "MEDIA_CAST",
}

---@class cme.server.Settings what the service's options decide about projects
---@field change_active_input boolean ModifyInput may change the input that is on air
---@field default_stop number? seconds after which a run ends that was not told its end; nil: it does not
---@field failback_after number? seconds that the input asked for must work before an engine goes back to it; nil: never
---@field failover boolean     engines leave an input that stalls for the other one

---@class cme.server.Context what actions work with
---@field store cme.server.Store
---@field relays cme.server.Keepers
---@field playouts cme.server.Keepers             the playouts of media casts
---@field playout_files cme.server.PlayoutFiles  what they share with us
---@field cast_outputs table<string, table<string, cme.server.Part>> how the outputs of media casts are, by project
---@field library cme.server.Library
---@field auto_start cme.server.AutoStart
---@field edge cme.server.Edge?    nil: the service runs without one
---@field locks cme.server.Locks   state changes of a project run one after the other
---@field settings cme.server.Settings
---@field now fun(): number
---@field log cme.server.Log
---@field journal cme.server.Journal? nil: nobody wants events

---The actions that this service offers, by name.
---@param context cme.server.Context
---@return table<string, fun(call: cme.server.Call): table?, string?, string?>
function actions.new(context)
  local bound = {}
  for name, action in pairs(by_name) do
    bound[name] = function(call)
      return action(context, call)
    end
  end
  return bound
end

return actions
