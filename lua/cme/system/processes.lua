-- SPDX-License-Identifier: MIT
-- Processes that are not children of this one: detached by an earlier service, and found again. The kernel tells of
-- their end all the same (cme.pidfd). A pid alone proves nothing, since it may be another's by now; the folder that a
-- process works in, or an argument that only it has, does. A look that fails (out of descriptors) shows nothing: it
-- answers nil and why, never an empty list.

local files = require "cme.system.files"
local pidfd = require "cme.pidfd"
local uv = require "luv"

local processes = {}

local LOOK_MS = 100 -- between looks at a process whose end nobody tells

-- All pids for which `fits` says so.
local function all(fits)
  local found = {}
  local names, message, detail = files.names "/proc"
  if not names then return nil, message, detail end
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
---@return cme.detail|nil detail
function processes.working_in(folder)
  return all(function(pid) return processes.works_in(pid, folder) end)
end

--- The processes of this user that have an argument.
---@param argument string
---@return integer[]|nil pids
---@return string|nil message it could not be looked
---@return cme.detail|nil detail
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

local function close(handle)
  if not handle:is_closing() then handle:close() end
end

-- The kernel gives no descriptor of a process when this one has none left, and before Linux 5.3; and libuv may have no
-- room to watch one. Then, and nowhere else, a process is looked at again and again.
local function look_until_gone(pid, fn)
  local timer = uv.new_timer()
  timer:start(0, LOOK_MS, function()
    if processes.exists(pid) then return end
    close(timer)
    fn()
  end)
  return function() close(timer) end
end

--- Calls fn once a process has ended, be it a child of this one or not; at once when there is none.
---@param pid integer
---@param fn fun() in a callback of libuv: must not wait
---@return fun() forget lets go of the process; fn is not called any more
function processes.on_end(pid, fn)
  local fd = pidfd.open(pid)
  if fd == nil then return look_until_gone(pid, fn) end
  if not fd then
    fn()
    return function() end
  end
  local poll = uv.new_poll(fd)
  if not poll then
    uv.fs_close(fd)
    return look_until_gone(pid, fn)
  end
  local function forget()
    if poll:is_closing() then return end
    poll:close()
    uv.fs_close(fd)
  end
  poll:start("r", function()
    forget()
    fn()
  end)
  return forget
end

--- Sends a signal.
---@param pid integer
---@param name string "sigterm"
function processes.kill(pid, name)
  uv.kill(pid, name)
end

return processes
