-- SPDX-License-Identifier: MIT
-- CreateProject and its undoing. CreateProject is not idempotent: when its answer got lost, the service's list shows
-- whether it was done. A project counts if it has the spec's name, owner and category, is not older than the call, and
-- was unknown to this client.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local json = require "cme.json"
local list = require "cme.project.list"
local time = require "cme.time"

local creation = {}

-- The service refuses calls whose clock is further off than this, so its CreateTime of what was made by a call is not
-- earlier than the call by more.
local CLOCK_TOLERANCE = 300
-- Clocks are compared by whole seconds on both sides, with the way between them.
local PRECISION = 2

-- Ids of projects that each client made or found lately, with the time: they are not what a lost CreateProject made.
local known = setmetatable({}, { __mode = "k" })

--- Remembers an id for as long as it could be mistaken for a new one.
---@param client cme.client
---@param id string
function creation.remember(client, id)
  local ids, now = known[client] or {}, client.now()
  for one, at in pairs(ids) do
    if at < now - 3 * CLOCK_TOLERANCE then ids[one] = nil end
  end
  ids[id] = now
  known[client] = ids
end

--- Whether an entry of the service's list is of a spec's name, owner and category.
---@param entry table
---@param category cme.project.category
---@param spec { name: string, owner: string }
---@return boolean
function creation.is_named(entry, category, spec)
  return entry.Name == spec.name and entry.Category == category.name and json.object(entry.Owner).Id == spec.owner
    and type(entry.ProjectId) == "string"
end

-- What a lost CreateProject may have made. `age` is how long before the call it was made, by the service's clock, whose
-- Date came with the entries.
local function candidates(call, category, spec, since)
  local ids, found, client = known[call.client] or {}, {}, call.client
  local filter = { owner = spec.owner, category = category.name }
  local ok, message, detail = list.each(call, filter, function(entry)
    local at = time.read(entry.CreateTime)
    local age = at and since + client:offset() - at
    if age and age > CLOCK_TOLERANCE then return true end
    if creation.is_named(entry, category, spec) and not ids[entry.ProjectId] then
      found[#found + 1] = { id = entry.ProjectId, age = age }
    end
  end)
  if not ok then return nil, message, detail end
  return found
end

-- One candidate from the time of the call on is ours; an earlier one may be ours by a service whose clock is behind.
local function judge(found)
  if not found[1] then return false end
  if found[2] or not found[1].age or found[1].age > PRECISION then return calls.unclear "invalid.unclear:name" end
  return { ProjectId = found[1].id }
end

local function request(call, category, spec)
  local member, value = category.input(category.kept and category.kept(call, spec.part) or spec.part)
  return {
    Platform = call.platform,
    Name = spec.name,
    Owner = { Type = "PERSON", Id = spec.owner },
    Category = category.name,
    Description = spec.description,
    [member] = value,
  }
end

--- Deletes the project, and takes the object its id.
---@param call cme.project.calls
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function creation.delete(call)
  local settle = call:settled(function(entry) return not entry and {} end)
  local ok, message, detail = call:act("DeleteProject", {}, settle)
  if not ok then return nil, message, detail end
  call.project.id = nil
  return true
end

--- Creates a project from its spec, and gives the object its id. A project that the service does not give all of its
--- spec is deleted again; it stays, and the object keeps its id, when that fails.
---@param call cme.project.calls
---@param category cme.project.category
---@param spec { name: string, owner: string, description: string|nil, part: table }
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function creation.create(call, category, spec)
  local offered, why, refusal = true, nil, nil
  if category.offered then offered, why, refusal = category.offered(call, spec.part) end
  if not offered then return nil, why, refusal end
  local since = call.client.now()
  local settle = call:settled_by(function() return candidates(call, category, spec, since) end, judge)
  local response, message, detail = call:call("CreateProject", request(call, category, spec), settle)
  if not response then return nil, message, detail end
  local id = response.ProjectId
  if type(id) ~= "string" or id == "" then
    return codes.within("in.action", { action = "CreateProject" },
      select(2, codes.fail("network.protocol:no_member", { member = "ProjectId" })))
  end
  call.project.id = id
  creation.remember(call.client, id)
  local done = true
  if category.created then done, why, refusal = category.created(call, spec.part) end
  if done then return id end
  creation.delete(call) -- or a start would run it without what was refused
  return nil, why, refusal
end

return creation
