-- SPDX-License-Identifier: MIT
-- What happens to a host's packets: they are lost, they are late, or those of etcd alone are lost. Everything is inside
-- of the host's own network, and ends with it.

local paths = require "spec.support.paths"

local weather = {}

local TABLE = "fleet"
local LATE, LATE_TABLE = "late0", "77" -- the device that holds packets up, and the routes of those that it gives back
local OPEN = 20 -- seconds
local ETCD_PORTS = "{ 2379, 2380 }"

local function rules(host, input, output)
  host:must { "nft", ([[
    table inet %s {
      chain in { type filter hook input priority 0; %s }
      chain out { type filter hook output priority 0; %s }
    }]]):format(TABLE, input, output) }
end

--- Loses packets both ways.
---@param host spec.fleet.host
---@param percent integer
function weather.lose(host, percent)
  local rule = 'iifname "eth0" numgen random mod 100 < ' .. percent .. " drop;"
  rules(host, rule, (rule:gsub("iifname", "oifname")))
end

--- Loses whatever is between anyone on this host and etcd, on whichever host that is.
---@param host spec.fleet.host
function weather.cut_etcd(host)
  local rule = ("tcp dport %s drop; tcp sport %s drop;"):format(ETCD_PORTS, ETCD_PORTS)
  rules(host, rule, rule)
end

--- Loses nothing any more.
---@param host spec.fleet.host
function weather.clear(host) host:must { "nft", "delete", "table", "inet", TABLE } end

local function set(host, name, value)
  host:must { "sh", "-c", ("echo %s > /proc/sys/net/ipv4/%s"):format(value, name) }
end

--- Whether this kernel can hold packets up.
---@return boolean
function weather.can_delay() return io.open "/dev/net/tun" ~= nil end

--- Holds up what the host sends to others; connections that are open stay so.
---@param host spec.fleet.host
---@param ms integer
function weather.delay(host, ms)
  local program = host:spawn({ paths.build .. "/bench/fleet/delay", LATE, tostring(ms) }, { name = "delay" })
  program:expect("open", OPEN)
  host:must { "ip", "link", "set", LATE, "up" }
  set(host, "ip_forward", 1)
  set(host, "conf/all/rp_filter", 0)
  set(host, "conf/" .. LATE .. "/rp_filter", 0)
  set(host, "conf/" .. LATE .. "/accept_local", 1)
  host:must { "ip", "rule", "add", "iif", LATE, "lookup", LATE_TABLE }
  local network = host.address:match "^(.*%.)%d+$"
  host:must { "ip", "route", "add", network .. "0/24", "dev", "eth0", "table", LATE_TABLE }
  for _, half in ipairs { "0/25", "128/25" } do
    host:must { "ip", "route", "add", network .. half, "dev", LATE, "src", host.address }
  end
end

--- Holds up nothing any more.
---@param host spec.fleet.host
function weather.hasten(host)
  host:must { "ip", "rule", "del", "iif", LATE }
  host:must { "ip", "route", "flush", "table", LATE_TABLE }
  host:signal("sigkill", "fleet/delay")
end

return weather
