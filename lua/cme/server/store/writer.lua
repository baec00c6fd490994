-- SPDX-License-Identifier: MIT
-- Writes that must not be lost. When the database fails (the disk is full or gone for a while, another program holds
-- the lock), such a write is tried again until it succeeds. Stopping a broadcast must always be possible, so the end of
-- a run may use the ballast's space.

local db = require "cme.server.store.db"
local task = require "cme.task"

local writer = {}

writer.RETRY_SECONDS = 5 -- a database that fails is asked again that often

--- Does something until the database has taken it. Waits; tasks only.
---@param attempt fun(): any, string|nil nil, message: the database failed; any other answer, false too, is the last
---@param failed fun(message: string|nil) takes note of each failure
---@param pause (fun(seconds: number))|nil waits; a task's sleep when nil
---@return any result
function writer.insist(attempt, failed, pause)
  while true do
    local result, message = attempt()
    if result ~= nil then return result end
    failed(message)
    local wait = pause or task.sleep
    wait(writer.RETRY_SECONDS)
  end
end

--- The same for what the database has just failed to take: it is left alone first.
---@param attempt fun(): any, string|nil
---@param failed fun(message: string|nil)
---@param pause (fun(seconds: number))|nil
---@return any result
function writer.insist_later(attempt, failed, pause)
  local wait = pause or task.sleep
  wait(writer.RETRY_SECONDS)
  return writer.insist(attempt, failed, pause)
end

--- Calls fn; when that fails for want of space, once more with the ballast's.
---@param ballast cme.server.store.sqlite.ballast|nil nil: this write may fail
---@param fn fun(...): any, string|nil
---@param ... any its arguments
---@return any ... what fn returns
function writer.with_ballast(ballast, fn, ...)
  local results = table.pack(fn(...))
  if not results[1] and ballast and db.lacks_space(results[3]) and ballast:release() then return fn(...) end
  return table.unpack(results, 1, results.n)
end

return writer
