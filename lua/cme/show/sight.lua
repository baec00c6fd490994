-- SPDX-License-Identifier: MIT
-- What one look at a project shows, from what the service answered: info() says what there is, health(), where the
-- service has it, how each input and output does. Pure.

---@class cme.show.sight
local sight = {}

local LIVE = { live = true, working = true, ready = true }
-- On their way, which is no fault: what follows is live, or a state that is one. A list that is played out is none.
local COMING = { connecting = true, waiting = true, ended = true }
local DISABLED = "stopped" -- an output that an operator took off the air
-- Of a media cast, one source after the other is active: those are no switches.
local ENDPOINTS = { main = "main", backup = "backup" }

local NOTHING = { inputs = {}, outputs = {} }

local function good(state)
  if state == nil or COMING[state] then return nil end
  return LIVE[state] == true
end

local function reason(one)
  return one.error and one.error.message or one.state
end

-- One that failed is bad until it is live again: `connecting` for the third time is no recovery.
local function settle(state, before)
  local known = good(state)
  if known == nil and before == false then return false end
  return known
end

local function by_id(list)
  local found = {}
  for _, one in ipairs(list) do found[one.id or ""] = one end
  return found
end

local function outputs_of(info, health, before)
  local told, earlier, list = by_id(health and health.outputs or {}), by_id(before.outputs), {}
  for _, output in ipairs(info.outputs) do
    local one = told[output.id] or {}
    if one.state ~= DISABLED then
      list[#list + 1] = { id = output.id, name = output.name, watch = output.watch,
        good = settle(one.state, (earlier[output.id] or {}).good), since = one.since,
        failed_at = one.error and one.error.time, reason = reason(one) }
    end
  end
  return list
end

-- Why the slate that is wanted cannot be made.
local function slate_fault(slate)
  return slate and slate.state == "failed" and reason(slate) or nil
end

local NOT_MERGED = { different = true, far = true, repeats = true }

-- Why main and backup, which are to be merged, are not.
local function merge_fault(merge)
  return merge and NOT_MERGED[merge.state] and reason(merge) or nil
end

--- What is seen of a project.
---@param info cme.project.info
---@param health cme.project.health|nil
---@param at number unix seconds
---@param before cme.show.seen|nil the look before this one
---@return cme.show.seen
function sight.of(info, health, at, before)
  before = before or NOTHING
  local seen = { at = at, status = info.status, active = ENDPOINTS[info.active], started_at = info.started_at,
    stop_at = info.stop_at, inputs = {}, reasons = {}, outputs = {} }
  if info.status ~= "working" then return seen end
  for endpoint, input in pairs(health and health.inputs or {}) do
    seen.inputs[endpoint] = settle(input.state, before.inputs[endpoint])
    seen.reasons[endpoint] = reason(input)
  end
  seen.outputs = outputs_of(info, health, before)
  seen.on_slate, seen.slate_fault = health and health.on_slate, slate_fault(health and health.slate)
  seen.merge_fault = merge_fault(health and health.merge)
  seen.uplink = health and health.uplink and { full = health.uplink.full, reason = reason(health.uplink) }
  return seen
end

--- What is seen of a service that did not answer.
---@param code string
---@param message string
---@param at number unix seconds
---@return cme.show.seen
function sight.blind(code, message, at)
  return { at = at, inputs = {}, reasons = {}, outputs = {}, fault = { code = code, message = message } }
end

return sight
