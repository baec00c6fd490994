-- SPDX-License-Identifier: MIT
-- Tells an engine over its link what is desired: everything after a new connection, later only what changed. The keeper
-- decides what follows from the answers. Tasks only.

local health = require "cme.server.process.health"
local playback = require "cme.server.edge.playback"
local reconcile = require "cme.server.process.reconcile"

local telling = {}

local ANSWER_SECONDS = 5

---@class cme.server.process.telling.found what an engine behind a fresh connection does, beside what it should
---@field stat table its answer
---@field change table|nil the spec that it must be told; nil: it does what is desired
---@field switched boolean it has another input on the air than is desired, by itself
---@field health cme.server.process.health of what is desired, as far as the engine does that

--- Asks the engine behind a fresh connection what it does. The spec gets the input that the engine has on the air.
---@param link cme.server.process.link learns the engine's pid
---@param spec table what is desired
---@param untold boolean it may not have been told all of it, whatever its revision
---@return cme.server.process.telling.found|nil
---@return string|nil message
---@return cme.detail|nil detail
function telling.find_out(link, spec, untold)
  local stat, message, detail = link:request({ op = "stat" }, ANSWER_SECONDS)
  if not stat then return nil, message, detail end
  if spec.as_it_is then reconcile.fill_in(spec, stat) end
  local change, active = reconcile.change(spec, stat, untold)
  local switched = active ~= spec.active and not spec.as_it_is
  spec.active = active
  link.pid, link.hls = math.tointeger(stat.pid) or link.pid, stat.hls
  local parts = health.new(spec)
  if spec.as_it_is or stat.project == spec.project then health.stat(parts, stat) end
  return { stat = stat, change = change, switched = switched, health = parts }
end

--- Makes it do what is desired.
---@param link cme.server.process.link
---@param found cme.server.process.telling.found
---@return table|boolean|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function telling.bring_in_line(link, found)
  if found.change then return link:request({ op = "set", spec = found.change }, ANSWER_SECONDS) end
  return true
end

-- Whether it took a request, or is gone: then the next connection tells it all.
local function tell(link, request)
  local ok, refusal, detail = link:request(request, ANSWER_SECONDS)
  if ok or detail.code == "control.lost" then return true end
  return nil, refusal, detail
end

--- Tells an engine that is up the whole of what is desired.
---@param link cme.server.process.link
---@param spec table
---@return true|nil ok it has it, or is gone
---@return string|nil message
---@return cme.detail|nil detail
function telling.replace(link, spec)
  return tell(link, { op = "set", spec = playback.fit(spec, link.hls) })
end

--- Tells an engine whose project only it knows the one thing that it can be told.
---@param link cme.server.process.link
---@param stop_at number|nil unix seconds
---@return true|nil ok it has it, or is gone
---@return string|nil message
---@return cme.detail|nil detail
function telling.move_end(link, stop_at)
  return tell(link, { op = "set_stop_at", stop_at = stop_at })
end

--- The input that a change of the spec names as active: the one that the engine was last told, since the engine takes
--- another for a switch, and may have failed over meanwhile; unless that one is no more. Pure.
---@param spec table what is desired
---@param told "main"|"backup" the input that the engine was last told
---@param on_air "main"|"backup"
---@return "main"|"backup"
function telling.active(spec, told, on_air)
  return spec.inputs[told] and told or on_air
end

return telling
