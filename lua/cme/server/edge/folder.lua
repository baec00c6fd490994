-- SPDX-License-Identifier: MIT
-- One folder of playback as cme-push writes it (src/push/hls.h): which part comes last, what a viewer asks for, and
-- whether anything is still written.

local files = require "cme.system.files"
local task = require "cme.task"
local uv = require "luv"

local folder = {}

local FRESH_SECONDS = 10 -- a playlist is written with each part
local BLOCK_SECONDS = 6 -- of a viewer who asks for a part that is still to come
local MAX_PARTS = 64 -- of a segment, as cme-push has it

local function playlist_of(path) return path .. "/index.m3u8" end

--- The last segment and part of a playlist. Pure.
---@param text string
---@return integer|nil segment
---@return integer|nil part
---@return boolean whole no more parts of it come
function folder.last(text)
  local segment, part = text:match '.*URI="(%d+)%.(%d+)%.m4s"'
  if not segment then return nil, nil, false end
  return math.tointeger(tonumber(segment)), math.tointeger(tonumber(part)),
    text:find("\n" .. segment .. ".m4s\n", 1, true) ~= nil
end

--- Whether a playlist has what a viewer asked for. Pure.
---@param text string
---@param segment integer
---@param part integer|nil nil: the whole segment
---@return boolean
function folder.has(text, segment, part)
  local last, last_part, whole = folder.last(text)
  if not last then return false end
  if last ~= segment then return last > segment end
  return whole or part ~= nil and last_part >= part
end

local function age_of(stat, now) return stat and now - (stat.mtime.sec + stat.mtime.nsec / 1e9) end

--- The seconds since something was written; without a playlist, since its folder was made or a file came into it.
---@param path string
---@param now number unix seconds
---@return number|nil age nil: nothing is there
function folder.age(path, now)
  return age_of(uv.fs_stat(playlist_of(path)) or uv.fs_stat(path), now)
end

local function fresh(path, now)
  local age = age_of(uv.fs_stat(playlist_of(path)), now)
  return age ~= nil and age <= FRESH_SECONDS
end

-- Waits until a condition is true, which is looked at whenever something was written.
local function wait(path, seconds, clock, condition)
  local deadline = clock.monotonic() + seconds
  local changed, stirred = task.signal(), false
  local forget = files.on_change(path, function()
    stirred = true
    changed:notify()
  end)
  local value = condition()
  while not value and clock.monotonic() < deadline do
    if not stirred then changed:wait(deadline - clock.monotonic()) end
    stirred = false
    value = condition()
  end
  forget()
  return value
end

--- Waits until a playlist is there that is being written. Tasks only.
---@param path string the folder, which is there
---@param seconds number at most
---@param clock cme.system.clock
---@return boolean
function folder.wait(path, seconds, clock)
  return wait(path, seconds, clock, function() return fresh(path, clock.now()) end) or false
end

--- The playlist, once it has what a viewer asked for. Tasks only.
---@param path string the folder
---@param clock cme.system.clock
---@param segment integer|nil nil: as it is
---@param part integer|nil
---@return string|nil text nil: nothing is written
function folder.playlist(path, clock, segment, part)
  if not fresh(path, clock.now()) then return nil end
  local text = files.read(playlist_of(path))
  if not segment or not text or folder.has(text, segment, part) then return text end
  wait(path, BLOCK_SECONDS, clock, function()
    text = files.read(playlist_of(path))
    return not text or folder.has(text, segment, part)
  end)
  return text
end

--- A file that a playlist names.
---@param path string the folder
---@param name string
---@return string|nil bytes nil: there is none
function folder.read(path, name)
  local segment = name:match "^(%d+)%.m4s$"
  if not segment then return (files.read(path .. "/" .. name)) end
  local parts = {}
  for i = 0, MAX_PARTS - 1 do
    local part = files.read(("%s/%s.%d.m4s"):format(path, segment, i))
    if not part then break end
    parts[i + 1] = part
  end
  return parts[1] and table.concat(parts)
end

--- Removes it with all that is in it.
---@param path string
function folder.remove(path)
  for _, name in ipairs(files.names(path) or {}) do files.remove(path .. "/" .. name) end
  uv.fs_rmdir(path)
end

return folder
