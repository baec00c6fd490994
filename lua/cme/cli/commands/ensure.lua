-- SPDX-License-Identifier: MIT
-- `cme ensure`: makes the service match a file, with the fewest calls.

local clock = require "cme.cli.clock"
local json = require "cme.json"
local one_line = require "cme.cli.context".one_line
local projects = require "cme.cli.projects"

local ensure = {}

---@param parser table argparse's
function ensure.add_to_parser(parser)
  local command = parser:command("ensure",
    "Make the service match a file with as few calls as possible.")
  command:argument("file", "SHOW.lua or SPEC.json.")
  command:option("--status", "Also start or stop the project."):choices { "idle", "working" }
  clock.add_stop_to_parser(command)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function ensure.run(args, context)
  if not projects.is_file(args.file) then
    return context:usage(context.t("argument '%s': a file is needed: SHOW.lua or SPEC.json", "file"))
  end
  local stop_at, message, detail = clock.stop_at(context)
  if stop_at == nil then return context:fail(message --[[@as string]], detail) end
  local project, show, why = projects.load(context, args.file)
  if not project then return context:fail(show --[[@as string]], why) end
  if not stop_at and args.status == "working" then stop_at = show.stop_at end
  local done
  done, message, detail = project:ensure { status = args.status, stop_at = stop_at or nil }
  if not done then return context:fail(message --[[@as string]], detail) end
  local lines = { not done[1] and context.t("'%s' is up to date", projects.label(project)) or nil }
  for i, what in ipairs(done) do lines[i] = one_line(what) end
  return context:done_partly(message, detail, { id = project.id, done = json.array(done) }, table.unpack(lines))
end

return ensure
