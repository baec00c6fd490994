-- SPDX-License-Identifier: MIT
-- What a node does next about a project, from how the project stands. Pure; called again whenever anything may have
-- changed, so each step is a single one, and one that is under way is not asked for again.
--
--              this node has it                                  it has it not
--   Working    keep its engine, tell it what changed, or         drop an engine that it keeps;
--              hand it over where it is to leave                 take it when nobody has it and it is this node's turn
--   Idle       end its engine, then give it up                   drop an engine that it keeps

local standing = {}

standing.STEP = 2 -- seconds that each further node lets pass: more than it takes the first one to take a project

---@class cme.server.fleet.view how a project stands
---@field revision integer|nil of what it is to be; nil: it is Idle, or gone
---@field mine boolean this node has it
---@field kept boolean|nil this node keeps an engine for it, or ends one
---@field starting boolean|nil a Start is under way here
---@field leaving boolean|nil another node is to have it, and can
---@field told integer|nil revision that its engine was told
---@field followed integer|nil revision of others' that its engine was asked to take
---@field claimed boolean|nil a node has it, as far as this one has heard
---@field turn integer|nil how many nodes come before this one; nil: it cannot run the project
---@field waited number|nil seconds since nobody has had it

---@alias cme.server.fleet.step "release"|"give"|"hand_over"|"keep"|"follow"|"drop"|"take"

local function of_own(view)
  if view.starting then return nil end
  if not view.revision then return view.kept and "release" or "give" end
  if view.leaving then return "hand_over" end
  if not view.kept then return "keep" end
  if view.told and view.told ~= view.revision and view.followed ~= view.revision then return "follow" end
end

--- Since when something has been so.
---@param times table<string, number> by project, kept here
---@param project string
---@param so any whether it is so now
---@param now number
---@return number|nil since nil: it is not so
function standing.since(times, project, so, now)
  times[project] = so and (times[project] or now) or nil
  return times[project]
end

--- The next step.
---@param view cme.server.fleet.view
---@return cme.server.fleet.step|nil step nil: all is as it should be
function standing.step(view)
  if view.mine then return of_own(view) end
  if view.kept then return "drop" end
  local free = view.revision and not view.claimed
  if free and view.turn and view.waited >= view.turn * standing.STEP then return "take" end
end

return standing
