-- SPDX-License-Identifier: MIT
-- `cme start`: starts a project; one that a file describes is created first where the service does not have it.

local clock = require "cme.cli.clock"
local projects = require "cme.cli.projects"
local reading = require "cme.cli.reading"
local suitability = require "cme.cli.suitability"

local start = {}

local OTHER_STATE = require "cme.project.calls".OTHER_STATE
local LOOK = { timeout = 3 } -- seconds that each question after the start may take

---@param parser table argparse's
function start.add_to_parser(parser)
  local command = parser:command("start", "Start a broadcast; a project given as a file is created first if needed.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  clock.add_stop_to_parser(command)
end

-- A project that is on the air already: what moves its end is said, since that is what was meant.
local function with_way_out(context, project, message, detail)
  if not OTHER_STATE[detail.code] or project:status() ~= "working" then return message end
  local label = projects.label(project)
  return context.t("%s; it is on the air: 'cme extend %s 30m' or 'cme stop-at %s 22:30' moves its planned stop",
    message, label, label)
end

--- What Ctrl-C leaves behind: the service goes on with a start that it has.
---@param args table
---@param t fun(text: string, ...): string
---@return string message
function start.interruption(args, t)
  local named = args.project
  return t("interrupted: '%s' may be on the air: 'cme status %s' shows its state, 'cme stop %s' stops it", named, named,
    named)
end

-- Says what the platforms of the destinations do not take of the input, where the service tells what that is. It is no
-- failure: not of the start, and not where the service does not answer now.
local function warn(context, project)
  local info = not context.dry_run and reading.of(project, LOOK)
  local unsuitable = info and suitability.of(context, info) or {}
  for _, line in ipairs(suitability.lines(context, unsuitable)) do
    context.system.err(("cme start: %s\n"):format(line))
  end
  return unsuitable[1] and unsuitable or nil
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function start.run(args, context)
  local stop_at, message, detail = clock.stop_at(context)
  if stop_at == nil then return context:fail(message --[[@as string]], detail) end
  local found, show, why, made, made_show = projects.find(context, args.project)
  found, show = found or made, found and show or made_show or show
  if not found then return context:fail(show --[[@as string]], why) end
  if not stop_at and type(show) == "table" then stop_at = show.stop_at end
  local ok
  ok, message, detail = found:start { stop_at = stop_at or nil }
  if not ok then return context:fail(with_way_out(context, found, message, detail), detail) end
  local t, label = context.t, projects.label(found)
  return context:done_partly(message, detail, { id = found.id, status = "working", stop_at = clock.seconds(stop_at),
    unsuitable = warn(context, found) },
    stop_at and t("started '%s', until %s", label, clock.local_time(clock.seconds(stop_at), context.system.now()))
      or t("started '%s'", label))
end

return start
