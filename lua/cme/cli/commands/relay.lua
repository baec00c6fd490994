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

-- Runs the engine to its end; the signals that this process gets go to it.
local function run_engine(options)
  local uv = require "luv"
  local handles = {}
  local exit, message, detail = require "cme.task".wait(function(wake)
    options.on_exit = wake
    local engine, why, fault = require "cme.system.child".spawn(options)
    if not engine then return wake(nil, why, fault) end
    for i, name in ipairs { "sigint", "sigterm", "sighup" } do
      handles[i] = uv.new_signal()
      handles[i]:start(name, function() engine:kill(name) end)
    end
  end)
  for _, handle in ipairs(handles) do handle:close() end
  return exit, message, detail
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function relay.run(args, context)
  if not args.arguments[1] then
    return context:usage(context.t
      "an input and a destination are needed: cme relay -i URL -o URL (see cme relay --help)")
  end
  local arguments, wrong, detail = read_arguments(context, args.arguments)
  if not arguments then return context:fail(wrong --[[@as string]], detail) end
  local program, message = require "cme.server.process.engine".find(nil)
  if not program then return context:fail(message --[[@as string]]) end
  local ended, why, fault = require "cme.net.loop.luv".run(run_engine, { program = program, args = arguments, stdin = 0,
    stdout = 1, stderr = 2 })
  if not ended then return context:fail(why --[[@as string]], fault) end
  return ended.signal ~= 0 and 128 + ended.signal or ended.code
end

return relay
