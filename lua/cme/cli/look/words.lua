-- SPDX-License-Identifier: MIT
-- What viewers see, in words for people. Pure, but for the zone of shown times.

local clock = require "cme.cli.clock"
local states = require "cme.cli.states"

local words = {}

--- Columns of the table that may go where the screen is too narrow, the first of them first: peak, LUFS, pictures and
--- bits a second, codec and size.
words.GOES = { 7, 6, 4, 5, 3 }
--- Places that an address keeps.
words.ADDRESS_LEAST = 12

local function word(state, t)
  return states.look(state, t)[1]
end

local function number(value, format)
  return value and format:format(value) or "-"
end

--- "h264 1280x720".
---@param video cme.look.video|nil
---@return string
function words.picture(video)
  if not video then return "-" end
  return video.width > 0 and ("%s %dx%d"):format(video.codec, video.width, video.height) or video.codec
end

--- The numbers of an address, as cells: picture, fps, kbit/s, LUFS, true peak, delay.
---@param line cme.look.line
---@return string[]
function words.numbers(line)
  local video, audio = line.video or {}, line.audio or {}
  return { words.picture(line.video), number(video.fps, "%.1f"), number(line.bitrate_kbps, "%d"),
    number(audio.momentary_lufs, "%.1f"), number(audio.true_peak_db, "%.1f"),
    number(line.delay_ms and line.delay_ms / 1000, "%.1f s") }
end

---@param t cme.cli.translate
---@return string[]
function words.head(t)
  return { t "ADDRESS", t "VIEWERS", t "PICTURE", t "FPS", t "KBIT/S", t "LUFS", t "PEAK DB", t "DELAY" }
end

local function reason_of(line, t)
  return line.error and t(" (%s)", line.error) or ""
end

-- The source is told apart from what is compared with it.
local function name_of(line, t)
  return line.index == -1 and t("source %s", line.url) or line.name or line.url
end

--- A change, or a look, as a line.
---@param line cme.look.line
---@param t cme.cli.translate
---@param now number
---@return string
function words.line(line, t, now)
  local at, name, state = clock.local_time(line.at, now), name_of(line, t), word(line.state, t)
  if line.kind == "change" then
    if not line.was then return t("%s  %s: %s%s", at, name, state, reason_of(line, t)) end
    return t("%s  %s: %s, was %s%s", at, name, state, word(line.was, t), reason_of(line, t))
  end
  local picture, fps, kbits, lufs, peak, delay = table.unpack(words.numbers(line))
  return t("%s  %s: %s; %s, %s fps, %s kbit/s, %s LUFS, peak %s dB, delay %s", at, name, state, picture, fps, kbits,
    lufs, peak, delay)
end

--- The states that were seen of an address, with the word for each.
---@param line cme.look.line
---@param t cme.cli.translate
---@return string
function words.seen(line, t)
  local list = {}
  for i, state in ipairs(line.seen or {}) do list[i] = word(state, t) end
  return list[1] and table.concat(list, ", ") or "-"
end

--- The rows of a table of what each address shows now, or showed last.
---@param list (cme.look.line|nil)[] by address, `n` of them
---@param names string[] of the addresses
---@param t cme.cli.translate
---@return table[]
function words.rows(list, names, t)
  local rows = { words.head(t) }
  for i, name in ipairs(names) do
    local line = list[i]
    local row = { name, states.look(line and line.state, t) }
    for _, cell in ipairs(words.numbers(line or {})) do row[#row + 1] = cell end
    rows[i + 1] = row
  end
  return rows
end

return words
