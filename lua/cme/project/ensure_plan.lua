-- SPDX-License-Identifier: MIT
-- The plan of an ensure: its steps, in phases, so that no output that stays goes off the air, and none that is added
-- waits for one that is removed. Pure.

local plans = {}

---@class cme.project.ensure.step
---@field [1] string the method
---@field what string for people

---@class cme.project.ensure.plan steps by phase; the phases run in this order
---@field stopping boolean the run ends first: nothing can be cut off
---@field private _phases table<string, cme.project.ensure.step[]>
local Plan = {}
Plan.__index = Plan
Plan.__name = "cme.project.ensure.plan"

local PHASES = { "first", "add", "change", "remove", "last" }

--- Creates an empty plan.
---@return cme.project.ensure.plan
function plans.new()
  local self = setmetatable({ stopping = false, _phases = {} }, Plan)
  for _, phase in ipairs(PHASES) do self._phases[phase] = {} end
  return self
end

--- Adds a step.
---@param phase "first"|"add"|"change"|"remove"|"last"
---@param what string for people
---@param ... any the method, and its arguments
function Plan:put(phase, what, ...)
  local step = { ... }
  step.what = what
  table.insert(self._phases[phase], step)
end

--- All steps, in order.
---@return cme.project.ensure.step[]
function Plan:steps()
  local steps = {}
  for _, phase in ipairs(PHASES) do
    for _, step in ipairs(self._phases[phase]) do steps[#steps + 1] = step end
  end
  return steps
end

return plans
