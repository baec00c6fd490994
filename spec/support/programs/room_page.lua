-- SPDX-License-Identifier: MIT
-- The control room's pages alone in a headless Chromium, without nginx and a service: scenarios of
-- room_page_scenarios.js.

require "spec.support.room"
local cjson = require "cjson"
local chromium = require "spec.support.programs.chromium"
local page = require "room.page"
local proc = require "spec.support.proc"
local texts = require "room.texts"
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

--- Plays scenarios, one browser for all.
---@param names string[]
---@return table<string, string> by scenario "ok" or what was wrong
function room_page.play(names)
  local dir = proc.folder()
  fill(dir, "en")
  return cjson.decode(chromium.run { "spec/support/programs/room_page.js", dir, table.unpack(names) })
end

return room_page
