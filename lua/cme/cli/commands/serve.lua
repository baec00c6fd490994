-- SPDX-License-Identifier: MIT
-- `cme serve`: runs the service until SIGTERM or Ctrl-C. stdout gets a line for each address once it listens; the log
-- goes to stderr as JSON lines. A stderr whose reader is slow or gone costs lines of the log, nothing else. The
-- service's modules are loaded by run() only.

local clock = require "cme.cli.clock"
local limits = require "cme.api.limits"
local serve_etcd = require "cme.cli.serve.etcd"
local serve_edge = require "cme.cli.serve.edge"
local serve_store = require "cme.cli.serve.store"
local serve_webhooks = require "cme.cli.serve.webhooks"
local size = require "cme.cli.size"

local serve = {}

local BELOW = { "keys", "platforms", "seal_key", "state" } -- commands with files of their own in cme.cli.serve
local DEFAULT_LISTEN = "127.0.0.1:8156"
local MAX_RATE = 1000000
local MAX_FAILBACK = 86400 -- seconds, as the engine takes it
local EXAMPLE_METRICS = "127.0.0.1:9156"

--- Takes "host:port" apart; an IPv6 host stands in brackets. Pure.
---@param text string
---@return string|nil host
---@return integer|nil port
function serve.parse_listen(text)
  local host, port = text:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then
    host, port = text:match "^([^:%[%]/]+):(%d+)$"
  end
  port = port and #port <= 5 and math.tointeger(tonumber(port))
  if not port or port > 65535 then return nil end
  return host, port
end

--- The same with http:// or https:// before it, or neither. Pure.
---@param text string
---@param tls boolean what an address without a scheme gets
---@return cme.server.http.address|nil
function serve.parse_address(text, tls)
  local scheme, rest = text:match "^(https?)://(.*)$"
  if scheme then
    text, tls = rest, scheme == "https"
  end
  local host, port = serve.parse_listen(text)
  return host and { host = host, port = port, tls = tls }
end

local function whole_number(text)
  local number = text:match "^%d%d?%d?%d?%d?$" and math.tointeger(tonumber(text))
  return number, ("'%s' is not a number"):format(text)
end

--- Reads --default-stop: a duration within what ModifyCurrentStopTime takes, or "none". Pure.
---@param text string
---@return number|false|nil seconds false: none; nil: the text says neither
function serve.parse_default_stop(text)
  if text == "none" then return false end
  local seconds = clock.duration(text)
  return seconds and seconds <= limits.stop_ahead and seconds or nil
end

--- Reads --failback: a duration within what the engine takes, or "off". Pure.
---@param text string
---@return number|false|nil seconds false: off; nil: the text says neither
function serve.parse_failback(text)
  if text == "off" then return false end
  local seconds = clock.duration(text)
  return seconds and seconds <= MAX_FAILBACK and seconds or nil
end

--- Reads --rate-limit: a whole number, or "off". Pure.
---@param text string
---@return integer|false|nil per_second false: off; nil: the text says neither
function serve.parse_rate_limit(text)
  if text == "off" then return false end
  local count = text:match "^%d+$" and math.tointeger(tonumber(text))
  return count and count >= 1 and count <= MAX_RATE and count or nil
end

local function add_listening(command)
  command:option("--listen", "Address and port to listen on (default 127.0.0.1:8156); repeat for more. Port 0: any "
    .. "free port. With http:// in front: without TLS."):argname "HOST:PORT":count "*"
  command:option("--cert", "TLS certificate followed by its intermediate certificates, in PEM form; read again on "
    .. "SIGHUP.")
    :argname "FILE"
  command:option("--key", "Private key of the certificate, without a passphrase."):argname "FILE"
  command:option("--connections", "Maximum number of connections of all clients together.", "4096"):argname "N"
    :convert(whole_number)
  command:option("--connections-per-address",
    "Maximum number of connections from one other machine (0: no limit).", "256"):argname "N":convert(whole_number)
  command:option("--state", "Folder for projects, keys and engines (default: $XDG_STATE_HOME/cme or "
    .. "~/.local/state/cme)."):argname "DIR"
end

local function add_broadcasts(command)
  command:option("--platform", "Also create this platform."):argname "NAME"
  command:option("--default-stop", "Stop a broadcast after this long when no stop time was set; none: run until Stop.",
    "2h"):argname "DURATION"
  command:option("--failover", "Switch to the other input automatically when this one stalls.", "on")
    :choices { "on", "off" }
  command:option("--failback", "After a failover, switch back automatically once the selected input has worked for "
    .. "this long; off: never.", "off"):argname "DURATION"
  command:option("--active-input", "Whether ModifyInput may change the input that is on the air (keep: refuse).",
    "keep"):choices { "keep", "change" }
  command:option("--sources", "Which addresses sources are read from; public: those of the public internet alone, not "
    .. "of this machine and its networks.", "all"):choices { "all", "public" }
  command:option("--rate-limit", "Calls per second of one action with one key; off: no limit.", "20")
    :argname "N"
  command:option("--max-uplink", "Bits a second that this machine's uplink carries, such as 20M: a start that needs "
    .. "more says so (default: not known)."):argname "RATE"
  command:option("--relay", "The engine program (default: the cme-relay installed with this cme)."):argname "PATH"
  command:option("--media", "Folder with the files that FileId and MaterialId of media casts refer to."):argname "DIR"
  command:option("--recordings", "Folder that recordings go to (default: nothing is recorded)."):argname "DIR"
  command:option("--recordings-limit", "Bytes that all recordings may have together, with K, M, G or T; none: any.",
    "none"):argname "SIZE"
  command:option("--recorded", "Command that sh runs for each finished recording; CME_FILE is its path.")
    :argname "COMMAND"
  command:option("--preset", "x264 preset for media casts; faster ones need less processor time.", "veryfast")
    :choices { "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow" }
end

---@param parser table argparse's
function serve.add_to_parser(parser)
  local command = parser:command("serve", "Run the service: the cloud's API on this machine.")
  command:require_command(false)
  command:command_target "verb"
  add_listening(command)
  serve_edge.add_to_parser(command)
  add_broadcasts(command)
  command:option("--metrics", "Address and port of /metrics, for Prometheus (default: none)."):argname "HOST:PORT"
  serve_webhooks.add_to_parser(command)
  serve_etcd.add_to_parser(command)
  command:mutex(
    command:flag("--adopt", "Start even if broadcasts are running that the database does not know: keep them "
      .. "running, as projects that can be stopped."),
    command:flag("--end-running", "Start even if broadcasts are running that the database does not know: end them."))
  command:option("--log-level", "Lowest level to log.", "info"):choices { "error", "warn", "info", "debug" }
  for _, name in ipairs(BELOW) do
    require("cme.cli.serve." .. name).add_to_parser(command)
  end
end

local function addresses_of(args, t)
  local addresses = {}
  for i, text in ipairs(args.listen[1] and args.listen or { DEFAULT_LISTEN }) do
    local address = serve.parse_address(text, args.cert ~= nil)
    if not address then return nil, t("--listen '%s': HOST:PORT is needed, such as %s", text, DEFAULT_LISTEN) end
    if address.tls and not args.cert then return nil, t("--listen '%s': TLS needs --cert and --key", text) end
    addresses[i] = address
  end
  return addresses
end

local function edge_options(args, t)
  return serve_edge.options(args, t, serve.parse_listen)
end

local function settings_of(args, t)
  local default_stop = serve.parse_default_stop(args.default_stop)
  if default_stop == nil then
    return nil, t("--default-stop '%s': a duration of at most 30 days is needed, such as 2h, or none",
      args.default_stop)
  end
  local failback = serve.parse_failback(args.failback)
  if failback == nil then
    return nil, t("--failback '%s': a duration of at most 1 day is needed, such as 30s, or off", args.failback)
  end
  return { default_stop = default_stop or nil, failback_after = failback or nil, failover = args.failover == "on",
    public_sources = args.sources == "public" or nil,
    change_active_input = args.active_input == "change" }
end

-- Where the metrics are; nil without a fault: nowhere.
local function metrics_options(args, t)
  if not args.metrics then return nil end
  local host, port = serve.parse_listen(args.metrics)
  if not host then return nil, t("--metrics '%s': HOST:PORT is needed, such as %s", args.metrics, EXAMPLE_METRICS) end
  return { host = host, port = port }
end

--- Reads --recordings-limit: a size, or "none". Pure.
---@param text string
---@return integer|nil bytes 0: none; nil: the text says neither
function serve.parse_size(text)
  return text == "none" and 0 or size.bytes(text)
end

local function recordings_of(args, t)
  local limit = serve.parse_size(args.recordings_limit)
  if not limit then
    return nil, t("--recordings-limit '%s': a size is needed, such as 500G, or none", args.recordings_limit)
  end
  if args.recorded and not args.recordings then return nil, t "--recorded goes with --recordings" end
  return { folder = args.recordings, limit = limit, command = args.recorded }
end

-- nil without a fault: it is not known.
local function uplink_of(args, t)
  if not args.max_uplink then return nil end
  local kbps = size.kbps(args.max_uplink)
  if not kbps then return nil, t("option '%s': a rate is needed, such as 20M", "--max-uplink") end
  return kbps
end

local function rate_limit_of(args, t)
  local rate_limit = serve.parse_rate_limit(args.rate_limit)
  if rate_limit == nil then
    return nil, t("--rate-limit '%s': a whole number from 1 to %d, or off", args.rate_limit, MAX_RATE)
  end
  return rate_limit or nil
end

-- What is made of several arguments, or checked. A reader gives nil where there is nothing; with a message, and the
-- catalogue's detail where there is one, when something is wrong.
local READERS = { { "addresses", addresses_of }, { "edge", edge_options }, { "metrics", metrics_options },
  { "settings", settings_of }, { "rate_limit", rate_limit_of }, { "webhooks", serve_webhooks.urls },
  { "recordings", recordings_of }, { "max_uplink", uplink_of },
  { "etcd", serve_etcd.options } }

local function options_of(args, t)
  if (args.cert == nil) ~= (args.key == nil) then return nil, t "--cert and --key belong together: give both" end
  local fault = args.platform and serve_store.name_fault("--platform", args.platform, t)
  if fault then return nil, fault end
  local folder
  folder, fault = serve_store.folder(args, t)
  if not folder then return nil, fault end
  local options = {
    certificate = args.cert and { cert = args.cert, key = args.key },
    max_connections = math.max(args.connections, 1),
    max_per_address = args.connections_per_address,
    state = folder,
    platform = args.platform,
    relay = args.relay,
    media = args.media,
    preset = args.preset,
    webhook_ca = args.webhook_ca,
    running = args.adopt and "adopt" or args.end_running and "end" or nil,
    level = args.log_level,
  }
  for _, reader in ipairs(READERS) do
    local detail
    options[reader[1]], fault, detail = reader[2](args, t)
    if fault then return nil, fault, detail end
  end
  return options
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

-- Runs the service to its end; true, or nil, message, detail.
local function serve_until_stopped(options)
  local service, message, detail = require "cme.server".new(options)
  if not service then return nil, message, detail end
  local ok
  ok, message, detail = service:run(function()
    for _, address in ipairs(service.addresses) do
      io.stdout:write("listening on ", require "cme.server.http.listen".url(address), "\n")
    end
    io.stdout:write("state in ", service.folder, "\nkey in ", service.credentials, "\n")
    io.stdout:flush()
  end)
  service:close()
  return ok, message, detail
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function serve.run(args, context)
  if args.dry_run then return context:usage(context.t "--dry-run is not supported here") end
  require "cme.system.interruption".end_at_once()
  if args.verb then return require("cme.cli.serve." .. args.verb:gsub("-", "_")).run(args, context) end
  local options, message, detail = options_of(args, context.t)
  if not options then return context:usage(context:words(message --[[@as string]], detail)) end
  require "cme.sign".forbid_core_dumps()
  survive_broken_pipes()
  local write = require "cme.server.process.stderr".writer()
  options.clock = require "cme.system.clock"
  options.log = require "cme.server.log".new(options.level, write, options.clock.now)
  local exposed = serve_webhooks.exposed(args.webhook)
  if exposed then
    options.log:warn("every user of this machine can read a webhook's URL among the arguments: put it into a file for "
      .. "--webhook-file, unless there is no secret in it", { url = exposed })
  end
  local ok
  ok, message, detail = serve_until_stopped(options)
  if not ok then
    write(("cme serve: %s\n"):format(context:words(message --[[@as string]], detail)))
  end
  close_loop()
  return ok and 0 or 1
end

return serve
