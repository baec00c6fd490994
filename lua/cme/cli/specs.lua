-- SPDX-License-Identifier: MIT
-- A project's spec on a command line: a name with options, or a file.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local platforms = require "cme.platforms"
local projects = require "cme.cli.projects"

local specs = {}

local OPTIONS = { "owner", "description", "category", "input", "backup", "slate", "silence", "merge", "standby",
  "record", "look_inputs", "failover_on", "output",
  "source" }
local BLACK = "black" -- the slate that is no file

--- Adds the options of a spec.
---@param command table argparse's
function specs.add_to_parser(command)
  command:option("--owner", "Owner of the project: your own id of the user."):argname "ID"
  command:option("--input", "The live stream to relay; push:SECONDS makes a push address that is valid this long.")
    :argname "URL"
  command:option("--backup", "The backup stream; written as --input."):argname "URL"
  command:option("--slate", "cme serve: a video or picture of its media folder, or black, to send when no input works.")
    :argname "NAME"
  command:flag("--silence", "cme serve: add a silent track to inputs without sound.")
  command:flag("--merge", "cme serve: main and backup carry the packets of one encoder; take each from whichever "
    .. "has it.")
  command:flag("--standby", "A fleet of cme serve: have another node read the inputs, to go on at once.")
  command:flag("--look-inputs", "cme serve: look at what the inputs show.")
  command:option("--failover-on", "With --look-inputs: switch to the backup when main shows this; repeat for more.")
    :choices(limits.failover_on):count "*"
  command:option("--record", "cme serve --recordings: record it into files whose names begin so."):argname "NAME"
  command:option("--output", "A destination, optionally with its name in front; repeat for more. Instead of the URL "
    .. "you may write PLATFORM:KEY or 'SERVER KEY'; cme platforms lists the platforms."):argname "[NAME=]URL":count "*"
  command:option("--source", "MEDIA_CAST: a source to play; repeat for more, in their order."):argname "URL":count "*"
  command:option("--category", "STREAM_CONNECT relays a stream; MEDIA_CAST plays sources and encodes them again.")
    :choices { "STREAM_CONNECT", "MEDIA_CAST" }
  command:option("--description", "A description of the project."):argname "TEXT"
end

--- An input as cme.project takes it.
---@param context cme.cli.context
---@param written string|nil a URL, @FILE, -, or push:SECONDS
---@return cme.project.input|false|nil input false: none was given
---@return string|nil message
---@return table|nil detail
function specs.input(context, written)
  if not written then return false end
  local seconds = written:match "^push:(%d+)$"
  if seconds then return { push = math.tointeger(tonumber(seconds)) } end
  return context:content(written)
end

-- "PLATFORM:REST" taken apart; nil: a scheme or no colon.
local function prefix_of(written)
  local prefix, rest = written:match "^([^:/%s]+):(.*)$"
  if prefix and not rest:find "^//" then return prefix, rest end
end

-- The parts of "PLATFORM:KEY", "PLATFORM:SERVER KEY" and "SERVER KEY"; nil: it is none of these.
local function parts_of(written)
  local prefix, rest = prefix_of(written)
  local platform = prefix and platforms.get(prefix)
  rest = (platform and rest or written):match "^%s*(.-)%s*$"
  local server, key = rest:match "^(%a[%w+.-]*://%S+)%s+(.+)$"
  if not platform and not server then return nil end
  return { platform = platform and platform.name, server = server, key = key or rest }
end

-- What is no URL and begins nearly like a platform was meant as one.
local function near_platform(written)
  local prefix = prefix_of(written)
  if not prefix then return nil end
  local _, message, detail = platforms.get(prefix)
  if detail and detail.values.near then return message, detail end
end

--- Where a destination is: a URL, or what joins into one.
---@param context cme.cli.context
---@param written string a URL, "PLATFORM:KEY", "PLATFORM:SERVER KEY", "SERVER KEY", or @FILE or - with one of these;
--- KEY may be @FILE or - by itself
---@return { url: string, platform: string|nil }|nil place
---@return string|nil message
---@return table|nil detail
function specs.place(context, written)
  local content, message, detail = context:content(written)
  if not content then return nil, message, detail end
  local parts = parts_of(content)
  if not parts then
    message, detail = near_platform(content)
    if message then return nil, message, detail end
    return { url = content }
  end
  if content == written then parts.key, message, detail = context:content(parts.key) end
  if not parts.key then return nil, message, detail end
  return platforms.locate(parts)
end

--- An output as cme.project takes it: a place, with "NAME=" in front or without. What stands before the first "=" is a
--- name only when it cannot be part of a place.
---@param context cme.cli.context
---@param written string
---@param number integer by which one without a name is called in messages
---@return cme.project.output|nil output
---@return string|nil message
---@return table|nil detail
function specs.output(context, written, number)
  local name, rest = written:match "^([^=]*)=(.*)$"
  if not name or name:find("://", 1, true) or name:find "^@" or parts_of(name) then name, rest = nil, written end
  local place, message, detail = specs.place(context, rest)
  if not place and detail.sentence then
    return codes.within("in.output", { id = name or tostring(number) }, message, detail)
  end
  if not place then return nil, message, detail end
  return { name = name ~= "" and name or nil, url = place.url, platform = place.platform }
end

local function from_options(context, args)
  local spec = { name = args.project, owner = args.owner, description = args.description, category = args.category }
  for _, member in ipairs { "input", "backup" } do
    local input, message, detail = specs.input(context, args[member])
    if input == nil then return nil, message, detail end
    spec[member] = input or nil
  end
  if args.output[1] then spec.outputs = {} end
  for i, written in ipairs(args.output) do
    local output, message, detail = specs.output(context, written, i)
    if not output then return nil, message, detail end
    spec.outputs[i] = output
  end
  if args.source[1] then spec.sources = args.source end
  if args.slate then spec.slate = args.slate == BLACK or args.slate end
  spec.silence, spec.merge, spec.standby = args.silence, args.merge, args.standby
  spec.look_inputs = args.look_inputs
  spec.failover_on = args.failover_on[1] and args.failover_on or nil
  spec.record = args.record and { name = args.record } or nil
  return spec
end

local function is_given(value)
  return value ~= nil and (type(value) ~= "table" or value[1] ~= nil)
end

--- The project that a command line describes.
---@param context cme.cli.context
---@param args table
---@return cme.project|nil
---@return string|table|nil show of a file; else the message
---@return cme.detail|nil detail
function specs.project(context, args)
  if projects.is_file(args.project) then
    for _, name in ipairs(OPTIONS) do
      if is_given(args[name]) then
        local option = "--" .. name:gsub("_", "-")
        return nil, context.t("option '%s': the file says it already", option), { code = "invalid.usage" }
      end
    end
    return projects.load(context, args.project)
  end
  if not args.owner then return nil, context.t("option '%s' is missing", "--owner"), { code = "invalid.usage" } end
  local spec, message, detail = from_options(context, args)
  if not spec then return nil, message, detail end
  return context:client():project(spec)
end

return specs
