-- SPDX-License-Identifier: MIT
-- The real `cme serve` on a free port with its own state folder. With CME_SPEC_STORE=etcd in the environment each keeps
-- its state in an etcd of its own, which lives as long as the service is not stopped.

local uv = require "luv"
local etcd = require "spec.support.programs.etcd"
local heard = require "spec.support.heard"
local proc = require "spec.support.proc"

---@class spec.service
---@field url string         "http://127.0.0.1:PORT"
---@field port integer
---@field state string       its state folder
---@field secret_id string   the development key
---@field secret_key string
---@field proc spec.proc        the process that runs now
---@field etcd spec.etcd|nil where its state is
---@field seal_key string its key file
---@field private _procs spec.proc[] every one that ran
local Service = {}
Service.__index = Service

local service = {}

local by_folder = {} -- etcds, by state folder: a service that is started again finds what it had

-- The etcd of a state folder, running.
local function etcd_of(folder)
  local one = by_folder[folder]
  if not one then
    one = etcd.start()
    by_folder[folder] = one
    assert(proc.run { "bin/cme", "serve", "seal-key", folder .. "/seal.key" } == 0)
  elseif not one.members[1].process then
    one:start_member(1)
    one:expect_serving(1)
  end
  return one
end

--- Starts the service and waits until it listens.
---@param options { state: string|nil, args: string[]|nil, env: table|nil, stderr: integer|nil, edge: boolean|nil,
---  etcd: boolean|nil, before: fun(self: spec.service)|nil, shared: { etcd: spec.etcd, seal_key: string }|nil }|nil
---  edge: with its edge, on free ports; etcd: as with CME_SPEC_STORE=etcd; shared: an etcd that others use, too;
---  before: what is done before it is started
---@return spec.service
function service.start(options)
  options = options or {}
  -- Not one that the kernel may give to a client of another spec while this service is down.
  local self = setmetatable({ options = options, port = proc.free_port(), _procs = {} }, Service)
  self.state = options.state or proc.folder()
  self.seal_key = options.shared and options.shared.seal_key or self.state .. "/seal.key"
  if options.shared then
    self.etcd = options.shared.etcd
  elseif options.etcd or os.getenv "CME_SPEC_STORE" == "etcd" then
    self.etcd = etcd_of(self.state)
  end
  if options.before then options.before(self) end
  self:up()
  return self
end

--- `cme serve` with what says where its state is.
---@param ... string further arguments
---@return string[] argv
function Service:command(...)
  local argv = { "bin/cme", "serve", "--state", self.state }
  if self.etcd then
    local more = { "--etcd", table.concat(self.etcd.endpoints, ","), "--seal-key", self.seal_key }
    table.move(more, 1, #more, #argv + 1, argv)
  end
  return table.move({ ... }, 1, select("#", ...), #argv + 1, argv)
end

--- Its store, as a command beside it has it.
---@return cme.server.store.interface
function Service:store()
  local shared = assert(require "cme.server.store.state".share(self.state))
  local options = self.etcd and { endpoints = self.etcd.endpoints, prefix = "/cme",
    seal_key = self.seal_key } or nil
  return assert(require "cme.server.store".open { state = shared, etcd = options,
    clock = require "cme.system.clock" })
end

--- Starts the process (again), on the port it had.
function Service:up()
  local argv = self:command("--listen", "http://127.0.0.1:" .. self.port)
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

-- Those of these processes that no other of them has started: what is being started has the arguments of the process
-- that does it, for a moment.
local function without_children(pids)
  local is_child = {}
  for _, pid in ipairs(#pids > 1 and pids or {}) do
    for _, child in ipairs(proc.children(pid)) do is_child[child] = true end
  end
  local list = {}
  for _, pid in ipairs(pids) do list[#list + 1] = not is_child[pid] and pid or nil end
  return list
end

--- The pids of the engines of this service.
---@return integer[]
function Service:engines()
  return without_children(proc.matching(self.state .. "/relays/"))
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
  return without_children(proc.matching(self.state .. "/edge/edge.sock"))
end

--- Stops the service and whatever engines and edge it left.
function Service:stop()
  self.proc:stop()
  for _, pid in ipairs(self:engines()) do
    heard.keep_arguments(pid)
    uv.kill(pid, "sigkill")
  end
  for _, pid in ipairs(self:edge()) do uv.kill(pid, "sigkill") end
  if self.etcd and not self.options.shared then self.etcd:stop() end
end

return service
