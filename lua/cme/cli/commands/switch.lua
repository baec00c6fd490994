-- SPDX-License-Identifier: MIT
-- `cme switch`: switches to another input; destinations stay connected.

local projects = require "cme.cli.projects"

local switch = {}

---@param parser table argparse's
function switch.add_to_parser(parser)
  local command = parser:command("switch", "Switch to another input; destinations stay connected.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("input", "main or backup; MEDIA_CAST: the id of the source to play.")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function switch.run(args, context)
  return projects.act(context, args.project, function(project)
    local category, message, detail = projects.category(project)
    if not category then return nil, message, detail end
    if category == "MEDIA_CAST" then return project:switch_source(args.input) end
    return project:switch(args.input)
  end, function(project)
    return { id = project.id, active = args.input },
      context.t("'%s' switched to %s", projects.label(project), args.input)
  end, true)
end

return switch
