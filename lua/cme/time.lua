-- SPDX-License-Identifier: MIT
-- Points in time: what a caller writes (unix seconds, ISO 8601 with an offset, an os.date table) and what the service
-- writes (ISO 8601 UTC) to unix seconds and back. A text without an offset is refused: nobody can know which zone it
-- means, and a broadcast that stops eight hours late is worse than an error. Pure arithmetic on the Gregorian
-- calendar; only the os.date table form asks the C library for the local zone. Never reads the clock.

---@class cme.time
local time = {}

local EXAMPLE = '"2026-11-22T22:00:00+08:00"'
-- Year 9999: past it the service's own format ends.
local LAST = 253402300799
local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local floor = math.floor
-- 5.4 keeps integers and floats apart; whole seconds are handed out as integers there.
local whole = rawget(math, "tointeger") or function(value) return value end

-- Days from 1970-01-01 to a civil date (March-based years, so that the leap day comes last).
local function days_from_civil(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return era * 146097 + year_of_era * 365 + floor(year_of_era / 4) - floor(year_of_era / 100) + day_of_year - 719468
end

local function civil_from_days(days)
  days = days + 719468
  local era = floor(days / 146097)
  local doe = days - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - floor((153 * mp + 2) / 5) + 1
end

local function bad(shown, variant, values)
  local codes = require "cme.codes"
  return codes.within("in.time", { time = shown }, select(2, codes.fail("invalid.time:" .. variant, values)))
end

local function days_in_month(year, month)
  if month == 2 and (year % 4 == 0 and year % 100 ~= 0 or year % 400 == 0) then return 29 end
  return DAYS[month]
end

-- Seconds east of UTC; nil when the text is no offset.
local function offset_seconds(zone)
  if zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  hours, minutes = tonumber(hours), tonumber(minutes)
  if not sign or hours > 23 or minutes > 59 then return nil end
  return (hours * 3600 + minutes * 60) * (sign == "-" and -1 or 1)
end

-- What follows the minutes: ":SS", ":SS.fff" or nothing, then the zone. Returns seconds, their fraction, the zone.
local function split_seconds(rest)
  local s, fraction, zone = rest:match "^:(%d%d)(%.%d+)(.*)$"
  if s then return tonumber(s), tonumber("0" .. fraction), zone end
  s, zone = rest:match "^:(%d%d)(.*)$"
  return tonumber(s or 0), 0, zone or rest
end

local function parse_iso(iso)
  local shown = iso:sub(1, 40)
  local y, mo, d, h, mi, rest = iso:match "^(%d%d%d%d)-(%d%d)-(%d%d)[Tt ](%d%d):(%d%d)(.*)$"
  if not y then return bad(shown, "none", { example = EXAMPLE }) end
  local s, fraction, zone = split_seconds(rest)
  y, mo, d, h, mi = tonumber(y), tonumber(mo), tonumber(d), tonumber(h), tonumber(mi)
  if zone == "" then return bad(shown, "no_offset", { example = EXAMPLE }) end
  local offset = offset_seconds(zone)
  if not offset then return bad(shown, "offset", { offset = zone:sub(1, 12) }) end
  if mo < 1 or mo > 12 or d < 1 or d > days_in_month(y, mo) or h > 23 or mi > 59 or s > 59 then
    return bad(shown, "no_such")
  end
  local seconds = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + s - offset
  return fraction > 0 and seconds + fraction or seconds
end

-- os.time normalises its argument in place on 5.4, so it gets a copy.
local function parse_date(date)
  local copy = { isdst = date.isdst }
  for _, field in ipairs { "year", "month", "day", "hour", "min", "sec" } do
    copy[field] = date[field]
  end
  local ok, seconds = pcall(os.time, copy)
  if not ok or not seconds then return bad("table", "table") end
  return seconds
end

--- Reads a point in time.
---@param value number|string|table unix seconds, ISO 8601 with an offset, or a table of os.date "*t" form (local time)
---@return number|nil seconds unix seconds, an integer where whole (on Lua 5.4)
---@return string|nil message
---@return table|nil detail code invalid.time
---@usage require "cme.time".parse "1970-01-01T08:00:01+08:00" --> 1
function time.parse(value)
  local kind = type(value)
  local seconds, message, detail
  if kind == "number" then
    seconds = value
  elseif kind == "string" then
    seconds, message, detail = parse_iso(value)
  elseif kind == "table" then
    seconds, message, detail = parse_date(value)
  else
    return bad(kind, "type", { example = EXAMPLE })
  end
  if not seconds then return nil, message, detail end
  if not (seconds >= -62135596800 and seconds <= LAST) then return bad(tostring(value):sub(1, 40), "range") end
  return whole(seconds) or seconds
end

--- Reads a time in an answer of the service.
---@param value any
---@return number|nil seconds unix seconds; nil when absent, null, empty or the year 1, which all mean "not set"
function time.read(value)
  local seconds = type(value) == "string" and parse_iso(value)
  return seconds and seconds > 0 and (whole(seconds) or seconds) or nil
end

local MONTHS = {}
for i, name in ipairs { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" } do
  MONTHS[name] = i
end

--- Reads the Date header of an HTTP answer (RFC 9110, 5.6.7; the one form that is still sent).
---@param date string such as "Sun, 22 Nov 2026 14:00:00 GMT"
---@return integer|nil seconds unix seconds; nil when it is no such date
function time.parse_http(date)
  local d, month, y, h, mi, s = date:match "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  if not d or not MONTHS[month] then return nil end
  local days = days_from_civil(tonumber(y), MONTHS[month], tonumber(d))
  return whole(days * 86400 + tonumber(h) * 3600 + tonumber(mi) * 60 + tonumber(s))
end

local LATEST = 253402300799 -- the end of year 9999, as far as the C library is asked

local function write(seconds, fraction)
  local ms = floor(seconds * 1000 + 0.5)
  local s = floor(ms / 1000)
  ms = ms - s * 1000
  if s >= 0 and s <= LATEST then return os.date("!%Y-%m-%dT%H:%M:%S", s) .. fraction(ms) .. "Z" end
  local days = floor(s / 86400)
  local rest = s - days * 86400
  local year, month, day = civil_from_days(days)
  return ("%04.0f-%02.0f-%02.0fT%02.0f:%02.0f:%02.0f%sZ"):format(year, month, day, floor(rest / 3600),
    floor(rest / 60) % 60, rest % 60, fraction(ms))
end

local function some(ms) return ms > 0 and (".%03.0f"):format(ms) or "" end
local function all(ms) return (".%03.0f"):format(ms) end

--- Writes a point in time.
---@param seconds number unix seconds
---@return string iso UTC, with milliseconds only if there are any
---@usage require "cme.time".format(1) --> 1970-01-01T00:00:01Z
function time.format(seconds)
  return write(seconds, some)
end

--- Writes a point in time as the service does: always in the same form, so that such texts compare as times.
---@param seconds number unix seconds
---@return string iso UTC, with milliseconds
---@usage require "cme.time".stamp(1) --> 1970-01-01T00:00:01.000Z
function time.stamp(seconds)
  return write(seconds, all)
end

return time
