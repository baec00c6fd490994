-- SPDX-License-Identifier: MIT
-- What an ensure has to do about a MEDIA_CAST project's outputs, playlist and settings. Pure but for the steps.

local codes = require "cme.codes"
local forms = require "cme.project.cast_options"
local limits = require "cme.api.limits"
local outputs = require "cme.project.ensure_outputs"
local sources = require "cme.project.ensure_sources"

---@type cme.project.ensure.part
local cast = {}

local function diff_settings(plan, part, described)
  local working = described.status == "working" and not plan.stopping
  if not forms.covers(described.output_media, part.output_media) then
    if working then return codes.refuse "invalid.working" end
    plan:put("change", "change the picture", "set_output_media", part.output_media)
  end
  local play = {}
  for option, value in pairs(part.play or {}) do play[option] = value end
  -- Of a running project the start is past.
  if working then play.auto_start_at = nil end
  if not forms.covers(described.play, play) then plan:put("change", "change the play settings", "set_play", play) end
end

--- Adds the steps for the category's part of a spec.
---@param plan cme.project.ensure.plan
---@param part table
---@param described cme.project.info
---@return nil
---@return string|nil message when it cannot be done
---@return cme.detail|nil detail code invalid.active_input or invalid.working
function cast.diff(plan, part, described)
  outputs.diff(plan, part.outputs, described.outputs, limits.cast.outputs)
  local _, message, detail = sources.diff(plan, part.sources, described)
  if message then return nil, message, detail end
  return diff_settings(plan, part, described)
end

-- Sources get their ids when they are added; the steps after that refer to them.
cast.STEPS = {
  add_source = function(call, category, step, known)
    return sources.added(step, category.add_source(call, step[2], step[3], known.sources))
  end,
  switch_source = function(call, category, step) return category.switch_source(call, step[2].id) end,
}

return cast
