-- SPDX-License-Identifier: MIT
-- Projects: one broadcast each, the same methods whatever the category. What a category maps onto which action is the
-- category's module (stream_connect.lua); here is what all share: the options, create, delete, reading the state,
-- and the wording of errors, `project 'live-1': start: CreateProject: could not resolve host (...)`.
--
-- Misuse of cme.project (an unknown option, a wrong type, no name) raises. Values that the service would refuse (a name
-- too long, a bad URL) come back from create and start as nil, message, detail, before anything is sent.
--
-- A category module has: `name`; `spec(given)` -> its part of a spec, copied, raising on misuse; `validate(part)` and
-- `ready(part)` -> true or a fail tuple (may it be created, may it be started); `input(part)` -> member and value for
-- CreateProject; `start`, `stop`, `switch(to)`, `set_stop_at(seconds)`, each given the project and a handle to call
-- with, each true or a fail tuple; `read(described, info)`, which adds its part to what info() returns.
-- Its messages carry no prefix: the public methods here add it, once.

local json = require "cme.json"
local options = require "cme.options"
local text = require "cme.text"
local time = require "cme.time"

local project = {}

---@class cme.project.spec
---@field name string at most 30 characters
---@field owner string your own id of the user it belongs to
---@field description string|nil
---@field category "STREAM_CONNECT"|"MEDIA_CAST"|nil STREAM_CONNECT
---@field platform string|nil else the client's
---@field input string|nil URL of the live stream to relay
---@field backup string|nil URL of the stream to fall back on
---@field outputs (string|cme.project.output)[]|nil
---@field sources table|nil MEDIA_CAST only
---@field play table|nil MEDIA_CAST only
---@field output_media table|nil MEDIA_CAST only

---@class cme.project.output
---@field id string|nil unique in the project; given by the client when absent
---@field name string|nil
---@field url string

---@class cme.project.info times are unix seconds; absent is nil
---@field id string
---@field name string
---@field owner string|nil
---@field category string
---@field status "idle"|"working"|nil
---@field active "main"|"backup"|nil
---@field started_at number|nil while working
---@field stop_at number|nil while working
---@field stopped_at number|nil while idle
---@field inputs table<string, table> main and backup: { kind = "live_pull", url = "..." }
---@field outputs table[] { id, name, url, enabled }
---@field created_at number|nil
---@field updated_at number|nil

---@class cme.project
---@field id string|nil the service's id, once created; nil again after delete
---@field name string|nil nil when attached by id
---@field client cme.client
---@field category string
---@field _spec table|nil what to create: name, owner, description and the category's part; nil when attached by id
---@field _platform string|nil
---@field _mapper table the category's module
local Project = {}
Project.__index = Project
Project.__name = "cme.project"

-- Categories by name; false: known, but without a module.
local CATEGORIES = { STREAM_CONNECT = "cme.stream_connect", MEDIA_CAST = false }
local CATEGORY_NAMES = { "MEDIA_CAST", "STREAM_CONNECT" }

local NAME_LIMIT = 30
-- Bytes of a name that an error repeats: all of any name that the service takes.
local LABEL_LIMIT = 120
-- The service takes a planned stop at most this far ahead.
local STOP_LIMIT = 30 * 86400

local function category_fact(value)
  if CATEGORIES[value] ~= nil then return nil end
  local near = text.nearest(value, CATEGORY_NAMES) or "STREAM_CONNECT"
  return ("'%s' is no category (did you mean '%s'?)"):format(value:sub(1, 40), near)
end

local SPEC = {
  name = { "string", required = true, fact = options.plain_text },
  owner = { "string", required = true, fact = options.plain_text },
  description = { "string" },
  category = { "string", fact = category_fact },
  platform = { "string", fact = options.plain_text },
  input = { { "string", "table" } },
  backup = { { "string", "table" } },
  outputs = { "table" },
  sources = { "table" },
  play = { "table" },
  output_media = { "table" },
}

local START = { stop_at = { { "number", "string", "table" } } }

-- ---- failures

local function invalid(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

-- Runs what a public method does; a failure gets the project and the method in front.
local function run(self, op, body, ...)
  if getmetatable(self) ~= Project then options.misuse(("cme.project: call it as show:%s(...)"):format(op)) end
  local value, message, detail
  if self._mapper.unsupported then
    value, message, detail = invalid("unsupported", self._mapper.unsupported)
  else
    value, message, detail = body(self, ...)
  end
  if value ~= nil then return value end
  detail.op = detail.op or op
  local label = (self.name or self.id or "deleted"):sub(1, LABEL_LIMIT)
  return nil, ("project '%s': %s: %s"):format(label, op, message), detail
end

-- ---- making

-- The module of a category; one without methods where there is none, so that each method says so.
local function mapper_for(category)
  local module = CATEGORIES[category]
  if module then return require(module) end
  return {
    name = category,
    unsupported = ("category %s is not supported by this version (use STREAM_CONNECT)"):format(category),
  }
end

local function from_spec(given)
  local spec = options.check("cme.project", given, SPEC)
  local mapper = mapper_for(spec.category or "STREAM_CONNECT")
  return {
    name = spec.name,
    category = mapper.name,
    _platform = spec.platform,
    _mapper = mapper,
    _spec = {
      name = spec.name,
      owner = spec.owner,
      description = spec.description,
      part = mapper.spec and mapper.spec(spec) or nil,
    },
  }
end

local function from_id(id)
  if id == "" or id:find "[%c%s]" then
    options.misuse "cme.project: a project's id is needed, got an empty or broken one"
  end
  local mapper = mapper_for "STREAM_CONNECT"
  return { id = id, category = mapper.name, _mapper = mapper }
end

--- Makes a project object; nothing is sent.
---@param client cme.client
---@param spec cme.project.spec|string a spec, or the id of an existing project to attach to
---@return cme.project
function project.new(client, spec)
  local self
  if type(spec) == "string" then
    self = from_id(spec)
  elseif type(spec) == "table" then
    self = from_spec(spec)
  else
    options.misuse("cme.project: a table of options or a project's id is needed, got " .. type(spec))
  end
  self.client = client
  return setmetatable(self, Project)
end

function Project:__tostring()
  return ("cme.project '%s' (%s)"):format(self.name or self.id or "deleted", self.id or "not created")
end

-- ---- what the methods do (unprefixed fail tuples)

local function exists(self)
  if self.id then return true end
  return invalid("not_created", self._spec and "not created yet (create or start it first)" or "deleted")
end

-- Does an action on this project. Category modules get this as `handle`.
local function handle(self, action, params)
  params.Platform = self._platform
  params.ProjectId = self.id
  return self.client:call(action, params)
end

local function check_name(name)
  local length = text.utf8_len(name)
  if not length then return invalid("name_not_utf8", "the name is not UTF-8") end
  if length > NAME_LIMIT then
    return invalid("name_too_long", ("the name has %d characters, the service takes %d"):format(length, NAME_LIMIT))
  end
  return true
end

local function check_spec(self)
  local ok, message, detail = check_name(self._spec.name)
  if not ok then return nil, message, detail end
  return self._mapper.validate(self._spec.part)
end

local function create_request(self)
  local spec = self._spec
  local member, value = self._mapper.input(spec.part)
  return {
    Platform = self._platform,
    Name = spec.name,
    Owner = { Type = "PERSON", Id = spec.owner },
    Category = self.category,
    Description = spec.description,
    [member] = value,
  }
end

local function create(self)
  if self.id then return invalid("exists", ("created already (its id is %s)"):format(self.id)) end
  if not self._spec then return invalid("not_created", "deleted, and there is no spec to create it from") end
  local ok, message, detail = check_spec(self)
  if not ok then return nil, message, detail end
  local response
  response, message, detail = self.client:call("CreateProject", create_request(self))
  if not response then return nil, message, detail end
  local id = response.ProjectId
  if type(id) ~= "string" or id == "" then
    return nil, "CreateProject: the answer has no ProjectId", { code = "network.protocol", retryable = false }
  end
  self.id = id
  return id
end

-- A planned stop as unix seconds, refused here when the service could only refuse it later.
local function stop_seconds(self, value)
  local seconds, message, detail = time.parse(value)
  if not seconds then
    detail.retryable = false
    return nil, "stop_at: " .. message, detail
  end
  local now = self.client.now()
  if seconds <= now then
    return invalid("stop_at_past",
      ("stop_at %s is in the past (it is %s)"):format(time.format(seconds), time.format(now)))
  elseif seconds > now + STOP_LIMIT then
    return invalid("stop_at_too_far", ("stop_at %s is more than 30 days ahead"):format(time.format(seconds)))
  end
  return seconds
end

-- What can be refused without asking the service; true or a fail tuple.
local function check_start(self)
  if not self._spec then return exists(self) end
  local ok, message, detail = self._mapper.ready(self._spec.part)
  if not ok then return nil, message, detail end
  return check_spec(self)
end

-- Sets the stop time of a project that was just started; `partial` and the rest are what the start gave.
local function plan_stop(self, seconds, started, partial, cause)
  if not seconds then return started, partial, cause end
  local ok, message, detail = self._mapper.set_stop_at(self, handle, seconds)
  if ok then return started, partial, cause end
  detail.partial, detail.cause = true, cause or detail.cause
  return nil, "started, but without its stop time: " .. message .. (partial and "; " .. partial or ""), detail
end

local function start(self, given)
  local seconds, ok, message, detail
  if given.stop_at ~= nil then
    seconds, message, detail = stop_seconds(self, given.stop_at)
    if not seconds then return nil, message, detail end
  end
  ok, message, detail = check_start(self)
  if ok and not self.id then ok, message, detail = create(self) end
  if not ok then return nil, message, detail end
  ok, message, detail = self._mapper.start(self, handle)
  if not ok and not detail.partial then return nil, message, detail end
  return plan_stop(self, seconds, ok, message, detail)
end

local function delete(self)
  local ok, message, detail = exists(self)
  if not ok then return nil, message, detail end
  ok, message, detail = handle(self, "DeleteProject", {})
  if not ok then return nil, message, detail end
  self.id = nil
  return true
end

-- The project's entry in the service's list.
local function describe(self)
  local ok, message, detail = exists(self)
  if not ok then return nil, message, detail end
  local response
  local params = { Platform = self._platform, ProjectIds = { self.id } }
  response, message, detail = self.client:call("DescribeProjects", params)
  if not response then return nil, message, detail end
  local found = response.ProjectInfoSet
  for _, entry in ipairs(type(found) == "table" and found or {}) do
    if type(entry) == "table" and entry.ProjectId == self.id then return entry end
  end
  return nil, "the service has no such project (deleted, or of another platform)",
    { code = "invalid.unknown_project", retryable = false, request_id = response.RequestId }
end

local function info(self)
  local entry, message, detail = describe(self)
  if not entry then return nil, message, detail end
  local known = {
    id = self.id,
    name = json.string(entry.Name),
    owner = json.string(json.object(entry.Owner).Id),
    category = json.string(entry.Category),
    created_at = time.read(entry.CreateTime),
    updated_at = time.read(entry.UpdateTime),
  }
  self._mapper.read(entry, known)
  return known
end

local function status(self)
  local known, message, detail = info(self)
  if not known then return nil, message, detail end
  if known.status then return known.status end
  return nil, ("the service calls it a %s project, without a status"):format(known.category or "nameless"),
    { code = "invalid.unsupported", retryable = false }
end

-- One of the category's own functions, on a project that exists.
local function mapped(self, name, ...)
  local ok, message, detail = exists(self)
  if not ok then return nil, message, detail end
  return self._mapper[name](self, handle, ...)
end

local function set_stop_at(self, value)
  local seconds, message, detail = stop_seconds(self, value)
  if not seconds then return nil, message, detail end
  return mapped(self, "set_stop_at", seconds)
end

-- ---- methods

--- Creates the project at the service; it does not start.
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function Project:create()
  return run(self, "create", create)
end

--- Starts the broadcast, creating the project first where needed.
--- When the service could start it only in part (an input or output does not work yet), the project IS working, its
--- stop time is set, and the result is nil, message, detail with detail.partial = true.
---@param given { stop_at: number|string|table|nil }|nil when to stop by itself, at most 30 days ahead
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
---@usage assert(show:start { stop_at = "2026-11-22T22:00:00+08:00" })
function Project:start(given)
  return run(self, "start", start, options.check("start", given, START))
end

--- Stops the broadcast; the project stays and can be started again.
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:stop()
  return run(self, "stop", mapped, "stop")
end

--- Asks whether it is running.
---@return "idle"|"working"|nil status
---@return string|nil message
---@return cme.detail|nil detail
function Project:status()
  return run(self, "status", status)
end

--- Asks for all that the service knows of the project.
---@return cme.project.info|nil info
---@return string|nil message
---@return cme.detail|nil detail
function Project:info()
  return run(self, "info", info)
end

--- Goes on from the other input; the outputs stay connected.
---@param to "main"|"backup"
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:switch(to)
  if to ~= "main" and to ~= "backup" then
    local near = type(to) == "string" and text.nearest(to, { "backup", "main" })
    local hint = near and (" (did you mean '%s'?)"):format(near) or ""
    options.misuse(("switch: 'main' or 'backup' is needed, got %s%s"):format(
      type(to) == "string" and "'" .. to:sub(1, 40) .. "'" or type(to), hint))
  end
  return run(self, "switch", mapped, "switch", to)
end

--- Changes the planned stop of a running project.
---@param at number|string|table when, at most 30 days ahead; see cme.time
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_stop_at(at)
  options.check("set_stop_at", { at = at }, { at = { START.stop_at[1], required = true } })
  return run(self, "set_stop_at", set_stop_at, at)
end

--- Deletes the project at the service, which refuses while it is working. The object can then be created anew.
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:delete()
  return run(self, "delete", delete)
end

return project
