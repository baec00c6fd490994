-- SPDX-License-Identifier: MIT
-- OBS itself, without anybody in front of it: on a screen in memory, with a scene of one colour, it streams at once to
-- the server and key that stand in its files.

local cjson = require "cjson"
local files = require "spec.support.files"
local uv = require "luv"

local proc = require "spec.support.proc"

local obs = {}

local SIZE = { 320, 180 }
local LAST_VERSION = 29 << 24 -- it welcomes nobody who knows this version

---@class spec.obs
---@field private _screen spec.proc
---@field private _obs spec.proc
local Obs = {}
Obs.__index = Obs

--- What keeps it from running here.
---@return string|nil words
function obs.missing()
  for _, program in ipairs { "obs", "Xvfb" } do
    if proc.run { "sh", "-c", "command -v " .. program } ~= 0 then
      return ("no %s here: apt-get install --no-install-recommends obs-studio xvfb"):format(program)
    end
  end
end

local GLOBAL = [[
[General]
FirstRun=true
EnableAutoUpdates=false
LastVersion=%d
]]

local PROFILE = [[
[General]
Name=spec

[Video]
BaseCX=%d
BaseCY=%d
OutputCX=%d
OutputCY=%d
FPSType=0
FPSCommon=24 NTSC

[Output]
Mode=Simple
Reconnect=false

[SimpleOutput]
StreamEncoder=x264
VBitrate=300
ABitrate=96
UseAdvanced=true
Preset=ultrafast
x264Settings=keyint=24
]]

local SCENES = {
  name = "spec", current_scene = "Scene", current_program_scene = "Scene", scene_order = { { name = "Scene" } },
  sources = {
    { id = "scene", name = "Scene",
      settings = { id_counter = 1, items = { { name = "Colour", id = 1, visible = true } } } },
    { id = "color_source_v3", name = "Colour", settings = { color = 0xff4080ff, width = SIZE[1], height = SIZE[2] } },
  },
}

local function configure(folder, server, key)
  for _, path in ipairs { "", "/basic", "/basic/profiles", "/basic/profiles/spec", "/basic/scenes" } do
    assert(uv.fs_mkdir(folder .. "/obs-studio" .. path, tonumber("700", 8)))
  end
  local root = folder .. "/obs-studio/"
  files.write(root .. "global.ini", GLOBAL:format(LAST_VERSION))
  files.write(root .. "basic/profiles/spec/basic.ini", PROFILE:format(SIZE[1], SIZE[2], SIZE[1], SIZE[2]))
  files.write(root .. "basic/profiles/spec/service.json", cjson.encode { type = "rtmp_custom",
    settings = { server = server, key = key, use_auth = false } })
  files.write(root .. "basic/scenes/spec.json", cjson.encode(SCENES))
end

--- Starts it; it streams without being asked.
---@param server string address up to the key
---@param key string
---@return spec.obs
function obs.start(server, key)
  local folder = proc.folder()
  configure(folder, server, key)
  local screen = proc.spawn({ "Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp" },
    { name = "Xvfb" })
  local display = screen:expect "(%d+)\n"
  local program = proc.spawn({ "obs", "--multi", "--startstreaming", "--minimize-to-tray", "--profile", "spec",
    "--collection", "spec" }, { name = "obs", env = { DISPLAY = ":" .. display, XDG_CONFIG_HOME = folder,
    HOME = folder, LIBGL_ALWAYS_SOFTWARE = "1", QT_QPA_PLATFORM = "xcb" } })
  return setmetatable({ _screen = screen, _obs = program }, Obs)
end

--- Waits until its log says this.
---@param pattern string
---@return string ...
function Obs:expect(pattern)
  return self._obs:expect(pattern, 60)
end

function Obs:stop()
  self._obs:destroy()
  self._screen:stop()
end

return obs
