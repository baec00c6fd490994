-- SPDX-License-Identifier: MIT
-- `cme record`: records a project while it is on the air, or does so no more; where `cme serve` keeps recordings.

local clock = require "cme.cli.clock"
local projects = require "cme.cli.projects"
local size = require "cme.cli.size"

local record = {}

---@param parser table argparse's
function record.add_to_parser(parser)
  local command = parser:command("record", "Record a project into files of cme serve --recordings, or end that.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("name", "What the names of the files begin with; no path."):args "?"
  command:option("--of", "What to record: what destinations get (the default), or one input.")
    :choices { "programme", "main", "backup" }
  command:option("--max-time", "Begin another file after this long, such as 1h."):argname "DURATION"
  command:option("--max-size", "Begin another file after so many bytes, such as 2G."):argname "SIZE"
  command:flag("--off", "Record it no more.")
end

local function usage(message) return nil, message, { code = "invalid.usage" } end

local function take_size(context, text)
  local bytes = size.bytes(text)
  if not bytes then return usage(context.t("option '%s': a size is needed, such as 2G", "--max-size")) end
  return bytes
end

local function take_seconds(context, text)
  local seconds, message, detail = clock.take_duration(context, "--max-time", text)
  if not seconds then return nil, message, detail end
  if seconds % 1 ~= 0 then
    return usage(context.t("option '%s': whole seconds are needed, such as 90s", "--max-time"))
  end
  return math.tointeger(seconds)
end

-- The recording that the command line describes; false: none.
local function described(context, args)
  if args.off then
    if args.name or args.of or args.max_time or args.max_size then
      return usage(context.t "--off goes with the project alone")
    end
    return false
  end
  if not args.name then return usage(context.t "give a name for the files, or --off") end
  local recording = { name = args.name, of = args.of }
  for member, taken in pairs { max_seconds = { take_seconds, args.max_time },
    max_bytes = { take_size, args.max_size } } do
    if taken[2] then
      local value, message, detail = taken[1](context, taken[2])
      if not value then return nil, message, detail end
      recording[member] = value
    end
  end
  return recording
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function record.run(args, context)
  local recording, message, detail = described(context, args)
  if recording == nil then return context:fail(message --[[@as string]], detail) end
  return projects.act(context, args.project, function(project)
    local category, why, fault = projects.category(project)
    if not category then return nil, why, fault end
    return project:record(recording or nil)
  end, function(project)
    local label = projects.label(project)
    return { id = project.id, record = recording },
      recording and context.t("'%s' is recorded as '%s' while it is on the air", label, recording.name)
      or context.t("'%s' is not recorded any more", label)
  end)
end

return record
