-- SPDX-License-Identifier: MIT
-- `make demo`: one source and a backup to three platforms through the service and the engine, measured; then an encoder
-- that pushes to the service's own edge, and a media cast of two files.
--
-- nginx-rtmp plays the platforms and the place both sources publish to; ffmpeg is the sources; the show itself is
-- examples/broadcast.lua. What arrived is judged by the recordings that the platforms keep. At a terminal the
-- broadcast then goes on until Ctrl-C; otherwise the demo ends, with 1 when anything fell short.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local control_room = require "spec.support.programs.control_room"
local uv = require "luv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local sign = require "cme.sign"

local PLATFORMS = { "platform1", "platform2", "platform3" }
local LOOKS = table.concat({ media.MAIN.size, media.BACKUP.size, media.MAIN.size }, " ")
local PUSHED = "platform4"
local PUSH_PART = 5 -- seconds of the direct push
local CAST = "platform5"
local CAST_PART = 4 -- seconds of each of its files
local PART = 10 -- seconds on main, on backup, on main again

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

local stage = {} -- what runs: nginx, service, main, backup; interrupted: Ctrl-C or the terminal has gone

-- From the first moment on, so that an interrupted demo leaves no more behind than a finished one.
local function watch_for_interrupts()
  for _, name in ipairs { "sigint", "sigterm", "sighup" } do
    local signal = uv.new_signal()
    signal:start(name, function() stage.interrupted = true end)
    signal:unref()
  end
end

local function at_terminal()
  return uv.guess_handle(0) == "tty"
end

-- The control room, for those who stay; without it the demo goes on.
local function open_room(port)
  local env = { ROOM_WEBHOOK_SECRET_FILE = stage.service.state .. "/webhook_secret",
    ROOM_PASSWORD = os.getenv "ROOM_PASSWORD" or assert(sign.random_hex(8)) }
  local ok, room = pcall(control_room.start, stage.service, { port = port, env = env })
  if not ok then return say("control room: %s", room) end
  stage.room = room
end

local function set_up()
  stage.nginx = nginx.start {
    keys = "",
    apps = { "source", PUSHED, CAST, table.unpack(PLATFORMS) }, record = true, hls = PLATFORMS,
  }
  local port, hook = control_room.address()
  stage.library = proc.folder()
  stage.service = service.start { edge = true, args = { "--media", stage.library,
    table.unpack(at_terminal() and { "--webhook", hook } or {}) } }
  stage.urls = { stage.nginx:url("source", "main"), stage.nginx:url("source", "backup") }
  stage.main = media.encode(stage.urls[1], media.MAIN)
  stage.backup = media.encode(stage.urls[2], media.BACKUP)
  stage.nginx:expect_publish("source", 2)
  if at_terminal() then open_room(port) end
  say("service    %s", stage.service.url)
  say("main       %s  %s, %d/s", stage.urls[1], media.MAIN.size, media.MAIN.rate)
  say("backup     %s  %s, %d/s", stage.urls[2], media.BACKUP.size, media.BACKUP.rate)
  for _, app in ipairs(PLATFORMS) do say("platform   %s", stage.nginx:url(app, "live")) end
end

-- Runs examples/broadcast.lua to its end (or, interrupted, ends it); its lines appear as they come.
local function broadcast(seconds)
  local env = stage.service:environment()
  env.SOURCE, env.BACKUP = stage.urls[1], stage.urls[2]
  for i, app in ipairs(PLATFORMS) do env["OUTPUT_" .. i] = stage.nginx:url(app, "live") end
  env.SECONDS = tostring(seconds)
  env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
  local script = proc.spawn({ "lua5.4", "examples/broadcast.lua" }, { name = "examples/broadcast.lua", env = env })
  local shown, told = 0, false
  proc.eventually("examples/broadcast.lua to end", 3 * seconds + 60, function()
    local text = script.out:sub(shown + 1):match "^.*\n"
    if text then
      io.stdout:write("  ", (text:sub(1, -2):gsub("\n", "\n  ")), "\n")
      shown = shown + #text
    end
    if stage.interrupted and not told then
      script:kill "sigint"
      told = true
    end
    return script.code
  end)
  return script
end

-- One row of the table, and whether all of it is as it must be.
local function measure(app, looks)
  local publishes = stage.nginx:publishes(app)
  stage.nginx:expect_silence(app)
  local recording = stage.nginx:recordings(app)[1]
  local row = recording and media.report(recording) or { looks = "", backward = 0, largest_gap = 0, seconds = 0 }
  local good = row.video == "h264" and row.audio == "aac" and row.looks == looks and row.backward == 0
    and #publishes == 1
  say("%-10s  %-8s %-6s %8.1f s  %-24s %9d  %13d  %8.0f ms   %s", app, row.video or "none", row.audio or "none",
    row.seconds, row.looks, #publishes, row.backward, 1000 * row.largest_gap, good and "ok" or "NOT AS IT SHOULD BE")
  return good
end

local function measure_all()
  say("\n%-10s  %-8s %-6s %10s  %-24s %9s  %13s  %11s", "", "picture", "sound", "length", "sizes seen", "publishes",
    "DTS backwards", "largest gap")
  local good = true
  for _, app in ipairs(PLATFORMS) do good = measure(app, LOOKS) and good end
  return good
end

-- Whether a player gets picture and sound.
local function is_playable(url)
  local _, out = proc.run { "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url }
  return out:match "^%s*h264%s+aac" ~= nil
end

local function direct_push()
  say "\ndirect push: an encoder to the service, which sends it on"
  local client = cme.client(stage.service:client_options())
  local show = client:project { name = "direct push", owner = "demo", input = { push = 60 },
    outputs = { { name = PUSHED, url = stage.nginx:url(PUSHED, "live") } } }
  assert(show:create())
  local url = assert(show:push_urls()).main
  say("  ffmpeg -re -i ... -f flv '%s'", require "cme.redact".url(url))
  stage.encoder = media.encode(url, media.MAIN)
  stage.service.proc:expect '"message":"publisher admitted"'
  assert(show:start())
  local playback = assert(client:call("DescribeProjectPlayback", { ProjectId = show.id }))
  local playable = true
  for _, name in ipairs { "Main", "Output" } do
    proc.eventually("a playlist of " .. name, 20, function()
      return is_playable(playback[name]) or stage.interrupted
    end)
    playable = is_playable(playback[name]) and playable
    say("  %-7s  %s  %s", name:lower(), playback[name], playable and "picture and sound" or "NOTHING TO SEE")
  end
  proc.elapse(PUSH_PART)
  assert(show:stop())
  assert(show:delete())
  stage.encoder:wait()
  return measure(PUSHED, media.MAIN.size) and playable
end

local function media_cast()
  say "\nmedia cast: two files, one after the other, encoded anew"
  media.file(stage.library .. "/opening.mp4", CAST_PART, media.BACKUP)
  media.file(stage.library .. "/film.mp4", CAST_PART, media.MAIN)
  local client = cme.client(stage.service:client_options())
  local show = client:project { category = "MEDIA_CAST", name = "media cast", owner = "demo",
    sources = { { file_id = "opening" }, { file_id = "film" } },
    outputs = { { name = CAST, url = stage.nginx:url(CAST, "live") } },
    output_media = { width = 640, height = 360, bitrate = 800, frame_rate = 25 } }
  assert(show:start())
  proc.eventually("the end of its list", 3 * CAST_PART + 20, function()
    return stage.interrupted or show:status() == "idle"
  end)
  if show:status() == "working" then assert(show:stop()) end
  assert(show:delete())
  return measure(CAST, "640x360")
end

local function keep_running()
  say "\nStill on the air; Ctrl-C ends it. To watch:"
  if stage.room then say("  control room   %s   password %s", stage.room.url, stage.room.password) end
  for _, app in ipairs(PLATFORMS) do
    say("  %s    %s", stage.nginx:url(app, "live"), stage.nginx:hls_url(app, "live"))
  end
  while not stage.interrupted do broadcast(60) end
end

local function tear_down()
  for _, name in ipairs { "main", "backup", "encoder", "room", "service", "nginx" } do
    if stage[name] then stage[name]:stop() end
  end
end

-- Nothing may outlive the broadcast: no engine, and after the end no process that names one of our folders.
local function processes_left()
  local left = #stage.service:engines()
  tear_down()
  for _, dir in ipairs { stage.service.state, stage.nginx.dir, stage.room and stage.room.dir } do
    left = left + #proc.matching(dir) + #proc.inside(dir)
  end
  return left
end

local function demo()
  watch_for_interrupts()
  set_up()
  say "\nexamples/broadcast.lua"
  local script = broadcast(PART)
  if stage.interrupted then
    say("\ninterrupted; processes left: %d", processes_left())
    return false
  end
  if script.code ~= 0 then
    say("%s", script:output())
    error("examples/broadcast.lua failed", 0)
  end
  local good = measure_all()
  good = direct_push() and good
  good = media_cast() and good
  if at_terminal() then keep_running() end
  local left = processes_left()
  say("\nprocesses left: %d", left)
  return good and left == 0
end

local ok, good = xpcall(demo, function(message) return debug.traceback(message, 2) end)
if not ok then say("demo: %s", good) end
pcall(tear_down)
proc.cleanup()
os.exit(ok and good == true and 0 or 1, true)
