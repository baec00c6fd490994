-- SPDX-License-Identifier: MIT
-- `cme status`: a project's state, its inputs and outputs, and how each does where the service tells it.

local clock = require "cme.cli.clock"
local one_line = require "cme.cli.context".one_line
local projects = require "cme.cli.projects"
local reading = require "cme.cli.reading"
local states = require "cme.cli.states"
local suitability = require "cme.cli.suitability"

local status = {}

---@param parser table argparse's
function status.add_to_parser(parser)
  local command = parser:command("status",
    "Show a project: its state, inputs and outputs, with figures if the service reports them.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
end

-- ---- lines for people

local function head(context, info)
  local t, now = context.t, context.system.now()
  local parts = { context:paint(one_line(info.name or ""), "bold"), info.id }
  local cell = states.cell(info.status, t)
  parts[#parts + 1] = context:paint(cell[1], cell.colour)
  if info.started_at then
    parts[#parts + 1] = t("since %s (%s)", clock.local_time(info.started_at, now), clock.span(now - info.started_at, t))
  end
  if info.stop_at then
    parts[#parts + 1] = t("until %s (in %s)", clock.local_time(info.stop_at, now), clock.span(info.stop_at - now, t))
  end
  if info.stopped_at then parts[#parts + 1] = t("since %s", clock.local_time(info.stopped_at, now)) end
  return table.concat(parts, "  ")
end

local function picture(health)
  local parts = {}
  if health.width then parts[#parts + 1] = ("%dx%d"):format(health.width, health.height or 0) end
  if health.video_codec then parts[#parts + 1] = health.video_codec end
  if health.audio_codec then parts[#parts + 1] = health.audio_codec end
  return table.concat(parts, " ")
end

local function rates(health)
  if not health.bitrate or health.bitrate <= 0 then return "" end
  return ("%.0f kbit/s %.0f fps"):format(health.bitrate, health.frame_rate or 0)
end

local function error_of(context, health)
  local t = context.t
  if health.waits_for then return t("waits for %s", health.waits_for_reason or health.waits_for) end
  local said, past = states.failure(health, context.system.now(), t)
  return said and { said, colour = past and "grey" or nil } or ""
end

local PUSHED = { "url", "rtmps_url", "srt_url" }

-- Of one that is pushed, each address that it may be pushed to.
local function source_of(context, input)
  local addresses = {}
  for _, member in ipairs(PUSHED) do
    if input[member] then addresses[#addresses + 1] = context:url(input[member]) end
  end
  if addresses[1] then return table.concat(addresses, " ") end
  if input.urls then return ("%s (%d)"):format(context:url(input.urls[1] or ""), #input.urls) end
  return input.file_id or input.material_id or ""
end

-- What viewers see, or an input shows, and how far that is behind.
local function look_of(health, t)
  local look = health.look
  if not look then return "" end
  local cell = states.look(look.state, t)
  if look.delay then cell[1] = t("%s, %.1f s late", cell[1], look.delay / 1000) end
  return cell
end

local function input_rows(context, info)
  local t = context.t
  local rows = { { t "INPUT", t "STATE", t "SHOWS", t "RATE", t "PICTURE", t "SOURCE", t "LAST ERROR" } }
  for _, name in ipairs { "main", "backup" } do
    local input = info.inputs[name]
    if input then
      local health, active = input.health or {}, info.active == name and not info.on_slate
      rows[#rows + 1] = { name .. (active and " *" or ""), states.cell(health.state, t),
        look_of(health, t), rates(health), picture(health),
        source_of(context, input), error_of(context, health) }
    end
  end
  if info.slate then
    local health = info.slate.health or {}
    rows[#rows + 1] = { "slate" .. (info.on_slate and " *" or ""), states.cell(health.state, t), "", "", "",
      info.slate.name == true and t "black and silence" or info.slate.name, error_of(context, health) }
  end
  for _, source in ipairs(info.sources or {}) do
    rows[#rows + 1] = { source.id .. (info.active == source.id and " *" or ""), "", "", "", "",
      source_of(context, source), "" }
  end
  return rows
end

local function delay_of(health)
  return health.delay_p99 and ("%.0f ms"):format(health.delay_p99) or ""
end

local function output_rows(context, info)
  local t = context.t
  local rows = { { t "OUTPUT", t "ID", t "STATE", t "VIEWERS", t "RATE", t "DROPPED", t "DELAY", "URL",
    t "LAST ERROR" } }
  for _, output in ipairs(info.outputs) do
    local health = output.health or {}
    rows[#rows + 1] = { output.name or "", output.id, states.cell(health.state or output.status, t),
      look_of(health, t), rates(health),
      health.dropped, delay_of(health), output.url and context:url(output.url) or "", error_of(context, health) }
  end
  return rows
end

local function recording_rows(context, info)
  local t, record = context.t, info.record
  local rows = { { t "RECORDING", t "STATE", t "OF", t "DROPPED", t "FILE", t "LAST ERROR" } }
  if not record then return rows end
  local health = record.health or {}
  rows[2] = { one_line(record.name), states.cell(health.state, t), record.of, health.dropped,
    one_line(health.file or ""), error_of(context, health) }
  return rows
end

-- Columns in which no row has anything only make lines long.
local function without_empty(rows)
  local kept = {}
  for nth = 1, #rows do kept[nth] = {} end
  for i = 1, #rows[1] do
    local used = false
    for nth = 2, #rows do
      local cell = rows[nth][i]
      used = used or (type(cell) == "table" and cell[1] or cell or "") ~= ""
    end
    for nth, row in ipairs(used and rows or {}) do table.insert(kept[nth], row[i] == nil and "" or row[i]) end
  end
  return kept
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function status.run(args, context)
  local project, message, detail = projects.find(context, args.project, true)
  if not project then return context:fail(message --[[@as string]], detail) end
  local info
  info, message, detail = reading.of(project)
  if not info then return context:fail(message --[[@as string]], detail) end
  local unsuitable = suitability.of(context, info)
  if context.json then
    info.unsuitable = unsuitable[1] and unsuitable or nil
    return context:done(info)
  end
  context:say(head(context, info))
  local warning = reading.warning(context, { info })
  if warning then context:say(warning) end
  if info.fault then context:say(context:paint(one_line(info.fault), "red")) end
  for _, rows in ipairs { input_rows(context, info), output_rows(context, info), recording_rows(context, info) } do
    if rows[2] then context:table(without_empty(rows)) end
  end
  local merge = info.merge_health and states.merge(info.merge_health.state, context.t)
  if merge then context:say(context:paint(one_line(merge[1]), merge.colour)) end
  local standby = info.standby_health and states.standby(info.standby_health, context.t)
  if standby then context:say(context:paint(one_line(standby[1]), standby.colour)) end
  local full = info.uplink and info.uplink.full and info.uplink.error
  if full then context:say(context:paint(one_line(context.t("%s", full.reason or full.message)), "red")) end
  for _, line in ipairs(suitability.lines(context, unsuitable)) do context:say(context:paint(line, "yellow")) end
  if info.status == "working" and not info.has_health then
    context:say(context.t "This service does not report individual inputs and outputs.")
  end
  return context:done(info)
end

return status
