-- SPDX-License-Identifier: MIT
-- What an ensure has to do about a STREAM_CONNECT project's outputs and two inputs. To change the input on the air of a
-- running project: switch to the other one, change it, switch back. Pure.

local codes = require "cme.codes"
local outputs = require "cme.project.ensure_outputs"
local relay_options = require "cme.project.relay_options"

---@type cme.project.ensure.part
local relay = { STEPS = {} }

local OTHER = { main = "backup", backup = "main" }

-- What has to happen at an endpoint: "add_input", "set_input", "remove_input" or nil.
local function need_at(wanted, there)
  if relay_options.same_input(wanted, there) then return nil end
  if not there then return "add_input" end
  return wanted and "set_input" or "remove_input"
end

local VERBS = { add_input = "add", set_input = "change", remove_input = "remove" }

local function put_input(plan, phase, method, endpoint, input)
  plan:put(phase, ("%s the %s input"):format(VERBS[method], endpoint), method, endpoint, input)
end

local function put_switch(plan, phase, endpoint)
  plan:put(phase, ("switch to the %s input"):format(endpoint), "switch", endpoint)
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

local function diff_merge(plan, part, described)
  local wanted, window = part.merge, part.merge_window
  if wanted == nil then return end
  if wanted == (described.merge or false) and (not wanted or window == described.merge_window) then return end
  plan:put("change", wanted and "merge main and backup" or "no longer merge main and backup", "set_merge", wanted,
    wanted and window or nil)
end

local function diff_standby(plan, part, described)
  local wanted = part.standby
  if wanted == nil or wanted == (described.standby or false) then return end
  plan:put("change", wanted and "have another node stand by" or "have no other node stand by", "set_standby", wanted)
end

local function diff_looks(plan, part, described)
  local wanted = part.looks
  if not wanted or relay_options.same_looks(wanted, described) then return end
  plan:put("change", wanted.Inputs and "look at the inputs" or "no longer look at the inputs", "set_looks", wanted)
end

local function diff_record(plan, part, described)
  local wanted = part.record
  if wanted == nil or relay_options.same_record(wanted, described) then return end
  plan:put("change", wanted and "change the recording" or "end the recording", "record", wanted)
end

--- Adds the steps for the category's part of a spec.
---@param plan cme.project.ensure.plan
---@param part table
---@param described cme.project.info
---@return nil
---@return string|nil message when it cannot be done
---@return cme.detail|nil detail code invalid.active_input
function relay.diff(plan, part, described)
  outputs.diff(plan, part.outputs, described.outputs, math.huge)
  if part.slate and not relay_options.same_slate(part.slate, described) then
    plan:put("change", "change the slate", "set_slate", part.slate)
  end
  diff_merge(plan, part, described)
  diff_standby(plan, part, described)
  diff_looks(plan, part, described)
  diff_record(plan, part, described)
  return diff_inputs(plan, part.inputs, described)
end

return relay
