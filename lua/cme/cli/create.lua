-- SPDX-License-Identifier: MIT
-- `cme create`: creates a project, from a file or from options; it does not start.

local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"

local create = {}

---@param parser table argparse's
function create.add_to_parser(parser)
  local command = parser:command("create", "Create a project; it does not start.")
  command:argument("project", "The new project's name, or a file with its spec (SHOW.lua, SPEC.json).")
  specs.add_to_parser(command)
  command:epilog "URLs hold keys: @FILE in their place reads one from a file, - from stdin."
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function create.run(args, context)
  local made, message, detail = specs.project(context, args)
  if not made then return context:fail(message --[[@as string]], detail) end
  local id
  id, message, detail = made:create()
  if not id then return context:fail(message --[[@as string]], detail) end
  return context:done({ id = id, name = made.name },
    context.t("created '%s': %s", projects.label(made), id))
end

return create
