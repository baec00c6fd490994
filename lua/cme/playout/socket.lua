-- SPDX-License-Identifier: MIT
-- Opens a unix socket of a playout, for its owner only; it replaces what an earlier playout left.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local files = require "cme.system.files"
local uv = require "luv"

local socket = {}

--- Listens.
---@param path string
---@param backlog integer connections that may wait to be taken
---@param on_connection fun()
---@return userdata|nil listener
---@return string|nil message
---@return cme.detail|nil detail code local.listen
function socket.listen(path, backlog, on_connection)
  local listener = uv.new_pipe(false)
  uv.fs_unlink(path)
  local ok, message, name = listener:bind(path)
  if ok then
    uv.fs_chmod(path, files.OWNER_ONLY)
    ok, message, name = listener:listen(backlog, on_connection)
  end
  if ok then return listener end
  listener:close()
  return codes.within("in.listen", { path = path },
    select(2, codes.fail("local.listen", { reason = errno.reason(name, message) })))
end

return socket
