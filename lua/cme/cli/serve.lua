-- SPDX-License-Identifier: MIT
-- `cme serve`: runs the service until SIGTERM or Ctrl-C. stdout gets one line for each address, when it listens; the log
-- goes to stderr as JSON lines. A stderr whose reader is slow or gone costs lines of the log, nothing else. The
-- service's modules are loaded by run() only.

local serve_state = require "cme.cli.serve_state"

local serve = {}

local below = { "keys", "platforms" } -- commands with a file of their own: cme.cli.serve_<name>
local default_listen = "127.0.0.1:8156"

---Takes "host:port" apart, or the same as a URL; an IPv6 host stands in brackets. Pure.
---@param text string
---@param tls boolean what an address without a scheme gets
---@return cme.server.Address?
function serve.parse_listen(text, tls)
  local scheme, rest = text:match "^(https?)://(.*)$"
  rest = rest or text
  local host, port = rest:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then
    host, port = rest:match "^([^:%[%]/]+):(%d+)$"
  end
  port = port and #port <= 5 and math.tointeger(tonumber(port))
  if not port or port > 65535 then
    return nil
  end
  if scheme then
    tls = scheme == "https"
  end
  return { host = host, port = port, tls = tls }
end

local function count(text)
  local number = text:match "^%d%d?%d?%d?%d?$" and math.tointeger(tonumber(text))
  return number, ("'%s' is not a number"):format(text)
end

---@param parser table argparse's
function serve.add_to_parser(parser)
  local command = parser:command("serve", "Run the service: the same API on this machine.")
  command:require_command(false)
  command:command_target "verb"
  command:option("--listen", "Address and port, 127.0.0.1:8156 if none is given; port 0 picks a free one. May be given "
    .. "again. With http:// before it, it is plain though there is a certificate."):argname "HOST:PORT":count "*"
  command:option("--cert", "TLS certificate with those that signed it, in PEM form; read again on SIGHUP.")
    :argname "FILE"
  command:option("--key", "Its key, without a passphrase."):argname "FILE"
  command:option("--connections", "Connections at once, of all clients together.", "4096"):argname "N":convert(count)
  command:option("--connections-per-address", "Connections at once of one other machine (0: no such limit).", "256")
    :argname "N":convert(count)
  command:option("--state", "Folder for projects, keys and engines (default $XDG_STATE_HOME/cme or "
    .. "~/.local/state/cme)."):argname "DIR"
  command:option("--edge", "Own ingest and playback: off is the only choice.", "off"):choices { "off" }
  command:option("--platform", "A platform to have beside 'test'."):argname "NAME"
  command:option("--active-input", "Whether ModifyInput may change the input that is on air (keep: it is refused).",
    "keep"):choices { "keep", "change" }
  command:option("--relay", "The engine program (default: the cme-relay installed with this cme)."):argname "PATH"
  command:option("--log-level", "Least urgent level to log.", "info"):choices { "error", "warn", "info", "debug" }
  for _, name in ipairs(below) do
    require("cme.cli.serve_" .. name).add_to_parser(command)
  end
end

local function addresses_of(args, t)
  local addresses = {}
  for i, text in ipairs(args.listen[1] and args.listen or { default_listen }) do
    local address = serve.parse_listen(text, args.cert ~= nil)
    if not address then
      return nil, t("--listen '%s': HOST:PORT is needed, such as %s", text, default_listen)
    end
    if address.tls and not args.cert then
      return nil, t("--listen '%s': TLS needs --cert and --key", text)
    end
    addresses[i] = address
  end
  return addresses
end

local function options_of(args, t)
  if (args.cert == nil) ~= (args.key == nil) then
    return nil, t "--cert and --key belong together: give both"
  end
  local addresses, message = addresses_of(args, t)
  if not addresses then
    return nil, message
  end
  local fault = args.platform and serve_state.name_fault("--platform", args.platform, t)
  if fault then
    return nil, fault
  end
  return {
    addresses = addresses,
    certificate = args.cert and { cert = args.cert, key = args.key },
    max_connections = math.max(args.connections, 1),
    max_per_address = args.connections_per_address,
    state = serve_state.folder(args),
    platform = args.platform,
    relay = args.relay,
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
    for _, address in ipairs(service.addresses) do
      io.stdout:write("listening on ", require "cme.server.listen".url(address), "\n")
    end
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
