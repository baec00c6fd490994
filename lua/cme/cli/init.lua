-- SPDX-License-Identifier: MIT
-- The `cme` command: one file per command under cme/cli, each with add_to_parser(parser) and run(args) -> exit code.
-- A command loads what it needs in run(), so `cme --version` needs no service. Exit codes: 0 done,
-- 1 it did not work, 2 the command line is wrong.

local argparse = require "argparse"
local version = require "cme.version"

local cli = {}

-- Which part of cme each command is installed with; the client alone has no service.
local PART = { serve = "cme-server" }

local function installed(name)
  return package.searchpath("cme.cli." .. name, package.path) ~= nil
end

local function build_parser()
  local parser = argparse("cme", "Live events from one source to many platforms.")
  parser:flag("-V --version", "Show the version and exit."):action(function()
    print("cme " .. version)
    os.exit(0)
  end)
  parser:command_target "command"
  for name in pairs(PART) do
    if installed(name) then
      require("cme.cli." .. name).add_to_parser(parser)
    else
      parser:command(name, ("Not installed: it comes with %s."):format(PART[name])):hidden(true)
    end
  end
  return parser
end

---Runs a command line.
---@param args string[] without the program's name
---@return integer exit_code
function cli.main(args)
  local parser = build_parser()
  local ok, parsed = parser:pparse(args)
  if not ok then
    io.stderr:write(parser:get_usage(), "\n\nError: ", parsed, "\n")
    return 2
  end
  if not installed(parsed.command) then
    io.stderr:write(("cme %s: not installed (it comes with %s)\n"):format(parsed.command, PART[parsed.command]))
    return 1
  end
  return require("cme.cli." .. parsed.command).run(parsed)
end

return cli
