-- SPDX-License-Identifier: MIT
-- The folder of slates that were made, STATE/slates: a file's name says what it is like (form.name), so that it is made
-- once. It is kept within a bound: the files that were used least recently go first, and never one that is in use.

local files = require "cme.system.files"
local uv = require "luv"

local cache = {}

local MAX_BYTES = 1024 * 1024 * 1024
local MAX_FILES = 256

---@class cme.server.slate.cache
---@field private _folder string
local Cache = {}
Cache.__index = Cache

---@param folder string
---@return cme.server.slate.cache
function cache.new(folder)
  return setmetatable({ _folder = folder }, Cache)
end

--- Where a slate is, or will be.
---@param name string
---@return string path
function Cache:path(name)
  return self._folder .. "/" .. name
end

--- Whether a slate is there; one that is counts as used now.
---@param path string
---@param now number unix seconds
---@return boolean
function Cache:has(path, now) -- luacheck: no self
  if not files.exists(path) then return false end
  uv.fs_utime(path, now, now)
  return true
end

--- Removes a slate, if it is there.
---@param path string
function Cache:remove(path) -- luacheck: no self
  files.remove(path)
end

--- Makes the folder where needed.
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Cache:prepare()
  return files.make_folder(self._folder)
end

--- Which files have to go; pure.
---@param list { path: string, size: integer, used: number }[]
---@param in_use table<string, boolean> paths
---@return string[] paths
function cache.surplus(list, in_use)
  table.sort(list, function(a, b) return a.used > b.used end)
  local bytes, count, gone = 0, 0, {}
  for _, one in ipairs(list) do
    bytes, count = bytes + one.size, count + 1
    if (bytes > MAX_BYTES or count > MAX_FILES) and not in_use[one.path] then gone[#gone + 1] = one.path end
  end
  return gone
end

--- Removes what is too much, and what an earlier service left half made.
---@param in_use table<string, boolean> paths
---@param making table<string, boolean> paths that are being made
function Cache:tidy(in_use, making)
  local list = {}
  for _, name in ipairs(files.names(self._folder) or {}) do
    local path = self:path(name)
    local stat = files.stat(path)
    local whole = path:match "^(.*)%.part$"
    if whole and not making[whole] then
      files.remove(path)
    elseif stat and not whole then
      list[#list + 1] = { path = path, size = stat.size, used = stat.mtime.sec }
    end
  end
  for _, path in ipairs(cache.surplus(list, in_use)) do files.remove(path) end
end

return cache
