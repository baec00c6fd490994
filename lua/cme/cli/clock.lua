-- SPDX-License-Identifier: MIT
-- Points in time and durations on a command line and in tables. Pure, but for the zone, which the C library knows.

local time = require "cme.time"

local clock = {}

local UNITS = { d = 86400, h = 3600, m = 60, s = 1 }

--- Reads a duration: "2h30m", "90m", "45s", "1d", or a number of seconds.
---@param text string
---@return number|nil seconds above 0
function clock.duration(text)
  local seconds = tonumber(text:match "^%d+%.?%d*$")
  if not seconds then
    local rest = text
    seconds = 0
    repeat
      local count, unit, more = rest:match "^(%d+)([dhms])(.*)$"
      if not count then return nil end
      seconds, rest = seconds + tonumber(count) * UNITS[unit], more
    until rest == ""
  end
  return seconds > 0 and seconds < math.huge and seconds or nil
end

--- Reads a point in time: unix seconds, or ISO 8601 with an offset.
---@param text string
---@return number|nil seconds
---@return string|nil message
function clock.point(text)
  local seconds, message = time.parse(tonumber(text) or text)
  return seconds, message
end

--- Adds the options that say when to stop.
---@param command table argparse's
function clock.add_stop_to_parser(command)
  command:mutex(
    command:option("--stop-at", "When to stop by itself, such as 2026-11-22T22:00:00+08:00."):argname "TIME",
    command:option("--for", "How long until it stops by itself, such as 2h30m."):argname "DURATION")
end

--- When to stop, by those options.
---@param context cme.cli.context
---@return number|false|nil seconds unix seconds; false: not given
---@return string|nil message
---@return table|nil detail
function clock.stop_at(context)
  local args = context.args
  if args["for"] then
    local seconds = clock.duration(args["for"])
    if seconds then return context.system.now() + seconds end
    return nil, context.t("option '%s': '%s' is no duration (write it like 2h30m)", "--for", args["for"]),
      { code = "invalid.usage" }
  elseif args.stop_at then
    local seconds, message = clock.point(args.stop_at)
    if seconds then return seconds end
    return nil, context.t("option '%s': %s", "--stop-at", message), { code = "invalid.usage" }
  end
  return false
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

--- A duration in at most two units: "1h 58m", "12s".
---@param seconds number
---@return string
function clock.span(seconds)
  seconds = math.max(0, math.floor(seconds + 0.5))
  local parts = {}
  for _, unit in ipairs { "d", "h", "m", "s" } do
    local count = seconds // UNITS[unit]
    if count > 0 or unit == "s" and not parts[1] then parts[#parts + 1] = ("%d%s"):format(count, unit) end
    seconds = seconds % UNITS[unit]
    if #parts == 2 then break end
  end
  return table.concat(parts, " ")
end

return clock
