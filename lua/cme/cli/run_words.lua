-- SPDX-License-Identifier: MIT
-- What happens in a show, and its report, in words for people. Pure, but for the zone of shown times.

local clock = require "cme.cli.clock"
local codes = require "cme.codes"
local viewers = require "cme.show.viewers"

local run_words = {}

-- How people know an output.
local function name_of(output)
  return output.name and output.name ~= "" and output.name or output.id
end

local function part_of(alert, t)
  if alert.kind == "input" then return t("%s input", alert.id) end
  if alert.kind == "output" then return t("output '%s'", name_of(alert)) end
  if alert.kind == "viewers" then return t("viewers of '%s'", name_of(alert)) end
  if alert.kind == "service" then return t "service" end
  if alert.kind == "slate" then return t "slate" end
  if alert.kind == "merge" then return t "merge" end
  if alert.kind == "uplink" then return t "uplink" end
  if alert.kind == "stopped" then return t "broadcast" end
  return alert.id or alert.kind
end

local function alert_line(alert, t)
  local part, reason = part_of(alert, t), alert.look and codes.reason("look." .. alert.look) or alert.reason or "-"
  if alert.state == "closed" then return t("RECOVERED %s, after %s", part, clock.span(alert.lasted, t)) end
  if alert.picture then return t("ALERT %s: %s (%s)", part, reason, alert.picture) end
  return t("ALERT %s: %s", part, reason)
end

local function checked_lines(found, t)
  local lines, passed = {}, true
  for _, finding in ipairs(found.findings) do
    if finding.warning then
      lines[#lines + 1] = t("check %s: warning: %s", finding.what, finding.message)
    elseif not finding.ok then
      passed = false
      lines[#lines + 1] = t("check %s: %s", finding.what, finding.message)
    end
  end
  if passed then lines[#lines + 1] = t("all %d checks passed", #found.findings) end
  return lines
end

local function share(part, whole)
  return whole > 0 and math.floor(part / whole * 10000 + 0.5) / 100 or 0
end

local function gap_line(gap, t, now)
  return t("  gap from %s for %s%s", clock.local_time(gap.from, now), clock.span(gap.to - gap.from, t),
    gap.reason and ": " .. gap.reason or "")
end

local function output_lines(one, whole, t, now)
  local label = name_of(one)
  local up, part = clock.span(one.up, t), share(one.up, whole)
  local lines = { one.unknown > 0 and t("output '%s': on the air %s (%.2f %%), unknown %s", label, up, part,
    clock.span(one.unknown, t)) or t("output '%s': on the air %s (%.2f %%)", label, up, part) }
  for _, gap in ipairs(one.gaps) do lines[#lines + 1] = gap_line(gap, t, now) end
  return lines
end

local function viewers_line(one, t)
  local name, share_of, delay = name_of(one), viewers.figures(one)
  if not share_of then return t("viewers of '%s': nothing is known", name) end
  local percent = math.floor(share_of * 1000) / 10
  if not delay then return t("viewers of '%s' had picture and sound %.1f %% of the time", name, percent) end
  return t("viewers of '%s' had picture and sound %.1f %% of the time, delay %.1f s", name, percent, delay)
end

--- The report of a show.
---@param tally cme.show.tally
---@param t cme.cli.translate
---@param now number unix seconds
---@return string[] lines
function run_words.report(tally, t, now)
  if not tally.from then return { t "never on the air" } end
  local whole = tally.to - tally.from
  local lines = { t("on the air from %s to %s, %s", clock.local_time(tally.from, now), clock.local_time(tally.to, now),
    clock.span(whole, t)) }
  for _, one in ipairs(tally.outputs) do
    for _, line in ipairs(output_lines(one, whole, t, now)) do lines[#lines + 1] = line end
  end
  for _, one in ipairs(tally.viewers or {}) do lines[#lines + 1] = viewers_line(one, t) end
  for _, slate in ipairs(tally.slates or {}) do
    lines[#lines + 1] = t("slate on the air from %s for %s", clock.local_time(slate.from, now),
      clock.span(slate.to - slate.from, t))
  end
  for _, switch in ipairs(tally.switches) do
    lines[#lines + 1] = t("switched from %s to %s at %s%s", switch.from, switch.to, clock.local_time(switch.at, now),
      switch.reason and ": " .. switch.reason or "")
  end
  return lines
end

---@type table<cme.show.word, fun(fields: table, t: cme.cli.translate, now: number): string[]|string>
local LINES = {
  taken_up = function(fields, t, now) return t("on the air since %s", clock.local_time(fields.started_at, now)) end,
  waiting = function(fields, t, now) return t("waiting until %s", clock.local_time(fields.until_at, now)) end,
  checked = checked_lines,
  prepared = function(fields, t)
    return fields.done[1] and t("prepared: %s", table.concat(fields.done, ", ")) or t "prepared: nothing to change"
  end,
  started = function(fields, t)
    return fields.partial and t("started, not all of it works yet: %s", fields.partial) or t "started"
  end,
  reconnected = function(fields, t) return t("output '%s': reconnected", name_of(fields)) end,
  stop_at = function(fields, t, now) return t("the service stops it at %s", clock.local_time(fields.at, now)) end,
  alert = alert_line,
  switched = function(fields, t)
    return t("switched from %s to %s%s", fields.from, fields.to, fields.reason and ": " .. fields.reason or "")
  end,
  failed = function(fields, t)
    local why = fields.cause or fields.message
    return fields.retry_in and t("%s: %s (again in %s)", fields.step, why, clock.span(fields.retry_in, t))
      or t("%s: %s", fields.step, why)
  end,
  not_saved = function(fields, t) return t("progress not saved: %s", fields.cause or fields.message) end,
  ended = function(fields, t, now) return run_words.report(fields.tally, t, now) end,
  left = function(fields, t, now)
    return fields.stop_at and t("ending: the broadcast continues, the service stops it at %s",
      clock.local_time(fields.stop_at, now)) or t "ending: nothing is on the air"
  end,
}

--- What happens, in lines.
---@param what cme.show.word
---@param fields table
---@param t cme.cli.translate
---@param now number unix seconds
---@return string[]
function run_words.lines(what, fields, t, now)
  local said = LINES[what](fields, t, now)
  return type(said) == "table" and said or { said }
end

return run_words
