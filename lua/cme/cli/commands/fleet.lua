-- SPDX-License-Identifier: MIT
-- `cme fleet`: what the nodes of a fleet (cme serve --node) do, and what they are to do. It asks etcd, so it works
-- through none of the nodes in particular. `cme fleet init` writes what the hosts of a new one need, and asks nobody.

local codes = require "cme.codes"
local json = require "cme.json"
local projects = require "cme.cli.projects"
local serve_etcd = require "cme.cli.serve.etcd"

local fleet = {}

local FEWEST = 3 -- hosts: etcd goes on without one of them
local LEASE = "6s"

local function add_init(command)
  local init = command:command("init", "Write systemd units, settings and certificates for the hosts of a new fleet.")
  init:argument("hosts", "The hosts, three or more: a name and an address each, such as h1=10.0.0.1; with ports "
    .. "of etcd's clients, etcd's members, the API, encoders and playback: h1=10.0.0.1:2379,2380,8156,1935,8157.")
    :args "+"
  init:option("--folder", "Folder to write, which is not there yet.", "cme-fleet"):argname "DIR"
  init:option("--lease", "How long other nodes wait before they take over from a node that is silent, 3s to 60s.",
    LEASE):argname "DURATION"
  init:option("--cme", "Where cme is on the hosts.", "/usr/local/bin/cme"):argname "PATH":target "fleet_cme"
  init:option("--etcd-program", "Where etcd is on the hosts.", "/usr/bin/etcd"):argname "PATH"
end

---@param parser table argparse's
function fleet.add_to_parser(parser)
  local command = parser:command("fleet", "See what the nodes of a fleet run, and move it.")
  command:command_target "fleet_command"
  command:option("--etcd", "URLs of the fleet's etcd, separated by commas (default: $CME_ETCD)."):argname "URLS"
  serve_etcd.add_connection(command)
  add_init(command)
  command:command("nodes", "List the nodes that live, and how full they are.")
  local where = command:command("where",
    "Show which node runs a project, which one stands by, and where its encoders push to.")
  where:argument("project", "Id of the project.")
  local drain = command:command("drain", "Have a node give up what it runs, and take nothing more.")
  drain:argument("node", "Name of the node.")
  drain:flag("--off", "Let the node take projects again.")
  local move = command:command("move", "Have a project go on at another node.")
  move:argument("project", "Id of the project.")
  move:argument("node", "Name of the node.")
end

-- ---- cme fleet init

-- Whether a unit may have this path in its command, where some characters mean something else.
local function is_program(path) return path:find "^/[^%s%c\"'\\%%$;]*[^%s%c\"'\\%%$;/]$" ~= nil end

-- The hosts, and seconds of the lease; or nil and what is wrong.
local function read_init(args, t)
  local hosts, fault = require "cme.cli.fleet.hosts".read(args.hosts)
  if not hosts then return nil, t(table.unpack(fault)) end
  if #hosts < FEWEST then return nil, t("cme fleet init needs %d hosts or more", FEWEST) end
  for _, option in ipairs { { "--cme", args.fleet_cme }, { "--etcd-program", args.etcd_program } } do
    if not is_program(option[2]) then return nil, t("%s '%s': an absolute path without spaces is needed, "
      .. "such as /usr/bin/cme", table.unpack(option)) end
  end
  local lease = require "cme.cli.serve.fleet".parse_lease(args.lease)
  if not lease then return nil, t("--lease '%s': a duration from 3s to 60s is needed", args.lease) end
  return hosts, lease
end

local function init(args, context)
  local t = context.t
  local hosts, lease = read_init(args, t)
  if not hosts then return context:usage(lease) end
  local setup = require "cme.cli.fleet.setup"
  local ok, message, detail = setup.check(args.folder)
  if ok and not args.dry_run then
    ok, message, detail = require "cme.system.interruption".run(setup.write, args.folder, hosts,
      { lease = lease, cme = args.fleet_cme, etcd = args.etcd_program })
  end
  if not ok then return context:fail(message, detail) end
  local names = json.array {}
  for i, host in ipairs(hosts) do names[i] = host.name end
  return context:changed("init", { folder = args.folder, hosts = names },
    t("%s has a folder for each host: %s. On each host, as root:", args.folder, table.concat(names, ", ")),
    "  apt install etcd-server && systemctl disable --now etcd",
    "  useradd --system --home-dir /var/lib/cme --shell /usr/sbin/nologin cme",
    t "  cp -r FOLDER/. /     # the host's own folder, copied there",
    "  chown -R cme: /etc/cme-fleet && systemctl daemon-reload && systemctl enable --now cme-etcd cme-serve",
    t("Keep %s/ca.key off the hosts: it makes further certificates.", args.folder))
end

-- ---- reading

-- A part of the fleet with what etcd has of it now.
local function read(name, fields)
  local part = require("cme.server.fleet." .. name).new(fields)
  local ok, message, detail = part:load()
  if not ok then return nil, message, detail end
  return part
end

-- Nodes, claims, orders, encoders and standbys, or nil, message, detail.
local function read_all(client, prefix)
  local fields = { client = client, prefix = prefix, node = "", lease = {}, clock = os.clock, gone = function() end,
    changed = function() end }
  local all = {}
  for _, name in ipairs { "nodes", "claims", "orders", "encoders", "standbys" } do
    local message, detail
    all[name], message, detail = read(name, fields)
    if not all[name] then return nil, message, detail end
  end
  return all
end

-- ---- the commands

local COMMANDS = {}

local function labels_of(node)
  local list = {}
  for name, value in pairs(node.labels or {}) do list[#list + 1] = name .. "=" .. value end
  table.sort(list)
  return table.concat(list, " ")
end

function COMMANDS.nodes(context, all, _, prefix)
  local t, list = context.t, json.array {}
  local rows = { { t "NODE", t "RUNS", t "STANDBYS", t "CAPACITY", t "STATE", t "LABELS", t "API" } }
  for i, node in ipairs(all.nodes:list()) do
    local draining = all.orders:drains(node.name)
    list[i] = { node = node.name, running = node.running, standing = node.standing or 0, capacity = node.capacity,
      draining = draining, labels = node.labels or {}, api = node.api or json.null }
    rows[i + 1] = { node.name, node.running, node.standing or 0, node.capacity,
      draining and t "draining" or t "open", labels_of(node), node.api or "" }
  end
  if not list[1] then return context:done(list, t("no node of '%s' lives (see --etcd-prefix)", prefix)) end
  if not context.json then context:table(rows) end
  return context:done(list)
end

local function standby_line(standby, t)
  if standby.warm then return t("%s stands by", standby.node) end
  return t("%s stands by, and has no picture yet", standby.node)
end

function COMMANDS.where(context, all)
  local project = context.args.project
  local claim = all.claims:holder(project)
  local pushes, lines = json.array {}, { claim and claim.node or context.t "no node runs it" }
  local standby = require "cme.server.fleet.claims".beside(claim, all.standbys:of(project))
  if standby then lines[2] = standby_line(standby, context.t) end
  for i, push in ipairs(all.encoders:of(project)) do
    pushes[i] = { input = push.endpoint, node = push.node }
    lines[#lines + 1] = context.t("%s is pushed to %s", push.endpoint, push.node)
  end
  return context:done({ project = project, node = claim and claim.node or json.null, standby = standby or json.null,
    pushes = pushes }, table.concat(lines, "\n"))
end

-- Whether a node lives; a mistyped name would be an order that nobody follows.
local function check_node(all, name)
  if all.nodes:find(name) then return true end
  return codes.fail("server.fleet.unknown", { node = name })
end

function COMMANDS.drain(context, all, client, prefix)
  local name, on = context.args.node, not context.args.off
  local ok, message, detail = true, nil, nil
  if on or not all.orders:drains(name) then ok, message, detail = check_node(all, name) end
  if ok and not context.args.dry_run then
    ok, message, detail = require "cme.server.fleet.orders".drain(client, prefix, name, on)
  end
  if not ok then return context:fail(message, detail) end
  return context:changed("drain", { node = name, draining = on })
end

-- Whether a node can take a project; an order that it cannot follow would end by itself.
local function check_room(all, client, options, project, name)
  local category, message, detail = serve_etcd.category(client, options.prefix, project)
  if category == nil then return nil, message, detail end
  local placement, list, counts = require "cme.server.fleet.placement", all.nodes:list(), all.claims:counts()
  local wanted = placement.wanted(project, category or nil, list)
  for _, node in ipairs(list) do
    node.draining, node.running = all.orders:drains(node.name), math.max(node.running, counts[node.name] or 0)
    local hindrance = node.name == name and placement.hindrance(node, wanted)
    if hindrance then return placement.refuse(hindrance, project, name) end
  end
  return true
end

-- Whether a project can go on at a node.
local function check_move(all, client, options, project, name)
  local ok, message, detail = check_node(all, name)
  if not ok then return nil, message, detail end
  local claim = all.claims:holder(project)
  if not claim then return codes.fail("server.fleet.nowhere", { project = project }) end
  if claim.node == name then return true end
  return check_room(all, client, options, project, name)
end

function COMMANDS.move(context, all, client, prefix, options)
  local project, name = context.args.project, context.args.node
  local ok, message, detail = check_move(all, client, options, project, name)
  if ok and not context.args.dry_run then
    ok, message, detail = require "cme.server.fleet.orders".move(client, prefix, project, name)
  end
  if not ok then return context:fail(message, detail) end
  return context:changed("move", { project = project, node = name })
end

local function perform(context, options)
  local client = require "cme.etcd".new { endpoints = options.endpoints, user = options.user,
    password = options.password, ca_file = options.ca_file, cert_file = options.cert_file, key_file = options.key_file,
    cert_ends = options.cert_ends }
  local prefix = options.prefix .. "/fleet/"
  local all, message, detail = read_all(client, prefix)
  if not all then return context:fail(message --[[@as string]], detail) end
  return COMMANDS[context.args.fleet_command](context, all, client, prefix, options)
end

-- What etcd knows a project by; a name would be one that nobody runs.
local function check_project(args, t)
  local given = args.project
  if not given then return true end
  if projects.is_id(given) then
    args.project = given:gsub("^%x+$", "cmepid_%0") -- as the service has it
    return true
  end
  return nil, t("'%s': a project's id is needed, as `cme list` shows it", given)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function fleet.run(args, context)
  if args.fleet_command == "init" then return init(args, context) end
  local ok, wrong = check_project(args, context.t)
  if not ok then return context:usage(wrong) end
  args.etcd = args.etcd or context.system.getenv "CME_ETCD"
  if not args.etcd then return context:usage(context.t "cme fleet needs --etcd, or $CME_ETCD") end
  local options, message, detail = serve_etcd.connection(args, context.t)
  if not options then return context:usage(context:words(message --[[@as string]], detail)) end
  return require "cme.system.interruption".run(perform, context, options)
end

return fleet
