-- SPDX-License-Identifier: MIT
-- What this process offers to cme.task: a loop for a run, and a way to wait outside of a run. It knows tasks, loops and
-- transports, and none of them knows it; requiring it loads neither a loop nor a transport.

local phase = require "cme.net.phase"
local task = require "cme.task"
local transport = require "cme.net.transport"

local host = {}

--- A loop for a new run.
---@return cme.task.loop
function host.new_loop()
  if phase.in_nginx() then return require "cme.net.loop.nginx".new() end
  return require "cme.net.loop.curl".new(transport.shared())
end

--- A loop for a run inside another loop; nil in nginx, where every run is one.
---@return cme.net.loop.foreign|nil
function host.foreign_loop()
  if phase.in_nginx() then return nil end
  return require "cme.net.loop.foreign".new(require "cme.net.transport.curl".new())
end

--- What starts a run where this very place cannot wait: in some of nginx's phases; nil elsewhere.
---@return (fun(run: function, ...: any): ...)|nil
function host.later()
  if not phase.in_nginx() or phase.can_wait() then return nil end
  return require "cme.net.loop.nginx".later
end

--- Waits outside of a run.
---@param seconds number
function host.sleep(seconds)
  transport.shared():sleep(seconds)
end

--- The wall clock.
---@return number seconds unix time
function host.time()
  return transport.shared():time()
end

task.register(host)

return host
