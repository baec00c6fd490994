-- SPDX-License-Identifier: MIT
-- A host of a fleet: a network and processes of its own, joined to the others by a bridge.
--
--   the runner's network (unshare --net)
--     bridge `fleet` 10.77.0.254 ── cable1 ══ eth0 10.77.0.1 of host 1
--                                └─ cable2 ══ eth0 10.77.0.2 of host 2 ...
--
-- Nothing has a name outside of it: the end of the runner, by kill -9 too, ends the first process of each host, the
-- kernel ends all others in it, and the networks go with their last process.

local uv = require "luv"

local proc = require "spec.support.proc"

local host = {}

local NETWORK, BRIDGE = "10.77.0.", "fleet"
local RUNNER = 254 -- the runner's own address in NETWORK
local UP = 30 -- seconds
local FIRST = { "unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", "sh", "-c",
  "while :; do sleep 1; done" } -- reaps whom others leave

---@class spec.fleet.host
---@field number integer  last part of its address, names its cable
---@field address string
---@field private _holder spec.proc
---@field private _doors spec.proc[] nsenter of each: it stops with what it started, and goes on only when told
---@field private _first integer|nil pid of its first process, as the runner sees it; nil: it is lost
local Host = {}
Host.__index = Host

local function must(argv)
  local code, out, err = proc.run(argv)
  if code ~= 0 then error(("%s: %s"):format(table.concat(argv, " "), out .. err), 0) end
  return out
end

--- Whether this user may make networks and process trees of their own.
---@return boolean
function host.is_possible()
  return proc.run { "unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "ip", "link", "add", "cable0",
    "type", "veth" } == 0
end

--- Makes the bridge; the runner must be in a network of its own, so that nobody else's changes.
function host.lay_bridge()
  must { "ip", "link", "set", "lo", "up" }
  must { "ip", "link", "add", BRIDGE, "type", "bridge" }
  must { "ip", "address", "add", NETWORK .. RUNNER .. "/24", "dev", BRIDGE }
  must { "ip", "link", "set", BRIDGE, "up" }
end

local function has_network(pid)
  local path = ("/proc/%d/ns/net"):format(pid)
  local own, its = uv.fs_readlink "/proc/self/ns/net", uv.fs_readlink(path)
  return its and its ~= own
end

-- Its first process, once that is where it should be: pid 1 of a tree of its own.
local function first_of(holder)
  local pid = proc.children(holder.pid)[1]
  return pid and has_network(pid) and uv.fs_readlink(("/proc/%d/exe"):format(pid)):find "sh$" and pid
end

--- Puts it up (again) with nothing in it.
function Host:raise()
  self._doors = {}
  self._holder = proc.spawn(FIRST, { name = "host " .. self.number })
  self._first = proc.eventually(function() return "a host: " .. self._holder:output() end, UP,
    function() return first_of(self._holder) end)
  local cable = "cable" .. self.number
  must { "ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", tostring(self._first) }
  must { "ip", "link", "set", cable, "master", BRIDGE, "up" }
  self:must { "ip", "link", "set", "lo", "up" }
  self:must { "ip", "address", "add", self.address .. "/24", "dev", "eth0" }
  self:must { "ip", "link", "set", "eth0", "up" }
end

--- A command line inside of it.
---@param argv string[]
---@return string[]
function Host:argv(argv)
  return { "nsenter", "-t", tostring(self._first), "--net", "--pid", "--mount", "--wd", "--", table.unpack(argv) }
end

--- Runs a command inside of it, which must succeed.
---@param argv string[]
---@return string out
function Host:must(argv) return must(self:argv(argv)) end

--- Starts a program inside of it.
---@param argv string[]
---@param options spec.spawn_options|nil
---@return spec.proc
function Host:spawn(argv, options)
  local door = proc.spawn(self:argv(argv), options)
  self._doors[#self._doors + 1] = door
  return door
end

-- One that stands still would not take leave of what it started when that has ended, and the host would never end.
local function open_doors(self)
  for _, door in ipairs(self._doors) do door:kill "sigcont" end
end

local function arguments_of(pid)
  local file = io.open(("/proc/%s/cmdline"):format(pid))
  local text = file and (file:read "a" or ""):gsub("%z", " ") or ""
  if file then file:close() end
  return text
end

--- The pids of its processes, as the runner sees them; but not the first one.
---@param pattern string|nil of their arguments; nil: all
---@return integer[]
function Host:pids(pattern)
  local tree, found = self._first and uv.fs_readlink(("/proc/%d/ns/pid"):format(self._first)), {}
  for name in uv.fs_scandir_next, assert(uv.fs_scandir "/proc") do
    local pid = tonumber(name)
    local is_inside = pid and pid ~= self._first and tree and uv.fs_readlink(("/proc/%d/ns/pid"):format(pid)) == tree
    if is_inside and arguments_of(pid):find(pattern or "") then found[#found + 1] = pid end
  end
  return found
end

--- Sends a signal to its processes.
---@param signal string
---@param pattern string|nil as of pids
---@return integer count
function Host:signal(signal, pattern)
  local pids = self:pids(pattern)
  for _, pid in ipairs(pids) do uv.kill(pid, signal) end
  if signal == "sigcont" then open_doors(self) end
  return #pids
end

--- Takes the cable out; nothing that is sent or queued gets through, and nobody is told.
function Host:unplug() must { "ip", "link", "set", "cable" .. self.number, "down" } end

function Host:plug() must { "ip", "link", "set", "cable" .. self.number, "up" } end

--- It is lost, as by a failure of its power: no peer hears of it.
function Host:kill()
  if not self._first then return end
  self:unplug()
  open_doors(self)
  uv.kill(self._first, "sigkill")
  self._holder:wait(UP)
  proc.run { "ip", "link", "delete", "cable" .. self.number } -- the kernel does that too, in its own time
  self._first = nil
end

---@return boolean
function Host:is_up() return self._first ~= nil end

---@param number integer 1 to 253
---@return spec.fleet.host
function host.new(number)
  local self = setmetatable({ number = number, address = NETWORK .. number, _doors = {} }, Host)
  self:raise()
  return self
end

return host
