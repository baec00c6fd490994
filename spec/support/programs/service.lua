-- SPDX-License-Identifier: MIT
-- The real `cme serve` on a free port with its own state folder.

local uv = require "luv"
local heard = require "spec.support.heard"
local proc = require "spec.support.proc"

---@class spec.service
---@field url string         "http://127.0.0.1:PORT"
---@field port integer
---@field state string       its state folder
---@field secret_id string   the development key
---@field secret_key string
---@field proc spec.proc        the process that runs now
---@field private _procs spec.proc[] every one that ran
local Service = {}
Service.__index = Service

local service = {}

--- Starts the service and waits until it listens.
---@param options { state: string|nil, args: string[]|nil, env: table|nil, stderr: integer|nil, edge: boolean|nil }|nil
---  edge: with its edge, on free ports
---@return spec.service
function service.start(options)
  options = options or {}
  -- Not one that the kernel may give to a client of another spec while this service is down.
  local self = setmetatable({ options = options, port = proc.free_port(), _procs = {} }, Service)
  self.state = options.state or proc.folder()
  self:up()
  return self
end

--- Starts the process (again), on the port it had.
function Service:up()
  local argv = { "bin/cme", "serve", "--listen", "http://127.0.0.1:" .. self.port, "--state", self.state }
  local edge = self.options.edge and { "--edge-rtmp", "127.0.0.1:0", "--edge-http", "127.0.0.1:0" }
    or { "--edge", "off" }
  for _, arg in ipairs(edge) do argv[#argv + 1] = arg end
  for _, arg in ipairs(self.options.args or {}) do argv[#argv + 1] = arg end
  self.proc = proc.spawn(argv, { name = "cme serve", env = self.options.env, stderr = self.options.stderr })
  self._procs[#self._procs + 1] = self.proc
  self.url, self.port = self.proc:expect "listening on (http://[%d.]+:(%d+))\n"
  self.port = tonumber(self.port)
  local file = assert(io.open(self.state .. "/credentials"))
  local text = file:read "a"
  file:close()
  self.secret_id, self.secret_key = text:match "secret_id%s*=%s*(%S+)", text:match "secret_key%s*=%s*(%S+)"
  heard.secret(self.secret_key)
  self:_hear_edge()
end

-- What push addresses and the engines' own are made with.
function Service:_hear_edge()
  local file = self.options.edge and assert(io.open(self.state .. "/edge/keys"))
  for line in file and file:lines() or function() end do
    local secret = line:match "^%w+ = (%x+)$"
    if secret then heard.secret(secret) end
  end
  if file then file:close() end
end

--- Options of a client for this service.
function Service:client_options()
  return { endpoint = self.url, secret_id = self.secret_id, secret_key = self.secret_key, platform = "test" }
end

--- The environment of a script for this service.
function Service:environment()
  return {
    CME_ENDPOINT = self.url, CME_PLATFORM = "test",
    TENCENTCLOUD_SECRET_ID = self.secret_id, TENCENTCLOUD_SECRET_KEY = self.secret_key,
  }
end

--- The pids of the engines of this service.
---@return integer[]
function Service:engines()
  return proc.matching(self.state .. "/relays/")
end

--- All that was said so far: by every process of the service on stdout and stderr, and in the logs of its engines and
--- its edge.
---@return string[] texts none of them empty
function Service:said()
  local texts = {}
  local function add(text)
    if text ~= "" then texts[#texts + 1] = text end
  end
  for _, each in ipairs(self._procs) do
    add(each.out)
    add(each.err)
  end
  for _, folder in ipairs { "/relays/", "/edge/" } do
    for name in uv.fs_scandir_next, uv.fs_scandir(self.state .. folder) or uv.fs_scandir(self.state) do
      if name:match "%.log" then
        local file = assert(io.open(self.state .. folder .. name, "rb"))
        add(file:read "a")
        file:close()
      end
    end
  end
  return texts
end

--- kill -9, as a crash would.
function Service:crash()
  self.proc:kill "sigkill"
  self.proc:wait()
end

--- The process of its edge, if it runs.
---@return integer[]
function Service:edge()
  return proc.matching(self.state .. "/edge/edge.sock")
end

--- Stops the service and whatever engines and edge it left.
function Service:stop()
  self.proc:stop()
  for _, pid in ipairs(self:engines()) do
    heard.keep_arguments(pid)
    uv.kill(pid, "sigkill")
  end
  for _, pid in ipairs(self:edge()) do uv.kill(pid, "sigkill") end
end

return service
