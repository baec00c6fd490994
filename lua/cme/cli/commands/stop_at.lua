-- SPDX-License-Identifier: MIT
-- `cme stop-at`: says when a broadcast that is on the air stops by itself.

local clock = require "cme.cli.clock"
local projects = require "cme.cli.projects"

local stop_at = {}

---@param parser table argparse's
function stop_at.add_to_parser(parser)
  local command = parser:command("stop-at", "Set the planned stop of a running broadcast.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("time", "When to stop: 22:30 (the next one), or 2026-11-22T22:30:00+08:00.")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function stop_at.run(args, context)
  local at, message, detail = clock.take_point(context, "time", args.time)
  if at then at, message, detail = clock.take_stop(context, "time", at) end
  if not at then return context:fail(message --[[@as string]], detail) end
  return projects.act(context, args.project, function(project) return project:set_stop_at(at) end, function(project)
    return { id = project.id, stop_at = at }, context.t("'%s' now stops at %s", projects.label(project),
      clock.local_time(at, context.system.now()))
  end, true)
end

return stop_at
