-- SPDX-License-Identifier: MIT
-- The media library: a folder (`cme serve --media`) whose files are what FileId and MaterialId name. An id is the name
-- of a file in that folder, with or without its extension. Paths, hidden files and links are refused, so that nothing
-- outside of the folder can be named.

local uv = require "luv"

local codes = require "cme.codes"
local files = require "cme.system.files"

local library = {}

local MAX_ID = 200 -- bytes

---@class cme.server.library
---@field private _folder string|nil
local Library = {}
Library.__index = Library

---@param folder string|nil nil: there is none
---@return cme.server.library|nil library
---@return string|nil message
---@return cme.detail|nil detail code server.media_folder
function library.open(folder)
  local real = folder and uv.fs_realpath(folder)
  if folder and (not real or uv.fs_stat(real).type ~= "directory") then
    return codes.fail("server.media_folder", { folder = folder })
  end
  return setmetatable({ _folder = real }, Library)
end

--- What is wrong with an id, whatever the folder holds; pure.
---@param id string
---@return cme.detail|nil fact
function library.fault(id)
  if id == "" or #id > MAX_ID then return codes.reason("word:file_length", { limit = MAX_ID }) end
  if id:find "[/\\%c]" or id:find "^%." then return codes.reason "word:file_name" end
  return nil
end

--- The names that an id may stand for: the one that is the same, else those that are so without their ending; pure.
---@param id string
---@param names string[]
---@return string[]
function library.matches(id, names)
  local list = {}
  for _, name in ipairs(names) do
    if name == id then return { name } end
    if name:match "^(.+)%.[^.]*$" == id then
      list[#list + 1] = name
    end
  end
  return list
end

--- The file that an id names.
---@param id string
---@return string|nil path
---@return cme.reason|nil fact why there is none
function Library:find(id)
  local fact = library.fault(id)
  if fact then return nil, fact end
  if not self._folder then return nil, codes.reason "word:no_library" end
  local names, _, detail = files.names(self._folder)
  if not names then return nil, detail end
  local found = library.matches(id, names)
  if #found ~= 1 then
    return nil, #found == 0 and codes.reason "word:no_file"
      or codes.reason("word:many_files", { count = #found })
  end
  local path = self._folder .. "/" .. found[1]
  local stat = uv.fs_lstat(path)
  if not stat or stat.type ~= "file" then return nil, codes.reason "word:not_regular" end
  return path
end

return library
