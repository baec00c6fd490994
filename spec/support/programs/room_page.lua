-- SPDX-License-Identifier: MIT
-- The control room's pages alone in a headless Chromium, without nginx and a service: scenarios of
-- room_page_scenarios.js.

require "spec.support.room"
local cjson = require "cjson"
local chromium = require "spec.support.programs.chromium"
local page = require "room.page"
local proc = require "spec.support.proc"
local texts = require "room.texts"
local uv = require "luv"
local views = require "room.views"

local room_page = {}

-- Writes the pages as the room would send them.
local function fill(dir, lang)
  local values = { lang = lang, other = lang == "en" and "zh" or "en", csrf = ("c"):rep(64), texts = texts.of(lang),
    platforms = views.platforms(lang), problem = "" }
  for name, html in pairs(page.load("room/pages", io.open)) do
    local file = assert(io.open(("%s/%s.html"):format(dir, name), "wb"))
    file:write(page.fill(html, texts.of(lang), values))
    file:close()
  end
end

-- Pictures for a player, by codec in folders of that name: HLS of MP4, as the service has it.
local function film(dir)
  for name, arguments in pairs { h264 = { "libx264", "-preset", "ultrafast" },
    hevc = { "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=error" },
    av1 = { "libaom-av1", "-usage", "realtime", "-cpu-used", "8" } } do
    assert(uv.fs_mkdir(dir .. "/" .. name, tonumber("700", 8)))
    local argv = { "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10", "-t", "4",
      "-pix_fmt", "yuv420p", "-c:v", table.unpack(arguments) }
    table.move({ "-f", "hls", "-hls_time", "1", "-hls_segment_type", "fmp4", "-hls_list_size", "0",
      ("%s/%s/index.m3u8"):format(dir, name) }, 1, 9, #argv + 1, argv)
    local code, out, err = proc.run(argv)
    assert(code == 0, out .. err)
  end
  local code, out, err = proc.run({ "tools/player.sh" }, { timeout = 120 })
  assert(code == 0, out .. err)
end

--- Plays scenarios, one browser for all.
---@param names string[]
---@return table<string, string> by scenario "ok" or what was wrong
function room_page.play(names)
  local dir = proc.folder()
  fill(dir, "en")
  if table.concat(names, " "):find "unplayable" then film(dir) end
  return cjson.decode(chromium.run { "spec/support/programs/room_page.js", dir, table.unpack(names) })
end

return room_page
