-- SPDX-License-Identifier: MIT
-- The hosts of a new fleet, as `cme fleet init` is told them: NAME=ADDRESS, or NAME=ADDRESS:CLIENT,PEER,API,RTMP,HLS
-- with other ports than the usual ones: of etcd for its clients, of etcd for its members, of the API, of what encoders
-- push, and of playback. The last two may be left out. What cannot work is refused here, before anything is written.
-- Pure.

local mark = require "cme.cli.messages".mark

local hosts = {}

local PORTS = { "2379", "2380", "8156", "1935", "8157" }
local NEEDED = 3 -- of them, where any is given
local LONGEST = 64 -- characters of a node's name
local LONGEST_ADDRESS = 253 -- characters of a name in DNS
local MULTICAST = 224 -- the first part of an IPv4 address: no host has one from here on
local GROUPS = 8 -- of an IPv6 address
local TAKEN = { ["ca.pem"] = true, ["ca.key"] = true, ["ca.srl"] = true } -- files beside the hosts' folders

---@class cme.cli.fleet.host
---@field name string of the node, and of the member of etcd
---@field address string as it stands in a URL
---@field alt_name string as it stands in a certificate: "IP:10.0.0.1", "DNS:h1.example.com"
---@field bind string address to listen on: its own, or any where its own is a name
---@field loopback boolean no other machine reaches it
---@field client string port
---@field peer string port
---@field api string port
---@field rtmp string port
---@field hls string port

local FAULTS = {
  form = mark "'%s': NAME=ADDRESS is needed, such as h1=10.0.0.1",
  name = mark "'%s': a name has letters, digits, '_', '-' and '.' only, begins with a letter or digit, and has at most "
    .. "64 characters",
  taken = mark "'%s': a file of the fleet has this name: choose another one",
  again = mark "'%s': each host needs a name of its own",
  address = mark "'%s': '%s' is not an address: give an IPv4 address, an IPv6 address in brackets, or a host name",
  unreachable = mark "'%s': '%s' is not the address of one host: give one at which the other hosts reach it",
  loopback = mark "'%s': other hosts do not reach a loopback address: it is for trials with all hosts on one machine",
  ports = mark "'%s': three to five ports are needed, from 1 to 65535 and each another one: of etcd's clients, etcd's "
    .. "members, the API, encoders and playback",
  shared = mark "'%s': port %s of this address belongs to host '%s'",
}

-- ---- addresses

-- An IPv4 address. Its parts have no leading zeros: some programs would read them as octal.
local function ipv4_forms(text)
  local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if not parts[1] then return nil, "address" end
  for _, part in ipairs(parts) do
    if tonumber(part) > 255 or part:find "^0%d" then return nil, "address" end
  end
  local first = tonumber(parts[1])
  if first == 0 or first >= MULTICAST then return nil, "unreachable" end
  return { alt_name = "IP:" .. text, bind = text, loopback = first == 127 }
end

-- How many groups of an IPv6 address stand in a part of it, which may be empty; nil: something else does.
local function groups_of(text)
  local count = 0
  for group in (text == "" and "" or text .. ":"):gmatch "([^:]*):" do
    if #group > 4 or not group:find "^%x+$" then return nil end
    count = count + 1
  end
  return count
end

local function is_ipv6(text)
  local before, after = text:match "^(.-)::(.*)$"
  if not before then return groups_of(text) == GROUPS end
  local first, last = groups_of(before), groups_of(after)
  return first ~= nil and last ~= nil and first + last < GROUPS
end

-- An IPv6 address; one that ends with an IPv4 address has another form without.
local function ipv6_forms(text, address)
  if not is_ipv6(text) then return nil, "address" end
  local digits = text:gsub("[0:]", "")
  if digits == "" or text:lower():find "^ff" then return nil, "unreachable" end
  return { alt_name = "IP:" .. text, bind = address, loopback = digits == "1" and text:find "1$" ~= nil }
end

local function is_label(text) return #text < 64 and (text:find "^%w$" or text:find "^%w[%w-]*%w$") ~= nil end

local function name_forms(text)
  if #text > LONGEST_ADDRESS then return nil, "address" end
  for label in (text .. "."):gmatch "([^.]*)%." do
    if not is_label(label) then return nil, "address" end
  end
  local lower = text:lower()
  return { alt_name = "DNS:" .. text, bind = "0.0.0.0",
    loopback = lower == "localhost" or lower:find "%.localhost$" ~= nil }
end

-- The forms of an address, or nil and its fault.
local function forms_of(address)
  local six = address:match "^%[(.*)%]$"
  if six then return ipv6_forms(six, address) end
  if address:find "^[%d.]+$" then return ipv4_forms(address) end
  return name_forms(address)
end

-- ---- ports

-- All five, or nil.
local function ports_of(list)
  local ports, seen = {}, {}
  for port in (list .. ","):gmatch "([^,]*)," do ports[#ports + 1] = port end
  if #ports < NEEDED or #ports > #PORTS then return nil end
  table.move(PORTS, #ports + 1, #PORTS, #ports + 1, ports)
  for _, port in ipairs(ports) do
    local usable = port:find "^[1-9]%d?%d?%d?%d?$" and tonumber(port) < 65536
    if not usable or seen[port] then return nil end
    seen[port] = true
  end
  return ports
end

-- The address and the ports behind it, or nil.
local function parts_of(text)
  local address, list = text:match "^(.+):([%d,]+)$"
  if not address or not list:find "," then return text, PORTS end
  local ports = ports_of(list)
  return ports and address, ports
end

-- ---- hosts

local function fault(name, ...) return nil, { FAULTS[name], ... } end

local function name_fault(name)
  if #name > LONGEST or not name:find "^%w[%w_.-]*$" then return "name" end
  return TAKEN[name] and "taken"
end

--- Reads one.
---@param text string
---@return cme.cli.fleet.host|nil
---@return string[]|nil fault a message of cme.cli.messages, and its values
function hosts.parse(text)
  local name, rest = text:match "^([^=]+)=(.+)$"
  if not name then return fault("form", text) end
  local wrong = name_fault(name)
  if wrong then return fault(wrong, text) end
  local address, ports = parts_of(rest)
  if not address then return fault("ports", text) end
  local forms, odd = forms_of(address)
  if not forms then return fault(odd, text, address) end
  return { name = name, address = address, alt_name = forms.alt_name, bind = forms.bind, loopback = forms.loopback,
    client = ports[1], peer = ports[2], api = ports[3], rtmp = ports[4], hls = ports[5] }
end

-- The port of a host that an earlier one has at the same address, and whose it is.
local function shared_port(host, taken)
  for _, name in ipairs { "client", "peer", "api", "rtmp", "hls" } do
    local place = host.address:lower() .. " " .. host[name]
    if taken[place] then return host[name], taken[place] end
    taken[place] = host.name
  end
end

-- Whether some hosts are reached by others, and this one is not.
local function is_alone(host, list) return host.loopback and not list[1].loopback end

--- Reads all of them.
---@param texts string[]
---@return cme.cli.fleet.host[]|nil list
---@return string[]|nil fault a message of cme.cli.messages, and its values
function hosts.read(texts)
  local list, seen, taken = {}, {}, {}
  for i, text in ipairs(texts) do
    local host, wrong = hosts.parse(text)
    if not host then return nil, wrong end
    if seen[host.name] then return fault("again", text) end
    list[i], seen[host.name] = host, true
    local port, owner = shared_port(host, taken)
    if port then return fault("shared", text, port, owner) end
    if is_alone(host, list) then return fault("loopback", text) end
    if is_alone(list[1], { host }) then return fault("loopback", texts[1]) end
  end
  return list
end

return hosts
