-- SPDX-License-Identifier: MIT
-- `cme input add|set|remove`: a project's inputs; of a MEDIA_CAST project its sources.

local choices = require "cme.cli.choices"
local mark = require "cme.cli.messages".mark
local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"

local input = {}

local function add_options(command)
  command:argument("input", "main or backup; MEDIA_CAST: the URL of a source.")
  command:argument("url", "URL of the live stream to pull, @FILE or -; push:SECONDS is as --push."):args "?"
  command:option("--push", "Make a push address that is valid for this many seconds."):argname "SECONDS"
    :convert(math.tointeger)
  command:option("--vod", "Play a file; repeat for more, in their order."):argname "URL":count "*"
  command:option("--loop", "How many more times to play the files; -1: until the stop."):argname "N"
    :convert(math.tointeger)
end

---@param parser table argparse's
function input.add_to_parser(parser)
  local command = parser:command("input", "Add, change and remove inputs (in a MEDIA_CAST project: sources).")
  command:command_target "verb"
  local add = command:command("add", "Add an input.")
  add:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  add_options(add)
  add:option("--position", "MEDIA_CAST: position in the list of sources; 1 is the first."):argname "N"
    :convert(math.tointeger)
  local set = command:command("set", "Change an input; STREAM_CONNECT only.")
  set:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  add_options(set)
  local remove = command:command("remove", "Remove an input.")
  remove:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  remove:argument("input", "main or backup; MEDIA_CAST: the source's id.")
end

local function usage(message)
  return nil, message, { code = "invalid.usage" }
end

-- The input that the options describe; exactly one of the three ways.
local function described(context, args)
  local ways = (args.url and 1 or 0) + (args.push and 1 or 0) + (args.vod[1] and 1 or 0)
  if ways ~= 1 then return usage(context.t "give one of: a URL, --push SECONDS, --vod URL") end
  if args.push then return { push = args.push } end
  if args.vod[1] then return { vod = args.vod, loop = args.loop } end
  return specs.input(context, args.url)
end

local ENDPOINTS = { main = true, backup = true }

-- Those of a STREAM_CONNECT project, by endpoint.
local RELAY = {}

local function no_endpoint(context)
  return usage(context.t("argument '%s' must be one of %s", "input", choices.list({ "main", "backup" }, context.t)))
end

function RELAY.add(context, project, args)
  if not ENDPOINTS[args.input] then return no_endpoint(context) end
  local taken, message, detail = described(context, args)
  if not taken then return nil, message, detail end
  return project:add_input(args.input, taken)
end

function RELAY.set(context, project, args)
  local taken, message, detail = described(context, args)
  if not taken then return nil, message, detail end
  return project:set_input(args.input, taken)
end

function RELAY.remove(_, project, args)
  return project:remove_input(args.input)
end

-- Those of a MEDIA_CAST project, which has sources and no endpoints.
local CAST = {}

function CAST.add(context, project, args)
  if args.url or args.push or args.vod[1] then
    return usage(context.t "a MEDIA_CAST project has sources: give the URL of one")
  end
  local url, message, detail = context:content(args.input)
  if not url then return nil, message, detail end
  return project:add_source(url, args.position)
end

function CAST.set(context)
  return usage(context.t "a source of a MEDIA_CAST project cannot be changed: add the new one, then remove the old one")
end

function CAST.remove(_, project, args)
  return project:remove_source(args.input)
end

local VERBS = { STREAM_CONNECT = RELAY, MEDIA_CAST = CAST }

local DONE = {
  add = mark "'%s': input '%s' added",
  set = mark "'%s': input '%s' changed",
  remove = mark "'%s': input '%s' removed",
}

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function input.run(args, context)
  return projects.act(context, args.project, function(project)
    local category, message, detail = projects.category(project)
    if not category then return nil, message, detail end
    return VERBS[category][args.verb](context, project, args)
  end, function(project, value)
    local name = type(value) == "string" and value or args.input
    return { id = project.id, input = name }, context.t(DONE[args.verb], projects.label(project), name)
  end)
end

return input
