-- SPDX-License-Identifier: MIT
-- The hosts of a new fleet, as `cme fleet init` is told them: NAME=ADDRESS, or NAME=ADDRESS:CLIENT,PEER,API,RTMP with
-- other ports than the usual ones: of etcd for its clients, of etcd for its members, of the API, and of what encoders
-- push, which may be left out. Pure.

local hosts = {}

local PORTS = { "2379", "2380", "8156", "1935" }
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

-- The forms of an address; nothing of what is none.
local function forms_of(address)
  local six = address:match "^%[([%x:.]*:[%x:.]*)%]$"
  if six then return "IP:" .. six, address end
  if address:find "^%d+%.%d+%.%d+%.%d+$" then return "IP:" .. address, address end
  if address:find "^%a[%w.-]*$" then return "DNS:" .. address, "0.0.0.0" end
end

--- Reads one.
---@param text string
---@return cme.cli.fleet.host|nil
function hosts.parse(text)
  local name, rest = text:match "^([%w_.-]+)=(.+)$"
  if not name or #name > LONGEST then return nil end
  local address, client, peer, api, rtmp = rest:match "^(.+):(%d+),(%d+),(%d+),(%d+)$"
  if not address then address, client, peer, api = rest:match "^(.+):(%d+),(%d+),(%d+)$" end
  address = address or rest
  local alt_name, bind = forms_of(address)
  if not alt_name then return nil end
  return { name = name, address = address, alt_name = alt_name, bind = bind, client = client or PORTS[1],
    peer = peer or PORTS[2], api = api or PORTS[3], rtmp = rtmp or PORTS[4] }
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
