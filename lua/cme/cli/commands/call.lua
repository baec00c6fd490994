-- SPDX-License-Identifier: MIT
-- `cme call`: any of the service's actions, in its own names.

local json = require "cme.json"
local pretty = require "cme.cli.pretty"
local request = require "cme.cli.request"
local schema = require "cme.schema"

local call = { more_help = request.more_help }

---@param parser table argparse's
function call.add_to_parser(parser)
  local command = parser:command("call", "Call any action of the service; --help after an action lists its fields.")
  request.add_to_parser(command)
  command:epilog "Fields may be given as options: --Owner.Id me --ProjectIds.0 5fae2b35d84b53000142d8a3"
end

---@param _ table
---@param context cme.cli.context
---@return integer exit_code
function call.run(_, context)
  local action, params, detail = request.read(context)
  if not action then return context:fail(params --[[@as string]], detail) end
  local response, message
  response, message, detail = context:client():call(action, params --[[@as table]])
  if not response then return context:fail(message --[[@as string]], detail) end
  json.mark(response, schema.actions[action].response)
  if context.json then return context:done(response) end
  return context:done(response, pretty.lines(assert(json.encode(context:hidden(response)))))
end

return call
