-- SPDX-License-Identifier: MIT
-- What the programs of this project say while the suites run, kept so that tools/secrets.sh can search it at the end:
-- what they wrote, the logs they left, and the arguments that everybody on the machine can read. tools/test.sh names
-- the folder; without one nothing is kept.
--
-- Secrets and stream keys in specs have the word `hush` or `sekret` in them. Those that are made while a spec runs
-- (the key of `cme serve`) are told here.

local heard = {}

local uv = require "luv"

local folder = os.getenv "CME_HEARD"

-- Others print what they are given: nginx and ffmpeg show every URL.
local OURS = { "cme%-relay$", "bin/cme$", "^lua[%d.]*$", "^luajit" }
-- The engine wipes the URLs that it is started with. What somebody types after `cme` stays there.
local WIPES = "cme%-relay$"

--- Whether a program's arguments are ours to keep clean.
---@param program string
---@return boolean
function heard.wipes(program)
  return program:find(WIPES) ~= nil
end

--- Whether what a program writes is ours: it is one of ours, or runs a script that uses ours.
---@param program string
---@return boolean
function heard.is_ours(program)
  for _, pattern in ipairs(OURS) do
    if program:find(pattern) then return true end
  end
  return false
end

--- Names the folder; a spec has its own.
---@param path string|nil
---@return string|nil before
function heard.into(path)
  local before = folder
  folder = path
  return before
end

-- In one write: spec files run side by side, and a secret cut in two by another's line would not be found.
local function append(file, text)
  if not folder or text == "" then return end
  local out = assert(uv.fs_open(folder .. "/" .. file, "a", 384))
  assert(uv.fs_write(out, text:sub(-1) == "\n" and text or text .. "\n"))
  uv.fs_close(out)
end

--- Keeps what a program said.
---@param name string the program's, for the one who reads the finding
---@param text string
function heard.keep(name, text)
  append("heard-" .. name:gsub("[^%w.-]", "_"), text)
end

--- Keeps the arguments of a running process.
---@param pid integer
function heard.keep_arguments(pid)
  local file = folder and io.open(("/proc/%d/cmdline"):format(pid), "rb")
  if not file then return end
  local line = (file:read "a" or ""):gsub("%z", " ")
  file:close()
  append("arguments", line)
end

--- Tells a secret that nothing may show.
---@param text string
function heard.secret(text)
  append("secrets", text)
end

return heard
