-- SPDX-License-Identifier: MIT
-- Opens a unix socket of a playout, for its owner only; it replaces what an earlier playout left.

local files = require "cme.system.files"
local uv = require "luv"

local socket = {}

--- Listens.
---@param path string
---@param backlog integer connections that may wait to be taken
---@param on_connection fun()
---@return userdata|nil listener
---@return string|nil message
function socket.listen(path, backlog, on_connection)
  local listener = uv.new_pipe(false)
  uv.fs_unlink(path)
  local ok, message = listener:bind(path)
  if ok then
    uv.fs_chmod(path, files.OWNER_ONLY)
    ok, message = listener:listen(backlog, on_connection)
  end
  if ok then return listener end
  listener:close()
  return nil, ("listen on '%s': %s"):format(path, message)
end

return socket
