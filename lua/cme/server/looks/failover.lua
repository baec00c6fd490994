-- SPDX-License-Identifier: MIT
-- When a broadcast leaves its main input because of what that shows, although packets come: black, frozen or silent for
-- a while, and the backup is not. The way back is the engine's, or an operator's. The engine does not take it by itself
-- while main does not look right; main that an operator chose although it looks wrong is not left again until it has
-- looked right. Pure; what is remembered between two looks is one table.

local failover = {}

---@class cme.server.looks.failover
---@field states string[] of cme-look, that count: "black", "frozen", "silent"
---@field after number seconds beyond those after which cme-look names a state

---@class cme.server.looks.failover_memory
---@field bad_since number|nil since when main looks wrong
---@field chosen boolean|nil an operator wants main, wrong as it looked last

local function has(view, wanted)
  if not view then return nil end
  for _, state in ipairs(wanted.states) do
    if view.state == state or view.all and view.all[state] then return state end
  end
  return false
end

--- Whether an input shows one of the states; nil: not known.
---@param view cme.look.view|nil
---@param wanted cme.server.looks.failover
---@return boolean|nil
function failover.is_wrong(view, wanted)
  local state = has(view, wanted)
  if state then return true end
  if state == nil or view.state == "gone" or not view.good then return nil end
  return false
end

--- Takes in which input an operator chooses.
---@param memory cme.server.looks.failover_memory changed
---@param to "main"|"backup"|nil nil: the choice came to nothing
function failover.choose(memory, to)
  memory.chosen = to == "main" and memory.bad_since ~= nil
end

--- Takes what both show.
---@param memory cme.server.looks.failover_memory changed
---@param wanted cme.server.looks.failover
---@param main cme.look.view|nil
---@param backup cme.look.view|nil
---@param given { active: "main"|"backup", now: number }
---@return string|nil state why to switch to the backup; nil: not
function failover.step(memory, wanted, main, backup, given)
  local wrong = failover.is_wrong(main, wanted)
  if wrong then memory.bad_since = memory.bad_since or given.now end
  if wrong == false then memory.bad_since, memory.chosen = nil, nil end
  if given.active ~= "main" or not wrong or memory.chosen then return nil end
  if given.now - memory.bad_since < wanted.after then return nil end
  if failover.is_wrong(backup, wanted) ~= false then return nil end
  return has(main, wanted) or nil
end

return failover
