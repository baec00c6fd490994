-- SPDX-License-Identifier: MIT
-- What a show remembers, in a file: one JSON object. It is written to a second file and renamed, so the file is always
-- complete. If the file cannot be read, the show goes on, because the service knows what is on the air; but its report
-- begins anew, and `cme run` says so.

local codes = require "cme.codes"
local json = require "cme.json"

---@class cme.show.notebook
local notebook = {}

local LARGEST = 16777216 -- bytes

---@class cme.show.disk
---@field open fun(path: string, mode: string): file*|nil, string|nil, integer|nil
---@field rename fun(from: string, to: string): boolean|nil, string|nil
---@field remove fun(path: string): boolean|nil, string|nil
local DISK = { open = io.open, rename = os.rename, remove = os.remove }

local function bare(reason)
  return codes.system((tostring(reason):gsub("^.*: ", "")))
end

--- Reads a memory.
---@param path string
---@param disk cme.show.disk|nil the real one when nil
---@return cme.show.memory|nil nil without a message: there is none yet
---@return string|nil message
---@return cme.detail|nil detail code local.memory
function notebook.load(path, disk)
  local file, reason, number = (disk or DISK).open(path, "rb")
  if not file then
    if number == 2 then return nil end -- ENOENT
    return codes.fail("local.memory", { path = path, reason = bare(reason) })
  end
  local text = file:read(LARGEST) or ""
  file:close()
  local memory, message, fault = json.decode(text)
  if type(memory) == "table" and type(memory.policy) == "table" and type(memory.open) == "table"
    and type(memory.tally) == "table" and type(memory.untold) == "table" and type(memory.stop_at) == "number" then
    return memory
  end
  if fault then return codes.fail("local.memory", { path = path, reason = codes.words(message, fault) }) end
  return codes.fail("local.memory:foreign", { path = path })
end

--- Writes a memory.
---@param path string
---@param memory cme.show.memory
---@param disk cme.show.disk|nil the real one when nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code local.memory
function notebook.save(path, memory, disk)
  disk = disk or DISK
  local beside = path .. ".new"
  local file, reason = disk.open(beside, "wb")
  if not file then return codes.fail("local.memory", { path = beside, reason = bare(reason) }) end
  local ok
  ok, reason = file:write(assert(json.encode(memory)), "\n")
  local closed, why = file:close()
  if ok and closed then ok, reason = disk.rename(beside, path) end
  if ok and closed then return true end
  disk.remove(beside)
  return codes.fail("local.memory", { path = path, reason = bare(reason or why) })
end

return notebook
