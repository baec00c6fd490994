-- SPDX-License-Identifier: MIT
-- When a show switches to its other input, and when it switches back. Pure: takes what a look shows and returns the
-- endpoint to switch to; what it remembers between two looks is one plain table, which is saved as JSON.
--
--   active bad for `after`, other not bad ------------------> switch to the other
--   backup active, main good for `failback_after` ----------> switch to main
--
-- It does not work against others: a switch that the service made by itself counts as ours, and a switch that an
-- operator made (away from a good input) stays until its input turns bad. A switch that failed is tried again after
-- RETRY, and two switches are at least RETRY apart, so that two unstable inputs do not make the show switch all the
-- time.

---@class cme.show.policy
local policy = {}

---@class cme.show.seen what one look at a project shows
---@field at number unix seconds
---@field status "idle"|"working"|nil nil: the service could not be asked
---@field active "main"|"backup"|nil
---@field inputs table<string, boolean> by endpoint, of those that the project has: good or not; absent where the
--- service does not tell
---@field reasons table<string, string> by endpoint, why an input is not good, where it is known
---@field outputs cme.show.seen_output[]
---@field on_slate boolean|nil the slate goes out in place of the active input; nil: the service does not tell
---@field slate_fault string|nil why the slate cannot be made
---@field started_at number|nil unix seconds
---@field stop_at number|nil the planned stop that the service has
---@field viewers cme.show.seen_viewers[]|nil what viewers of the outputs see; nil: nobody looks
---@field fault { code: string, message: string }|nil why it could not be asked

---@class cme.show.seen_output
---@field id string
---@field name string
---@field watch string|nil where viewers watch it
---@field good boolean|nil nil: the service does not tell, or it is on its way
---@field since number|nil when it came into its state
---@field failed_at number|nil when it last failed
---@field reason string|nil of the last failure, else its state; nil: the service tells neither

---@class cme.show.policy_memory
---@field active string|nil at the last look
---@field bad_since number|nil since when the active input is bad
---@field main_good_since number|nil
---@field switched_at number|nil when a switch was last seen or asked for
---@field asked "main"|"backup"|nil what was asked for, until it is seen
---@field by_hand boolean|nil an operator chose the active input

local RETRY = 10 -- seconds

local OTHER = { main = "backup", backup = "main" }

-- A change of the active input: ours, the service's (its old input was bad), or an operator's.
local function note_switch(memory, seen)
  if memory.active and memory.active ~= seen.active then
    memory.by_hand = seen.active ~= memory.asked and memory.bad_since == nil and seen.inputs[memory.active] ~= false
    memory.switched_at, memory.bad_since = seen.at, nil
  end
  if seen.active == memory.asked then memory.asked = nil end
  memory.active = seen.active
end

local function note_health(memory, seen)
  if seen.inputs[seen.active] == false then
    memory.bad_since = memory.bad_since or seen.at
    memory.by_hand = nil
  else
    memory.bad_since = nil
  end
  if seen.inputs.main then
    memory.main_good_since = memory.main_good_since or seen.at
  else
    memory.main_good_since = nil
  end
end

-- A clock that was set back must not make what was noted before last until the old time has come again.
local function keep_in_the_past(memory, at)
  for _, name in ipairs { "bad_since", "main_good_since", "switched_at" } do
    if memory[name] and memory[name] > at then memory[name] = at end
  end
end

local function lasts(since, seconds, at)
  return since ~= nil and at - since >= seconds
end

local function wish(settings, memory, seen)
  local other = OTHER[seen.active]
  if lasts(memory.bad_since, settings.after, seen.at) and seen.inputs[other] then
    return other, ("%s input bad for %.0f s"):format(seen.active, seen.at - memory.bad_since)
  end
  if seen.active == "backup" and settings.failback_after and not memory.by_hand
    and lasts(memory.main_good_since, settings.failback_after, seen.at) then
    return "main", ("main input good for %.0f s"):format(seen.at - memory.main_good_since)
  end
end

--- Takes one look in, and says what to switch to.
---@param settings cme.show.failover|false
---@param memory cme.show.policy_memory changed in place; empty at first
---@param seen cme.show.seen
---@return "main"|"backup"|nil to
---@return string|nil reason
function policy.step(settings, memory, seen)
  if seen.status ~= "working" or not OTHER[seen.active] then return nil end
  keep_in_the_past(memory, seen.at)
  note_switch(memory, seen)
  note_health(memory, seen)
  if not settings or not lasts(memory.switched_at or -math.huge, RETRY, seen.at) then return nil end
  local to, reason = wish(settings, memory, seen)
  if to then memory.asked, memory.switched_at = to, seen.at end
  return to, reason
end

return policy
