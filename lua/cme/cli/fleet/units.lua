-- SPDX-License-Identifier: MIT
-- What systemd is told on a host of a fleet: a unit for its member of etcd and one for its node, the same on all hosts,
-- and files with what is the host's own. Everything between them goes by TLS, with one certificate a host. Pure.

local units = {}

local FOLDER, SYSTEM = "/etc/cme-fleet", "/etc/systemd/system"
local STATE, ETCD_STATE = "/var/lib/cme", "/var/lib/cme-etcd"
local CA, CERT, KEY, SEAL = FOLDER .. "/ca.pem", FOLDER .. "/host.pem", FOLDER .. "/host.key", FOLDER .. "/seal.key"
local SHORT = 6 -- seconds: for leases below it etcd elects faster than by its defaults

units.CA, units.CERT, units.KEY, units.SEAL = CA, CERT, KEY, SEAL

-- What neither program needs; the same as in examples/systemd/cme-serve.service.
units.HARDENING = [[
CapabilityBoundingSet=
NoNewPrivileges=yes
LockPersonality=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
]]

local ETCD_UNIT = [[
# Written by cme fleet init: this host's member of the fleet's etcd. Its settings: %(folder)s/etcd.env
[Unit]
Description=etcd of a fleet of cme serve
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=cme
Group=cme
StateDirectory=cme-etcd
StateDirectoryMode=0700
UMask=0077
EnvironmentFile=%(folder)s/etcd.env
ExecStart=%(etcd)s
Restart=always
RestartSec=1
LimitNOFILE=65536

%(hardening)s
[Install]
WantedBy=multi-user.target
]]

local SERVE_UNIT = [[
# Written by cme fleet init: this host's node. Its settings: %(folder)s/cme.env
[Unit]
Description=Live events from one source to many platforms (cme serve, a node of a fleet)
Wants=network-online.target cme-etcd.service
After=network-online.target cme-etcd.service
# Without most members of etcd it does not start, and is tried again for as long as it takes.
StartLimitIntervalSec=0

[Service]
Type=exec
User=cme
Group=cme
StateDirectory=cme
StateDirectoryMode=0700
UMask=0077
EnvironmentFile=%(folder)s/cme.env
ExecStart=%(cme)s serve --state %(state)s --node ${CME_NODE} --lease ${CME_LEASE} --listen ${CME_LISTEN} \
  --advertise ${CME_ADVERTISE} --cert %(cert)s --key %(key)s --etcd ${CME_ETCD} --etcd-ca %(ca)s --etcd-cert %(cert)s \
  --etcd-key %(key)s --seal-key %(seal)s $CME_OPTIONS
ExecReload=/bin/kill -HUP $MAINPID

# Engines are processes of their own: a restart, an upgrade and a crash of the service leave them on the air, and one
# that the kernel kills for its memory must not take the others with it.
KillMode=process
OOMPolicy=continue
Restart=always
RestartSec=1
TimeoutStopSec=30
LimitNOFILE=65536

%(hardening)s
[Install]
WantedBy=multi-user.target
]]

local function filled(text, values)
  return (text:gsub("%%%((%w+)%)s", values))
end

local function url(address, port) return ("https://%s:%s"):format(address, port) end

-- NAME=value, a line each.
local function environment(list)
  local lines = {}
  for i, pair in ipairs(list) do lines[i] = pair[1] .. "=" .. pair[2] end
  return table.concat(lines, "\n") .. "\n"
end

local function cluster(hosts)
  local list = {}
  for i, host in ipairs(hosts) do list[i] = host.name .. "=" .. url(host.address, host.peer) end
  return table.concat(list, ",")
end

local function timing(lease)
  if lease >= SHORT then return {} end
  return { { "ETCD_HEARTBEAT_INTERVAL", "50" }, { "ETCD_ELECTION_TIMEOUT", "300" } }
end

--- The settings of a host's member of etcd.
---@param host cme.cli.fleet.host
---@param hosts cme.cli.fleet.host[] all of them
---@param options { token: string, lease: integer } lease: seconds
---@return string
function units.etcd_settings(host, hosts, options)
  local list = {
    { "ETCD_NAME", host.name }, { "ETCD_DATA_DIR", ETCD_STATE },
    { "ETCD_LISTEN_CLIENT_URLS", url(host.bind, host.client) },
    { "ETCD_ADVERTISE_CLIENT_URLS", url(host.address, host.client) },
    { "ETCD_LISTEN_PEER_URLS", url(host.bind, host.peer) },
    { "ETCD_INITIAL_ADVERTISE_PEER_URLS", url(host.address, host.peer) },
    { "ETCD_INITIAL_CLUSTER", cluster(hosts) }, { "ETCD_INITIAL_CLUSTER_TOKEN", options.token },
    { "ETCD_CLIENT_CERT_AUTH", "true" }, { "ETCD_PEER_CLIENT_CERT_AUTH", "true" },
    { "ETCD_PRE_VOTE", "true" }, { "ETCD_LOGGER", "zap" },
  }
  for _, part in ipairs { "ETCD_", "ETCD_PEER_" } do
    table.move({ { part .. "CERT_FILE", CERT }, { part .. "KEY_FILE", KEY }, { part .. "TRUSTED_CA_FILE", CA } }, 1, 3,
      #list + 1, list)
  end
  return environment(table.move(timing(options.lease), 1, 2, #list + 1, list))
end

-- Its own member of etcd first.
local function endpoints(host, hosts)
  local list = { url(host.address, host.client) }
  for _, other in ipairs(hosts) do list[#list + 1] = other ~= host and url(other.address, other.client) or nil end
  return table.concat(list, ",")
end

-- Where encoders push to, and where viewers and control rooms of other hosts play: a node that is asked for the
-- addresses of a project names those of the node that runs it. Both have to be IPv4 addresses. A host that is known by
-- a name tells that one.
local function edge_options(host)
  local at = host.bind:find "^%d" and host.bind or "0.0.0.0"
  local name = host.alt_name:find "^DNS:" and " --edge-host " .. host.address or ""
  return ("--edge-rtmp %s:%s --edge-http %s:%s%s"):format(at, host.rtmp, at, host.hls, name)
end

--- The settings of a host's node.
---@param host cme.cli.fleet.host
---@param hosts cme.cli.fleet.host[]
---@param options { lease: integer }
---@return string
function units.serve_settings(host, hosts, options)
  return environment { { "CME_NODE", host.name }, { "CME_LEASE", options.lease .. "s" },
    { "CME_LISTEN", url(host.bind, host.api) }, { "CME_ADVERTISE", url(host.address, host.api) },
    { "CME_ETCD", endpoints(host, hosts) } }
    .. "# More options of cme serve: where encoders push to and viewers play, and others, such as"
    .. " --media DIR --label media_cast=yes\n"
    .. "CME_OPTIONS=" .. edge_options(host) .. "\n"
end

--- All that is written for a host beside what is secret, by path.
---@param host cme.cli.fleet.host
---@param hosts cme.cli.fleet.host[]
---@param options { token: string, lease: integer, cme: string, etcd: string } the last two: paths of the programs
---@return table<string, string> texts
function units.files(host, hosts, options)
  local values = { folder = FOLDER, hardening = units.HARDENING, etcd = options.etcd, cme = options.cme, state = STATE,
    ca = CA, cert = CERT, key = KEY, seal = SEAL }
  return { [SYSTEM .. "/cme-etcd.service"] = filled(ETCD_UNIT, values),
    [SYSTEM .. "/cme-serve.service"] = filled(SERVE_UNIT, values),
    [FOLDER .. "/etcd.env"] = units.etcd_settings(host, hosts, options),
    [FOLDER .. "/cme.env"] = units.serve_settings(host, hosts, options) }
end

return units
