-- SPDX-License-Identifier: MIT
-- What the system says of a failure, by the name that libuv gives it: "ENOENT". libuv's calls return it as their third
-- value, its callbacks as the failure itself. Pure.

local codes = require "cme.codes"

local errno = {}

-- Names that have their sentence; of others libuv's words are said, without the name and the path around them.
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
  EAGAIN = "word:try_later",
  EDQUOT = "word:no_quota",
  ELOOP = "word:many_links",
  EBUSY = "word:in_use",
  ETXTBSY = "word:program_in_use",
  ENOTEMPTY = "word:not_empty",
  timeout = "word:timed_out", -- of task.wait
}

--- What failed, as a part of a failure.
---@param name string|nil libuv's
---@param line string|nil libuv's, of a name that has no sentence: "EXDEV: cross-device link not permitted: /a"
---@return cme.reason
function errno.reason(name, line)
  if SENTENCES[name] then return codes.reason(SENTENCES[name]) end
  return { text = line and (line:match "^[%u%d]+: ([^:]+)" or line) or name or "unknown" }
end

--- Why a connection to a unix socket failed: there EAGAIN says that nobody takes it.
---@param name string libuv's
---@return cme.reason
function errno.of_connect(name)
  return name == "EAGAIN" and codes.reason "word:is_busy" or errno.reason(name)
end

return errno
