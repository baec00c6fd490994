-- SPDX-License-Identifier: MIT
-- The actions that change projects, and the list of all actions that this service offers. Actions that only read are in
-- describe.lua, project_health.lua, project_history.lua and edge/playback.lua; those about a run are in the category's
-- folder. An action gets a call whose parameters fit the schema, and returns the response's members, or nil, message,
-- detail. When it returns a response, the change is on the disk. When the database fails, it returns InternalError and
-- nothing of the change is kept.

local access = require "cme.server.http.access"
local answer = require "cme.server.call"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local describe = require "cme.server.describe"
local playback = require "cme.server.edge.playback"
local project = require "cme.server.project"
local project_health = require "cme.server.project_health"
local project_history = require "cme.server.project_history"
local sign = require "cme.sign"

local actions = {}

local FRESH = 5 -- seconds for the store to answer
local AGAIN = 1 -- seconds for one that did not answer the last time

---@alias cme.server.Action fun(call: cme.server.http.call): table|nil, string|nil, cme.detail|nil
---@alias cme.server.ProjectAction fun(call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil

---@class cme.server.actions
---@field private _store cme.server.store.interface
---@field private _services table<string, cme.server.category_service>
---@field private _changes cme.server.changes
---@field private _relays cme.server.process.keepers
---@field private _edge cme.server.edge|nil
---@field private _fleet cme.server.sharing|false
---@field private _log cme.server.log
local Actions = {}
Actions.__index = Actions

-- ---- CreateProject, CopyProject

-- Runs checks, each a function and what it checks; one whose value is absent is left out.
local function check_all(checks)
  for _, each in ipairs(checks) do
    if each[2] ~= nil then
      local ok, message, detail = each[1](each[2])
      if not ok then return nil, message, detail end
    end
  end
  return true
end

local function check_category(params)
  local name = params.Category
  if not categories.inputs[name] then
    return codes.fail("api.InvalidParameterValue.Category:unknown", { category = answer.shown(name) })
  end
  if not categories.by_name[name] then return codes.fail("api.UnsupportedOperation:category", { category = name }) end
  for other, member in pairs(categories.inputs) do
    if other ~= name and params[member] then
      return codes.fail("api.InvalidParameter:other_category", { field = member, category = name })
    end
  end
  return true
end

-- All its members may be left out, it may not.
local function check_input(params)
  local member = categories.inputs[params.Category]
  if params[member] then return true end
  return codes.fail("api.MissingParameter:field", { field = member })
end

function Actions:_add(record)
  record.id = "cmepid_" .. sign.random_hex(12)
  local ok, message, detail = true, nil, nil
  if self._edge then ok, message, detail = self._edge:reserve(record) end
  if not ok then return nil, message, detail end
  ok, message, detail = self._store:create(record)
  if not ok then
    if self._edge then self._edge:cancel(record) end
    return access.storage_failed(codes.reason "word:create_project", message, detail)
  end
  self._log:info("project created", { project = record.id })
  local service = self._services[record.category]
  if service.created then service:created(record.id) end
  if self._edge then self._edge:settle(nil, record) end
  return record
end

function Actions:_create(call)
  local params = call.params
  local ok, message, detail = check_all { { project.check_name, params.Name }, { check_category, params },
    { project.check_owner, params.Owner }, { project.check_aspect_ratio, params.AspectRatio },
    { project.check_description, params.Description }, { check_input, params } }
  if not ok then return nil, message, detail end
  local service = self._services[params.Category]
  local input, record
  input, message, detail = service:check(params[categories.inputs[params.Category]])
  if not input then return nil, message, detail end
  record, message, detail = self:_add { platform = params.Platform, category = params.Category, name = params.Name,
    description = params.Description, mode = params.Mode, owner = { type = params.Owner.Type, id = params.Owner.Id },
    input = input }
  if not record then return nil, message, detail end
  return { ProjectId = record.id, RtmpPushInputInfoSet = service:push_addresses(input) }
end

function Actions:_copy(call, record)
  local params = call.params
  local ok, message, detail = check_all { { project.check_name, params.Name }, { project.check_owner, params.Owner } }
  if not ok then return nil, message, detail end
  local input
  input, message, detail = self._services[record.category]:copy(record.input)
  if not input then return nil, message, detail end
  local description
  description, message, detail = self._store:description(record.id)
  if message then return access.storage_failed(codes.reason "word:copy_project", message, detail) end
  local copy
  copy, message, detail = self:_add { platform = record.platform, category = record.category,
    name = params.Name or project.copy_name(record.name), description = description, mode = record.mode,
    owner = params.Owner and { type = params.Owner.Type, id = params.Owner.Id } or record.owner, input = input }
  if not copy then return nil, message, detail end
  return { ProjectId = copy.id }
end

-- ---- ModifyProject, DeleteProject

function Actions:_modify(call, record)
  local params = call.params
  local ok, message, detail = check_all { { project.check_name, params.Name }, { project.check_owner, params.Owner },
    { project.check_aspect_ratio, params.AspectRatio } }
  if not ok then return nil, message, detail end
  local owner = params.Owner and { type = params.Owner.Type, id = params.Owner.Id } or nil
  return answer.done(self._changes:apply(record.id, "modify", { name = params.Name, owner = owner,
    mode = params.Mode, reason = answer.reason(call) }))
end

-- What a project that is gone has left.
function Actions:_forget(record)
  self._relays:forget(record.id)
  local service = self._services[record.category]
  if service.deleted then service:deleted(record.id) end
  if self._edge then self._edge:settle(record) end
  self._log:info("project deleted", { project = record.id })
  local ok, failure = self._store:wipe()
  if not ok then
    self._log:warn("stream keys of deleted projects stay in the database's log for now", { error = failure })
  end
end

function Actions:_delete(call, record)
  local ok, message, detail = self._store:delete(record.id, answer.reason(call))
  if not ok then return access.storage_failed(codes.reason "word:delete_project", message, detail) end
  self:_forget(record)
  return {}
end

-- ---- the list

-- Tells what the service has in memory, and for how long that may have been out of date.
function Actions:_tell_old(action, call)
  local age = self._store:age()
  local response, message, detail = action(call)
  if response then response.StateAge = math.max(response.StateAge or 0, math.ceil(age or 0)) end
  return response, message, detail
end

-- What an action reads has all that was committed before the request came. When the store does not answer, one that
-- changes nothing tells what is in memory, and so does one that is done `anyway`.
function Actions:_fresh(action, anyway)
  return function(call)
    local reads = answer.is_reading(call)
    local ok, message, detail = self._store:fresh(FRESH, reads and AGAIN or nil)
    if ok or anyway and not reads then return action(call) end
    if reads then return self:_tell_old(action, call) end
    return access.storage_failed(codes.reason "word:read_state", message, detail)
  end
end

-- An action of a platform.
function Actions:_on_platform(action)
  return self:_fresh(function(call)
    local ok, message, detail = access.platform(self._store, call.params.Platform)
    if not ok then return nil, message, detail end
    return action(call)
  end)
end

-- An action on a project, which it gets as second argument.
---@param action cme.server.ProjectAction
---@param anyway boolean|nil
---@return cme.server.Action
function Actions:_on_project(action, anyway)
  return self:_fresh(function(call)
    local record, message, detail = access.project(self._store, call.params)
    if not record then return nil, message, detail end
    return action(call, record)
  end, anyway)
end

local function check_whole(record)
  if not record.fault then return true end
  return codes.fail("api:damaged",
    { id = record.id, fault = record.fault }, { code = "api." .. categories.of(record).failed })
end

-- An action that needs to know what the project is.
function Actions:_on_whole_project(action)
  return self:_on_project(function(call, record)
    local ok, message, detail = check_whole(record)
    if not ok then return nil, message, detail end
    return action(call, record)
  end)
end

-- An action that has to do with a project's engine: done by the node that has it.
function Actions:_where_it_runs(action)
  if not self._fleet then return action end
  return function(call, record) return self._fleet:perform(call, record, action) end
end

-- Both.
function Actions:_on_engine(action) return self:_on_whole_project(self:_where_it_runs(action)) end

-- The Handle...Project action of a category: a store that does not answer must not keep a broadcast on the air.
function Actions:_of_category(category)
  local service = self._services[category.name]
  local handle = self:_where_it_runs(function(call, record) return service:handle(call, record) end)
  return self:_on_project(function(call, record)
    if record.category ~= category.name then
      return codes.fail("api.InvalidParameterValue.Category:wrong_category",
        { id = record.id, category = record.category, wanted = category.name })
    end
    local ok, message, detail = check_whole(record)
    if not ok and not category.damaged[call.params.Operation] then return nil, message, detail end
    return handle(call, record)
  end, true)
end

-- What projects of some categories have alone; `lacking` says that others have not.
local function of_some(services, method, lacking)
  return function(call, record)
    local service = services[record.category]
    if service[method] then return service[method](service, call, record) end
    return codes.fail(lacking, { category = record.category })
  end
end

--- The actions that this service offers, by name.
---@param options { store: cme.server.store.interface, services: table<string, cme.server.category_service>,
---  changes: cme.server.changes, relays: cme.server.process.keepers, edge: cme.server.edge|nil,
---  slates: cme.server.slates|nil, uplink: cme.server.uplink|nil, looks: cme.server.looks|nil,
---  fleet: cme.server.sharing|false|nil, publishers: cme.server.publishers|nil, now: (fun(): number),
---  log: cme.server.log }
---@return table<string, cme.server.Action>
function actions.new(options)
  local store, services, edge = options.store, options.services, options.edge
  local self = setmetatable({ _store = store, _services = services, _changes = options.changes,
    _relays = options.relays, _edge = edge, _fleet = options.fleet or false, _log = options.log }, Actions)
  local function method(name)
    return function(...) return self[name](self, ...) end
  end
  local shown = describe.new(store, services, options.log)
  local health = project_health.new { store = store, relays = options.relays, now = options.now,
    slates = options.slates, looks = options.looks, limit = options.uplink and options.uplink.limit,
    publishers = options.publishers, fleet = options.fleet }
  local list = {
    CreateProject = self:_on_platform(method "_create"),
    CopyProject = self:_on_whole_project(method "_copy"),
    ModifyProject = self:_on_project(method "_modify"),
    DeleteProject = self:_on_project(method "_delete"),
    DescribeProjects = self:_on_platform(shown.projects),
    DescribePlatforms = self:_fresh(shown.platforms),
    DescribeProjectHealth = self:_on_project(self:_where_it_runs(health.of_one)),
    DescribeProjectsHealth = self:_on_platform(health.of_many),
    DescribeProjectHistory = self:_on_project(function(call, record)
      return project_history.describe(store, call, record)
    end),
    DescribeProjectPlayback = self:_on_project(self:_where_it_runs(function(_, record)
      return playback.describe(edge, services[record.category], record)
    end)),
    ModifyProjectLooks = self:_on_engine(of_some(services, "modify_looks", "api.UnsupportedOperation:looks")),
    ModifyProjectMerge = self:_on_engine(of_some(services, "modify_merge", "api.UnsupportedOperation:merge")),
    ModifyProjectRecording = self:_on_engine(of_some(services, "modify_recording",
      "api.UnsupportedOperation:recording")),
    ModifyProjectSlate = self:_on_engine(of_some(services, "modify_slate", "api.UnsupportedOperation:slate")),
    ModifyProjectStandby = self:_on_engine(of_some(services, "modify_standby", "api.UnsupportedOperation:standby")),
    SwitchProjectOutput = self:_on_engine(function(call, record)
      return services[record.category]:switch_output(call, record)
    end),
  }
  for _, category in ipairs(categories.list) do list[category.action] = self:_of_category(category) end
  return list
end

return actions
