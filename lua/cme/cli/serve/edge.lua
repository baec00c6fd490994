-- SPDX-License-Identifier: MIT
-- The options of `cme serve` about the edge: where encoders push to, and what is looked at.

local clock = require "cme.cli.clock"

local serve_edge = {}

local MAX_TAKEOVER = 60 -- seconds, as the edge takes it
local DEFAULT = { rtmp = "127.0.0.1:1935", http = "127.0.0.1:8157" }
local EXAMPLE = { rtmp = DEFAULT.rtmp, http = DEFAULT.http, rtmps = "0.0.0.0:443", srt = "0.0.0.0:9000" }

---@param command table argparse's command `cme serve`
function serve_edge.add_to_parser(command)
  command:option("--edge", "Ingest and playback: what encoders push, and pictures to look at.", "auto")
    :choices { "auto", "off" }
  command:option("--edge-rtmp", "IPv4 address and port that encoders push to; port 0: the last one used, or a free "
    .. "one.", DEFAULT.rtmp):argname "HOST:PORT"
  command:option("--edge-rtmps", "The same with TLS (default: none).")
    :argname "HOST:PORT"
  command:option("--edge-cert", "TLS certificate of --edge-rtmps followed by its intermediate certificates, in PEM "
    .. "form (default: that of --cert)."):argname "FILE"
  command:option("--edge-key", "Private key of that certificate, without a passphrase (default: that of --key).")
    :argname "FILE"
  command:option("--edge-srt", "The same by SRT, a UDP port (default: none)."):argname "HOST:PORT"
  command:option("--edge-srt-passphrase", "Whether SRT addresses have a passphrase; off: encoders must not encrypt.",
    "on"):choices { "on", "off" }
  command:option("--edge-takeover", "Let another encoder take over from one that has sent nothing for this long; off: "
    .. "refuse it.", "3s"):argname "DURATION"
  command:option("--edge-http", "Address and port of playback (HLS).", DEFAULT.http):argname "HOST:PORT"
  command:option("--edge-host", "Host name in the addresses of the edge (default: the host of --edge-rtmp, or this "
    .. "machine's name)."):argname "NAME"
end

--- Reads --edge-takeover: a duration within what the edge takes, or "off". Pure.
---@param text string
---@return number|false|nil seconds false: off; nil: the text says neither
function serve_edge.parse_takeover(text)
  if text == "off" then return false end
  local seconds = clock.duration(text)
  return seconds and seconds <= MAX_TAKEOVER and seconds or nil
end

-- Where it listens.
local function addresses_of(args, options, t, parse)
  for _, name in ipairs { "rtmp", "rtmps", "srt", "http" } do
    local text = args["edge_" .. name]
    local host, port = parse(text or "")
    if text and (not host or not host:match "^%d+%.%d+%.%d+%.%d+$") then
      return t("%s '%s': HOST:PORT with an IPv4 address is needed, such as %s", "--edge-" .. name, text, EXAMPLE[name])
    end
    options[name] = text and { host = host, port = port }
  end
  local plain, tls = options.rtmp, options.rtmps
  if plain and tls and plain.port == tls.port and plain.port ~= 0 then
    local same = plain.host == tls.host or plain.host == "0.0.0.0" or tls.host == "0.0.0.0"
    if same then return t("--edge-rtmps '%s': --edge-rtmp has this address: give another port", args.edge_rtmps) end
  end
end

local function certificate_of(args, options, t)
  local cert, key = args.edge_cert or args.cert, args.edge_key or args.key
  if (args.edge_cert == nil) ~= (args.edge_key == nil) then
    return t "--edge-cert and --edge-key belong together: give both"
  end
  if not options.rtmps then return nil end
  if not cert or not key then return t("--edge-rtmps '%s': TLS needs --edge-cert and --edge-key", args.edge_rtmps) end
  options.certificate = { cert = cert, key = key }
end

-- Options without a default, which ask for an edge.
local function needless(args, t)
  for _, name in ipairs { "rtmps", "cert", "key", "srt", "host" } do
    if args["edge_" .. name] then return t("%s does not go with --edge off", "--edge-" .. name) end
  end
end

--- What the options say; nil when the edge is off.
---@param args table
---@param t fun(text: string, ...): string
---@param parse fun(text: string): string|nil, integer|nil HOST:PORT
---@return table|nil options of the edge, as the service takes them
---@return string|nil fault
function serve_edge.options(args, t, parse)
  if args.edge == "off" then return nil, needless(args, t) end
  if args.edge_host and not args.edge_host:match "^[%w._-]+$" then
    return nil, t("%s '%s': a host name is needed", "--edge-host", args.edge_host)
  end
  local takeover = serve_edge.parse_takeover(args.edge_takeover)
  if takeover == nil then
    return nil, t("--edge-takeover '%s': a duration of at most 60s is needed, such as 3s, or off", args.edge_takeover)
  end
  local options = { domain = args.edge_host, takeover = takeover or nil,
    srt_passphrase = args.edge_srt_passphrase == "on" }
  local fault = addresses_of(args, options, t, parse) or certificate_of(args, options, t)
  if fault then return nil, fault end
  return options
end

return serve_edge
