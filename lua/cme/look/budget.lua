-- SPDX-License-Identifier: MIT
-- What looking may cost: when cme-look takes more of the processor than it may, it is given less to do. The source is
-- left out first, since all its pictures are decoded; then each address is looked at less often. Pure.

local budget = {}

--- Share of one core that all looks of a process may take.
budget.SHARE = 0.5
--- Seconds over which it is measured.
budget.WINDOW = 60

local LEAST_OFTEN = 8 -- times rarer than asked for

---@class cme.look.thrift
---@field source boolean the source is compared with
---@field times number how many times rarer each address is looked at

--- Everything that was asked for.
---@return cme.look.thrift
function budget.all()
  return { source = true, times = 1 }
end

--- What to do less after a window that cost too much.
---@param thrift cme.look.thrift
---@param share number of one core
---@return cme.look.thrift|nil less nil: it stays as it is
function budget.less(thrift, share)
  if share <= budget.SHARE then return nil end
  if thrift.source then return { source = false, times = thrift.times } end
  if thrift.times >= LEAST_OFTEN then return nil end
  return { source = false, times = thrift.times * 2 }
end

--- Processor time that a process has had.
---@param stat string what /proc/PID/stat says (proc(5): utime and stime, after the name in parentheses)
---@param ticks integer a second
---@return number|nil seconds
function budget.used(stat, ticks)
  local user, system = stat:match "^.*%) %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ (%d+) (%d+)"
  return user and (tonumber(user) + tonumber(system)) / ticks or nil
end

return budget
