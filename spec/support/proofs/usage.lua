-- SPDX-License-Identifier: MIT
-- What a process costs, as the kernel counts it: processor time, memory, descriptors, threads.

local uv = require "luv"

local usage = {}

local function read(path)
  local file = io.open(path)
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

local function names(path)
  local list = {}
  local scan = uv.fs_scandir(path)
  if scan then
    for name in uv.fs_scandir_next, scan do list[#list + 1] = name end
  end
  return list
end

--- Seconds of processor that a process has used, user and system, all its threads.
-- The scheduler's own count is used: it is what utime + stime of /proc/PID/stat are made from, but in nanoseconds
-- and not in hundredths of a second, of which a cheap relay uses four in eight seconds.
---@param pid integer
---@return number
function usage.cpu(pid)
  local sum = 0
  for _, task in ipairs(names(("/proc/%d/task"):format(pid))) do
    local text = read(("/proc/%d/task/%s/schedstat"):format(pid, task))
    sum = sum + (tonumber((text or ""):match "^%d+") or 0)
  end
  return sum / 1e9
end

--- Memory in use, in KB: what is the process's own (anonymous), so that mapped libraries do not count.
---@param pid integer
---@return { rss: integer, own: integer }
function usage.memory(pid)
  local status = read(("/proc/%d/status"):format(pid)) or ""
  return {
    rss = tonumber(status:match "VmRSS:%s+(%d+)") or 0,
    own = tonumber(status:match "RssAnon:%s+(%d+)") or 0,
  }
end

---@param pid integer
---@return integer
function usage.descriptors(pid)
  return #names(("/proc/%d/fd"):format(pid))
end

---@param pid integer
---@return integer
function usage.threads(pid)
  return #names(("/proc/%d/task"):format(pid))
end

--- Seconds of the wall clock, with fractions.
---@return number
function usage.wall()
  local seconds, micros = uv.gettimeofday()
  return seconds + micros / 1e6
end

return usage
