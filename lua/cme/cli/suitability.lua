-- SPDX-License-Identifier: MIT
-- Whether what is on the air suits the platforms that it goes to, as far as public pages say what they take
-- (cme.platforms). A warning: platforms change without notice.

local platforms = require "cme.platforms"

local suitability = {}

---@class cme.cli.unsuitable what a platform does not take of the input on the air
---@field output string its name or id
---@field platform string "youtube"
---@field codes string[] "platform.keyframes"
---@field message string

local function judge(context, output, input)
  local findings, known = platforms.on_air(output.url, input, context.system.now())
  if not findings[1] then return nil end
  local listed = {}
  for i, found in ipairs(findings) do listed[i] = found.code end
  return { output = output.name or output.id, platform = known.name, codes = listed,
    message = context.t("%s: %s", platforms.title(known, context.language),
      platforms.say(findings, context.language)) }
end

--- What does not suit, of each output on a known platform.
---@param context cme.cli.context
---@param info cme.cli.reading
---@return cme.cli.unsuitable[] empty: nothing is known to, or the service does not tell what is on the air
function suitability.of(context, info)
  local list = {}
  local active = info.inputs and info.inputs[info.active or ""]
  for _, output in ipairs(active and active.health and info.outputs or {}) do
    list[#list + 1] = output.url and output.enabled ~= false and judge(context, output, active.health) or nil
  end
  return list
end

--- The same as lines for people.
---@param context cme.cli.context
---@param list cme.cli.unsuitable[]
---@return string[]
function suitability.lines(context, list)
  local lines = {}
  for i, one in ipairs(list) do
    lines[i] = context.t("output '%s': %s (see cme platforms %s)", one.output, one.message, one.platform)
  end
  return lines
end

return suitability
