-- SPDX-License-Identifier: MIT
-- What cme-room asks before it starts anything: whether the configuration is good and the page's port free, and which
-- service the room is for. Each fault is one line. What looks at the machine is an argument; prepare.main has the real.

local config = require "room.config"

local prepare = {}

local LOCAL = "http://127.0.0.1:8156" -- where `cme serve` listens by itself

---@class room.prepare.world
---@field getenv fun(name: string): string|nil
---@field open fun(path: string, mode: string): file*|nil, string|nil
---@field is_free fun(host: string, port: integer): boolean, string|nil
---@field ask fun(endpoint: string, credentials: string): boolean, string|nil code why a service did not answer as ours

--- What keeps the room from starting; nil: nothing. Pure but for the world.
---@param world room.prepare.world
---@param listen string HOST:PORT
---@return string|nil fault
function prepare.fault(world, listen)
  local found, message = config.read(world.getenv, world.open)
  if not found then return message end
  local host, port = listen:match "^%[?([%x.:]+)%]?:(%d+)$"
  if not host then return nil end -- a name, or all addresses: nginx knows
  local free, why = world.is_free(host, tonumber(port))
  if free then return nil end
  return ("control room: %s: %s (set ROOM_LISTEN to another HOST:PORT)"):format(listen, why)
end

local function set(value)
  return value ~= nil and value ~= ""
end

-- Where `cme serve` keeps its key.
local function default_credentials(getenv)
  local base = getenv "XDG_STATE_HOME"
  if not set(base) or not base:find "^/" then base = (getenv "HOME" or "") .. "/.local/state" end
  return base .. "/cme/credentials"
end

--- Which service the room is for. Pure but for the world.
---@param world room.prepare.world
---@return { kind: "given"|"cloud"|"found"|"own", endpoint: string|nil, credentials: string|nil }|nil
---@return string|nil fault
function prepare.service(world)
  local getenv = world.getenv
  if set(getenv "CME_ENDPOINT") then return { kind = "given", endpoint = getenv "CME_ENDPOINT" } end
  if set(getenv "TENCENTCLOUD_SECRET_ID") then return { kind = "cloud" } end
  local credentials = getenv "TENCENTCLOUD_CREDENTIALS_FILE"
  if not set(credentials) then credentials = default_credentials(getenv) end
  local good, code = world.ask(LOCAL, credentials)
  if good then return { kind = "found", endpoint = LOCAL, credentials = credentials } end
  if code:find "^network%." then return { kind = "own" } end
  return nil, ("control room: %s: a service is running, and its key is not in '%s' (set CME_ENDPOINT and "
    .. "TENCENTCLOUD_CREDENTIALS_FILE, or ROOM_SERVICE=own to start one for the room)"):format(LOCAL, credentials)
end

local function is_free(host, port)
  local uv = require "luv"
  local socket = uv.new_tcp()
  local ok, why, name = socket:bind(host, port)
  if ok then ok, why, name = socket:listen(1, function() end) end
  socket:close()
  uv.run()
  if ok then return true end
  return false, name == "EADDRINUSE" and "the address is taken by another program" or (why:gsub("^%u+: ", ""))
end

local function ask(endpoint, credentials)
  local cme = require "cme"
  local file = io.open(credentials, "rb")
  if not file then -- whether one is there is to be known all the same
    local client = cme.client { endpoint = endpoint, secret_id = "none", secret_key = "none", timeout = 3, retries = 0,
      platform = "test" }
    local _, _, detail = client:call("DescribePlatforms", {})
    return false, detail and detail.code or "auth"
  end
  file:close()
  local client = cme.client { endpoint = endpoint, timeout = 3, retries = 0, platform = "test",
    credential = require "cme.credentials".file { path = credentials } }
  local response, _, detail = client:call("DescribePlatforms", {})
  return response ~= nil, detail and detail.code
end

--- Prints "KIND ENDPOINT CREDENTIALS", "-" for what there is not, or the fault to stderr.
---@param listen string
---@param own string|nil ROOM_SERVICE
---@return boolean good
function prepare.main(listen, own)
  local world = { getenv = os.getenv, open = io.open, is_free = is_free, ask = ask }
  local fault, service = prepare.fault(world, listen), nil
  if not fault and own == "own" then
    service = { kind = "own" }
  elseif not fault then
    service, fault = prepare.service(world)
  end
  if fault then
    io.stderr:write(fault, "\n")
    return false
  end
  print(service.kind, service.endpoint or "-", service.credentials or "-")
  return true
end

return prepare
