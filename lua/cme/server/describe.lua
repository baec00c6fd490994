-- SPDX-License-Identifier: MIT
-- The actions that only tell: DescribeProjects and DescribePlatforms.

local access = require "cme.server.http.access"
local answer = require "cme.server.call"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local json = require "cme.json"
local project = require "cme.server.project"

local describe = {}

local MAX_IDS = 20 -- of DescribeProjects' ProjectIds
local DEFAULT_PAGE = 10
local MAX_PROJECTS = 100 -- a page; the cloud documents no bound
local MAX_PLATFORMS = 20

--- The page that a request asks for.
---@param params { Offset: integer|nil, Limit: integer|nil }
---@param default integer
---@param max integer
---@return { offset: integer, limit: integer }|nil page
---@return string|nil message
---@return cme.detail|nil detail
function describe.page(params, default, max)
  local limit = params.Limit or default
  if limit >= 1 and limit <= max then return { offset = params.Offset or 0, limit = limit } end
  return codes.fail("api.InvalidParameterValue.Limit:limit", { limit = limit, most = max })
end

--- One page of the projects that fit a filter.
---@param store cme.server.store.interface
---@param filter cme.server.store.filter
---@param page { offset: integer, limit: integer }
---@return cme.server.project[]|nil records
---@return integer|string total_or_message
---@return cme.detail|nil detail
function describe.list(store, filter, page)
  filter.offset, filter.limit = page.offset, page.limit
  local records, total, detail = store:list(filter)
  if records then return records, total end
  return access.storage_failed(codes.reason "word:list_projects", total, detail)
end

-- ---- DescribeProjects

local SORT_FIELDS = { CreateTime = "created_at", UpdateTime = "updated_at" }
local SORT_ORDERS = { Asc = "ASC", Desc = "DESC" }

local function read_sort(sort)
  sort = sort or { Field = "CreateTime" }
  local field, order = SORT_FIELDS[sort.Field], SORT_ORDERS[sort.Order or "Desc"]
  if field and order then return { field = field, order = order } end
  return codes.fail "api.InvalidParameterValue.SortOrder:sort"
end

local function check_sets(params)
  if #(params.ProjectIds or {}) > MAX_IDS then
    return codes.fail("api.InvalidParameterValue.ProjectId:project_ids",
      { count = #params.ProjectIds, limit = MAX_IDS })
  end
  for _, name in ipairs(params.CategorySet or {}) do
    if not categories.inputs[name] then
      return codes.fail("api.InvalidParameterValue.CategorySet:unknown", { category = answer.shown(name) })
    end
  end
  for _, ratio in ipairs(params.AspectRatioSet or {}) do
    if not project.check_aspect_ratio(ratio) then
      return codes.fail("api.InvalidParameterValue.AspectRatioSet:ratio", { value = ratio:sub(1, 32) })
    end
  end
  return true
end

-- Whose projects are asked for. An operator other than the administrator sees what is his.
local function read_owner(params)
  local owner = params.Owner or {}
  if owner.Type and owner.Type ~= "PERSON" and owner.Type ~= "TEAM" then
    return codes.fail("api.InvalidParameterValue.OwnerType:owner_type", { value = answer.shown(owner.Type) })
  end
  if owner.Id == "" then return codes.fail "api.InvalidParameterValue.OwnerId:empty" end
  if access.is_administrator(params.Operator) then return { type = owner.Type, id = owner.Id } end
  if owner.Id and owner.Id ~= params.Operator then
    return codes.fail("api.OperationDenied.PermissionDeny:not_theirs", { operator = answer.shown(params.Operator) })
  end
  return { type = owner.Type, id = params.Operator }
end

-- The filter of one request.
local function read_filter(params)
  local ok, message, detail = check_sets(params)
  if not ok then return nil, message, detail end
  local owner, sort
  owner, message, detail = read_owner(params)
  if not owner then return nil, message, detail end
  sort, message, detail = read_sort(params.Sort)
  if not sort then return nil, message, detail end
  return { platform = params.Platform, ids = params.ProjectIds, categories = params.CategorySet, modes = params.Modes,
    aspect_ratios = params.AspectRatioSet, owner_type = owner.type, owner_id = owner.id, sort = sort.field,
    order = sort.order }
end

--- A project as DescribeProjects shows it; pure.
---@param record cme.server.project
---@param own table what its category tells
---@return table ProjectInfo
function describe.info(record, own)
  local info = {
    ProjectId = record.id,
    Name = record.name,
    AspectRatio = "",
    Category = record.category,
    Owner = { Type = record.owner.type, Id = record.owner.id },
    CoverUrl = "",
    UpdateTime = project.stamp(record.updated_at),
    CreateTime = project.stamp(record.created_at),
    Fault = record.fault and codes.say(record.fault),
  }
  for _, category in ipairs(categories.list) do
    info[category.info] = category.name == record.category and own or json.null
  end
  return info
end

-- An Idle project looks the same as long as its record is the same, which the store sees to.
local shown = setmetatable({}, { __mode = "k" })

-- One that cannot be shown must not hide the others.
local function show(services, log, record)
  if shown[record] then return shown[record] end
  local service = services[record.category]
  local good, own = xpcall(service.info, debug.traceback, service, record)
  if not good then log:error("project cannot be shown", { project = record.id, error = own }) end
  local info = describe.info(record, good and own or json.null)
  if good and record.status == "Idle" and not record.fault then shown[record] = info end
  return info
end

local function projects(store, services, log, call)
  local filter, message, detail = read_filter(call.params)
  if not filter then return nil, message, detail end
  local page
  page, message, detail = describe.page(call.params, DEFAULT_PAGE, MAX_PROJECTS)
  if not page then return nil, message, detail end
  local records, total
  records, total, detail = describe.list(store, filter, page)
  if not records then return nil, total, detail end
  local set = json.array {}
  for i, record in ipairs(records) do set[i] = show(services, log, record) end
  return { TotalCount = total, ProjectInfoSet = set }
end

-- ---- DescribePlatforms

local function platform_info(platform)
  local created = project.stamp(platform.created_at)
  return { Platform = platform.name, Description = "", VodSubAppId = 0, LicenseId = "", Status = "Normal",
    CreateTime = created, UpdateTime = created }
end

-- The platforms that the key is for.
local function platforms(store, call)
  local params = call.params
  local page, message, detail = describe.page(params, DEFAULT_PAGE, MAX_PLATFORMS)
  if not page then return nil, message, detail end
  local found, total
  found, total, detail = store:platforms { names = params.Platforms, licenses = params.LicenseIds,
    granted = call.grant.platforms, offset = page.offset, limit = page.limit }
  if not found then return access.storage_failed(codes.reason "word:list_platforms", total, detail) end
  local set = json.array {}
  for i, platform in ipairs(found) do set[i] = platform_info(platform) end
  return { TotalCount = total, PlatformInfoSet = set }
end

---@param store cme.server.store.interface
---@param services table<string, cme.server.category_service>
---@param log cme.server.log
---@return { projects: cme.server.Action, platforms: cme.server.Action }
function describe.new(store, services, log)
  return {
    projects = function(call) return projects(store, services, log, call) end,
    platforms = function(call) return platforms(store, call) end,
  }
end

return describe
