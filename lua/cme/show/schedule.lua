-- SPDX-License-Identifier: MIT
-- The next step of a show, by the clock and by what is already done. Pure: it is asked again after every step, and
-- after the program was killed and started again, so it depends only on what is written down and on what the service
-- says.
--
--   wait --> check --> prepare --> wait --> start --> air --> stop --> over
--            `ahead` before start_at         |  ^
--                                            stopped by somebody else: watched on, or started again

---@class cme.show.schedule
local schedule = {}

---@class cme.show.memory what outlives the program, as JSON
---@field project string|nil name of the project that this is about
---@field start_at number|nil of the show that this is about
---@field stop_at number
---@field checked_at number|nil when everything was checked
---@field prepared_at number|nil when the service was first made to match
---@field started_at number|nil when it was first seen on the air
---@field ended_at number|nil when the show was over
---@field policy cme.show.policy_memory
---@field open table<string, cme.show.incident>
---@field tally cme.show.tally
---@field off string[]|nil outputs that were taken off the air to be put back
---@field untold cme.show.alert[] alerts of which it is not known that they were told

---@alias cme.show.step "wait"|"check"|"prepare"|"start"|"air"|"watch"|"stop"|"over"

--- Whether a memory is of this show; else a new one begins: the file's times were changed after it was over, or it
--- names another project now.
---@param memory cme.show.memory
---@param show cme.show
---@param now number unix seconds
---@return boolean
function schedule.belongs(memory, show, now)
  if memory.project ~= show.project.name then return false end
  if memory.stop_at == show.stop_at then return true end
  return not memory.ended_at and memory.stop_at > now
end

-- Clocks differ, and services know whole seconds: what is idle so shortly before the planned stop was stopped by it.
local END_SLACK = 2 -- seconds

local function before(show, memory, now)
  local check_at = show.start_at - show.checks.ahead
  if now < check_at then return "wait", check_at end
  if not memory.checked_at then return "check" end
  if not memory.prepared_at then return "prepare" end
  return "wait", show.start_at
end

--- The next step.
---@param show cme.show
---@param memory cme.show.memory
---@param status "idle"|"working"|nil of the project; nil: it is not there, or not known
---@param now number unix seconds
---@return cme.show.step step watch: somebody else stopped it
---@return number|nil until when nothing is to be done, for wait
function schedule.next(show, memory, status, now)
  if memory.ended_at then return "over" end
  if now >= show.stop_at then return status == "idle" and "over" or memory.started_at and "stop" or "over" end
  if status == "working" then return "air" end
  if memory.started_at and status == "idle" and now >= show.stop_at - END_SLACK then return "over" end
  if memory.started_at then return show.if_stopped == "restart" and "start" or "watch" end
  if show.start_at and now < show.start_at then return before(show, memory, now) end
  -- One that is late already is not kept waiting for its checks.
  if not memory.checked_at and not show.start_at then return "check" end
  return "start"
end

return schedule
