-- SPDX-License-Identifier: MIT
-- Runs a function for each item, a limited number at a time: cme.parallel, inside of a run.

local tree = require "cme.task.tree"

local parallel = {}

-- One of the tasks of parallel: takes the next item until there is none.
local function work(job)
  while job.taken < #job.list do
    job.taken = job.taken + 1
    local i = job.taken
    local value, message, detail = job.fn(job.list[i], i)
    job.results[i] = value
    local list = value == nil and message ~= nil and job.failures
      or type(detail) == "table" and detail.pending and job.warnings
    if list then list[#list + 1] = { index = i, message = message, detail = detail } end
  end
end

-- A bug in fn ends the whole: the others are cancelled, and the error goes on from parallel.
local function worker(job)
  local ok, traceback = xpcall(work, tree.with_traceback, job)
  if ok or job.broken then return end
  job.broken = traceback
  local me = tree.current()
  for _, other in ipairs(job.workers) do
    if other ~= me then other:cancel() end
  end
end

--- As cme.parallel, whose arguments are checked; tasks only.
---@param list any[]
---@param fn fun(item: any, index: integer): any
---@param limit integer
---@return any[] results
---@return table[] failures
---@return table[] warnings
function parallel.run(list, fn, limit)
  local job = { list = list, fn = fn, taken = 0, results = {}, failures = {}, warnings = {}, workers = {} }
  for i = 1, math.min(limit, #list) do job.workers[i] = tree.spawn(worker, job) end
  for _, one in ipairs(job.workers) do one:wait() end
  if job.broken then error(job.broken, 0) end
  for _, told in ipairs { job.failures, job.warnings } do
    table.sort(told, function(a, b) return a.index < b.index end)
  end
  return job.results, job.failures, job.warnings
end

return parallel
