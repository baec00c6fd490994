-- SPDX-License-Identifier: MIT
-- What a project's methods ask of the service: an action on the project, its entry in the service's list, its creation,
-- its discovery by name. Each call that changes something brings the answer to "was it done?" for when the connection
-- broke before the service's answer came (client:call's `settle`): it reads the state again.
--
--   settle gives   a response   it was done: the call succeeds with that
--                  false        it was not done, or doing it twice is the same as once: the client may try again
--                  nil, ...     nobody can tell: the call fails
--
-- "Not done" is believed only when a second look, a moment later, says so too: the service may still be at it.

local codes = require "cme.codes"
local json = require "cme.json"
local pending = require "cme.api.pending"
local time = require "cme.time"

---@class cme.project_calls
local calls = {}

---@alias cme.judge fun(entry: table|nil): table|false|nil, string|nil, cme.detail|nil looks at the described project

-- Seconds between the two looks.
local SECOND_LOOK = 1
-- The service refuses calls whose clock is further off than this, so its CreateTime of what was made by a call is not
-- earlier than the call by more.
local CLOCK_TOLERANCE = 300
-- A page of DescribeProjects.
local PAGE = 20

-- Ids of projects that each client made or found lately, with the time: they are not what a lost CreateProject made.
local known = setmetatable({}, { __mode = "k" })

--- Waits as the client does: inside a task it yields.
---@param client cme.client
---@param seconds number
function calls.sleep(client, seconds)
  local transport = client.transport or require "cme.net.transport".shared()
  transport:sleep(seconds)
end

--- The time by the finest clock that the client has.
---@param client cme.client
---@return number seconds unix time
function calls.time(client)
  local transport = client.transport or require "cme.net.transport".shared()
  return transport.time and transport:time() or client.now()
end

--- Whether the project is there to act on.
---@param project cme.project
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.not_created
function calls.exists(project)
  if project.id then return true end
  return codes.refuse(project._spec and "invalid.not_created" or "invalid.not_created:deleted")
end

-- ---- reading

-- The project's entry, or false when the service has none of this id.
local function look(project)
  local response, message, detail = project.client:call("DescribeProjects",
    { Platform = project._platform, ProjectIds = { project.id } })
  if not response then return nil, message, detail end
  for _, entry in ipairs(json.object(response.ProjectInfoSet)) do
    if type(entry) == "table" and entry.ProjectId == project.id then return entry end
  end
  return false, nil, { request_id = response.RequestId }
end

--- The project's entry in the service's list.
---@param project cme.project
---@return table|nil entry a ProjectInfo
---@return string|nil message
---@return cme.detail|nil detail code invalid.unknown_project when there is none
function calls.describe(project)
  local ok, message, detail = calls.exists(project)
  if not ok then return nil, message, detail end
  local entry
  entry, message, detail = look(project)
  if entry then return entry end
  if entry == nil then return nil, message, detail end
  return codes.fail("invalid.unknown_project", nil, { request_id = detail.request_id })
end

-- ---- settling

-- A settle function from two looks; `read` gives what `judge` is given, or nil, message, detail.
local function settle_by(client, read, judge)
  local function once()
    local found, message, detail = read()
    if found == nil then return nil, message, detail end
    return judge(found or nil)
  end
  return function()
    local verdict, message, detail = once()
    if verdict ~= false then return verdict, message, detail end
    calls.sleep(client, SECOND_LOOK)
    return once()
  end
end

--- A settle function that looks at the described project; nil when the service no longer has it.
---@param project cme.project
---@param judge cme.judge
---@return fun(): table|false|nil, string|nil, cme.detail|nil
function calls.settled(project, judge)
  return settle_by(project.client, function() return look(project) end, judge)
end

--- A settle function for what may be done twice without harm.
---@return false
function calls.again()
  return false
end

-- Codes of services that do not have an action.
local LACKING = { ["api.InvalidAction"] = true, ["api.UnsupportedOperation"] = true }

--- Whether a call failed since the service has no such action, which only `cme serve` has. Pure.
---@param detail cme.detail
---@return boolean
function calls.is_lacking(detail)
  return LACKING[detail.code] == true
end

--- The verdict "cannot tell".
---@param sentence string
---@param values table|nil
---@return nil, string, cme.detail
function calls.unclear(sentence, values)
  return codes.fail(sentence, values)
end

--- Does an action on the project.
---@param project cme.project
---@param action string
---@param params table Platform and ProjectId are filled in
---@param settle (fun(): table|false|nil, string|nil, cme.detail|nil)|nil see above
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function calls.act(project, action, params, settle)
  params.Platform = project._platform
  params.ProjectId = project.id
  return project.client:call(action, params, { settle = settle })
end

local NOT_STOPPED = "project.stop_at_passed:not_stopped"

-- Clocks are compared by whole seconds on both sides, with the way between them.
local PRECISION = 2

--- What a service answers to an operation that does not fit the state: codes.
calls.OTHER_STATE = { ["api.FailedOperation.StreamConnect"] = true,
  ["api.InvalidParameterValue.OperationInvalid"] = true }

-- Whether a Stop was refused since nothing runs any more.
local function is_over(project, refusal)
  if not calls.OTHER_STATE[refusal.code] then return false end
  local entry, info = calls.describe(project), {}
  if entry then project._mapper.read(entry, info) end
  return info.status == "idle"
end

--- Sets the planned stop of a run that was just started or changed. When that time came before the service could be
--- told, nothing else would ever end the run: it is stopped, unless the service had the time already and did.
---@param project cme.project whose category is known
---@param seconds number unix seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code project.stop_at_passed when it was stopped
function calls.plan_stop(project, seconds)
  local client = project.client
  local ok, message, cause = project._mapper.set_stop_at(project, seconds)
  if ok or client.now() + client:offset() < seconds - PRECISION then return ok, message, cause end
  local stopped, why, detail = project._mapper.stop(project)
  if not stopped and not is_over(project, detail) then
    return codes.around(NOT_STOPPED, { stop_at = time.format(seconds) }, why, detail)
  end
  return codes.fail("project.stop_at_passed", { stop_at = time.format(seconds) },
    { request_id = cause.request_id, cause = cause })
end

-- Whether the run ends when it should; nil: that cannot be told.
local function is_planned(project, seconds)
  local entry, info = calls.describe(project), {}
  if not entry then return nil end
  project._mapper.read(entry, info)
  return info.stop_at ~= nil and math.abs(info.stop_at - seconds) < 1
end

--- The planned stop of a project that is on the air from now on. One that could not be set is no reason to call the
--- start a failure, unless the run is over again; nor is it a warning when the service has that time all the same,
--- from Start or from a call whose answer was lost.
---@param project cme.project
---@param seconds number|nil unix seconds; nil: the service's own
---@param warning cme.detail|nil of the start, with `pending`
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function calls.plan_first_stop(project, seconds, warning)
  if seconds then
    local ok, message, cause = calls.plan_stop(project, seconds)
    if not ok and cause.code == "project.stop_at_passed" then return nil, message, cause end
    local planned = not ok and cause.sentence ~= NOT_STOPPED and is_planned(project, seconds)
    if not ok and not planned then
      local sentence = planned == nil and "project.stop_at_unknown" or "project.no_stop_at"
      message = select(2, codes.around(sentence, nil, message, cause))
      return pending.add(warning, pending.fault("stop_at", project.id, message, cause), cause)
    end
  end
  if warning then return pending.warning(warning) end
  return true
end

-- ---- projects by name

-- Reads the owner's projects of the category, newest first, until visit(entry) gives true.
local function each(project, visit)
  local spec, offset = project._spec, 0
  while true do
    local response, message, detail = project.client:call("DescribeProjects", {
      Platform = project._platform,
      CategorySet = { project.category },
      Owner = { Type = "PERSON", Id = spec.owner },
      Sort = { Field = "CreateTime", Order = "Desc" },
      Offset = offset,
      Limit = PAGE,
    })
    if not response then return nil, message, detail end
    local page = json.object(response.ProjectInfoSet)
    for _, entry in ipairs(page) do
      if type(entry) == "table" and visit(entry) then return true end
    end
    offset = offset + #page
    if #page == 0 or offset >= (tonumber(response.TotalCount) or 0) then return true end
  end
end

local function is_named(entry, project)
  return entry.Name == project._spec.name and entry.Category == project.category
    and json.object(entry.Owner).Id == project._spec.owner and type(entry.ProjectId) == "string"
end

--- Finds the projects that have the spec's name, owner and category.
---@param project cme.project
---@return table[]|nil entries ProjectInfo, newest first
---@return string|nil message
---@return cme.detail|nil detail
function calls.find(project)
  local found = {}
  local ok, message, detail = each(project, function(entry)
    if is_named(entry, project) then found[#found + 1] = entry end
  end)
  if not ok then return nil, message, detail end
  return found
end

-- ---- creating

-- Remembers an id for as long as it could be mistaken for a new one.
local function remember(client, id)
  local ids, now = known[client] or {}, client.now()
  for one, at in pairs(ids) do
    if at < now - 3 * CLOCK_TOLERANCE then ids[one] = nil end
  end
  ids[id] = now
  known[client] = ids
end

-- What a lost CreateProject may have made: of our name, not known, not older than the call (by either clock). `age` is
-- how long before the call it was made, by the service's clock, whose Date came with the entries.
local function candidates(project, since)
  local ids, found = known[project.client] or {}, {}
  local ok, message, detail = each(project, function(entry)
    local at = time.read(entry.CreateTime)
    local age = at and since + project.client:offset() - at
    if age and age > CLOCK_TOLERANCE then return true end
    if is_named(entry, project) and not ids[entry.ProjectId] then found[#found + 1] = { entry = entry, age = age } end
  end)
  if not ok then return nil, message, detail end
  return found
end

-- Push addresses as CreateProject would have answered them.
local function push_set(entry)
  local state = json.object(entry.StreamConnectProjectInfo)
  local set = {}
  for i, member in ipairs { "MainInput", "BackupInput" } do
    local push = json.object(json.object(state[member]).RtmpPushInputInfo)
    set[i] = { ExpiredSecond = tonumber(push.ExpiredSecond) or 0, PushUrl = json.string(push.PushUrl) or "" }
  end
  return set
end

-- One candidate from the time of the call on is ours; an earlier one may be ours by a service whose clock is behind.
local function judge_created(found)
  if not found[1] then return false end
  if found[2] or not found[1].age or found[1].age > PRECISION then
    return calls.unclear "invalid.unclear:name"
  end
  local entry = found[1].entry
  return { ProjectId = entry.ProjectId, RtmpPushInputInfoSet = push_set(entry) }
end

local function create_request(project)
  local spec = project._spec
  local member, value = project._mapper.input(spec.part)
  return {
    Platform = project._platform,
    Name = spec.name,
    Owner = { Type = "PERSON", Id = spec.owner },
    Category = project.category,
    Description = spec.description,
    [member] = value,
  }
end

--- Attaches the object to a project that the service has.
---@param project cme.project
---@param id string
function calls.attach(project, id)
  project.id = id
  remember(project.client, id)
end

--- Creates the project from its spec.
---@param project cme.project
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function calls.create(project)
  local client = project.client
  local since = client.now()
  local settle = settle_by(client, function() return candidates(project, since) end, judge_created)
  local response, message, detail = client:call("CreateProject", create_request(project), { settle = settle })
  if not response then return nil, message, detail end
  local id = response.ProjectId
  if type(id) ~= "string" or id == "" then
    return codes.within("in.action", { action = "CreateProject" },
      select(2, codes.fail("network.protocol:no_member", { member = "ProjectId" })))
  end
  calls.attach(project, id)
  if project._mapper.created then project._mapper.created(project, response) end
  return id
end

return calls
