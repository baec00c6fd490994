-- SPDX-License-Identifier: MIT
-- Times of day in a named zone ("Asia/Shanghai", "Europe/Berlin") to unix seconds, by the system's zoneinfo files
-- (TZif, RFC 9636), daylight saving included. A time of day that the clocks skip, or that they show twice, is refused:
-- nobody can know which moment was meant. zone.parse and everything after it are pure; zone.load reads one file.

local codes = require "cme.codes"
local time = require "cme.time"

---@class cme.text.zone.module
local zone = {}

---@class cme.text.zone
---@field name string
---@field transitions number[] unix seconds, ascending
---@field types integer[] of the time after each transition: a place in `offsets`
---@field offsets integer[] seconds east of UTC
---@field first integer offset before the first transition
---@field rule cme.text.zone.rule|nil after the last transition

---@class cme.text.zone.rule a POSIX TZ text (RFC 9636, 3.3.1)
---@field standard integer seconds east of UTC
---@field saving integer|nil the same in summer; nil: none
---@field from cme.text.zone.day|nil when summer time begins, by the standard clock
---@field to cme.text.zone.day|nil when it ends, by the summer clock

---@class cme.text.zone.day a day of every year and a time on it
---@field kind "M"|"J"|"n"
---@field [1] integer month, or day of the year
---@field [2] integer|nil week
---@field [3] integer|nil weekday, 0 is Sunday
---@field at integer seconds after midnight; may be negative or past the day's end

local FOLDERS = { "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo" }
local LARGEST = 1048576 -- bytes of a file; real ones have less than 4 KiB
local DAY = 86400
local FIRST, LAST = -62135596800, 253402300799 -- unix seconds: the years 1 and 9999, which cme.time knows

local floor = math.floor

local function bad_time(shown, variant)
  return codes.within("in.time", { time = shown }, select(2, codes.refuse("invalid.time:" .. variant)))
end

-- ---- TZif

local function be32(data, at)
  local a, b, c, d = data:byte(at, at + 3)
  local value = ((a * 256 + b) * 256 + c) * 256 + d
  return value >= 2147483648 and value - 4294967296 or value
end

local function be64(data, at)
  local low = be32(data, at + 4)
  return be32(data, at) * 4294967296 + (low < 0 and low + 4294967296 or low)
end

-- The counts of a header (RFC 9636, 3.1) and where its block begins and ends.
local function read_header(data, at, time_size)
  if data:sub(at, at + 3) ~= "TZif" or #data < at + 43 then return nil end
  local header = { at = at + 44 }
  for i, name in ipairs { "ut", "std", "leap", "time", "type", "char" } do
    header[name] = be32(data, at + 20 + 4 * (i - 1))
    if header[name] < 0 or header[name] > #data then return nil end
  end
  header.past = header.at + header.time * (time_size + 1) + header.type * 6 + header.char
    + header.leap * (time_size + 4) + header.std + header.ut
  if header.past > #data + 1 or header.type == 0 then return nil end
  return header
end

local function read_block(data, header)
  local found = { transitions = {}, types = {}, offsets = {} }
  local types_at = header.at + 8 * header.time
  for i = 1, header.time do
    found.transitions[i] = be64(data, header.at + 8 * (i - 1))
    found.types[i] = data:byte(types_at + i - 1) + 1
    if found.types[i] > header.type then return nil end
    if i > 1 and found.transitions[i] <= found.transitions[i - 1] then return nil end
  end
  local offsets_at = types_at + header.time
  for i = 1, header.type do
    found.offsets[i] = be32(data, offsets_at + 6 * (i - 1))
    if math.abs(found.offsets[i]) > 2 * DAY then return nil end
  end
  found.first = found.offsets[1]
  return found
end

-- ---- the rule at a file's end

local function sign_of(text)
  return text:sub(1, 1) == "-" and -1 or 1
end

local LONGEST_CLOCK = 167 -- hours (RFC 9636, 3.3.2); an offset has a day at most

-- [+-]hh[:mm[:ss]] in seconds; nil: it is none.
local function clock_seconds(text)
  local h, rest = text:match "^[+-]?(%d%d?%d?)(.*)$"
  local m, s = "0", "0"
  if rest and rest ~= "" then
    m, rest = rest:match "^:([0-5]%d)(.*)$"
    if rest and rest ~= "" then s, rest = rest:match "^:([0-5]%d)()$" end
  end
  if not rest or tonumber(h) > LONGEST_CLOCK then return nil end
  return sign_of(text) * (tonumber(h) * 3600 + tonumber(m) * 60 + tonumber(s))
end

-- Seconds east of UTC; a POSIX TZ text has them west.
local function offset_of(text)
  local seconds = clock_seconds(text)
  return seconds and math.abs(seconds) <= DAY and -seconds or nil
end

local CLOCK = "[+-]?%d+[%d:]*"

local function read_day(text)
  local day, at = text:match("^([^/]+)/(" .. CLOCK .. ")$")
  local found = { at = 7200 }
  if day then found.at = clock_seconds(at) end
  if not found.at then return nil end
  day = day or text
  local m, w, d = day:match "^M(%d+)%.(%d)%.(%d)$"
  if m then
    found.kind, found[1], found[2], found[3] = "M", tonumber(m), tonumber(w), tonumber(d)
    return found[1] >= 1 and found[1] <= 12 and found[2] >= 1 and found[2] <= 5 and found[3] <= 6 and found or nil
  end
  local julian, n = day:match "^(J?)(%d+)$"
  if not n then return nil end
  found.kind, found[1] = julian == "J" and "J" or "n", tonumber(n)
  return found[1] <= 365 and (found.kind == "n" or found[1] >= 1) and found or nil
end

-- A zone's abbreviation, and what follows it.
local function skip_name(text)
  return text:match "^<[%w+-]+>(.*)$" or text:match "^%a%a%a+(.*)$"
end

--- Reads a POSIX TZ text, as a TZif file has it at its end. Pure.
---@param text string such as "CET-1CEST,M3.5.0,M10.5.0/3"
---@return cme.text.zone.rule|nil
function zone.parse_rule(text)
  local rest = skip_name(text)
  local offset, after = (rest or ""):match("^(" .. CLOCK .. ")(.*)$")
  local rule = { standard = offset and offset_of(offset) }
  if not rule.standard then return nil end
  if after == "" then return rule end
  rest = skip_name(after)
  local saving, days = (rest or ""):match("^(" .. CLOCK .. "),(.*)$")
  if not saving then days = rest and rest:match "^,(.*)$" end
  local from, to = (days or ""):match "^([^,]+),([^,]+)$"
  if saving then rule.saving = offset_of(saving) else rule.saving = rule.standard + 3600 end
  rule.from, rule.to = from and read_day(from), to and read_day(to)
  return rule.saving and rule.from and rule.to and rule or nil
end

local function leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

-- Seconds from 1970 to the start of a month, as if clocks never changed.
local function month_start(year, month)
  return time.parse(("%04d-%02d-01T00:00:00Z"):format(year, month))
end

-- The midnight of a rule's day in a year.
local function day_in(year, day)
  if day.kind == "J" then -- never counts 29 February
    local skipped = leap(year) and day[1] >= 60 and 1 or 0
    return month_start(year, 1) + (day[1] - 1 + skipped) * DAY
  elseif day.kind == "n" then
    return month_start(year, 1) + day[1] * DAY
  end
  local first = month_start(year, day[1])
  local weekday = (floor(first / DAY) + 4) % 7 -- 1970-01-01 was a Thursday
  local at = first + ((day[3] - weekday) % 7 + (day[2] - 1) * 7) * DAY
  local next_month = day[1] == 12 and month_start(year, 1) + (leap(year) and 366 or 365) * DAY
    or month_start(year, day[1] + 1)
  return at >= next_month and at - 7 * DAY or at -- week 5 is the last one, which may be the fourth
end

local function rule_offset(rule, seconds)
  if not rule.saving then return rule.standard end
  local near = math.max(FIRST, math.min(LAST, seconds + rule.standard))
  local year = tonumber(time.format(near):sub(1, 4))
  local from = day_in(year, rule.from) + rule.from.at - rule.standard
  local to = day_in(year, rule.to) + rule.to.at - rule.saving
  local summer
  if from < to then summer = seconds >= from and seconds < to else summer = seconds >= from or seconds < to end
  return summer and rule.saving or rule.standard
end

-- ---- using it

--- Reads a TZif file of version 2 or later. Pure.
---@param data string the file's bytes
---@param name string
---@return cme.text.zone|nil nil: it is no such file
function zone.parse(data, name)
  local old = read_header(data, 1, 4)
  local header = old and data:byte(5) >= 50 and read_header(data, old.past, 8) -- "2"
  local found = header and read_block(data, header)
  if not found then return nil end
  local footer = data:sub(header.past):match "^\n([^\n]*)\n"
  if not footer then return nil end
  found.name, found.rule = name, zone.parse_rule(footer)
  if footer ~= "" and not found.rule then return nil end -- what comes after the last transition would be a guess
  return found
end

--- The offset in force at a moment. Pure.
---@param self cme.text.zone
---@param seconds number unix seconds
---@return integer offset seconds east of UTC
function zone.offset(self, seconds)
  local low, high = 0, #self.transitions -- the last transition at or before it is in [low, high]
  while low < high do
    local middle = floor((low + high + 1) / 2)
    if self.transitions[middle] <= seconds then low = middle else high = middle - 1 end
  end
  if low == #self.transitions and self.rule then return rule_offset(self.rule, seconds) end
  return low == 0 and self.first or self.offsets[self.types[low]]
end

--- The moment at which the clocks of a zone show a time. Pure.
---@param self cme.text.zone
---@param date string "2026-11-22"
---@param clock string "22:00" or "22:00:30"
---@return number|nil seconds unix seconds
---@return string|nil message
---@return table|nil detail code invalid.time
function zone.at(self, date, clock)
  local shown = ("%s %s in %s"):format(date, clock, self.name)
  local text = clock:find "^%d%d:%d%d$" and clock .. ":00" or clock
  local whole = date:find "^%d%d%d%d%-%d%d%-%d%d$" and text:find "^%d%d:%d%d:%d%d$"
  local wall = whole and time.parse(date .. "T" .. text .. "Z")
  if not wall then return bad_time(shown, "date_and_time") end
  local found = {}
  for _, near in ipairs { -DAY, DAY } do
    local moment = wall - zone.offset(self, wall + near)
    if moment ~= found[1] and moment + zone.offset(self, moment) == wall then found[#found + 1] = moment end
  end
  if #found == 1 then return found[1] end
  return bad_time(shown, found[1] and "twice" or "skipped")
end

local function read(path, open)
  local file = open(path, "rb")
  local data = file and file:read(LARGEST)
  if file then file:close() end
  return data
end

--- Loads a zone of this machine.
---@param name string of the IANA data base, such as "Asia/Shanghai"
---@param open (fun(path: string, mode: string): file*|nil)|nil io.open when nil
---@return cme.text.zone|nil
---@return string|nil message
---@return table|nil detail code invalid.zone
function zone.load(name, open)
  if not name:find "^[%w_+/-]+$" or name:find "^/" then
    return codes.refuse("invalid.zone", { zone = name:sub(1, 40) })
  end
  for _, folder in ipairs(FOLDERS) do
    local data = read(folder .. "/" .. name, open or io.open)
    local found = data and zone.parse(data, name)
    if found then return found end
  end
  return codes.refuse("invalid.zone:unknown", { zone = name })
end

return zone
