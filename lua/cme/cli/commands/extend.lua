-- SPDX-License-Identifier: MIT
-- `cme extend`: lets a broadcast that is on the air go on for longer than planned.

local clock = require "cme.cli.clock"
local projects = require "cme.cli.projects"

local extend = {}

---@param parser table argparse's
function extend.add_to_parser(parser)
  local command = parser:command("extend", "Move the planned stop of a running broadcast to a later time.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("duration", "How much later, such as 30m.")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function extend.run(args, context)
  local seconds, message, detail = clock.take_duration(context, "duration", args.duration)
  if not seconds then return context:fail(message --[[@as string]], detail) end
  local earliest
  earliest, message, detail = clock.take_stop(context, "duration", context.system.now() + seconds)
  if not earliest then return context:fail(message --[[@as string]], detail) end
  return projects.act(context, args.project, function(project) return project:extend(seconds) end,
    function(project, stop_at)
      return { id = project.id, stop_at = stop_at }, context.t("'%s' now stops at %s", projects.label(project),
        clock.local_time(stop_at, context.system.now()))
    end, true)
end

return extend
