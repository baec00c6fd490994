-- SPDX-License-Identifier: MIT
-- A file that reserves space for when the disk is full, because stopping a broadcast must always be possible. It is
-- deleted for a write that must succeed, and made again when there is room. Its bytes are random, so that no file
-- system stores it in less space. If it cannot be made, the service works without it.

local files = require "cme.system.files"
local uv = require "luv"

local ballast = {}

local DEFAULT_SIZE = 1024 * 1024 -- bytes; one end of a broadcast takes some 20 KiB of them

---@class cme.server.store.sqlite.ballast
---@field private _path string
---@field private _size integer
local Ballast = {}
Ballast.__index = Ballast
Ballast.__name = "cme.server.store.sqlite.ballast"

---@param path string
---@param size integer|nil bytes
---@return cme.server.store.sqlite.ballast
function ballast.new(path, size)
  return setmetatable({ _path = path, _size = size or DEFAULT_SIZE }, Ballast)
end

-- Twice the size must be free: what takes the last bytes of a disk would be in its own way.
local function has_room(path, size)
  local stat = uv.fs_statfs(path:match "^(.*)/[^/]*$" or ".")
  return stat and stat.bavail * stat.bsize >= 2 * size
end

local function write_whole(path, size)
  local fd = uv.fs_open(path, "w", files.OWNER_ONLY)
  if not fd then return false end
  local whole = uv.fs_write(fd, uv.random(size), 0) == size and uv.fs_fsync(fd)
  uv.fs_close(fd)
  return whole
end

--- Makes the file unless it is there whole, or there is no room.
---@return boolean held
function Ballast:keep()
  local stat = uv.fs_stat(self._path)
  if stat and stat.size == self._size then return true end
  if has_room(self._path, self._size) and write_whole(self._path, self._size) then return true end
  uv.fs_unlink(self._path) -- half of it is in the way of others
  return false
end

--- Whether so little is left on the disk that writes may fail soon, or do.
---@return boolean
function Ballast:is_short()
  return not has_room(self._path, self._size)
end

--- Gives the space up.
---@return boolean given false: there was none to give
function Ballast:release()
  return uv.fs_unlink(self._path) and true or false
end

return ballast
