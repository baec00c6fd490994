-- SPDX-License-Identifier: MIT
-- `cme stop`: stops a broadcast; the project stays.

local projects = require "cme.cli.projects"

local stop = {}

---@param parser table argparse's
function stop.add_to_parser(parser)
  local command = parser:command("stop", "Stop a broadcast; the project stays and can be started again.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function stop.run(args, context)
  return projects.act(context, args.project, function(project) return project:stop() end, function(project)
    return { id = project.id, status = "idle" }, context.t("stopped '%s'", projects.label(project))
  end, true)
end

return stop
