-- SPDX-License-Identifier: MIT
-- Pictures of what viewers saw, kept for a day in a folder, bounded in number and bytes: the oldest go first. What
-- cme-look writes it replaces, so a picture that is to be kept is moved here.

local files = require "cme.system.files"
local uv = require "luv"

local album = {}

local LIMITS = { age = 86400, count = 200, bytes = 20 * 1024 * 1024 }

---@class cme.look.kept a picture
---@field name string
---@field at number unix seconds
---@field bytes integer

--- Which pictures go. Pure.
---@param list cme.look.kept[]
---@param now number unix seconds
---@param limits { age: number, count: integer, bytes: integer }
---@return string[] names
function album.surplus(list, now, limits)
  local newest, gone, bytes = {}, {}, 0
  for i, one in ipairs(list) do newest[i] = one end
  table.sort(newest, function(a, b) return a.at > b.at or a.at == b.at and a.name > b.name end)
  for i, one in ipairs(newest) do
    bytes = bytes + one.bytes
    if i > limits.count or bytes > limits.bytes or now - one.at > limits.age then gone[#gone + 1] = one.name end
  end
  return gone
end

---@class cme.look.album
---@field folder string
---@field scratch string folder for cme-look itself
---@field private _count integer pictures that were kept, for their names
local Album = {}
Album.__index = Album
Album.__name = "cme.look.album"

--- Opens the album of a folder, which is made if need be.
---@param folder string
---@return cme.look.album|nil
---@return string|nil message
---@return cme.detail|nil detail
function album.open(folder)
  local ok, message, detail = files.make_folder(folder .. "/now")
  if not ok then return nil, message, detail end
  uv.fs_chmod(folder, tonumber("700", 8))
  return setmetatable({ folder = folder, scratch = folder .. "/now", _count = 0 }, Album)
end

function Album:_list()
  local list, scan = {}, uv.fs_scandir(self.folder)
  while scan do
    local name, kind = uv.fs_scandir_next(scan)
    if not name then break end
    local stat = kind ~= "directory" and name:find "%.jpg$" and uv.fs_stat(self.folder .. "/" .. name)
    if stat then list[#list + 1] = { name = name, at = stat.mtime.sec, bytes = stat.size } end
  end
  return list
end

--- Keeps a picture under a name of its own.
---@param path string that cme-look wrote
---@param now number unix seconds
---@return string|nil path of the picture; nil: it could not be kept
function Album:keep(path, now)
  self._count = self._count + 1
  local kept = ("%s/%d-%d-%s"):format(self.folder, math.floor(now), self._count, path:match "[^/]*$")
  local moved = uv.fs_rename(path, kept)
  for _, name in ipairs(album.surplus(self:_list(), now, LIMITS)) do os.remove(self.folder .. "/" .. name) end
  return moved and kept or nil
end

return album
