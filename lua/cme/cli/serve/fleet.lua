-- SPDX-License-Identifier: MIT
-- Options of `cme serve` that make it a node of a fleet: services that share one state in etcd.

local clock = require "cme.cli.clock"

local serve_fleet = {}

local CAPACITY, LEASE = 100, "6s"
local MIN_LEASE, MAX_LEASE = 3, 60 -- seconds
local MAX_CAPACITY = 10000
local NEEDS_NODE = { "capacity", "advertise", "advertise_edge", "lease", "on_quorum_loss" }

---@param command table argparse's command `cme serve`
function serve_fleet.add_to_parser(command)
  command:option("--node", "With --etcd: share the state and its projects with other nodes, under this name.")
    :argname "NAME"
  command:option("--capacity", "With --node: how many projects this node runs at most (default 100)."):argname "N"
  command:option("--label", "With --node: what this node has, such as media_cast=yes; repeat for more.")
    :argname "KEY=VALUE":count "*"
  command:option("--advertise", "With --node: URL of this node's API for the other nodes."):argname "URL"
  command:option("--advertise-edge", "With --node: rtmp:// or rtmps:// URL of this node's edge for the other nodes, "
    .. "which read there what encoders push (default: the host of --advertise, when the edge listens there).")
    :argname "URL"
  command:option("--lease", "With --node: how long other nodes wait before they take over from a node that is silent, "
    .. "3s to 60s (default 6s)."):argname "DURATION"
  command:option("--on-quorum-loss", "With --node: what becomes of its broadcasts while etcd does not answer: 'stop' "
    .. "(default): they stop at the end of the lease, and nothing is published twice; 'keep': they go on.")
    :argname "WHAT":choices { "stop", "keep" }
end

--- Reads --capacity. Pure.
---@param text string
---@return integer|nil
function serve_fleet.parse_capacity(text)
  local count = text:match "^%d+$" and math.tointeger(tonumber(text))
  return count and count >= 1 and count <= MAX_CAPACITY and count or nil
end

--- Reads --lease. Pure.
---@param text string
---@return integer|nil seconds
function serve_fleet.parse_lease(text)
  local seconds = clock.duration(text)
  return seconds and seconds >= MIN_LEASE and seconds <= MAX_LEASE and math.tointeger(seconds // 1) or nil
end

--- Reads the labels. Pure.
---@param list string[]
---@return table<string, string>|nil labels
---@return string|nil text the one that cannot be read
function serve_fleet.parse_labels(list)
  local labels = {}
  for _, text in ipairs(list) do
    local name, value = text:match "^([%w_.-]+)=([%w_.-]+)$"
    if not name then return nil, text end
    labels[name] = value
  end
  return labels
end

local function lone(args, t)
  if args.label and args.label[1] then return t "--label goes with --node" end
  for _, name in ipairs(NEEDS_NODE) do
    if args[name] then return t("--%s goes with --node", (name:gsub("_", "-"))) end
  end
end

-- The URLs at which other nodes reach this one, or what is wrong with them.
local function read_urls(args, t)
  local api, edge = args.advertise, args.advertise_edge
  if api and not api:find "^https?://[^/@%s?#]+/?$" then
    return nil, t("--advertise '%s': a URL is needed, such as %s", api, "https://10.0.0.1:8156")
  end
  if edge and not edge:find "^rtmps?://[^/@%s?#]+/?$" then
    return nil, t("--advertise-edge '%s': a URL is needed, such as %s", edge, "rtmp://10.0.0.1:1935")
  end
  if edge and args.edge == "off" then return nil, t("%s does not go with --edge off", "--advertise-edge") end
  return { api = api and api:match "^(.-)/?$", edge = edge and edge:match "^(.-)/?$" }
end

-- What is given for a node, or what is wrong with it.
local function read(args, t)
  local capacity = serve_fleet.parse_capacity(args.capacity or tostring(CAPACITY))
  if not capacity then return nil, t("--capacity '%s': a whole number from 1 to %d", args.capacity, MAX_CAPACITY) end
  local lease = serve_fleet.parse_lease(args.lease or LEASE)
  if not lease then return nil, t("--lease '%s': a duration from 3s to 60s is needed", args.lease) end
  local labels, odd = serve_fleet.parse_labels(args.label or {})
  if not labels then return nil, t("--label '%s': KEY=VALUE is needed, such as media_cast=yes", odd) end
  local urls, fault = read_urls(args, t)
  if not urls then return nil, fault end
  return { node = args.node, capacity = capacity, lease = lease, labels = labels, api = urls.api, edge = urls.edge,
    keep = args.on_quorum_loss == "keep" or nil }
end

---@param args table
---@param t cme.cli.translate
---@return cme.server.fleet.options|nil options nil without a message: the service is alone
---@return string|nil message
function serve_fleet.options(args, t)
  if not args.node then return nil, lone(args, t) end
  if not args.etcd then return nil, t "--node goes with --etcd" end
  if #args.node > 64 or not args.node:find "^[%w_.-]+$" then
    return nil, t("%s '%s': letters, digits, '_', '-' and '.' only, at most 64", "--node", args.node)
  end
  return read(args, t)
end

return serve_fleet
