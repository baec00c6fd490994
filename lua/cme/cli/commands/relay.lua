-- SPDX-License-Identifier: MIT
-- `cme relay`: runs the engine by hand, with its arguments as they are; cme-relay itself tells them by --help. Signals
-- go to it, and its exit code is ours. cme-relay wipes URLs from its own arguments, but nothing wipes those of this
-- process: @FILE in the place of a URL keeps it out of them.

local relay = {}

---@param parser table argparse's
function relay.add_to_parser(parser)
  local command = parser:command("relay",
    "Run the engine by hand: cme relay -i URL [-b URL] -o URL ...; @FILE reads a URL.")
  command:handle_options(false)
  command:argument("arguments", "Arguments of cme-relay; cme relay --help lists them."):args "*"
end

-- The arguments, with what stands in files.
local function read_arguments(context, written)
  local arguments = {}
  for i, word in ipairs(written) do
    local value, message, detail = word, nil, nil
    if word:find "^@" then value, message, detail = context:content(word) end
    if not value then return nil, message, detail end
    arguments[i] = value
  end
  return arguments
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function relay.run(args, context)
  local arguments, wrong, detail = read_arguments(context, args.arguments)
  if not arguments then return context:fail(wrong --[[@as string]], detail) end
  local uv = require "luv"
  local program, message = require "cme.server.process.engine".find(nil)
  if not program then return context:fail(message --[[@as string]]) end
  local engine, why, fault = require "cme.system.child".spawn { program = program, args = arguments, stdin = 0,
    stdout = 1, stderr = 2, on_exit = uv.stop }
  if not engine then return context:fail(why --[[@as string]], fault) end
  for _, name in ipairs { "sigint", "sigterm", "sighup" } do
    uv.new_signal():start(name, function() engine:kill(name) end)
  end
  uv.run()
  uv.walk(function(one) if not one:is_closing() then one:close() end end)
  uv.run "nowait"
  return engine.exit.signal ~= 0 and 128 + engine.exit.signal or engine.exit.code
end

return relay
