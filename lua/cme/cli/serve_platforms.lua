-- SPDX-License-Identifier: MIT
-- `cme serve platforms`: adds and lists the platforms that projects live on.

local serve_state = require "cme.cli.serve_state"

local serve_platforms = {}

---@param serve table argparse's command `cme serve`
function serve_platforms.add_to_parser(serve)
  local command = serve:command("platforms", "Add and list the platforms of projects.")
  command:command_target "platforms_command"
  command:command("add", "Have one more; one that is there is fine."):argument("platform_name", "Its name.")
  command:command("list", "List them, one a line.")
end

local function run_add(args)
  local name = args.platform_name
  local fault = serve_state.name_fault("platform", name)
  if fault then
    return serve_state.usage_error(fault)
  end
  return serve_state.with(args, function(store)
    local added, message = store:add_platform(name)
    if added == nil then
      return nil, ("add platform '%s': %s"):format(name, message)
    end
    return true
  end)
end

local function run_list(args)
  return serve_state.with(args, function(store)
    local names, message = store:platform_names()
    if not names then
      return nil, "list platforms: " .. message
    end
    return serve_state.print(#names > 0 and table.concat(names, "\n") .. "\n" or "")
  end)
end

local commands = { add = run_add, list = run_list }

---@param args table
---@return integer exit_code
function serve_platforms.run(args)
  return commands[args.platforms_command](args)
end

return serve_platforms
