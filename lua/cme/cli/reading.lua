-- SPDX-License-Identifier: MIT
-- One reading of a project: info(), whose inputs, outputs, slate and recording get what health() says about each in
-- their `health`. A service without health is no failure.

local clock = require "cme.cli.clock"

local reading = {}

---@class cme.cli.reading: cme.project.info
---@field has_health boolean|nil true: each input, output and slate that the service tells of has its `health`

local function add(info, health)
  for name, input in pairs(info.inputs) do input.health = health.inputs[name] end
  local by_id = {}
  for _, output in ipairs(health.outputs) do by_id[output.id or ""] = output end
  for _, output in ipairs(info.outputs) do output.health = by_id[output.id] end
  if info.record then info.record.health = health.recording end
  if info.slate then info.slate.health = health.slate end
  info.uplink, info.merge_health, info.standby_health = health.uplink, health.merge, health.standby
  info.has_health = true
end

--- Adds what the service tells of a project's health.
---@param info cme.project.info
---@param health cme.project.health
---@return cme.cli.reading
function reading.with(info, health)
  add(info, health)
  return info
end

--- A line of how old what was read may be.
---@param context cme.cli.context
---@param infos cme.project.info[] read at the same time
---@return string|nil line nil: it is as things are
function reading.warning(context, infos)
  local t, age = context.t, 0
  for _, info in ipairs(infos) do age = math.max(age, info.state_age or 0) end
  if age <= 0 then return nil end
  return context:paint(t("the service's etcd does not answer: this may be out of date by %s", clock.span(age, t)),
    "yellow")
end

--- Reads a project; health is asked for while it is working.
---@param project cme.project
---@param given cme.project.timeout|nil of each of the two calls
---@return cme.cli.reading|nil
---@return string|nil message
---@return cme.detail|nil detail
function reading.of(project, given)
  local info, message, detail = project:info(given)
  if not info or info.status ~= "working" then return info, message, detail end
  local health
  health, message, detail = project:health(given)
  if not health then
    if detail.code == "invalid.unsupported" then return info end
    return nil, message, detail
  end
  add(info, health)
  return info
end

return reading
