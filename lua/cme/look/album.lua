-- SPDX-License-Identifier: MIT
-- Pictures of what viewers saw, kept for a day in a folder, bounded in number and bytes: the oldest go first. What
-- cme-look writes it replaces, so a picture that is to be kept is moved here.

local files = require "cme.system.files"
local sign = require "cme.sign"
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
---@field private _secret boolean|nil nobody can guess a name: whoever has it may see the picture
---@field private _count integer pictures that were kept, for their names
local Album = {}
Album.__index = Album
Album.__name = "cme.look.album"

--- Opens the album of a folder, which is made if need be.
---@param folder string
---@param secret boolean|nil names are secrets, for URLs
---@param scratch string|nil name of the folder in it for cme-look itself
---@return cme.look.album|nil
---@return string|nil message
---@return cme.detail|nil detail
function album.open(folder, secret, scratch)
  scratch = folder .. "/" .. (scratch or "now")
  local ok, message, detail = files.make_folder(scratch)
  if not ok then return nil, message, detail end
  uv.fs_chmod(folder, tonumber("700", 8))
  folder = uv.fs_realpath(folder) or folder -- whoever is told of a picture may stand elsewhere
  return setmetatable({ folder = folder, scratch = scratch, _secret = secret, _count = 0 }, Album)
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

--- A picture that is kept, by the name in a URL.
---@param folder string of an album whose names are secrets
---@param name string
---@return string|nil path nil: there is none, any more
function album.find(folder, name)
  if not name:find "^%x+%.jpg$" then return nil end
  local path = folder .. "/" .. name
  return files.exists(path) and path or nil
end

--- Lets go of what cme-look wrote for itself.
function Album:close()
  local scan = uv.fs_scandir(self.scratch)
  while scan do
    local name = uv.fs_scandir_next(scan)
    if not name then break end
    os.remove(self.scratch .. "/" .. name)
  end
  uv.fs_rmdir(self.scratch)
end

--- Keeps a picture under a name of its own.
---@param path string that cme-look wrote
---@param now number unix seconds
---@return string|nil path of the picture; nil: it could not be kept
function Album:keep(path, now)
  self._count = self._count + 1
  local name = self._secret and sign.random_hex(16) .. ".jpg"
    or ("%d-%d-%s"):format(math.floor(now), self._count, path:match "[^/]*$")
  local kept = self.folder .. "/" .. name
  local moved = uv.fs_rename(path, kept)
  for _, each in ipairs(album.surplus(self:_list(), now, LIMITS)) do os.remove(self.folder .. "/" .. each) end
  return moved and kept or nil
end

return album
