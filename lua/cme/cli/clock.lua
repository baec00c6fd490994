-- SPDX-License-Identifier: MIT
-- Points in time and durations on a command line and in tables. Pure, except that the C library supplies the time zone.

local mark = require "cme.cli.messages".mark
local one_line = require "cme.cli.context".one_line
local time = require "cme.time"

local clock = {}

local UNITS = { d = 86400, h = 3600, m = 60, s = 1 }

-- The seconds of "2h30m", however many; nil of any other text.
local function total(text)
  local rest, seconds = text, 0
  repeat
    local count, unit, more = rest:match "^(%d+%.?%d*)([dhms])(.*)$"
    if not count then return nil end
    seconds, rest = seconds + tonumber(count) * UNITS[unit], more
  until rest == ""
  return seconds
end

--- Reads a duration: "2h30m", "90m", "45s", "0.5s", "1d". A bare number is none: nobody can tell its unit.
---@param text string
---@return number|nil seconds above 0
function clock.duration(text)
  local seconds = total(text)
  return seconds and seconds > 0 and seconds < math.huge and seconds or nil
end

local function usage(message)
  return nil, message, { code = "invalid.usage" }
end

-- What a value was given to: "option '--for'", or "argument 'time'".
local function place(t, name)
  return name:find "^%-" and t("option '%s'", name) or t("argument '%s'", name)
end

-- Whether a text is a duration, or a bare number, that is zero or negative.
local function is_too_short(text)
  local negative, size = text:match "^(%-?)(.*)$"
  local number = tonumber(size:match "^%d+%.?%d*$")
  if number then return number == 0 or negative ~= "" end
  return total(size) ~= nil and (negative ~= "" or total(size) == 0)
end

--- Reads a duration that an option or argument gives.
---@param context cme.cli.context
---@param name string "--for", or an argument's
---@param text string
---@return number|nil seconds
---@return string|nil message
---@return table|nil detail
function clock.take_duration(context, name, text)
  local t, seconds = context.t, clock.duration(text)
  if seconds then return seconds end
  if is_too_short(text) then
    return usage(t("%s: '%s' is too short: a duration above 0 is needed, such as 30m", place(t, name), one_line(text)))
  end
  return usage(t("%s: '%s' is no duration: write it with its unit, such as 90s, 30m or 2h", place(t, name),
    one_line(text)))
end

-- The next time at which the clocks here show a time of day, "22:00" or "22:00:30"; nil when it is none.
local function next_time_of_day(text, now)
  local hour, min, sec = (text .. ":00"):match "^(%d%d?):(%d%d):(%d%d)"
  if not (text:find "^%d%d?:%d%d$" or text:find "^%d%d?:%d%d:%d%d$") then return nil end
  hour, min, sec = tonumber(hour), tonumber(min), tonumber(sec)
  if hour > 23 or min > 59 or sec > 59 then return nil end
  local year, month, day = os.date("%Y-%m-%d", math.floor(now)):match "^(%d+)-(%d+)-(%d+)$"
  for days = 0, 1 do
    local at = os.time { year = year, month = month, day = day + days, hour = hour, min = min, sec = sec }
    if at > now then return at end
  end
end

--- Reads a point in time: a time of day here ("22:00", the next one), ISO 8601 with an offset, or unix seconds.
---@param text string
---@param now number unix seconds
---@return number|nil seconds
---@return string|nil message
---@return cme.detail|nil detail
function clock.point(text, now)
  local seconds = next_time_of_day(text, now)
  if seconds then return seconds end
  return time.parse(tonumber(text) or text)
end

--- Reads a point in time that an option or argument gives.
---@param context cme.cli.context
---@param name string "--stop-at", or an argument's
---@param text string
---@return number|nil seconds
---@return string|nil message
---@return table|nil detail
function clock.take_point(context, name, text)
  local seconds, _, detail = clock.point(one_line(text), context.system.now())
  if seconds then return seconds end
  local t = context.t
  return usage(t("%s: %s; or a time of day here, such as 22:00", place(t, name), detail))
end

--- Adds the options that say when to stop.
---@param command table argparse's
function clock.add_stop_to_parser(command)
  command:mutex(
    command:option("--stop-at", "When to stop automatically: 22:00 (the next one), or 2026-11-22T22:00:00+08:00.")
      :argname "TIME",
    command:option("--for", "Stop automatically after this long, such as 2h30m."):argname "DURATION")
end

--- A planned stop that an option or argument gives, refused before the service is asked when no service takes it.
---@param context cme.cli.context
---@param name string "--for", or an argument's
---@param seconds number unix seconds
---@return number|nil seconds
---@return string|nil message
---@return table|nil detail
function clock.take_stop(context, name, seconds)
  local stop, message, detail = require "cme.project.options".stop_seconds(seconds, context.system.now())
  if stop then return stop end
  local t = context.t
  return nil, t("%s: %s", place(t, name), context:words(message, detail)), { code = detail.code }
end

--- When to stop, by those options.
---@param context cme.cli.context
---@return number|false|nil seconds unix seconds; false: not given
---@return string|nil message
---@return table|nil detail
function clock.stop_at(context)
  local args = context.args
  if not args.stop_at and not args["for"] then return false end
  local name = args.stop_at and "--stop-at" or "--for"
  local seconds, message, detail
  if args.stop_at then
    seconds, message, detail = clock.take_point(context, name, args.stop_at)
  else
    seconds, message, detail = clock.take_duration(context, name, args["for"])
    seconds = seconds and context.system.now() + seconds
  end
  if not seconds then return nil, message, detail end
  return clock.take_stop(context, name, seconds)
end

--- A point in time in any form of cme.time, as unix seconds.
---@param value number|string|table|false|nil
---@return number|nil
function clock.seconds(value)
  return value and time.parse(value) or nil
end

--- A point in time in this machine's zone: the time of day, with the date when it is not today's.
---@param seconds number unix seconds
---@param now number
---@return string
function clock.local_time(seconds, now)
  seconds = math.floor(seconds)
  local same_day = os.date("%F", seconds) == os.date("%F", math.floor(now))
  return os.date(same_day and "%T" or "%F %T", seconds) --[[@as string]]
end

local COUNTED = { d = mark "%dd", h = mark "%dh", m = mark "%dm", s = mark "%ds" }

--- A duration in at most two units: "1h 58m", "12s".
---@param seconds number
---@param t cme.cli.translate|nil for units in words where the language has no letters for them
---@return string
function clock.span(seconds, t)
  seconds = math.max(0, math.floor(seconds + 0.5))
  local parts = {}
  for _, unit in ipairs { "d", "h", "m", "s" } do
    local count = seconds // UNITS[unit]
    if count > 0 or unit == "s" and not parts[1] then parts[#parts + 1] = (t or string.format)(COUNTED[unit], count) end
    seconds = seconds % UNITS[unit]
    if #parts == 2 then break end
  end
  return table.concat(parts, " ")
end

return clock
