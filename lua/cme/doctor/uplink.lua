-- SPDX-License-Identifier: MIT
-- Compares what a project will need of the uplink with what the uplink carries: of `cme serve --max-uplink`, beside
-- what its running broadcasts need, or as the command line says.

local json = require "cme.json"

local uplink = {}

-- The input with the highest rate, once for each destination.
local function need_of(subjects, looked)
  local kbps, outputs = 0, 0
  for i, subject in ipairs(subjects) do
    local seen = subject.check == "input" and not subject.encoded and looked[i].seen
    if seen then kbps = math.max(kbps, seen.kbps or 0) end
    if subject.check == "output" then outputs = outputs + 1 end
  end
  return kbps * outputs
end

-- What a running broadcast needs, by the service's answer.
local function need_of_entry(entry)
  for _, input in ipairs(json.object(entry.Inputs)) do
    if input.Endpoint == entry.Active then return (tonumber(input.Bitrate) or 0) * #json.object(entry.Outputs) end
  end
  return 0
end

-- What those that run need, but for the project itself.
local function need_of_others(entries, except)
  local sum = 0
  for _, entry in ipairs(json.object(entries)) do
    if entry.ProjectId ~= except then sum = sum + need_of_entry(entry) end
  end
  return sum
end

-- The service's limit and what is needed of it; nil: it has none.
local function ask(context, except)
  local response = context:client():call("DescribeProjectsHealth", { Limit = 100 })
  local limit = response and tonumber(response.MaxUplink)
  if limit then return limit, need_of_others(response.HealthSet, except) end
end

--- Judges a need. Pure.
---@param need number kbit/s of the project
---@param others number of the broadcasts that run
---@param limit number of the uplink
---@param t cme.cli.translate
---@return cme.doctor.finding
function uplink.judge(need, others, limit, t)
  local fact = t("%.0f kbit/s are needed, and the uplink carries %.0f", need, limit)
  if others > 0 then
    fact = t("%.0f kbit/s are needed beside %.0f for what is on the air, and the uplink carries %.0f", need, others,
      limit)
  end
  if need + others <= limit then return { check = "uplink", state = "ok", fact = fact } end
  return { check = "uplink", state = "warning", fact = fact, consequence = t "all destinations fall behind together",
    advice = t "send less, or to fewer" }
end

--- The finding about the uplink, where its limit and the sources' rates are known.
---@param context cme.cli.context
---@param asked cme.doctor.asked
---@param subjects cme.doctor.subject[] with `id`, of a project that the service has
---@param looked cme.doctor.finding[] of each
---@param answered boolean the service is there
---@return cme.doctor.finding|nil
function uplink.look(context, asked, subjects, looked, answered)
  local need, limit, others = need_of(subjects, looked), asked.max_uplink, 0
  if need == 0 then return nil end
  if not limit and answered then limit, others = ask(context, subjects.id) end
  return limit and uplink.judge(need, others, limit, context.t) or nil
end

return uplink
