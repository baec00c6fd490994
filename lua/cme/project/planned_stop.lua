-- SPDX-License-Identifier: MIT
-- The planned stop of a project that is on the air from now on. When its time came before the service could be told,
-- nothing else would ever end the run: it is stopped, unless the service had the time already and did.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local pending = require "cme.api.pending"
local time = require "cme.time"

local planned_stop = {}

-- Clocks are compared by whole seconds on both sides, with the way between them.
local PRECISION = 2

-- Whether a Stop was refused since nothing runs any more.
local function is_over(call, category, refusal)
  if not calls.OTHER_STATE[refusal.code] then return false end
  local entry, info = call:describe(), {}
  if entry then category.read(entry, info) end
  return info.status == "idle"
end

local NOT_STOPPED = "project.stop_at_passed:not_stopped"

--- Sets the planned stop of a run that was just started or changed.
---@param call cme.project.calls
---@param category cme.project.category
---@param seconds number unix seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code project.stop_at_passed when it was stopped
function planned_stop.set(call, category, seconds)
  local client = call.client
  local ok, message, cause = category.set_stop_at(call, seconds)
  if ok or client.now() + client:offset() < seconds - PRECISION then return ok, message, cause end
  local stopped, why, detail = category.stop(call)
  if not stopped and not is_over(call, category, detail) then
    return codes.around(NOT_STOPPED, { stop_at = time.format(seconds) }, why, detail)
  end
  return codes.fail("project.stop_at_passed", { stop_at = time.format(seconds) },
    { request_id = cause.request_id, cause = cause })
end

-- Whether the run ends when it should; nil: that cannot be told.
local function is_planned(call, category, seconds)
  local entry, info = call:describe(), {}
  if not entry then return nil end
  category.read(entry, info)
  return info.stop_at ~= nil and math.abs(info.stop_at - seconds) < 1
end

--- The same of a project that has just been started. A time that could not be set is no reason to call the start a
--- failure, unless the run is over again; nor is it a warning when the service has that time all the same, from Start
--- or from a call whose answer was lost.
---@param call cme.project.calls
---@param category cme.project.category
---@param seconds number|nil unix seconds; nil: the service's own
---@param warning cme.detail|nil of the start, with `pending`
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function planned_stop.first(call, category, seconds, warning)
  if seconds then
    local ok, message, cause = planned_stop.set(call, category, seconds)
    if not ok and cause.code == "project.stop_at_passed" then return nil, message, cause end
    local planned = not ok and cause.sentence ~= NOT_STOPPED and is_planned(call, category, seconds)
    if not ok and not planned then
      local sentence = planned == nil and "project.stop_at_unknown" or "project.no_stop_at"
      message = select(2, codes.around(sentence, nil, message, cause))
      return pending.add(warning, pending.fault("stop_at", call.project.id, message, cause), cause)
    end
  end
  if warning then return pending.warning(warning) end
  return true
end

return planned_stop
