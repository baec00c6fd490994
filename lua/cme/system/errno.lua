-- SPDX-License-Identifier: MIT
-- What the system says of a failure, by the name that libuv gives it: "ENOENT". libuv's calls return it as their third
-- value, its callbacks as the failure itself. Pure.

local codes = require "cme.codes"

local errno = {}

-- Names that have their sentence; others are said as libuv says them.
local SENTENCES = {
  ENOENT = "word:no_such_file",
  EACCES = "word:permission_denied",
  EPERM = "word:not_permitted",
  ENOSPC = "word:no_space",
  EROFS = "word:read_only",
  ENOTDIR = "word:not_a_folder",
  EISDIR = "word:is_a_folder",
  EEXIST = "word:file_exists",
  EIO = "word:io_error",
  EMFILE = "word:many_open_files",
  ENFILE = "word:many_open_files",
  ENAMETOOLONG = "word:name_too_long",
  ENOEXEC = "word:not_executable",
  ENOMEM = "word:no_memory",
  EADDRINUSE = "word:address_in_use",
  EADDRNOTAVAIL = "word:address_not_here",
  ECONNREFUSED = "word:connection_refused",
  ECONNRESET = "word:connection_reset",
  EHOSTUNREACH = "word:no_route_to_host",
  ENETUNREACH = "word:no_route_to_network",
  ETIMEDOUT = "word:timed_out",
  EAGAIN = "word:is_busy",
  timeout = "word:timed_out", -- of task.wait
}

--- What failed, as a part of a failure.
---@param name string|nil libuv's
---@param message string|nil libuv's, of a name that has no sentence
---@return cme.reason
function errno.reason(name, message)
  if SENTENCES[name] then return codes.reason(SENTENCES[name]) end
  return { text = message or name or "unknown" }
end

return errno
