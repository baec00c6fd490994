-- SPDX-License-Identifier: MIT
-- `cme serve`: runs the service until SIGTERM or Ctrl-C. stdout gets exactly one line, when it listens; the log
-- goes to stderr as JSON lines. A stderr whose reader is slow or gone costs lines of the log, nothing else. The
-- service's modules are loaded by run() only.

local serve_state = require "cme.cli.serve_state"

local serve = {}

local below = { "keys", "platforms" } -- commands with a file of their own: cme.cli.serve_<name>
local default_listen = "127.0.0.1:8156"
local max_webhooks = 16

---Takes "host:port" apart; an IPv6 host stands in brackets. Pure.
---@param text string
---@return string? host
---@return integer? port
function serve.parse_listen(text)
  local host, port = text:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then
    host, port = text:match "^([^:%[%]]+):(%d+)$"
  end
  port = port and #port <= 5 and math.tointeger(tonumber(port))
  if not port or port > 65535 then
    return nil
  end
  return host, port
end

---@param parser table argparse's
function serve.add_to_parser(parser)
  local command = parser:command("serve", "Run the service: the same API on this machine.")
  command:require_command(false)
  command:command_target "verb"
  command:option("--listen", "Address and port; port 0 picks a free one.", default_listen):argname "HOST:PORT"
  command:option("--state", "Folder for projects, keys and engines (default $XDG_STATE_HOME/cme or "
    .. "~/.local/state/cme)."):argname "DIR"
  command:option("--edge", "Own ingest and playback: off is the only choice.", "off"):choices { "off" }
  command:option("--platform", "A platform to have beside 'test'."):argname "NAME"
  command:option("--active-input", "Whether ModifyInput may change the input that is on air (keep: it is refused).",
    "keep"):choices { "keep", "change" }
  command:option("--relay", "The engine program (default: the cme-relay installed with this cme)."):argname "PATH"
  command:option("--webhook", "A URL that events are posted to, signed; may be given several times."):argname "URL"
    :count "*"
  command:option("--webhook-ca", "A file of CAs that the webhooks' certificates may have, besides the system's.")
    :argname "FILE"
  command:option("--log-level", "Least urgent level to log.", "info"):choices { "error", "warn", "info", "debug" }
  for _, name in ipairs(below) do
    require("cme.cli.serve_" .. name).add_to_parser(command)
  end
end

-- What is wrong with the URLs of webhooks. A message tells no path or query: they may hold a secret.
local function webhook_fault(urls, t)
  local seen = {}
  if #urls > max_webhooks then
    return t("--webhook: %d given, at most %d", #urls, max_webhooks)
  end
  for _, given in ipairs(urls) do
    local parts, fact = require "cme.url".parse(given)
    if not parts then
      return t("--webhook: %s", fact)
    elseif seen[given] then
      return t("--webhook '%s': given twice", require "cme.redact".url(given))
    end
    seen[given] = true
  end
  return nil
end

local function options_of(args, t)
  local host, port = serve.parse_listen(args.listen)
  if not host then
    return nil, ("--listen '%s': HOST:PORT is needed, such as %s"):format(args.listen, default_listen)
  end
  local fault = args.platform and serve_state.name_fault("--platform", args.platform, t)
    or webhook_fault(args.webhook, t)
  if fault then
    return nil, fault
  end
  return {
    host = host,
    port = port,
    state = serve_state.folder(args),
    platform = args.platform,
    relay = args.relay,
    webhooks = args.webhook,
    webhook_ca = args.webhook_ca,
    level = args.log_level,
    settings = { change_active_input = args.active_input == "change" },
  }
end

-- Writing to a pipe or a socket whose other end is gone sends SIGPIPE, which ends a process that does not handle
-- it. libuv's children get the default back.
local function survive_broken_pipes()
  require "luv".new_signal():start("sigpipe", function() end)
end

-- luv 1.44 crashes when the Lua state is closed while handles wait for their close callbacks: let them have these.
local function close_loop()
  local uv = require "luv"
  uv.walk(function(handle)
    if not handle:is_closing() then
      handle:close()
    end
  end)
  uv.run "nowait"
end

-- Runs the service to its end; true, or nil and why it could not.
local function serve_until_stopped(options)
  local service, message = require "cme.server".new(options)
  if not service then
    return nil, message
  end
  local ok
  ok, message = service:run(function()
    local host, port = service:address()
    io.stdout:write(("listening on http://%s:%d\n"):format(host:find(":", 1, true) and "[" .. host .. "]" or host,
      port))
    io.stdout:flush()
  end)
  service:close()
  return ok, message
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function serve.run(args, context)
  if args.verb then
    return require("cme.cli.serve_" .. args.verb).run(args, context)
  end
  local options, message = options_of(args, context.t)
  if not options then
    return context:usage(message)
  end
  survive_broken_pipes()
  local write = require "cme.server.stderr".writer()
  options.now = serve_state.now
  options.log = require "cme.server.log".new(options.level, write, options.now)
  local ok
  ok, message = serve_until_stopped(options)
  if not ok then
    write(("cme serve: %s\n"):format(message))
  end
  close_loop()
  return ok and 0 or 1
end

return serve
