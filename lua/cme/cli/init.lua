-- SPDX-License-Identifier: MIT
-- The `cme` command: one file per command in commands/, each with add_to_parser(parser) and run(args, context), which
-- returns an exit code (exit.lua). Only run() loads what talks to a service, or is one. A wrong command line gets one
-- line on stderr; so does misuse that the library raises, which is the caller's mistake here too.

local argparse = require "argparse"
local choices = require "cme.cli.choices"
local codes = require "cme.codes"
local context = require "cme.cli.context"
local exit = require "cme.cli.exit"
local fields = require "cme.cli.fields"
local help = require "cme.cli.help"
local messages = require "cme.cli.messages"
local misuse = require "cme.text.options".misuse
local strings = require "cme.text.strings"
local version = require "cme.version"

local cli = {}

-- In the order of the help. Some are installed with the service's part only.
cli.COMMANDS = {
  "create", "start", "stop", "extend", "stop-at", "status", "list", "switch", "output", "input", "push-url",
  "record", "rename", "delete", "ensure", "run", "watch", "look", "call", "sign", "url", "platforms", "doctor",
  "serve", "fleet", "relay", "completion",
}
local SERVER = "cme-server"

-- Those that take --Field.Sub.0 options.
local TAKES_FIELDS = { call = true, sign = true }

local function module_of(name)
  return "cme.cli.commands." .. name:gsub("-", "_")
end

local function installed(name)
  return package.searchpath(module_of(name), package.path) ~= nil
end

--- Makes the parser of all commands, in English.
---@return table parser argparse's
function cli.parser()
  local parser = argparse("cme", "Send one live source to many platforms, with Tencent Cloud CME or cme serve.")
  parser:help_max_width(100)
  parser:usage "Usage: cme [options] <command> ..."
  parser:command_target "command"
  for _, name in ipairs(cli.COMMANDS) do
    if installed(name) then
      require(module_of(name)).add_to_parser(parser)
    else
      parser:command(name):hidden(true)
    end
  end
  require "cme.cli.options".add_to_parser(parser)
  parser:flag("-V --version", "Show the version and exit."):action(function() error({ version = true }, 0) end)
  help.take_over(parser)
  return parser
end

-- A full disk or a closed pipe must not look like success.
local function write_out(text)
  local ok, reason = io.stdout:write(text)
  if ok then ok, reason = io.stdout:flush() end
  if not ok then error({ output = reason }, 0) end
end

---@type cme.cli.system
local SYSTEM = {
  getenv = os.getenv, open = io.open, now = os.time, out = write_out,
  err = function(text) io.stderr:write(text) end,
  read = function() return io.stdin:read "a" end,
  is_terminal = function() return os.execute "test -t 1" == true end,
}

-- ---- wrong command lines

-- argparse's own words, with what is in them, and ours. choices: which part is a list of names in quotes.
local COMPLAINTS = {
  { "^unknown option '(.-)'", messages.mark "unknown option '%s'" },
  { "^unknown command '(.-)'", messages.mark "unknown command '%s'" },
  { "^missing argument '(.-)'$", messages.mark "argument '%s' is missing" },
  { "^missing option '(.-)'$", messages.mark "option '%s' is missing" },
  { "^option '(.-)' requires an argument$", messages.mark "option '%s' needs a value" },
  { "^option '(.-)' does not take arguments$", messages.mark "option '%s' takes no value" },
  { "^argument for option '(.-)' must be one of (.*)$", messages.mark "option '%s' must be one of %s", choices = 2 },
  { "^argument '(.-)' must be one of (.*)$", messages.mark "argument '%s' must be one of %s", choices = 2 },
  { "^malformed argument '(.-)'$", messages.mark "'%s' is not what is needed here" },
  { "^'(.-)' is not a number$", messages.mark "'%s' is not a number" },
  { "^too many arguments$", messages.mark "too many arguments" },
  { "^a command is required$", messages.mark "a command is needed" },
  { "^option '(.-)' can not be used together with option '(.-)'$",
    messages.mark "options '%s' and '%s' exclude each other" },
}

-- What the library raises for misuse that a command line can make.
local MISUSES = {
  { "^option '(.-)': 0.001 to 2000000 seconds are needed$",
    messages.mark "option '%s': 0.001 to 2000000 seconds are needed" },
  { "^option '(.-)': a whole number from 0 to 100 is needed$",
    messages.mark "option '%s': a whole number from 0 to 100 is needed" },
  { "^option '(.-)': missing$", messages.mark "option '%s': missing" },
  { "^option '(.-)': unknown %(did you mean '(.-)'%?%)$", messages.mark "option '%s': unknown (did you mean '%s'?)" },
  { "^option '(.-)': unknown %(there are (.*)%)$", messages.mark "option '%s': unknown (there are %s)" },
  { "^switch: 'main' or 'backup' is needed, got '([^']*)'$",
    messages.mark "switch: 'main' or 'backup' is needed, got '%s'" },
  { "^switch: 'main' or 'backup' is needed, got '([^']*)' %(did you mean '(.-)'%?%)$",
    messages.mark "switch: 'main' or 'backup' is needed, got '%s' (did you mean '%s'?)" },
}

-- A text by the first entry that it fits, in the reader's language; else as it is.
local function worded(said, entries, t)
  for _, entry in ipairs(entries) do
    local captures, list = table.pack(said:match(entry[1])), entry.choices
    if captures[1] and list then captures[list] = choices.list(choices.names(captures[list]), t) end
    if captures[1] then return entry[2]:find("%s", 1, true) and t(entry[2], table.unpack(captures)) or t(entry[2]) end
  end
  return said
end

-- What was probably meant: argparse's only guess, or the nearest of several.
local function near_of(said)
  local near, several = said:match "\nDid you mean '(.-)'%?", said:match "\nDid you mean one of these: (.-)%?"
  return several and strings.nearest(said:match "'(.-)'", choices.names(several)) or near
end

local function complaint(said, t)
  local shown, near = worded(said:match "^[^\n]*", COMPLAINTS, t), near_of(said)
  return near and t("%s (did you mean '%s'?)", shown, near) or shown
end

local function asks_json(args)
  for _, arg in ipairs(args) do
    if arg == "--json" then return true end
  end
  return false
end

-- There is no context yet, but a program that asked for JSON gets its object here, too.
local function wrong(system, path, message, t, args)
  local name = path == "" and "cme" or "cme " .. path
  message = t("%s (see %s --help)", message, name)
  system.err(("%s: %s\n"):format(name, message))
  if asks_json(args) then
    local told = { error = { code = "invalid.usage", message = message, exit = exit.USAGE } }
    system.out(assert(require "cme.json".encode(told)) .. "\n")
  end
  return exit.USAGE
end

-- ---- running

-- Parses; gives the result, or { usage, at }, { help, result } or { version } in its place.
local function parse(parser, args)
  parser.error = function(at, message) error({ usage = message, at = at }, 0) end
  local ok, result = pcall(parser.parse, parser, args)
  if ok then return result end
  if type(result) ~= "table" then error(result, 0) end
  return nil, result
end

-- The words of the command that was parsed: { output = true, command = "output", verb = "add" } -> "output add".
local function path_of(parsed)
  return parsed.verb and parsed.command .. " " .. parsed.verb or parsed.command
end

-- Tells what the library raised for misuse from errors of our own.
local function judge(raised)
  if type(raised) == "table" then return raised end
  if tostring(raised):find "interrupted!$" then return { interrupted = true } end -- what `lua` makes of Ctrl-C
  local info = debug.getinfo(3, "f")
  if info and info.func == misuse and type(raised) == "string" then
    local _, detail = debug.getlocal(3, 2)
    return { misuse = raised:gsub("^[^:]*:%d+: ", ""), detail = detail }
  end
  return { traceback = debug.traceback(tostring(raised), 2) }
end

-- "cme.client: option 'endpoint': ..." names what a script would have written; here it is an option.
local function reworded(misused, detail, t, language)
  misused = misused:gsub("^cme%.[%w_.]+: ", "")
  local at, rest = misused:match "^option '([^']*)': (.*)$"
  if at and detail then return t("option '%s': %s", at, codes.say(detail, language)) end
  if at and rest:find "^option '" then return t("option '%s': %s", at, worded(rest, MISUSES, t)) end
  return worded(misused, MISUSES, t)
end

-- The first of the Lua modules a command needs beside the client's own that is not there.
local function lacking(command)
  for _, name in ipairs(command.NEEDS or {}) do
    if not package.searchpath(name, package.path) and not package.searchpath(name, package.cpath) then return name end
  end
end

local function run(command, parsed, system, language)
  local path = path_of(parsed)
  local works = context.new(parsed, path, system, language)
  local module = lacking(command)
  if module then
    return works:fail(works.t("the Lua module '%s' is not installed", module), { code = "local.module" })
  end
  local ok, result = xpcall(command.run, judge, parsed, works)
  if ok then return result end
  if result.interrupted then
    local said = command.interruption and command.interruption(parsed, works.t) or works.t "interrupted"
    return works:fail(said, { code = "local.interrupted" })
  end
  if result.misuse then return works:usage(reworded(result.misuse, result.detail, works.t, language)) end
  if result.output then
    system.err(("cme %s: %s\n"):format(path, works.t("stdout: %s", result.output)))
    return exit.OTHER
  end
  system.err(("cme %s: %s: %s\n"):format(path, works.t "internal error", result.traceback))
  if works.json then
    works:write_json { error = { code = "local.internal", message = result.traceback, exit = exit.OTHER } }
  end
  return exit.OTHER
end

-- What is wrong with a command line that argparse does not take. Several fields without their "--" are too many
-- arguments to it.
local function said_of(found, t, args)
  if TAKES_FIELDS[help.path(found.at)] and found.usage:find "^too many arguments" then
    for _, arg in ipairs(args) do
      local name = fields.bare(arg)
      if name then return fields.advice(name, t) end
    end
  end
  return complaint(found.usage, t)
end

-- Help and version are results too: they go to stdout.
local function answer(found, parser, system, t, args)
  if found.version then
    system.out("cme " .. version .. "\n")
    return exit.DONE
  elseif found.help then
    local name = found.result.command
    local command = found.help ~= parser and require(module_of(name))
    system.out(help.text(found.help, t) .. "\n")
    if command and command.more_help then system.out(command.more_help(found.result, t)) end
    return exit.DONE
  end
  return wrong(system, help.path(found.at), said_of(found, t, args), t, args)
end

-- --language counts for what is said about the command line too.
local function language_of(args, getenv)
  for i, arg in ipairs(args) do
    local named = arg:match "^%-%-language=(.*)$" or arg == "--language" and args[i + 1]
    if messages.BY_API[named] then return messages.BY_API[named] end
  end
  return messages.language(getenv)
end

-- argparse takes "-1" for an option: a negative number goes with the option before it. The engine's arguments are its
-- own.
local function join_numbers(args)
  if args[1] == "relay" then return args end
  local joined = {}
  for _, arg in ipairs(args) do
    local last = joined[#joined]
    if arg:find "^%-%d+$" and last and last:find "^%-%-%l[%w-]*$" then
      joined[#joined] = last .. "=" .. arg
    else
      joined[#joined + 1] = arg
    end
  end
  return joined
end

-- Of "-h1=10.0.0.1" argparse takes the "-h", and would show the help.
local function odd_flag(args)
  for _, arg in ipairs(args[1] == "relay" and {} or args) do
    if arg == "--" then return nil end
    if arg:find "^%-h." then return arg end
  end
end

--- Runs a command line.
---@param args string[] without the program's name
---@param system cme.cli.system|nil the real one when nil
---@return integer exit_code see cme.cli.exit
function cli.main(args, system)
  system = system or SYSTEM
  local language = language_of(args, system.getenv)
  local t = messages.translator(language)
  local parser = cli.parser()
  if language ~= "en" then help.translate(parser, t) end
  local rest, given = fields.split(args)
  if not rest then return wrong(system, "call", t("field '%s' has no value", given), t, args) end
  local flag = odd_flag(rest)
  if flag then return wrong(system, "", t("unknown option '%s'", flag), t, args) end
  local parsed, found = parse(parser, join_numbers(rest))
  if not parsed then return answer(found, parser, system, t, args) end
  if given[1] and not TAKES_FIELDS[parsed.command] then
    return wrong(system, path_of(parsed), t("unknown option '%s'", "--" .. given[1].name), t, args)
  end
  parsed.fields = given
  require "cme.cli.options".complete(parsed, system.getenv)
  if not installed(parsed.command) then
    system.err(("cme %s: %s\n"):format(parsed.command, t("not installed (it comes with %s)", SERVER)))
    return exit.OTHER
  end
  return run(require(module_of(parsed.command)), parsed, system, language)
end

return cli
