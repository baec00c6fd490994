-- SPDX-License-Identifier: MIT
-- The hosts of a new fleet, as `cme fleet init` is told them: NAME=ADDRESS, or NAME=ADDRESS:CLIENT,PEER,API,RTMP,HLS
-- with other ports than the usual ones: of etcd for its clients, of etcd for its members, of the API, of what encoders
-- push, and of playback. The last two may be left out. Pure.

local hosts = {}

local PORTS = { "2379", "2380", "8156", "1935", "8157" }
local NEEDED = 3 -- of them, where any is given
local LONGEST = 64 -- characters of a node's name

---@class cme.cli.fleet.host
---@field name string of the node, and of the member of etcd
---@field address string as it stands in a URL
---@field alt_name string as it stands in a certificate: "IP:10.0.0.1", "DNS:h1.example.com"
---@field bind string address to listen on: its own, or any where its own is a name
---@field client string port
---@field peer string port
---@field api string port
---@field rtmp string port
---@field hls string port

-- The forms of an address; nothing of what is none.
local function forms_of(address)
  local six = address:match "^%[([%x:.]*:[%x:.]*)%]$"
  if six then return "IP:" .. six, address end
  if address:find "^%d+%.%d+%.%d+%.%d+$" then return "IP:" .. address, address end
  if address:find "^%a[%w.-]*$" then return "DNS:" .. address, "0.0.0.0" end
end

-- The address and the ports behind it; nil: too few, or too many.
local function parts_of(text)
  local address, list = text:match "^(.+):([%d,]+)$"
  if not address or not list:find "," then return text, {} end
  local ports = {}
  for port in (list .. ","):gmatch "(%d*)," do ports[#ports + 1] = port ~= "" and port or false end
  for i, port in ipairs(ports) do
    if not port or i > #PORTS then return nil end
  end
  if #ports < NEEDED then return nil end
  return address, ports
end

--- Reads one.
---@param text string
---@return cme.cli.fleet.host|nil
function hosts.parse(text)
  local name, rest = text:match "^([%w_.-]+)=(.+)$"
  if not name or #name > LONGEST then return nil end
  local address, ports = parts_of(rest)
  if not address then return nil end
  local alt_name, bind = forms_of(address)
  if not alt_name then return nil end
  return { name = name, address = address, alt_name = alt_name, bind = bind, client = ports[1] or PORTS[1],
    peer = ports[2] or PORTS[2], api = ports[3] or PORTS[3], rtmp = ports[4] or PORTS[4], hls = ports[5] or PORTS[5] }
end

--- Reads all of them.
---@param texts string[]
---@return cme.cli.fleet.host[]|nil list
---@return string|nil text the one that cannot be read, or whose name is another's
function hosts.read(texts)
  local list, seen = {}, {}
  for i, text in ipairs(texts) do
    local host = hosts.parse(text)
    if not host or seen[host.name] then return nil, text end
    list[i], seen[host.name] = host, true
  end
  return list
end

return hosts
