-- SPDX-License-Identifier: MIT
-- Broadcasts for those who look at them: good ones, some of which look suspicious, and broken ones. Small films with
-- sound, made by ffmpeg's filters from a seed.

local films = require "spec.support.films"
local proc = require "spec.support.proc"

local broadcasts = {}

local SIZE, RATE = "320x180", 15

-- Two boxes that wander over colours that turn, another film for each seed. The colours alone come again every ten
-- seconds, with the boxes a picture does not.
local function film(seed)
  return ("gradients=s=%s:r=%d:n=6:seed=%d:speed=0.04:x0=0:y0=0:x1=320:y1=180[turning];"):format(SIZE, RATE, seed)
    .. ("color=white:s=44x36:r=%d[white];color=black:s=36x30:r=%d[black];"):format(RATE, RATE)
    .. ("[turning][white]overlay=x='mod(t*%d,276)':y='mod(t*%d,144)'[one];"):format(31 + seed % 17, 17 + seed % 11)
    .. ("[one][black]overlay=x='284-mod(t*%d,284)':y='mod(t*%d+60,150)'"):format(23 + seed % 13, 29 + seed % 7)
end

-- Noise that comes and goes, as speech does.
local function voice(seed)
  return ("anoisesrc=c=pink:r=48000:seed=%d:a=0.25,volume='0.15+0.85*gt(mod(t,1.7),0.5)':eval=frame"):format(seed)
end

local STEREO = "aformat=channel_layouts=stereo"

---@class spec.broadcast
---@field picture string|nil filters after the film; false: there is none
---@field sound string|nil filters after the voice; false: there is none
---@field source string|nil in the film's place
---@field voice string|nil in the voice's place
---@field rate integer|nil pictures a second of the encoder
---@field state string that it is to be called

---@type table<string, spec.broadcast>
broadcasts.BROKEN = {
  black = { picture = "drawbox=c=black:t=fill", state = "black" },
  green = { picture = "format=yuv420p,lutyuv=y=0:u=0:v=0", state = "flat" },
  silent = { sound = "volume=0", state = "silent" },
  clipped = { sound = "volume=30dB,aformat=sample_fmts=s16", state = "clipped" },
  one_ear = { sound = "pan=stereo|c0=c0|c1=0*c0", state = "one_sided" },
  sound_only = { picture = false, state = "no_picture" },
  mute = { sound = false, state = "no_sound" },
}

---@type table<string, spec.broadcast>
broadcasts.GOOD = {
  film = { state = "ok" },
  dark_film = { picture = "eq=brightness=-0.34:contrast=0.55", state = "ok" },
  slide = { source = "smptebars=s=320x180:r=15", state = "still" },
  applause = { voice = "anoisesrc=c=white:r=48000:a=0.5,volume='0.6+0.4*random(0)':eval=frame", state = "ok" },
  title_card = { source = "color=c=black:s=320x180:r=15,drawbox=x=60:y=70:w=200:h=12:c=white:t=fill,"
    .. "drawbox=x=90:y=100:w=140:h=8:c=gray:t=fill", state = "still" },
  fade = { picture = "fade=t=out:st=8:d=1:enable='between(t,8,11)',"
    .. "fade=t=in:st=11:d=1:enable='between(t,11,12)'", state = "ok" },
  quiet_speech = { sound = "volume=-26dB", state = "ok" },
  few_pictures = { rate = 10, state = "ok" },
  letterbox = { picture = "scale=320:120,pad=320:180:0:30", state = "ok" },
  grain = { picture = "noise=alls=18:allf=t", state = "ok" },
  pauses = { voice = "sine=f=330:r=48000,volume='lt(mod(t,11),6)':eval=frame", state = "ok" },
  contrast = { picture = "eq=contrast=4", state = "ok" },
  text = { picture = "drawgrid=w=9:h=14:t=4:c=white,scroll=v=0.01", state = "ok" },
}

local function inputs_of(kind, seed)
  local argv, graph = {}, {}
  if kind.picture ~= false then
    graph[#graph + 1] = (kind.source or film(seed)) .. (kind.picture and "," .. kind.picture or "") .. "[v]"
    argv[#argv + 1] = "[v]"
  end
  if kind.sound ~= false then
    local made = (kind.voice or voice(seed)) .. "," .. STEREO .. (kind.sound and "," .. kind.sound or "")
    graph[#graph + 1] = made .. "[a]"
    argv[#argv + 1] = "[a]"
  end
  return table.concat(graph, ";"), argv
end

--- What ffmpeg makes a broadcast by: FLV, a keyframe every two seconds.
---@param kind spec.broadcast
---@param seconds number
---@param seed integer
---@return string[] arguments without the file
function broadcasts.recipe(kind, seconds, seed)
  local graph, maps = inputs_of(kind, seed)
  local recipe, rate = { "-filter_complex", graph }, kind.rate or RATE
  for _, label in ipairs(maps) do table.move({ "-map", label }, 1, 2, #recipe + 1, recipe) end
  return table.move({ "-t", tostring(seconds), "-r", tostring(rate), "-c:v", "libx264", "-preset", "ultrafast",
    "-pix_fmt", "yuv420p", "-g", tostring(rate * 2), "-c:a", "aac", "-b:a", "96k" }, 1, 16, #recipe + 1, recipe)
end

--- Makes a broadcast's file.
---@param path string
---@param kind spec.broadcast
---@param seconds number
---@param seed integer
---@return string path
function broadcasts.make(path, kind, seconds, seed)
  return films.make(path, broadcasts.recipe(kind, seconds, seed))
end

--- Publishes a file as it is, again and again.
---@param url string of RTMP
---@param path string
---@return spec.proc
function broadcasts.publish(url, path)
  return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f",
    "flv", url }, { name = "broadcast" })
end

--- Publishes a film twice, once: as it is, from so many seconds on; and from its beginning, coded anew, smaller and
--- with a logo. So the second is so many seconds late.
---@param url string of RTMP
---@param late_url string
---@param path string
---@param seconds number a multiple of 2: what is not coded anew begins at a keyframe
---@return spec.proc
function broadcasts.publish_late(url, late_url, path, seconds)
  return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-ss", tostring(seconds), "-i", path,
    "-re", "-i", path,
    "-map", "0", "-c", "copy", "-f", "flv", url,
    "-map", "1", "-vf", "scale=240:136,drawbox=x=200:y=8:w=32:h=16:c=red:t=fill", "-c:v", "libx264", "-preset",
    "ultrafast", "-tune", "zerolatency", "-g", "20", "-b:v", "250k", "-c:a", "aac", "-f", "flv", late_url },
    { name = "late" })
end

return broadcasts
