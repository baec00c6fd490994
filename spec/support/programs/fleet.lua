-- SPDX-License-Identifier: MIT
-- Nodes of a fleet on this machine: an etcd, and a `cme serve --node` for each name, each with a state folder of its
-- own.

local etcd = require "spec.support.programs.etcd"
local json = require "cme.json"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local fleet = {}

local LEASE = "5s" -- longer than a busy machine keeps a process waiting: none is to be lost that a spec does not lose

---@class spec.fleet
---@field etcd spec.etcd
---@field nodes table<string, spec.service> by name
---@field private _shared { etcd: spec.etcd, seal_key: string }
---@field private _edge boolean
local Fleet = {}
Fleet.__index = Fleet

--- Starts an etcd; no node yet.
---@param given { edge: boolean|nil, etcd: spec.etcd|nil }|nil edge: nodes with edges; etcd: instead of one of its own
---@return spec.fleet
function fleet.start(given)
  local seal_key = proc.folder() .. "/seal.key"
  assert(proc.run { "bin/cme", "serve", "seal-key", seal_key } == 0)
  given = given or {}
  local shared = { etcd = given.etcd or etcd.start(), seal_key = seal_key }
  return setmetatable({ etcd = shared.etcd, nodes = {}, _shared = shared, _edge = given.edge or false }, Fleet)
end

--- Starts a node.
---@param name string
---@param args string[]|nil further ones
---@param lease string|nil
---@return spec.service
function Fleet:add(name, args, lease)
  local argv = { "--node", name, "--lease", lease or LEASE }
  local one
  one = service.start { shared = self._shared, args = argv, edge = self._edge, before = function(node)
    table.move({ "--advertise", "http://127.0.0.1:" .. node.port }, 1, 2, #argv + 1, argv)
    table.move(args or {}, 1, #(args or {}), #argv + 1, argv)
  end }
  self.nodes[name] = one
  return one
end

--- Runs `cme fleet` on its etcd.
---@param ... string the command and its arguments
---@return integer code, string stdout, string stderr
function Fleet:run(...)
  return proc.run { "bin/cme", "fleet", "--etcd", table.concat(self.etcd.endpoints, ","), ... }
end

--- The same with --json, for what it says; raises when it fails.
---@param ... string
---@return table
function Fleet:ask(...)
  local code, out, err = self:run("--json", ...)
  if code ~= 0 then error(err, 2) end
  return json.decode(out)
end

--- kill -9 of a node and of all that it has started, as the loss of its machine.
---@param name string
function Fleet:lose(name)
  local one = self.nodes[name]
  one.proc:kill "sigstop" -- nothing is started again
  for _, list in ipairs { one:engines(), one:edge() } do
    for _, pid in ipairs(list) do require "luv".kill(pid, "sigkill") end
  end
  one:crash()
end

--- Stops all that runs.
function Fleet:stop()
  for _, one in pairs(self.nodes) do one:stop() end
  self.etcd:stop()
end

return fleet
