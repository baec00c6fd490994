-- SPDX-License-Identifier: MIT
-- What a node does next about a project, from how the project stands. Pure; called again whenever anything may have
-- changed, so each step is a single one, and one that is under way is not asked for again.
--
--              this node has it                                  it has it not
--   Working    keep its engine, tell it what changed, or         drop an engine that it keeps;
--              hand it over where it is to leave                 take it when nobody has it and it is this node's turn
--   Idle       end its engine, then give it up                   drop an engine that it keeps
--   stopping   end its engine, and leave it to nobody            as Idle
--
-- What a node has begun to give up it gives up, whatever the project is to be by then.
--
-- A node that stands by for a project has its engine as well, and takes it when nobody has it. Where nobody stands by
-- for a project that is to have a standby, a node that does not run it begins to, when it is its turn.

local standing = {}

standing.LOOK = 0.5 -- seconds between two looks, when nothing is heard
standing.SICK = 15 -- seconds without an engine after which another node is to run the project, or to stand by for it
standing.AVOID = 30 -- seconds before a node takes again, or stands by again for, what it had no engine for
standing.STEP = 2 -- seconds that each further node lets pass: more than it takes the first one to take a project

---@class cme.server.fleet.view how a project stands
---@field revision integer|nil of what it is to be; nil: it is Idle, stopping, or gone
---@field stopping boolean|nil it was stopped here, and the state that all nodes share does not say so yet
---@field mine boolean this node has it
---@field kept boolean|nil this node keeps an engine for it, or ends one
---@field starting boolean|nil a Start is under way here
---@field over boolean|nil this node has it, and has asked etcd to give it up, which may follow late
---@field leaving boolean|nil another node is to have it, and can
---@field told integer|nil revision that its engine was told
---@field followed integer|nil revision of others' that its engine was asked to take
---@field claimed boolean|nil a node has it, as far as this one has heard
---@field turn integer|nil how many nodes come before this one; nil: it cannot run the project
---@field waited number|nil seconds since nobody has had it
---@field standby boolean|nil a node is to stand by for it
---@field stands boolean|nil this node does
---@field unfit boolean|nil this node stands by, and is to leave that to another one
---@field behind boolean|nil the engine with which it stands by does not do what that of the run does
---@field stood boolean|nil a node stands by, as far as this one has heard
---@field stand_turn integer|nil how many nodes come before this one to stand by; nil: it cannot
---@field stand_waited number|nil seconds since nobody has stood by

---@alias cme.server.fleet.step "release"|"give"|"hand_over"|"keep"|"follow"|"drop"|"take"|"stand_by"|"stand_down"
---|"align"

local function of_own(view)
  if view.starting then return nil end
  if view.stands then return "stand_down" end
  local over = not view.revision or view.over
  if over and view.kept then return "release" end
  if over then return not view.stopping and "give" or nil end
  if view.leaving then return "hand_over" end
  if not view.kept then return "keep" end
  if view.told and view.told ~= view.revision and view.followed ~= view.revision then return "follow" end
end

local function is_due(waited, turn) return waited ~= nil and turn ~= nil and waited >= turn * standing.STEP end

local function of_standby(view)
  if view.starting then return nil end
  if view.stopping then return view.kept and "drop" or nil end
  if not view.standby or view.unfit then return "stand_down" end
  if not view.claimed and is_due(view.waited, view.turn) then return "take" end
  if not view.kept then return "keep" end
  if view.behind then return "align" end
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
  if view.stands then return of_standby(view) end
  if view.kept then return "drop" end
  if not view.revision then return nil end
  if not view.claimed then return is_due(view.waited, view.turn) and "take" or nil end
  local needed = view.standby and not view.stood
  if needed and is_due(view.stand_waited, view.stand_turn) then return "stand_by" end
end

return standing
