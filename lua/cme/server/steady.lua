-- SPDX-License-Identifier: MIT
-- Tasks that are to go on for as long as the service: an error of ours ends an attempt, not the task.

local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local steady = {}

steady.PAUSE = 1 -- seconds before what failed begins again

--- Does something until it returns. Tasks only.
---@param log cme.server.log|nil
---@param name string of the task, for the log
---@param fn function
---@param ... any its arguments
function steady.run(log, name, fn, ...)
  while true do
    local good, traceback = xpcall(fn, debug.traceback, ...)
    if good then return end
    if log then log:error("task failed, and begins again", { task = name, error = traceback }) end
    task.sleep(steady.PAUSE)
  end
end

--- The same in a task of its own.
---@param log cme.server.log|nil
---@param name string
---@param fn function
---@param ... any
---@return cme.task
function steady.detach(log, name, fn, ...) return luv.detach(steady.run, log, name, fn, ...) end

return steady
