-- SPDX-License-Identifier: MIT
-- What the methods of base.lua do, in the calls of one method, whatever the project's category: each takes the calls
-- and what base knows of the project, and gives a value or a fail tuple without a prefix.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local json = require "cme.json"
local project_options = require "cme.project.options"
local time = require "cme.time"

local operations = {}

-- Whether the project is there to act on.
local function exists(call, state)
  if call.project.id then return true end
  return codes.refuse(state.spec and "invalid.not_created" or "invalid.not_created:deleted")
end

-- Makes an attached project what it is, by its entry in the service's list.
local function learn(call, state)
  if state.category then return true end
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  local class
  class, state.category = state.learn(entry)
  call.project.category, call.fresh = json.string(entry.Category), entry
  setmetatable(call.project, class)
  return true
end

--- Whether the project is there to act on, and its category known.
---@param call cme.project.calls
---@param state cme.project.private
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.reach(call, state)
  local ok, message, detail = exists(call, state)
  if ok then ok, message, detail = learn(call, state) end
  return ok, message, detail
end

--- Checks what the project is to be, as far as that needs no service.
---@param state cme.project.private
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.check_spec(state)
  local ok, message, detail = project_options.check_name(state.spec.name)
  if not ok then return nil, message, detail end
  return state.category.validate(state.spec.part)
end

--- Creates the project; gives its id.
---@param call cme.project.calls
---@param state cme.project.private
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function operations.create(call, state)
  local spec = state.spec
  if call.project.id then return codes.refuse("invalid.exists", { id = call.project.id }) end
  if not spec then return codes.refuse "invalid.not_created:no_spec" end
  local ok, message, detail = operations.check_spec(state)
  if not ok then return nil, message, detail end
  return require "cme.project.creation".create(call, state.category, spec)
end

-- What can be refused without asking the service; true or a fail tuple.
local function check_start(call, state, stop_at)
  if not state.spec then return operations.reach(call, state) end
  local ok, message, detail = state.category.ready(state.spec.part, stop_at)
  if not ok then return nil, message, detail end
  return operations.check_spec(state)
end

--- Stops the broadcast.
---@param call cme.project.calls
---@param state cme.project.private
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.stop(call, state)
  return state.category.stop(call)
end

local function stop_seconds(call, stop_at)
  return project_options.stop_seconds(stop_at, call.client.now())
end

--- Starts the broadcast, of a project that is created first if need be.
---@param call cme.project.calls
---@param state cme.project.private
---@param given table the method's last table, checked
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.start(call, state, given)
  local seconds, ok, message, detail
  if given.stop_at ~= nil then
    seconds, message, detail = stop_seconds(call, given.stop_at)
    if not seconds then return nil, message, detail end
  end
  ok, message, detail = check_start(call, state, seconds)
  if ok and not call.project.id then ok, message, detail = operations.create(call, state) end
  if not ok then return nil, message, detail end
  return state.category.start(call, seconds)
end

--- Deletes the project.
---@param call cme.project.calls
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.delete(call) return require "cme.project.creation".delete(call) end

--- Renames the project, and its spec.
---@param call cme.project.calls
---@param state cme.project.private
---@param name string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.rename(call, state, name)
  local ok, message, detail = project_options.check_name(name)
  if ok then ok, message, detail = operations.reach(call, state) end
  if ok then ok, message, detail = call:act("ModifyProject", { Name = name }, calls.again) end
  if not ok then return nil, message, detail end
  if call.project.name then call.project.name = name end
  if state.spec then state.spec.name = name end
  return true
end

--- What one entry of the service's list tells.
---@param category cme.project.category
---@param entry table
---@return cme.project.info
function operations.read(category, entry)
  local known = {
    id = json.string(entry.ProjectId),
    name = json.string(entry.Name),
    owner = json.string(json.object(entry.Owner).Id),
    category = json.string(entry.Category),
    created_at = time.read(entry.CreateTime),
    updated_at = time.read(entry.UpdateTime),
    fault = json.string(entry.Fault),
    state_age = type(entry.StateAge) == "number" and entry.StateAge or nil,
    inputs = {},
    outputs = json.array {},
  }
  category.read(entry, known)
  return known
end

local function brief(call, state)
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  return operations.read(state.category, entry)
end

--- All that the service tells of the project.
---@param call cme.project.calls
---@param state cme.project.private
---@return cme.project.info|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.info(call, state)
  local category = state.category
  local known, message, detail = brief(call, state)
  if not known then return nil, message, detail end
  project_options.add_watch(known, state.spec and state.spec.part)
  if not category.more then return known end
  local ok
  ok, message, detail = category.more(call, known)
  if not ok then return nil, message, detail end
  return known
end

--- How the inputs and outputs do.
---@param call cme.project.calls
---@param state cme.project.private
---@return cme.project.health|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.health(call, state)
  local project_health = require "cme.project.health"
  local found, message, detail = project_health.ask(call)
  if found ~= false then return found, message, detail end
  if state.category.health then return state.category.health(call) end
  return codes.fail(project_health.UNSUPPORTED)
end

--- Whether the project is running.
---@param call cme.project.calls
---@param state cme.project.private
---@return "idle"|"working"|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.status(call, state)
  local known, message, detail = brief(call, state)
  if not known then return nil, message, detail end
  if known.status then return known.status end
  return codes.fail("invalid.unsupported:status", { category = known.category or "nameless" })
end

--- Sets the planned stop.
---@param call cme.project.calls
---@param state cme.project.private
---@param at number|string|table
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function operations.set_stop_at(call, state, at)
  local seconds, message, detail = stop_seconds(call, at)
  if not seconds then return nil, message, detail end
  local ok
  ok, message, detail = operations.reach(call, state)
  if not ok then return nil, message, detail end
  return state.category.set_stop_at(call, seconds)
end

--- Moves the planned stop from where the service has it now, so that two who extend at once both get their time.
---@param call cme.project.calls
---@param state cme.project.private
---@param seconds number how much later
---@return number|nil stop_at unix seconds
---@return string|nil message
---@return cme.detail|nil detail
function operations.extend(call, state, seconds)
  local known, message, detail = brief(call, state)
  if not known then return nil, message, detail end
  if known.status ~= "working" then return codes.fail "invalid.idle" end
  if not known.stop_at then return codes.fail "invalid.no_stop_at" end
  local stop_at = known.stop_at + seconds
  local ok
  ok, message, detail = operations.set_stop_at(call, state, stop_at)
  if not ok then return nil, message, detail end
  return stop_at
end

--- Makes the service match the spec.
---@param call cme.project.calls
---@param state cme.project.private
---@param given table the method's last table, checked
---@return string[]|nil done
---@return string|nil message
---@return cme.detail|nil detail
function operations.ensure(call, state, given)
  local spec = state.spec
  local stop_at, ok, message, detail
  if given.stop_at ~= nil then
    stop_at, message, detail = stop_seconds(call, given.stop_at)
    if not stop_at then return nil, message, detail end
  end
  ok, message, detail = operations.check_spec(state)
  if ok and given.status == "working" then ok, message, detail = state.category.ready(spec.part, stop_at) end
  if not ok then return nil, message, detail end
  return require "cme.project.ensure".run(call, state.category, {
    spec = spec,
    wanted = { name = spec.name, owner = spec.owner, part = spec.part, status = given.status, stop_at = stop_at },
    read = operations.read,
  })
end

return operations
