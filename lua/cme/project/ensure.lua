-- SPDX-License-Identifier: MIT
-- Makes the service's project match a spec. The decision is pure: diff(spec, described) gives the ordered list of
-- steps, the fewest there are; run() reads, asks for the diff and does it, step by step.
--
-- Order, so that no output that stays goes off the air, and none that comes waits for one that goes:
--   stop (when wanted idle)   rename   add outputs   change outputs, inputs   remove outputs, inputs
--   start (when wanted working)   stop time
-- The input on the air of a running project is changed from the other endpoint: go there, change it, come back. Where
-- the service's limit leaves no room for an addition, a removal comes first.
-- A step is { method, arguments..., what = "add output '推流3'" }; the method is the category's, or one of SHARED.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local creation = require "cme.project.creation"
local forms = require "cme.project.cast_options"
local limits = require "cme.api.limits"
local list = require "cme.project.list"
local options = require "cme.text.options"
local planned_stop = require "cme.project.planned_stop"
local project_options = require "cme.project.options"
local relay_options = require "cme.project.relay_options"
local sources = require "cme.project.ensure_sources"

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

---@class cme.project.ensure.step
---@field [1] string the method
---@field what string for people

---@class cme.project.ensure.wanted
---@field name string
---@field owner string
---@field category string
---@field part table the category's part of the spec
---@field status "idle"|"working"|nil nil: as it is
---@field stop_at number|nil unix seconds

---@class cme.project.ensure.plan steps by phase; the phases run in this order
local PHASES = { "first", "add", "change", "remove", "last" }

local function put(plan, phase, what, ...)
  local step = { ... }
  step.what = what
  table.insert(plan[phase], step)
  return step
end

local function output_label(output)
  local word = output.name or output.id
  return word and ("output '%s'"):format(word) or "an output without a name"
end

-- ---- outputs

-- The tests by which an output of the spec is recognised, in this order: one on the air is best left there, so its URL
-- counts before its id, which is only a number when the client gave it.
local SAME = {
  function(a, b) return a.id ~= nil and a.id == b.id and a.url == b.url end,
  function(a, b) return a.url == b.url and a.name == b.name end,
  function(a, b) return a.url == b.url end,
  function(a, b) return a.id ~= nil and a.id == b.id end,
  function(a, b) return a.name ~= nil and a.name == b.name end,
}

-- Pairs each wanted output with one that is there; returns there-by-wanted and the set of those used.
local function pair_outputs(wanted, there)
  local pair, used = {}, {}
  for _, same in ipairs(SAME) do
    for _, one in ipairs(wanted) do
      for _, other in ipairs(pair[one] and {} or there) do
        if not used[other] and same(one, other) then
          pair[one], used[other] = other, true
          break
        end
      end
    end
  end
  return pair, used
end

-- A copy of the wanted output with an id that no other has (`taken`) or was given (`given`).
local function with_free_id(output, taken, given)
  local id = output.id
  if id and taken[id] then
    local nth = 0
    repeat
      nth = nth + 1
      id = tostring(nth)
    until not taken[id] and not given[id]
  end
  if id then taken[id] = true end
  return { id = id, name = output.name, url = output.url }
end

-- What differs, as set_output takes it; nil: nothing. A name that the spec does not give may be any.
local function output_change(wanted, there)
  local name = wanted.name ~= nil and wanted.name ~= there.name and wanted.name or nil
  local url = wanted.url ~= there.url and wanted.url or nil
  if name or url then return { id = there.id, name = wanted.name or there.name, url = wanted.url } end
end

local function diff_outputs(plan, wanted, there, limit)
  local pair, used = pair_outputs(wanted, there)
  local taken, given, count, gone = {}, {}, #there, {}
  for _, output in ipairs(there) do
    if output.id then taken[output.id] = true end
    if not used[output] then gone[#gone + 1] = output end
  end
  for _, output in ipairs(wanted) do given[output.id or ""] = true end
  for _, output in ipairs(wanted) do
    local change = pair[output] and output_change(output, pair[output])
    if change then
      put(plan, "change", "change " .. output_label(output), "set_output", change)
    elseif not pair[output] then
      if count == limit and gone[1] then
        local first = table.remove(gone, 1)
        put(plan, "add", "remove " .. output_label(first), "remove_output", first.id)
        count = count - 1
      end
      put(plan, "add", "add " .. output_label(output), "add_output", with_free_id(output, taken, given))
      count = count + 1
    end
  end
  for _, output in ipairs(gone) do
    put(plan, "remove", "remove " .. output_label(output), "remove_output", output.id)
  end
end

-- ---- the two inputs of a STREAM_CONNECT project

local OTHER = { main = "backup", backup = "main" }

-- What has to happen at an endpoint: "add_input", "set_input", "remove_input" or nil.
local function need_at(wanted, there)
  if relay_options.same_input(wanted, there) then return nil end
  if not there then return "add_input" end
  return wanted and "set_input" or "remove_input"
end

local VERBS = { add_input = "add", set_input = "change", remove_input = "remove" }

local function put_input(plan, phase, method, endpoint, input)
  put(plan, phase, ("%s the %s input"):format(VERBS[method], endpoint), method, endpoint, input)
end

local function put_switch(plan, phase, endpoint)
  put(plan, phase, ("switch to the %s input"):format(endpoint), "switch", endpoint)
end

-- No input on the air: nothing can be cut off.
local function diff_idle_inputs(plan, wanted, there)
  for _, endpoint in ipairs { "main", "backup" } do
    local method = need_at(wanted[endpoint], there[endpoint])
    local phase = method == "remove_input" and "remove" or "change"
    if method then put_input(plan, phase, method, endpoint, wanted[endpoint]) end
  end
end

-- Changes the input on the air from the other endpoint, which is borrowed where the spec has none there.
local function change_active(plan, wanted, there, active)
  local other, method = OTHER[active], need_at(wanted[active], there[active])
  if not wanted[other] and not there[other] then
    put_input(plan, "change", "add_input", other, wanted[active])
    there = { [active] = there[active], [other] = wanted[active] }
  end
  put_switch(plan, "change", other)
  if method == "remove_input" then
    put_input(plan, "remove", method, active)
  else
    put_input(plan, "change", method, active, wanted[active])
    put_switch(plan, "change", active)
  end
  return there
end

local function diff_inputs(plan, wanted, described)
  local there, active = described.inputs, described.active
  if described.status ~= "working" or not active or plan.stopping then return diff_idle_inputs(plan, wanted, there) end
  local other = OTHER[active]
  if not wanted[active] and not wanted[other] then return codes.refuse "invalid.active_input" end
  if wanted[other] then
    local method = need_at(wanted[other], there[other])
    if method then put_input(plan, "change", method, other, wanted[other]) end
  end
  if need_at(wanted[active], there[active]) then there = change_active(plan, wanted, there, active) end
  if there[other] and not wanted[other] then put_input(plan, "remove", "remove_input", other) end
end

-- ---- settings of a MEDIA_CAST project

local function diff_settings(plan, part, described)
  local working = described.status == "working" and not plan.stopping
  if not forms.covers(described.output_media, part.output_media) then
    if working then return codes.refuse "invalid.working" end
    put(plan, "change", "change the picture", "set_output_media", part.output_media)
  end
  local play = {}
  for option, value in pairs(part.play or {}) do play[option] = value end
  -- Of a running project the start is past.
  if working then play.auto_start_at = nil end
  if not forms.covers(described.play, play) then put(plan, "change", "change the play settings", "set_play", play) end
end

-- ---- all of it

-- One ModifyProject for all that it can change.
local function diff_names(plan, spec, described)
  local params, words = {}, {}
  if spec.name ~= described.name then
    params.Name, words[1] = spec.name, "name"
  end
  if spec.owner ~= described.owner then
    params.Owner, words[#words + 1] = { Type = "PERSON", Id = spec.owner }, "owner"
  end
  if words[1] then put(plan, "first", "change the " .. table.concat(words, " and "), "modify", params) end
end

local function diff_run(plan, spec, described)
  local working = described.status == "working"
  plan.stopping = working and spec.status == "idle"
  if plan.stopping then put(plan, "first", "stop", "stop") end
  local starting = not working and spec.status == "working"
  if starting then put(plan, "last", "start", "start", spec.stop_at) end
  if spec.stop_at and working and not plan.stopping
    and (not described.stop_at or math.abs(described.stop_at - spec.stop_at) >= 1) then
    put(plan, "last", "change the stop time", "set_stop_at", spec.stop_at)
  end
end

-- Each category's own part; nil, or a fail tuple.
local PARTS = {
  STREAM_CONNECT = function(plan, spec, described)
    diff_outputs(plan, spec.part.outputs, described.outputs, math.huge)
    return diff_inputs(plan, spec.part.inputs, described)
  end,
  MEDIA_CAST = function(plan, spec, described)
    diff_outputs(plan, spec.part.outputs, described.outputs, limits.cast.outputs)
    local _, message, detail = sources.diff(function(phase, ...) return put(plan, phase, ...) end, spec.part.sources,
      described)
    if message then return nil, message, detail end
    return diff_settings(plan, spec.part, described)
  end,
}

local function new_plan()
  local plan = {}
  for _, phase in ipairs(PHASES) do plan[phase] = {} end
  return plan
end

local function steps_of(plan)
  local steps = {}
  for _, phase in ipairs(PHASES) do
    for _, step in ipairs(plan[phase]) do steps[#steps + 1] = step end
  end
  return steps
end

--- What to do so that the project matches the spec. Pure.
---@param spec cme.project.ensure.wanted
---@param described cme.project.info what the service has
---@return cme.project.ensure.step[]|nil steps empty when it matches
---@return string|nil message
---@return cme.detail|nil detail code invalid.active_input or invalid.working: it would go off the air
function ensure.diff(spec, described)
  local plan = new_plan()
  diff_run(plan, spec, described)
  diff_names(plan, spec, described)
  local _, message, detail = PARTS[spec.category](plan, spec, described)
  if message then return nil, message, detail end
  return steps_of(plan)
end

-- ---- doing it

-- The steps that are not the category's alone.
local SHARED = {
  modify = function(call, _, params) return call:act("ModifyProject", params, calls.again) end,
  set_stop_at = planned_stop.set,
}

-- What one step does; `known` has the ids that are there, by list, for additions to be recognised by.
local function do_step(call, category, step, known)
  local method = step[1]
  if SHARED[method] then return SHARED[method](call, category, step[2]) end
  local act = category[method]
  if method == "add_output" then return act(call, step[2], known.outputs) end
  if method == "add_source" then return sources.added(step, act(call, step[2], step[3], known.sources)) end
  if method == "switch_source" then return act(call, step[2].id) end
  return act(call, step[2], step[3])
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
  local plan = new_plan()
  diff_run(plan, wanted, { status = "idle" })
  return steps_of(plan)
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

--- Reads the service, and does what the diff says.
---@param call cme.project.calls
---@param category cme.project.category
---@param given table { spec, wanted, read }: the checked spec; the cme.project.ensure.wanted that it asks for; what
--- reads an entry of the service's list
---@return string[]|nil done what was done, in order
---@return string|nil message
---@return cme.detail|nil detail
function ensure.run(call, category, given)
  local wanted = given.wanted
  if not call.project.id then
    local created, message, detail = find_or_create(call, category, given.spec)
    if created == nil then return nil, message, detail end
    if created then return do_steps(call, category, created_steps(wanted), {}, { "create" }) end
  end
  local described, message, detail = described_now(call, category, given.read)
  if not described then return nil, message, detail end
  local steps
  steps, message, detail = ensure.diff(wanted, described)
  if not steps then return nil, message, detail end
  return do_steps(call, category, steps, described, {})
end

return ensure
