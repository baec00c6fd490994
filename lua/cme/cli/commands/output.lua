-- SPDX-License-Identifier: MIT
-- `cme output add|set|remove|enable|disable`: a project's destinations, also on the air.

local limits = require "cme.api.limits"
local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"
local text = require "cme.text.strings"

local output = {}

local OUTPUT = "Id or name of the output."

local function add_verb(parser, name, description, needs_output)
  local command = parser:command(name, description)
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  if needs_output then command:argument("output", OUTPUT) end
  return command
end

---@param parser table argparse's
function output.add_to_parser(parser)
  local command = parser:command("output", "Add, change and remove destinations, also while on the air.")
  command:command_target "verb"
  local add = add_verb(command, "add", "Add a destination.")
  add:argument("url", "URL to push to, PLATFORM:KEY or 'SERVER KEY'; @FILE or -.")
  add:option("--name", "Name of the destination."):argname "NAME"
  add:option("--codecs", "Codecs it takes by RTMP."):choices(limits.codecs)
  add:option("--watch", "Where viewers watch it; cme look and cme run look there."):argname "URL"
  add:option("--id", "Id of the destination; generated if omitted."):argname "ID"
  local set = add_verb(command, "set", "Change a destination; only what you give is changed.", true)
  set:option("--name", "New name."):argname "NAME"
  set:option("--url", "New URL, PLATFORM:KEY or 'SERVER KEY'; @FILE or -."):argname "URL"
  set:option("--codecs", "Codecs it takes by RTMP."):choices(limits.codecs)
  set:option("--watch", "Where viewers watch it; '' for nowhere."):argname "URL"
  add_verb(command, "remove", "Remove a destination.", true)
  add_verb(command, "enable", "Resume pushing to a destination.", true)
  add_verb(command, "disable", "Stop pushing to a destination, but keep its URL.", true)
end

local function fail(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

--- Finds an output by id, else by name.
---@param context cme.cli.context
---@param project cme.project
---@param given string
---@return string|nil id
---@return string|nil message
---@return table|nil detail
local function find(context, project, given)
  local info, message, detail = project:info()
  if not info then return nil, message, detail end
  local named
  for _, one in ipairs(info.outputs) do
    if one.id == given then return given end
    if one.name == given then
      if named then
        return fail("ambiguous", context.t("project '%s': two outputs are named '%s': give the id",
          projects.label(project), given))
      end
      named = one.id
    end
  end
  if named then return named end
  return fail("not_found", context.t("project '%s': output '%s': not found", projects.label(project),
    text.printable(given, 120)))
end

-- The address where viewers watch; false: none was given.
local function watch_of(context, args)
  if not args.watch then return false end
  return context:content(args.watch)
end

-- What each verb does; a value, or a fail tuple.
local VERBS = {}

function VERBS.add(context, project, args)
  local place, message, detail = specs.place(context, args.url)
  if not place then return nil, message, detail end
  local watch
  watch, message, detail = watch_of(context, args)
  if watch == nil then return nil, message, detail end
  return project:add_output {
    id = args.id, name = args.name, url = place.url, platform = place.platform, codecs = args.codecs,
    watch = watch or nil,
  }
end

function VERBS.set(context, project, args)
  if not args.name and not args.url and not args.codecs and not args.watch then
    return fail("usage", context.t "nothing to change: give --name, --url, --codecs or --watch")
  end
  local watch, why, refusal = watch_of(context, args)
  if watch == nil then return nil, why, refusal end
  local place, message, detail = {}, nil, nil
  if args.url then place, message, detail = specs.place(context, args.url) end
  if not place then return nil, message, detail end
  local id
  id, message, detail = find(context, project, args.output)
  if not id then return nil, message, detail end
  local ok
  ok, message, detail = project:set_output {
    id = id, name = args.name, url = place.url, platform = place.platform, codecs = args.codecs,
    watch = watch or nil,
  }
  if not ok then return nil, message, detail end
  return id
end

local function by_id(method)
  return function(context, project, args)
    local id, message, detail = find(context, project, args.output)
    if not id then return nil, message, detail end
    local ok
    ok, message, detail = project[method](project, id)
    if not ok then return nil, message, detail end
    return id
  end
end

VERBS.remove, VERBS.enable, VERBS.disable = by_id "remove_output", by_id "enable_output", by_id "disable_output"

local mark = require "cme.cli.messages".mark
local DONE = {
  add = mark "'%s': output '%s' added",
  set = mark "'%s': output '%s' changed",
  remove = mark "'%s': output '%s' removed",
  enable = mark "'%s': output '%s' resumed",
  disable = mark "'%s': output '%s' paused",
}

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function output.run(args, context)
  return projects.act(context, args.project, function(project)
    return VERBS[args.verb](context, project, args)
  end, function(project, id)
    return { id = project.id, output = id }, context.t(DONE[args.verb], projects.label(project), id)
  end)
end

return output
