-- SPDX-License-Identifier: MIT
-- The actions about projects: CreateProject, DescribeProjects, DeleteProject. HandleStreamConnectProject is in
-- stream_connect.lua, DescribeProjectHealth in project_health.lua,
-- DescribeProjectPlayback in playback.lua. An action gets a call whose parameters fit the
-- schema, and returns the response's members, or nil, code, message. What it returns as done is on the disk. A failing
-- database is InternalError, and nothing of the change is kept.

local access = require "cme.server.access"
local json = require "cme.json"
local limits = require "cme.limits"
local playback = require "cme.server.playback"
local project = require "cme.server.project"
local project_health = require "cme.server.project_health"
local sign = require "cme.sign"
local stream_connect = require "cme.server.stream_connect"
local text = require "cme.text"

local actions = {}

local max_page = 100 -- projects; the cloud documents no bound
local default_page = 10
local max_ids = 20

local project_kinds = {
  VIDEO_EDIT = "VideoEditProjectInput",
  SWITCHER = "SwitcherProjectInput",
  VIDEO_SEGMENTATION = "VideoSegmentationProjectInput",
  STREAM_CONNECT = "StreamConnectProjectInput",
  RECORD_REPLAY = "RecordReplayProjectInput",
  MEDIA_CAST = "MediaCastProjectInput",
}

-- ---- CreateProject

local function check_name(name)
  local length = text.utf8_len(name)
  if length == 0 then
    return nil, "InvalidParameterValue.Name", "field 'Name': it is empty"
  end
  if length > limits.name_length then
    return nil, "InvalidParameterValue.NameLenLimt",
      ("field 'Name': %d characters, at most %d"):format(length, limits.name_length)
  end
  return true
end

local function check_owner(owner)
  if owner.Type ~= "PERSON" then
    return nil, "InvalidParameterValue.OwnerType",
      ("field 'Owner.Type' '%s': projects belong to a PERSON"):format(owner.Type)
  end
  if owner.Id == "" or #owner.Id > 256 then
    return nil, "InvalidParameterValue.OwnerId", "field 'Owner.Id': 1 to 256 bytes are needed"
  end
  return true
end

local function check_category(params)
  local category = params.Category
  if not project_kinds[category] then
    return nil, "InvalidParameterValue.Category", ("field 'Category' '%s': there is none of this name"):format(category)
  end
  if category ~= "STREAM_CONNECT" then
    return nil, "UnsupportedOperation",
      ("field 'Category' '%s': this service runs STREAM_CONNECT projects only"):format(category)
  end
  for kind, member in pairs(project_kinds) do
    if kind ~= category and params[member] then
      return nil, "InvalidParameter", ("field '%s': it does not belong to category %s"):format(member, category)
    end
  end
  return true
end

local function check_create(params)
  for _, check in ipairs { { check_name, params.Name }, { check_category, params }, { check_owner, params.Owner } } do
    local ok, code, message = check[1](check[2])
    if not ok then
      return nil, code, message
    end
  end
  return true
end

local function new_output_id()
  return sign.random_hex(6)
end

local function create_project(context, call)
  local params = call.params
  local ok, code, message = access.platform(context.store, params.Platform)
  if not ok then
    return nil, code, message
  end
  ok, code, message = check_create(params)
  if not ok then
    return nil, code, message
  end
  local input
  input, code, message = project.check_input(params.StreamConnectProjectInput or {}, new_output_id)
  if not input then
    return nil, code, message
  end
  local id = "cmepid_" .. sign.random_hex(12)
  ok, message = context.store:create {
    id = id, platform = params.Platform, category = params.Category, name = params.Name,
    description = params.Description, mode = params.Mode, owner = { type = params.Owner.Type, id = params.Owner.Id },
    input = input,
  }
  if not ok then
    return access.storage_failed("create project", message)
  end
  context.log:info("project created", { project = id })
  return { ProjectId = id, RtmpPushInputInfoSet = json.array {} }
end

-- ---- DescribeProjects

local sort_fields = { CreateTime = "created_at", UpdateTime = "updated_at" }
local sort_orders = { Asc = "ASC", Desc = "DESC" }

local function read_sort(sort)
  sort = sort or { Field = "CreateTime" }
  local field, order = sort_fields[sort.Field], sort_orders[sort.Order or "Desc"]
  if field and order then
    return { field = field, order = order }
  end
  return nil, "InvalidParameterValue.SortOrder",
    "field 'Sort': Field must be CreateTime or UpdateTime, Order Asc or Desc"
end

local function read_page(params)
  local limit = params.Limit or default_page
  if limit < 1 or limit > max_page then
    return nil, "InvalidParameterValue.Limit", ("field 'Limit' %d: it must be 1 to %d"):format(limit, max_page)
  end
  return { offset = params.Offset or 0, limit = limit }
end

local function check_filters(params)
  if #(params.ProjectIds or {}) > max_ids then
    return nil, "InvalidParameterValue.ProjectId",
      ("field 'ProjectIds': %d given, at most %d"):format(#params.ProjectIds, max_ids)
  end
  for _, category in ipairs(params.CategorySet or {}) do
    if not project_kinds[category] then
      return nil, "InvalidParameterValue.CategorySet",
        ("field 'CategorySet' '%s': there is none of this name"):format(category)
    end
  end
  local owner = params.Owner
  if owner and owner.Type ~= "PERSON" and owner.Type ~= "TEAM" then
    return nil, "InvalidParameterValue.OwnerType", ("field 'Owner.Type' '%s': PERSON or TEAM"):format(owner.Type)
  end
  return true
end

-- The filter of one request. An operator other than the administrator sees what is his.
local function read_filter(params)
  local ok, code, message = check_filters(params)
  if not ok then
    return nil, code, message
  end
  local owner = params.Owner or {}
  if not access.is_administrator(params.Operator) then
    if owner.Id and owner.Id ~= params.Operator then
      return nil, access.denied, ("operator '%s' may not see the projects of another"):format(params.Operator)
    end
    owner = { Type = owner.Type, Id = params.Operator }
  end
  local sort, page
  sort, code, message = read_sort(params.Sort)
  if not sort then
    return nil, code, message
  end
  page, code, message = read_page(params)
  if not page then
    return nil, code, message
  end
  return { platform = params.Platform, ids = params.ProjectIds, categories = params.CategorySet, modes = params.Modes,
    owner_type = owner.Type, owner_id = owner.Id, sort = sort.field, order = sort.order, offset = page.offset,
    limit = page.limit }
end

local function describe_projects(context, call)
  local params = call.params
  local ok, code, message = access.platform(context.store, params.Platform)
  if not ok then
    return nil, code, message
  end
  local filter
  filter, code, message = read_filter(params)
  if not filter then
    return nil, code, message
  end
  local projects, total = context.store:list(filter)
  if not projects then
    return access.storage_failed("list projects", total)
  end
  local set = json.array {}
  for i, record in ipairs(projects) do
    record.active = stream_connect.active(context, record)
    set[i] = project.info(record)
  end
  return { TotalCount = total, ProjectInfoSet = set }
end

-- ---- DeleteProject

local function delete_project(context, call)
  local record, code, message = access.project(context.store, call.params)
  if not record then
    return nil, code, message
  end
  local ok, refusal
  ok, message, refusal = context.store:delete(record.id, "request " .. call.request_id)
  if not ok then
    if refusal then
      return nil, refusal.code, ("delete project '%s': %s"):format(record.id, message)
    end
    return access.storage_failed("delete project", message)
  end
  context.relays:forget(record.id)
  context.log:info("project deleted", { project = record.id })
  ok, message = context.store:wipe()
  if not ok then
    context.log:warn("stream keys of deleted projects stay in the database's log for now", { error = message })
  end
  return {}
end

---@class cme.server.Context what actions work with
---@field store cme.server.Store
---@field relays cme.server.Relays
---@field edge cme.server.Edge?    nil: the service runs without one
---@field locks cme.server.Locks   state changes of a project run one after the other
---@field now fun(): number
---@field log cme.server.Log

---The actions that this service offers, by name.
---@param context cme.server.Context
---@return table<string, fun(call: cme.server.Call): table?, string?, string?>
function actions.new(context)
  local by_name = {
    CreateProject = create_project,
    DescribeProjects = describe_projects,
    DeleteProject = delete_project,
    HandleStreamConnectProject = stream_connect.handle,
    DescribeProjectHealth = project_health.describe,
    DescribeProjectPlayback = playback.describe,
  }
  local bound = {}
  for name, action in pairs(by_name) do
    bound[name] = function(call)
      return action(context, call)
    end
  end
  return bound
end

return actions
