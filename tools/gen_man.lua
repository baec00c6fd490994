-- SPDX-License-Identifier: MIT
-- Makes docs/cme.1, the man page, from what `cme --help` is made from: `lua5.4 tools/gen_man.lua`. A spec compares the
-- file in git to what this makes. As a module: page() gives the text.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = (os.getenv "CME_BUILD" or "build") .. "/lib/lua/5.4/?.so;" .. package.cpath

local PATH = "docs/cme.1"

local ENVIRONMENT = {
  { "CME_ENDPOINT, CME_PLATFORM", "The service and the platform, unless the options set them." },
  { "CME_CA_FILE", "Certificates of CAs to trust in addition to the system's, unless --ca-file names them." },
  { "TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, TENCENTCLOUD_TOKEN", "The key to sign with." },
  { "TENCENTCLOUD_CREDENTIALS_FILE", "The credentials file; default ~/.tencentcloud/credentials." },
  { "CME_METADATA", "off: do not ask the metadata service for a key." },
  { "LC_ALL, LC_MESSAGES, LANG", "The first that is set decides the language: Chinese for zh, otherwise English." },
  { "NO_COLOR", "If set, colours are off. They are always off without a terminal." },
}

local EXAMPLES = {
  { "A new broadcast of two hours:",
    "cme create gala --owner me --input https://play.example.com/live/src.flv \\\n"
      .. "    --output A=rtmp://push.example.com/live/key1 --output B=@/etc/show/key2",
    "cme doctor gala", "cme start gala --for 2h", "cme status gala", "cme switch gala backup",
    "cme extend gala 30m", "cme stop gala" },
  { "Show what a change would send:", "cme ensure show.json --status working --dry-run" },
  { "Call any action of the service from a program:",
    "cme call DescribeProjects --Owner.Type PERSON --Owner.Id me --json" },
  { "Find the cause of SignatureFailure:", "cme sign DescribeProjects --Limit 1 --explain" },
}

local ERROR_MEMBERS = table.concat(require "cme.cli.context".ERROR_MEMBERS, ", ")

local DESCRIPTION = {
  "A project sends one live source, with a backup, to many destinations. Give its id, its name, or a file that "
    .. "describes it: a show file (SHOW.lua), or the options of cme.project as JSON (SPEC.json). Write URLs and keys "
    .. "as @FILE to read them from a file, or as - to read them from stdin: this keeps them out of the process list "
    .. "and the shell's history.",
  "Results go to stdout: tables for people, or with --json one line of JSON for programs. A failure is one line on "
    .. "stderr; --json adds an object { \"error\": { " .. ERROR_MEMBERS .. " } } on stdout. Stream keys "
    .. "are shown as *** unless you give --reveal; secret keys are never shown.",
  "With --dry-run cme reads as usual, but shows changes instead of sending them, after all checks. Objects that would "
    .. "be created have the id \"dry-run\".",
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
  local help = require "cme.cli.help"
  local described = help.describe(require "cme.cli".parser())
  local lines = { '.\\" Made by tools/gen_man.lua: change the sources of cme --help instead.' }
  local function out(...)
    for _, line in ipairs { ... } do lines[#lines + 1] = line end
  end
  out(('.TH CME 1 "" "cme %s"'):format(require "cme.version"), ".SH NAME",
    "cme \\- " .. roff(described.description:gsub("%.$", ""):gsub("^%u", string.lower)), ".SH SYNOPSIS",
    ".B cme", "[\\fIoptions\\fR] \\fIcommand\\fR ...", ".SH DESCRIPTION",
    roff(DESCRIPTION[1]), ".PP", roff(DESCRIPTION[2]), ".PP", roff(DESCRIPTION[3]),
    ".SH OPTIONS", roff "Write these before or after the command.")
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
