-- SPDX-License-Identifier: MIT
-- `cme sign`: the signed request that `cme call` would send, sent nowhere; --explain shows what was signed, step by
-- step, to be held against what a service says it expected. The secret key and a token are never shown.

local clock = require "cme.cli.clock"
local request = require "cme.cli.request"
local schema = require "cme.schema"

local sign = { more_help = request.more_help }

---@param parser table argparse's
function sign.add_to_parser(parser)
  local command = parser:command("sign", "Show the signed request of an action without sending it.")
  request.add_to_parser(command)
  command:flag("--explain", "Show the canonical request, the string to sign and the signature.")
  command:option("--timestamp", "Time of the signature: unix seconds, or 2026-11-22T22:00:00+08:00. Default: now.")
    :argname "TIME"
end

-- A transport that keeps the request in place of sending it.
local function keeper()
  local kept = { sleep = function() end }
  function kept.request(_, made)
    kept.made = made
    return nil, "kept", { code = "network.connect", sent = false }
  end
  return kept
end

-- The request as the client makes it; nil and why it makes none.
local function make(context, action, params)
  local transport = keeper()
  context.system = setmetatable({ transport = transport }, { __index = context.system })
  context.args.retries, context.args.dry_run = 0, nil
  if context.args.timestamp then
    local at, message = clock.point(context.args.timestamp)
    if not at then return nil, context.t("option '%s': %s", "--timestamp", message), { code = "invalid.usage" } end
    context.system.now = function() return at end
  end
  local _, message, detail = context:client():call(action, params)
  if not transport.made then return nil, message, detail end
  return transport.made
end

local HIDDEN = { ["x-tc-token"] = true }

local function headers_of(made)
  local list, by_name = {}, {}
  for i, line in ipairs(made.headers) do
    local name, value = line:match "^([^:]+): (.*)$"
    list[i] = HIDDEN[name:lower()] and name .. ": ***" or line
    by_name[name:lower()] = value
  end
  return list, by_name
end

-- What was signed. Credential and signature are read from the header that would be sent.
local function explain(made)
  local list, headers = headers_of(made)
  local secret_id = headers.authorization:match "Credential=([^/]+)/"
  local explanation = assert(require "cme.sign".explain {
    service = schema.service, host = headers.host, timestamp = tonumber(headers["x-tc-timestamp"]),
    payload = made.body, content_type = headers["content-type"], secret_id = secret_id,
  })
  explanation.signature = headers.authorization:match "Signature=(%x+)$"
  explanation.authorization = headers.authorization
  explanation.headers = list
  explanation.body = made.body
  return explanation
end

local function explained_lines(context, found)
  local t, lines = context.t, {}
  local function put(title, body)
    lines[#lines + 1] = context:paint(title, "bold")
    for line in (body .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = "  " .. line end
  end
  put(t("canonical request (SHA-256 %s)", found.canonical_sha256), found.canonical_request)
  put(t "string to sign", found.string_to_sign)
  put(t "signature", found.signature)
  put("Authorization", found.authorization)
  put(t "body (hashed byte by byte as shown)", found.body)
  return lines
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function sign.run(args, context)
  local action, params, detail = request.read(context)
  if not action then return context:fail(params --[[@as string]], detail) end
  local made, message
  made, message, detail = make(context, action, params)
  if not made then return context:fail(message --[[@as string]], detail) end
  local found = explain(made)
  context.args.reveal = true -- a changed byte of the body would be another signature
  found.method, found.url = made.method, made.url
  if args.explain then return context:done(found, table.unpack(explained_lines(context, found))) end
  local lines = { made.method .. " " .. made.url, table.unpack(found.headers) }
  lines[#lines + 1] = ""
  lines[#lines + 1] = made.body
  return context:done(found, table.unpack(lines))
end

return sign
