-- SPDX-License-Identifier: MIT
-- Makes docs/cme.1, the man page, from what `cme --help` is made from: `lua5.4 tools/gen_man.lua`. A spec compares the
-- file in git to what this makes. As a module: page() gives the text.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = (os.getenv "CME_BUILD" or "build") .. "/lib/lua/5.4/?.so;" .. package.cpath

local PATH = "docs/cme.1"

local ENVIRONMENT = {
  { "CME_ENDPOINT, CME_PLATFORM", "The service and the platform, where the options do not say." },
  { "TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, TENCENTCLOUD_TOKEN", "The key to sign with." },
  { "TENCENTCLOUD_CREDENTIALS_FILE", "The credentials file; ~/.tencentcloud/credentials when not set." },
  { "CME_METADATA", "off: no metadata service is asked for a key." },
  { "LC_ALL, LC_MESSAGES, LANG", "The first that is set decides the language: Chinese for zh, else English." },
  { "NO_COLOR", "Set: no colours. There are none without a terminal, either." },
}

local EXAMPLES = {
  { "A broadcast of two hours, from nothing:",
    "cme create gala --owner me --input https://play.example.com/live/src.flv \\\n"
      .. "    --output A=rtmp://push.example.com/live/key1 --output B=@/etc/show/key2",
    "cme doctor gala", "cme start gala --for 2h", "cme status gala", "cme switch gala backup",
    "cme extend gala 30m", "cme stop gala" },
  { "What a change would send, without sending it:", "cme ensure show.json --status working --dry-run" },
  { "Any action of the service, for a program:",
    "cme call DescribeProjects --Owner.Type PERSON --Owner.Id me --json" },
  { "Why a service says SignatureFailure:", "cme sign DescribeProjects --Limit 1 --explain" },
}

local ERROR_MEMBERS = table.concat(require "cme.cli.context".ERROR_MEMBERS, ", ")

local DESCRIPTION = {
  "A project takes one live source, and a backup, to many destinations. It is given by its id, by its name, or by a "
    .. "file with its spec: a show file (SHOW.lua), or the options of cme.project as JSON (SPEC.json). Arguments that "
    .. "are URLs or keys are read from a file when written @FILE, and from stdin when written -, so that they stay out "
    .. "of the process list and the shell's history.",
  "Results go to stdout: tables for people, with --json one line of JSON for programs. A failure is one line on "
    .. "stderr, with --json an object { \"error\": { " .. ERROR_MEMBERS .. " } } on stdout too. Stream keys "
    .. "are shown as *** unless --reveal asks for them; secret keys are never shown.",
  "With --dry-run what only reads is read, and what would change something is shown in place of being sent, after "
    .. "all checks and with ids of \"dry-run\" for what would be made.",
}

-- Text as roff shows it: no line begins with a request, hyphens are hyphens.
local function roff(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (("\n" .. text):gsub("\n([.'])", "\n\\&%1"):sub(2))
end

local function add_arguments(out, list)
  for _, argument in ipairs(list) do
    out(".TP", ".I " .. roff(argument.name), roff(argument.description))
  end
end

local function add_options(out, list)
  for _, option in ipairs(list) do
    out(".TP", ".B " .. roff(option.names), roff(option.description))
  end
end

-- A command, and those below it.
local function add_command(out, command)
  out(".SS cme " .. roff(command.path), roff(command.description))
  if #command.commands == 0 then out(".PP", ".I " .. roff(command.usage)) end
  add_arguments(out, command.arguments)
  local own = {}
  for _, option in ipairs(command.options) do
    if not option.names:find "--help" then own[#own + 1] = option end
  end
  add_options(out, own)
  if command.epilog then
    out(".PP", ".nf", roff(command.epilog), ".fi")
  end
  for _, one in ipairs(command.commands) do add_command(out, one) end
end

local function add_examples(out)
  for _, example in ipairs(EXAMPLES) do
    out(".PP", roff(example[1]), ".PP", ".RS", ".nf")
    for i = 2, #example do out(roff(example[i])) end
    out(".fi", ".RE")
  end
end

local generator = {}

--- Makes the page.
---@return string
function generator.page()
  local help = require "cme.cli.commands.help"
  local described = help.describe(require "cme.cli".parser())
  local lines = { '.\\" Made by tools/gen_man.lua: change the sources of cme --help instead.' }
  local function out(...)
    for _, line in ipairs { ... } do lines[#lines + 1] = line end
  end
  out(('.TH CME 1 "" "cme %s"'):format(require "cme.version"), ".SH NAME",
    "cme \\- " .. roff(described.description:gsub("%.$", ""):gsub("^%u", string.lower)), ".SH SYNOPSIS",
    ".B cme", "[\\fIoptions\\fR] \\fIcommand\\fR ...", ".SH DESCRIPTION",
    roff(DESCRIPTION[1]), ".PP", roff(DESCRIPTION[2]), ".PP", roff(DESCRIPTION[3]),
    ".SH OPTIONS", roff "These stand before or after the command.")
  add_options(out, described.options)
  out ".SH COMMANDS"
  for _, command in ipairs(described.commands) do add_command(out, command) end
  out ".SH EXIT STATUS"
  for _, meaning in ipairs(require "cme.cli.exit".MEANINGS) do
    out(".TP", (".B %d"):format(meaning[1]), roff(meaning[2]))
  end
  out ".SH ENVIRONMENT"
  for _, variable in ipairs(ENVIRONMENT) do out(".TP", ".B " .. roff(variable[1]), roff(variable[2])) end
  out ".SH EXAMPLES"
  add_examples(out)
  return table.concat(lines, "\n") .. "\n"
end

if arg and arg[0] and arg[0]:find "gen_man%.lua$" then
  local page = generator.page() -- before the file is opened: a failure leaves it as it is
  local file = assert(io.open(PATH, "w"))
  assert(file:write(page))
  file:close()
end

return generator
