-- SPDX-License-Identifier: MIT
-- `cme delete`: deletes a project, which the service refuses while it is working.

local projects = require "cme.cli.projects"

local delete = {}

---@param parser table argparse's
function delete.add_to_parser(parser)
  local command = parser:command("delete", "Delete a project that is not on the air.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function delete.run(args, context)
  local id
  return projects.act(context, args.project, function(project)
    id = project.id
    return project:delete()
  end, function(project)
    return { id = id, deleted = true }, context.t("deleted '%s'", project.name and projects.label(project) or id)
  end)
end

return delete
