-- SPDX-License-Identifier: MIT
-- `cme fleet`: what the nodes of a fleet (cme serve --node) do, and what they are to do. It asks etcd, so it works
-- through none of the nodes in particular.

local codes = require "cme.codes"
local json = require "cme.json"
local serve_etcd = require "cme.cli.serve.etcd"

local fleet = {}

---@param parser table argparse's
function fleet.add_to_parser(parser)
  local command = parser:command("fleet", "See what the nodes of a fleet run, and move it.")
  command:command_target "fleet_command"
  command:option("--etcd", "URLs of the fleet's etcd, separated by commas (default: $CME_ETCD)."):argname "URLS"
  serve_etcd.add_connection(command)
  command:command("nodes", "List the nodes that live, and how full they are.")
  command:command("where", "Show which node runs a project."):argument("fleet_project", "Id of the project.")
  local drain = command:command("drain", "Have a node give up what it runs, and take nothing more.")
  drain:argument("fleet_node", "Name of the node.")
  drain:flag("--off", "Let the node take projects again.")
  local move = command:command("move", "Have a project go on at another node.")
  move:argument("fleet_project", "Id of the project.")
  move:argument("fleet_node", "Name of the node.")
end

-- ---- reading

-- A part of the fleet with what etcd has of it now.
local function read(name, fields)
  local part = require("cme.server.fleet." .. name).new(fields)
  local ok, message, detail = part:load()
  if not ok then return nil, message, detail end
  return part
end

-- Nodes, claims and orders, or nil, message, detail.
local function read_all(client, prefix)
  local fields = { client = client, prefix = prefix, node = "", lease = {}, clock = os.clock, gone = function() end,
    changed = function() end }
  local all = {}
  for _, name in ipairs { "nodes", "claims", "orders" } do
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

function COMMANDS.nodes(context, all)
  local t, list = context.t, json.array {}
  local rows = { { t "NODE", t "RUNS", t "CAPACITY", t "STATE", t "LABELS", t "API" } }
  for i, node in ipairs(all.nodes:list()) do
    local draining = all.orders:drains(node.name)
    list[i] = { node = node.name, running = node.running, capacity = node.capacity, draining = draining,
      labels = node.labels or {}, api = node.api or json.null }
    rows[i + 1] = { node.name, node.running, node.capacity, draining and t "draining" or t "open", labels_of(node),
      node.api or "" }
  end
  if not context.json then context:table(rows) end
  return context:done(list)
end

function COMMANDS.where(context, all)
  local project = context.args.fleet_project
  local claim = all.claims:holder(project)
  local node = claim and claim.node or json.null
  return context:done({ project = project, node = node }, claim and claim.node or context.t "no node runs it")
end

-- Whether a node lives; a mistyped name would be an order that nobody follows.
local function check_node(all, name)
  if all.nodes:find(name) then return true end
  return codes.fail("server.fleet.unknown", { node = name })
end

function COMMANDS.drain(context, all, client, prefix)
  local name, on = context.args.fleet_node, not context.args.off
  local ok, message, detail = true, nil, nil
  if on then ok, message, detail = check_node(all, name) end
  if ok then ok, message, detail = require "cme.server.fleet.orders".drain(client, prefix, name, on) end
  if not ok then return context:fail(message, detail) end
  return context:done { node = name, draining = on }
end

function COMMANDS.move(context, all, client, prefix)
  local project, name = context.args.fleet_project, context.args.fleet_node
  local ok, message, detail = check_node(all, name)
  if ok and not all.claims:holder(project) then
    ok, message, detail = codes.fail("server.fleet.nowhere", { project = project })
  end
  if ok then ok, message, detail = require "cme.server.fleet.orders".move(client, prefix, project, name) end
  if not ok then return context:fail(message, detail) end
  return context:done { project = project, node = name }
end

local function perform(context, options)
  local client = require "cme.etcd".new { endpoints = options.endpoints, user = options.user,
    password = options.password, ca_file = options.ca_file, cert_file = options.cert_file, key_file = options.key_file }
  local prefix = options.prefix .. "/fleet/"
  local all, message, detail = read_all(client, prefix)
  if not all then return context:fail(message --[[@as string]], detail) end
  return COMMANDS[context.args.fleet_command](context, all, client, prefix)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function fleet.run(args, context)
  args.etcd = args.etcd or context.system.getenv "CME_ETCD"
  if not args.etcd then return context:usage(context.t "cme fleet needs --etcd, or $CME_ETCD") end
  local options, message, detail = serve_etcd.connection(args, context.t)
  if not options then return context:usage(context:words(message --[[@as string]], detail)) end
  return require "cme.net.loop.luv".run(perform, context, options)
end

return fleet
