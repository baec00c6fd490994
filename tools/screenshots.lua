-- SPDX-License-Identifier: MIT
-- `make screenshots`: docs/control-room.png, the control room during a broadcast, and docs/watch.png, `cme watch` of
-- the same: one main source, one backup, three platforms, one of which takes nobody. All of it is real.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"

local chromium = require "spec.support.programs.chromium"
local control_room = require "spec.support.programs.control_room"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local WIDE, HIGH = 118, 30 -- of the terminal

local NAME, DESTINATIONS = "Gala 2026", { "Bilibili", "YouTube" }

-- The broadcast, of which inputs and what viewers see are looked at.
local function create(serve, rtmp)
  local outputs = {}
  for i, name in ipairs(DESTINATIONS) do
    local url = rtmp:url(name:lower(), "live")
    outputs[i] = { name = name, url = url, watch = url }
  end
  local project = cme.client(serve:client_options()):project { name = NAME, owner = "room", look_inputs = true,
    input = rtmp:url("source", "main"), backup = rtmp:url("source", "backup"), outputs = outputs }
  assert(project:create())
end

-- What `cme watch` shows in a terminal of its own once it has seen the whole broadcast.
local function watch(serve, picture)
  local dir = proc.folder()
  local env = serve:environment()
  env.TERM, env.LANG, env.LC_ALL, env.TMUX_TMPDIR = "xterm-256color", "C.UTF-8", "C.UTF-8", dir
  local function tmux(...)
    local code, out, err = proc.run({ "tmux", "-L", "watch", ... }, { env = env })
    assert(code == 0, err)
    return out
  end
  tmux("new-session", "-d", "-x", tostring(WIDE), "-y", tostring(HIGH), "bin/cme watch")
  local text = proc.eventually("cme watch to show all destinations", 30, function()
    local shown = tmux("capture-pane", "-e", "-p")
    return shown:find "Bilibili" and shown:find "YouTube" and shown:find "Kuaishou" and shown
  end)
  tmux "kill-server"
  local path = dir .. "/screen"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  chromium.run { "tools/ansi.js", path, picture }
end

local function screenshots()
  local rtmp = nginx.start { keys = "", apps = { "source", "bilibili", "youtube" } }
  local port, hook = control_room.address()
  local serve = service.start { edge = true, args = { "--webhook", hook } }
  local room = control_room.start(serve, { port = port,
    env = { ROOM_WEBHOOK_SECRET_FILE = serve.state .. "/webhook_secret" } })
  media.encode(rtmp:url("source", "main"), media.MAIN)
  media.encode(rtmp:url("source", "backup"), media.BACKUP)
  rtmp:expect_publish("source", 2)
  create(serve, rtmp)
  room:play("portrait", { picture = "docs/control-room.png", name = NAME, watched = DESTINATIONS,
    refusing = { name = "Kuaishou", url = rtmp:url("kuaishou", "live") } })
  print "docs/control-room.png"
  watch(serve, "docs/watch.png")
  print "docs/watch.png"
end

local ok, message = xpcall(screenshots, debug.traceback)
if not ok then io.stderr:write(message, "\n") end
proc.cleanup()
os.exit(ok and 0 or 1, true)
