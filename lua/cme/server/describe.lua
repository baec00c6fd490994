-- SPDX-License-Identifier: MIT
-- The actions that only tell: DescribeProjects and DescribePlatforms. Answers are nil, code, message.

local access = require "cme.server.http.access"
local categories = require "cme.server.categories"
local category = require "cme.server.categories.category"
local json = require "cme.json"
local project = require "cme.server.project"

local describe = {}

local max_ids = 20 -- of DescribeProjects' ProjectIds
local default_page = 10
local max_projects = 100 -- a page; the cloud documents no bound
local max_platforms = 20

local function read_page(params, max)
  local limit = params.Limit or default_page
  if limit < 1 or limit > max then
    return nil, "InvalidParameterValue.Limit", ("field 'Limit' %d: it must be 1 to %d"):format(limit, max)
  end
  return { offset = params.Offset or 0, limit = limit }
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

local function check_sets(params)
  if #(params.ProjectIds or {}) > max_ids then
    return nil, "InvalidParameterValue.ProjectId",
      ("field 'ProjectIds': %d given, at most %d"):format(#params.ProjectIds, max_ids)
  end
  for _, name in ipairs(params.CategorySet or {}) do
    if not category.inputs[name] then
      return nil, "InvalidParameterValue.CategorySet",
        ("field 'CategorySet': unknown category '%s'"):format(name:sub(1, 64))
    end
  end
  for _, ratio in ipairs(params.AspectRatioSet or {}) do
    if not project.check_aspect_ratio(ratio) then
      return nil, "InvalidParameterValue.AspectRatioSet",
        ("field 'AspectRatioSet' '%s': write it like 16:9"):format(ratio:sub(1, 32))
    end
  end
  return true
end

-- Whose projects are asked for. An operator other than the administrator sees what is his.
local function read_owner(params)
  local owner = params.Owner or {}
  if owner.Type and owner.Type ~= "PERSON" and owner.Type ~= "TEAM" then
    return nil, "InvalidParameterValue.OwnerType",
      ("field 'Owner.Type' '%s': PERSON or TEAM"):format(owner.Type:sub(1, 64))
  end
  if owner.Id == "" then
    return nil, "InvalidParameterValue.OwnerId", "field 'Owner.Id': it is empty"
  end
  if access.is_administrator(params.Operator) then
    return { type = owner.Type, id = owner.Id }
  end
  if owner.Id and owner.Id ~= params.Operator then
    return nil, access.denied,
      ("operator '%s' may not see the projects of another"):format(params.Operator:sub(1, 64))
  end
  return { type = owner.Type, id = params.Operator }
end

-- The filter of one request.
local function read_filter(params)
  local ok, code, message = check_sets(params)
  if not ok then
    return nil, code, message
  end
  local owner, sort, page
  owner, code, message = read_owner(params)
  if not owner then
    return nil, code, message
  end
  sort, code, message = read_sort(params.Sort)
  if not sort then
    return nil, code, message
  end
  page, code, message = read_page(params, max_projects)
  if not page then
    return nil, code, message
  end
  return { platform = params.Platform, ids = params.ProjectIds, categories = params.CategorySet, modes = params.Modes,
    aspect_ratios = params.AspectRatioSet, owner_type = owner.type, owner_id = owner.id, sort = sort.field,
    order = sort.order, offset = page.offset, limit = page.limit }
end

-- One that cannot be shown must not hide the others.
local function show(context, record)
  local good, own = xpcall(categories[record.category].info, debug.traceback, context, record)
  if not good then
    context.log:error("project cannot be shown", { project = record.id, error = own })
  end
  local info = project.info(record, good and own or json.null)
  info.Fault = record.fault
  return info
end

---@param context cme.server.Context
---@param call cme.server.Call
---@return table? response, string? code, string? message
function describe.projects(context, call)
  local filter, code, message = read_filter(call.params)
  if not filter then
    return nil, code, message
  end
  local records, total = context.store:list(filter)
  if not records then
    return access.storage_failed("list projects", total)
  end
  local set = json.array {}
  for i, record in ipairs(records) do
    set[i] = show(context, record)
  end
  return { TotalCount = total, ProjectInfoSet = set }
end

-- ---- DescribePlatforms

local function platform_info(platform)
  local created = project.stamp(platform.created_at)
  return { Platform = platform.name, Description = "", VodSubAppId = 0, LicenseId = "", Status = "Normal",
    CreateTime = created, UpdateTime = created }
end

---Shows the platforms that the key is for.
---@param context cme.server.Context
---@param call cme.server.Call
---@return table? response, string? code, string? message
function describe.platforms(context, call)
  local params = call.params
  local page, code, message = read_page(params, max_platforms)
  if not page then
    return nil, code, message
  end
  local platforms, total = context.store:platforms { names = params.Platforms, licenses = params.LicenseIds,
    granted = call.grant.platforms, offset = page.offset, limit = page.limit }
  if not platforms then
    return access.storage_failed("list platforms", total)
  end
  local set = json.array {}
  for i, platform in ipairs(platforms) do
    set[i] = platform_info(platform)
  end
  return { TotalCount = total, PlatformInfoSet = set }
end

return describe
