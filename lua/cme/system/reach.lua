-- SPDX-License-Identifier: MIT
-- What a failed look means. Only an answer that nobody can be there shows absence; a look that this process could not
-- make (no descriptor, no memory, no right) shows nothing, and nothing may be started, ended or forgotten for it. Pure.

local reach = {}

-- What luv's error says about who was looked for, by its name.
local MEANINGS = {
  ENOENT = "absent", ECONNREFUSED = "absent", ENOTDIR = "absent", -- nobody listens, or there is no such file
  timeout = "silent", EAGAIN = "silent", -- it is there, and takes no connection
}

--- What a failure shows.
---@param name string|nil libuv's name of it, "ENOENT", or task.wait's "timeout"
---@return "absent"|"silent"|"unknown" meaning unknown: the look failed, not the one looked for
function reach.meaning(name)
  return MEANINGS[name] or "unknown"
end

return reach
