-- SPDX-License-Identifier: MIT
-- Writes the log to stderr. A file or a terminal accepts a line at once. A pipe or a socket (`| tee`, journald) accepts
-- one only while somebody reads: it is written to without waiting, and a line that does not fit is lost, because a
-- reader that stands still must not stop broadcasts. A line is never cut: the rest of a line that was written in part
-- comes before the next one.

local uv = require "luv"

local stderr = {}

local DESCRIPTOR = 2
local open_flags = uv.constants.O_WRONLY | uv.constants.O_NONBLOCK

-- The pipe opened a second time: making the descriptor itself non-blocking would do so for everyone who shares it,
-- such as the shell. Sockets and other users' pipes cannot be opened again; these have to be shared.
local function open_again()
  return uv.fs_open("/proc/self/fd/" .. DESCRIPTOR, open_flags, 0) or DESCRIPTOR
end

--- Writes to something like a uv stream; a line that it does not take at once is lost.
---@param stream { try_write: fun(self, text: string): integer|nil; write: fun(self, text: string) }
---@return fun(line: string): boolean write false: lost
function stderr.to_stream(stream)
  return function(line)
    local written = stream:try_write(line) -- refuses while the rest of an earlier line waits
    if not written then return false end
    if written < #line then
      stream:write(line:sub(written + 1))
    end
    return true
  end
end

--- The writer for what stderr is. Errors of writing are ignored: there is nowhere to tell them.
---@return fun(line: string): boolean write false: the line is lost
function stderr.writer()
  if uv.guess_handle(DESCRIPTOR) == "pipe" then
    local pipe = uv.new_pipe(false)
    if pipe:open(open_again()) then return stderr.to_stream(pipe) end
    pipe:close()
  end
  return function(line)
    return io.stderr:write(line) ~= nil
  end
end

return stderr
