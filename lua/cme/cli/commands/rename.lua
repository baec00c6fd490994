-- SPDX-License-Identifier: MIT
-- `cme rename`: gives a project another name.

local projects = require "cme.cli.projects"

local rename = {}

---@param parser table argparse's
function rename.add_to_parser(parser)
  local command = parser:command("rename", "Rename a project.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("name", "The new name, at most 30 characters.")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function rename.run(args, context)
  local before
  return projects.act(context, args.project, function(project)
    before = projects.label(project)
    return project:rename(args.name)
  end, function(project)
    return { id = project.id, name = args.name }, context.t("'%s' is now called '%s'", before, args.name)
  end)
end

return rename
