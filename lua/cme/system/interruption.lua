-- SPDX-License-Identifier: MIT
-- Ctrl-C in libuv's loop. The interpreter answers SIGINT by an error in whatever runs, and an error in a callback of
-- libuv's ends the process with a traceback. Here the signal is an event of the loop, and a task is cancelled.

local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

local interruption = {}

local SIGNALS = { "sigint", "sigterm" }

local function run(fn, ...)
  local running, handles, told = task.spawn(fn, ...), {}, false
  for i, name in ipairs(SIGNALS) do
    handles[i] = uv.new_signal()
    handles[i]:start(name, function()
      told = true
      running:cancel()
    end)
  end
  local results = table.pack(pcall(running.wait, running))
  for _, handle in ipairs(handles) do handle:close() end
  if told then error({ interrupted = true }, 0) end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Runs fn as a task of libuv's loop until it returns. When the process is told to end meanwhile (SIGINT, SIGTERM), the
--- task is cancelled, so that it leaves nothing behind, and { interrupted = true } is raised, which the command line
--- says in its words.
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; raises what it raises
function interruption.run(fn, ...)
  return luv.run(run, fn, ...)
end

--- Has SIGINT end the process at once, as it ends most programs, until somebody takes it: for what is safe to kill.
--- To be called before the loop runs.
function interruption.end_at_once()
  local handle = uv.new_signal()
  handle:start("sigint", function() end)
  handle:close() -- libuv leaves the system's default behind, not what the interpreter had set
  uv.run "nowait" -- luv 1.44 does not end while a handle waits for its close callback
end

return interruption
