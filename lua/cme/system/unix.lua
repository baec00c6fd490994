-- SPDX-License-Identifier: MIT
-- Connects to unix sockets.

local task = require "cme.task"
local uv = require "luv"

local unix = {}

local function close(pipe)
  if not pipe:is_closing() then pipe:close() end
end

--- Connects. Waits; tasks only. A task that is cancelled meanwhile leaves nothing open.
---@param path string
---@param seconds number the longest wait
---@return userdata|nil pipe
---@return string|nil name libuv's of why not, "ENOENT", or "timeout": reach.meaning and errno.of_connect take it
function unix.connect(path, seconds)
  local pipe = uv.new_pipe(false)
  local failure, timeout = task.wait(function(wake)
    pipe:connect(path, wake)
    return function() close(pipe) end
  end, seconds)
  if not failure and not timeout then return pipe end
  close(pipe)
  return nil, failure or timeout
end

return unix
