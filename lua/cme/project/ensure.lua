-- SPDX-License-Identifier: MIT
-- Makes the service's project match a spec. The decision is pure: diff(spec, described) gives the ordered list of
-- steps, the fewest there are; run() reads, asks for the diff and does it, step by step.
--
-- The order is such that no output that stays goes off the air, and none that is added waits for one that is removed:
--   stop (when wanted idle)   rename   add outputs   change outputs, inputs   remove outputs, inputs
--   start (when wanted working)   stop time
-- ensure_outputs.lua decides about the outputs, and the category's module, which it names as `ensuring`, about the
-- rest. A step is { method, arguments..., what = "add output '推流3'" }; the method is the category's, or one of STEPS.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local creation = require "cme.project.creation"
local list = require "cme.project.list"
local options = require "cme.text.options"
local planned_stop = require "cme.project.planned_stop"
local plans = require "cme.project.ensure_plan"
local project_options = require "cme.project.options"

---@class cme.project.ensure
local ensure = {}

local function is_status(value)
  if value ~= "idle" and value ~= "working" then return "'idle' or 'working' is needed" end
end

---@class cme.ensure.options: cme.project.timeout
---@field status "idle"|"working"|nil also start or stop it
---@field stop_at number|string|table|nil when to stop automatically

ensure.OPTIONS = { status = { "string", fact = is_status }, stop_at = { project_options.TIME },
  timeout = { "number", fact = options.timeout } }

---@class cme.project.ensure.part what a category says of its part of a spec
---@field diff fun(plan: cme.project.ensure.plan, part: table, described: cme.project.info): nil, string|nil,
---  cme.detail|nil adds the steps; nil, message, detail when it cannot be done
---@field STEPS table<string, fun(call: cme.project.calls, category: cme.project.category,
---  step: cme.project.ensure.step, known: table<string, table<string, true>>): any, string|nil, cme.detail|nil> steps
---  that are more than a method's call

---@class cme.project.ensure.wanted
---@field name string
---@field owner string
---@field part table the category's part of the spec
---@field status "idle"|"working"|nil nil: as it is
---@field stop_at number|nil unix seconds

-- One ModifyProject for all that it can change.
local function diff_names(plan, spec, described)
  local params, words = {}, {}
  if spec.name ~= described.name then
    params.Name, words[1] = spec.name, "name"
  end
  if spec.owner ~= described.owner then
    params.Owner, words[#words + 1] = { Type = "PERSON", Id = spec.owner }, "owner"
  end
  if words[1] then plan:put("first", "change the " .. table.concat(words, " and "), "modify", params) end
end

local function diff_run(plan, spec, described)
  local working = described.status == "working"
  plan.stopping = working and spec.status == "idle"
  if plan.stopping then plan:put("first", "stop", "stop") end
  local starting = not working and spec.status == "working"
  if starting then plan:put("last", "start", "start", spec.stop_at) end
  if spec.stop_at and working and not plan.stopping
    and (not described.stop_at or math.abs(described.stop_at - spec.stop_at) >= 1) then
    plan:put("last", "change the stop time", "set_stop_at", spec.stop_at)
  end
end

--- What to do so that the project matches the spec. Pure.
---@param category cme.project.category
---@param spec cme.project.ensure.wanted
---@param described cme.project.info what the service has
---@return cme.project.ensure.step[]|nil steps empty when it matches
---@return string|nil message
---@return cme.detail|nil detail code invalid.active_input or invalid.working: it would go off the air
function ensure.diff(category, spec, described)
  local plan = plans.new()
  diff_run(plan, spec, described)
  diff_names(plan, spec, described)
  local _, message, detail = category.ensuring().diff(plan, spec.part, described)
  if message then return nil, message, detail end
  return plan:steps()
end

-- ---- doing it

-- The steps of both categories that are more than a method's call.
local STEPS = {
  modify = function(call, _, step) return call:act("ModifyProject", step[2], calls.again) end,
  set_stop_at = function(call, category, step) return planned_stop.set(call, category, step[2]) end,
  add_output = function(call, category, step, known) return category.add_output(call, step[2], known.outputs) end,
}

-- What one step does; `known` has the ids that are there, by list, for additions to be recognised by.
local function do_step(call, category, step, known)
  local method = step[1]
  local act = STEPS[method] or category.ensuring().STEPS[method]
  if act then return act(call, category, step, known) end
  return category[method](call, step[2], step[3])
end

local function ids_of(entries)
  local ids = {}
  for _, entry in ipairs(entries or {}) do ids[entry.id or ""] = true end
  return ids
end

local function do_steps(call, category, steps, described, done)
  local known = { outputs = ids_of(described.outputs), sources = ids_of(described.sources) }
  local warning, about
  for _, step in ipairs(steps) do
    local ok, message, detail = do_step(call, category, step, known)
    if ok == nil then
      detail.done = done
      return codes.within("in.step", { step = step.what }, message, detail)
    end
    if message then warning, about = message, detail end
    done[#done + 1] = step.what
  end
  return done, warning, about
end

-- The ids of the projects that have the spec's name, owner and category, newest first.
local function find(call, category, spec)
  local ids = {}
  local ok, message, detail = list.each(call, { owner = spec.owner, category = category.name }, function(entry)
    if creation.is_named(entry, category, spec) then ids[#ids + 1] = entry.ProjectId end
  end)
  if not ok then return nil, message, detail end
  return ids
end

-- Finds the project of the spec's name; true when it had to be created.
local function find_or_create(call, category, spec)
  local ids, message, detail = find(call, category, spec)
  if not ids then return nil, message, detail end
  if ids[2] then
    return codes.fail("invalid.ambiguous", { count = #ids, newest = ids[1], second = ids[2] })
  elseif ids[1] then
    call.project:attach(ids[1])
    return false
  end
  local id
  id, message, detail = creation.create(call, category, spec)
  if not id then return nil, message, detail end
  return true
end

-- A project that was just created matches its spec; it may have to be started.
local function created_steps(wanted)
  local plan = plans.new()
  diff_run(plan, wanted, { status = "idle" })
  return plan:steps()
end

local function described_now(call, category, read)
  local entry, message, detail = call:describe()
  if not entry then return nil, message, detail end
  if entry.Category ~= category.name then
    return codes.fail("invalid.category", { category = tostring(entry.Category), wanted = category.name })
  end
  local described = read(category, entry)
  -- Only the source that plays has to be asked for.
  if described.status == "working" and category.more then
    local ok
    ok, message, detail = category.more(call, described)
    if not ok then return nil, message, detail end
  end
  return described
end

-- What is asked for, as far as this service keeps it.
local function as_kept(call, category, wanted)
  if not category.kept then return wanted end
  local copy = {}
  for name, value in pairs(wanted) do copy[name] = value end
  copy.part = category.kept(call, wanted.part)
  return copy
end

--- Reads the service, and does what the diff says.
---@param call cme.project.calls
---@param category cme.project.category
---@param given table { spec, wanted, read }: the checked spec; the cme.project.ensure.wanted that it asks for; what
--- reads an entry of the service's list
---@return string[]|nil done what was done, in order
---@return string|nil message
---@return cme.detail|nil detail
function ensure.run(call, category, given)
  local wanted = as_kept(call, category, given.wanted)
  if not call.project.id then
    local created, message, detail = find_or_create(call, category, given.spec)
    if created == nil then return nil, message, detail end
    if created then return do_steps(call, category, created_steps(wanted), {}, { "create" }) end
  end
  local described, message, detail = described_now(call, category, given.read)
  if not described then return nil, message, detail end
  local steps
  steps, message, detail = ensure.diff(category, wanted, described)
  if not steps then return nil, message, detail end
  return do_steps(call, category, steps, described, {})
end

return ensure
