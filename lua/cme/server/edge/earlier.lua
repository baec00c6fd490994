-- SPDX-License-Identifier: MIT
-- Ends the nginx that was the edge before version 0.2, and goes on with a new service: it has the port that encoders
-- push to. Its processes are recognised by their working directory, which is the edge's folder.

local address = require "cme.server.edge.address"
local clock = require "cme.system.clock"
local files = require "cme.system.files"
local processes = require "cme.system.processes"
local task = require "cme.task"
local uv = require "luv"

local earlier = {}

local GONE_SECONDS = 5 -- for those that were told to end
local LEFT = { "nginx.conf", "nginx.pid", "error.log", "error.log.1" }
local SOCKETS = { "notify", "control" }
local FOLDERS = { "hls/ingest", "hls/show", "hls/input", "tmp" }

local function remove_folder(path)
  for _, name in ipairs(files.names(path) or {}) do
    local inner = path .. "/" .. name
    local stat = uv.fs_lstat(inner)
    if stat and stat.type == "directory" then remove_folder(inner) else files.remove(inner) end
  end
  uv.fs_rmdir(path)
end

-- Its master, and its workers, which would go on without it.
local function stop(folder)
  local deadline, signal = clock.monotonic() + GONE_SECONDS, "sigterm"
  repeat
    local pids = processes.working_in(folder) or {}
    for _, pid in ipairs(pids) do processes.kill(pid, signal) end
    for _, pid in ipairs(pids) do
      task.wait(function(wake) return processes.on_end(pid, wake) end, math.max(0.1, deadline - clock.monotonic()))
    end
    if clock.monotonic() >= deadline then signal = "sigkill" end
  until not pids[1]
end

--- Where it listened. Pure.
---@param text string its configuration
---@return cme.server.edge.address|nil
function earlier.address(text)
  return text:find("application output {", 1, true) and address.read(text:match "^[^\n]* rtmp=([%d.:]+) ") or nil
end

--- Ends it. Waits; tasks only.
---@param folder string EDGE, its real path
---@return cme.server.edge.address|nil before where encoders pushed to; nil: there was none
function earlier.finish(folder)
  local text = files.read(folder .. "/nginx.conf")
  if not text then return nil end
  stop(folder)
  for _, name in ipairs(LEFT) do files.remove(folder .. "/" .. name) end
  for _, name in ipairs(SOCKETS) do files.remove(("%s/%s.sock"):format(folder, name)) end
  for _, name in ipairs(FOLDERS) do remove_folder(folder .. "/" .. name) end
  return earlier.address(text)
end

return earlier
