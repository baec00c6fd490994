-- SPDX-License-Identifier: MIT
-- Compares what sources send with the limits of the destinations' platforms (cme.platforms). Sources of MEDIA_CAST are
-- left out: they are encoded again. Pure.

local measured = require "cme.platforms.measured"
local platforms = require "cme.platforms"

local judge = {}

-- What is wrong with a source at a platform, in one finding.
local function finding(output, known, input, found, given)
  local t, title = given.t, platforms.title(known, given.language)
  local list = platforms.judge(known, measured.pushed(output.url, found))
  if not list[1] then
    return { check = "platform", subject = output.name, state = "ok",
      fact = t("%s: input %s is within its known limits", title, input) }
  end
  return { check = "platform", subject = output.name, state = "warning",
    fact = t("%s, input %s: %s", title, input, platforms.say(list, given.language)),
    advice = t("see cme platforms %s", known.name) }
end

--- Judges the sources that were seen.
---@param subjects cme.doctor.subject[]
---@param looked cme.doctor.finding[] of each
---@param given { t: cme.cli.translate, language: "en"|"zh" }
---@return cme.doctor.finding[] of each destination on a platform of which limits are known, and each source
function judge.all(subjects, looked, given)
  local findings = {}
  for _, output in ipairs(subjects) do
    local known = output.check == "output" and output.url and (platforms.get(output.platform or "")
      or platforms.of_url(output.url))
    for i, input in ipairs(known and known.limits and subjects or {}) do
      local found = input.check == "input" and not input.encoded and looked[i].seen
      if found then findings[#findings + 1] = finding(output, known, input.name, found, given) end
    end
  end
  return findings
end

return judge
