-- SPDX-License-Identifier: MIT
-- Processes that are not children of this one: detached by an earlier service, and found again. A pid alone proves
-- nothing, since it may be another's by now; the folder that a process works in, or an argument that only it has, does.
-- A look that fails (out of descriptors) shows nothing: it answers nil and why, never an empty list.

local uv = require "luv"
local files = require "cme.system.files"

local processes = {}

-- All pids for which `fits` says so.
local function all(fits)
  local found = {}
  local names, message = files.names "/proc"
  if not names then return nil, message end
  for _, name in ipairs(names) do
    local pid = math.tointeger(tonumber(name))
    if pid and fits(pid) then found[#found + 1] = pid end
  end
  return found
end

--- Whether a process works in a folder.
---@param pid integer
---@param folder string its real path
---@return boolean
function processes.works_in(pid, folder)
  return uv.fs_readlink(("/proc/%d/cwd"):format(pid)) == folder
end

--- The processes that work in a folder.
---@param folder string its real path
---@return integer[]|nil pids
---@return string|nil message it could not be looked
function processes.working_in(folder)
  return all(function(pid) return processes.works_in(pid, folder) end)
end

--- The processes of this user that have an argument.
---@param argument string
---@return integer[]|nil pids
---@return string|nil message it could not be looked
function processes.with_argument(argument)
  local wanted, user = "\0" .. argument .. "\0", uv.getuid()
  return all(function(pid)
    local stat = uv.fs_stat("/proc/" .. pid)
    local text = stat and stat.uid == user and files.read("/proc/" .. pid .. "/cmdline")
    return text and text:find(wanted, 1, true) ~= nil
  end)
end

--- Whether there is a process of that number.
---@param pid integer
---@return boolean
function processes.exists(pid)
  return uv.kill(pid, 0) == 0
end

--- Sends a signal.
---@param pid integer
---@param name string "sigterm"
function processes.kill(pid, name)
  uv.kill(pid, name)
end

return processes
