-- SPDX-License-Identifier: MIT
-- `cme create`: creates a project, from a file or from options; it does not start.

local one_line = require "cme.cli.context".one_line
local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"

local create = {}

---@param parser table argparse's
function create.add_to_parser(parser)
  local command = parser:command("create", "Create a project without starting it.")
  command:argument("project", "The new project's name, or a file with its spec (SHOW.lua, SPEC.json).")
  specs.add_to_parser(command)
  command:epilog "URLs contain keys: write @FILE to read a URL from a file, - to read it from stdin."
end

-- Two projects of one name are allowed; whoever then says `cme stop NAME` should not be surprised.
local function warn_of_namesakes(context, name, id)
  local found = not context.dry_run and projects.list(context, { name = name }) or {}
  local others = {}
  for _, info in ipairs(found) do
    if info.id ~= id then others[#others + 1] = info end
  end
  if not others[1] then return end
  local message = context.t("warning: there is another project named '%s' (%s): commands need an id now", name,
    projects.distinctions(context, others))
  context.system.err(("cme %s: %s\n"):format(context.command, one_line(message)))
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
  warn_of_namesakes(context, made.name, id)
  return context:done({ id = id, name = made.name },
    context.t("created '%s': %s", projects.label(made), id))
end

return create
