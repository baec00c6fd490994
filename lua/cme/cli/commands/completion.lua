-- SPDX-License-Identifier: MIT
-- `cme completion`: a script that completes cme's commands and options in a shell.

local completion = {}

local SHELLS = { "bash", "fish", "zsh" }

---@param parser table argparse's
function completion.add_to_parser(parser)
  local command = parser:command("completion", "Write a completion script for a shell.")
  command:argument("shell", "Name of the shell."):choices(SHELLS)
  command:epilog('bash: eval "$(cme completion bash)" in ~/.bashrc\nzsh: cme completion zsh >~/.zfunc/_cme\n'
    .. "fish: cme completion fish >~/.config/fish/completions/cme.fish")
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function completion.run(args, context)
  local parser = require "cme.cli".parser()
  local script = parser["get_" .. args.shell .. "_complete"](parser)
  return context:done({ shell = args.shell, script = script }, (script:gsub("\n$", "")))
end

return completion
