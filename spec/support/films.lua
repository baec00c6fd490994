-- SPDX-License-Identifier: MIT
-- Films that ffmpeg makes out of nothing (lavfi), for specs and benches. Many specs want the same ones, and an encoder
-- takes more of the processor than what they prove: each is made once for a build, kept in its folder `films` under a
-- name that its arguments give, and copied to where it is wanted. `make clean` removes them.
--
-- Arguments may name no other file, since a film is made anew only when they change, or ffmpeg does.

local uv = require "luv"

local paths = require "spec.support.paths"
local proc = require "spec.support.proc"

local films = {}

local FOLDER = paths.build .. "/films"
local LIMIT = 180 -- seconds to make one
local MODE = 493 -- 0755

local function encode(path, argv)
  local all = { "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", table.unpack(argv) }
  all[#all + 1] = path
  local code, out, err = proc.run(all, { name = "ffmpeg", timeout = LIMIT })
  if code ~= 0 then error(("ffmpeg %s: %s%s"):format(table.concat(argv, " "), out, err), 0) end
end

-- FNV-1a, of 64 bits.
local function hash(text)
  local value = 0xcbf29ce484222325
  for i = 1, #text do value = (value ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(value)
end

-- When this ffmpeg was installed: another one makes other films.
local function since()
  for folder in os.getenv("PATH"):gmatch "[^:]+" do
    local stat = uv.fs_stat(folder .. "/ffmpeg")
    if stat then return stat.mtime.sec end
  end
end

--- The path of a film, which nobody may change; nil where the build's folder cannot be written to.
---@param ext string what its name ends in, which says what kind of file it is
---@param argv string[] ffmpeg's arguments before the file
---@return string|nil
function films.kept(ext, argv)
  uv.fs_mkdir(FOLDER, MODE)
  if not uv.fs_access(FOLDER, "W") then return end
  local name = hash(("%s\0%s\0%s"):format(table.concat(argv, "\0"), ext, since()))
  local path = ("%s/%s.%s"):format(FOLDER, name, ext)
  if uv.fs_stat(path) then return path end
  -- Two specs may make it at the same time: whoever is last replaces what is the same.
  local mine = ("%s/%s-%d.%s"):format(FOLDER, name, uv.os_getpid(), ext)
  encode(mine, argv)
  assert(uv.fs_rename(mine, path))
  return path
end

--- Makes a film at a path.
---@param path string its name's end says what kind of file it is
---@param argv string[] ffmpeg's arguments before the file
---@return string path
function films.make(path, argv)
  local kept = films.kept(path:match "%.(%w+)$", argv)
  if kept then assert(uv.fs_copyfile(kept, path)) else encode(path, argv) end
  return path
end

return films
