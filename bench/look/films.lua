-- SPDX-License-Identifier: MIT
-- The films of `make bench-look` and `make bench-look-cost`. They are coded once and kept below the build folder, under
-- names that have the recipe in them: a machine that codes while it looks reads its sources too late.

local uv = require "luv"

local proc = require "spec.support.proc"

local films = {}

films.BUILD = os.getenv "CME_BUILD" or "build"

local FOLDER = films.BUILD .. "/bench/look"
local LONGEST = 1800 -- seconds that coding one may take

local function hash(text)
  local value = 5381
  for i = 1, #text do value = (value * 33 + text:byte(i)) & 0xffffffff end
  return ("%08x"):format(value)
end

--- The film of a recipe, coded unless it is there.
---@param name string
---@param recipe string[] arguments of ffmpeg, without the file
---@return string path
function films.make(name, recipe)
  local path = ("%s/%s-%s.flv"):format(FOLDER, name, hash(table.concat(recipe, "\0")))
  if uv.fs_stat(path) then return path end
  assert(proc.run { "mkdir", "-p", FOLDER } == 0)
  local argv = { "ffmpeg", "-v", "error", "-nostdin", "-y" }
  table.move(recipe, 1, #recipe, #argv + 1, argv)
  table.move({ "-f", "flv", path .. ".part" }, 1, 3, #argv + 1, argv)
  local code, out, err = proc.run(argv, { name = "ffmpeg", timeout = LONGEST })
  assert(code == 0, out .. err)
  assert(os.rename(path .. ".part", path))
  return path
end

--- 1080p30 as encoders send it: 6 Mbit/s, CABAC, B-frames, a keyframe every two seconds.
---@return string path
function films.hd()
  return films.make("hd", { "-filter_complex", "gradients=s=1920x1080:r=30:n=6:seed=5:speed=0.03,"
    .. "drawbox=x='mod(t*131,1800)':y='mod(t*77,900)':w=260:h=210:c=white:t=fill,noise=alls=9:allf=t[v];"
    .. "anoisesrc=c=pink:r=48000:seed=5:a=0.25,volume='0.15+0.85*gt(mod(t,1.7),0.5)':eval=frame,"
    .. "aformat=channel_layouts=stereo[a]", "-map", "[v]", "-map", "[a]", "-t", "12", "-c:v", "libx264", "-preset",
    "veryfast", "-b:v", "6M", "-maxrate", "6M", "-bufsize", "6M", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac",
    "-b:a", "128k" })
end

--- Publishes a film as it is, again and again.
---@param url string of RTMP
---@param path string
---@return spec.proc
function films.publish(url, path)
  return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f",
    "flv", url }, { name = "publisher" })
end

return films
