-- SPDX-License-Identifier: MIT
-- `cme list`: the projects that can be relayed, newest first.

local clock = require "cme.cli.clock"
local projects = require "cme.cli.projects"
local reading = require "cme.cli.reading"
local states = require "cme.cli.states"

local list = {}

---@param parser table argparse's
function list.add_to_parser(parser)
  local command = parser:command("list", "List projects, newest first.")
  command:option("--owner", "Only projects of this owner."):argname "ID"
  command:option("--category", "Only projects of this category."):choices { "STREAM_CONNECT", "MEDIA_CAST" }
  command:option("--status", "Only projects in this state."):choices { "idle", "working" }
end

local function rows_of(context, found)
  local t = context.t
  local rows = { { t "NAME", t "ID", t "STATE", t "INPUT", t "OUTPUTS", t "STOPS", t "OWNER" } }
  for _, info in ipairs(found) do
    rows[#rows + 1] = { info.name or "", info.id, states.cell(info.status, t), info.active or "", #info.outputs,
      info.stop_at and clock.local_time(info.stop_at, context.system.now()) or "", info.owner or "" }
  end
  return rows
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function list.run(args, context)
  local filter = { owner = args.owner, category = args.category, status = args.status }
  local found, message, detail = projects.list(context, filter)
  if not found then return context:fail(message --[[@as string]], detail) end
  if context.json then return context:done(found) end
  if not found[1] then return context:done(found, context.t "no projects") end
  context:table(rows_of(context, found))
  local warning = reading.warning(context, found)
  if warning then context:say(warning) end
  return context:done(found)
end

return list
