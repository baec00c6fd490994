-- SPDX-License-Identifier: MIT
-- `cme serve platforms`: adds and lists the platforms that projects live on.

local codes = require "cme.codes"
local serve_store = require "cme.cli.serve.store"

local serve_platforms = {}

---@param serve table argparse's command `cme serve`
function serve_platforms.add_to_parser(serve)
  local command = serve:command("platforms", "Add and list platforms.")
  command:command_target "platforms_command"
  command:command("add", "Add a platform; adding it again has no effect.")
    :argument("platform_name", "Name of the platform.")
  command:command("list", "List platforms, one a line.")
end

local function run_add(args, context)
  local name = args.platform_name
  local fault = serve_store.name_fault("NAME", name, context.t)
  if fault then return context:usage(fault) end
  return serve_store.with(context, function(store)
    local added, message, detail = store:add_platform(name)
    if added == nil then
      return context:fail(select(2, codes.within("in.adding_platform", { name = name }, message, detail)))
    end
    return context:done { platform = name, added = added }
  end)
end

local function run_list(_, context)
  return serve_store.with_existing(context, function(store)
    local names, message, detail = store:platform_names()
    if not names then return context:fail(select(2, codes.within("in.listing_platforms", nil, message, detail))) end
    return context:done(require "cme.json".array(names), table.unpack(names))
  end)
end

local COMMANDS = { add = run_add, list = run_list }

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function serve_platforms.run(args, context)
  return COMMANDS[args.platforms_command](args, context)
end

return serve_platforms
