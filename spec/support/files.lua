-- SPDX-License-Identifier: MIT
-- Files as specs read and write them: whole, and an error where that fails.

local uv = require "luv"

local files = {}

---@param path string
---@return string
function files.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

--- Writes a file anew.
---@param path string
---@param text string
---@return string path
function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- Writes a program that may be started.
---@param path string
---@param text string
---@return string path
function files.program(path, text)
  files.write(path, text)
  assert(uv.fs_chmod(path, tonumber("700", 8)))
  return path
end

return files
