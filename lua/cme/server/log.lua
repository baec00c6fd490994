-- SPDX-License-Identifier: MIT
-- JSON lines on stderr: { time, level, message, ... }. Stream URLs in any text are redacted here once more, so that a
-- forgotten call elsewhere leaks no stream key. The length of a line is bounded; writing never raises. Lines that could
-- not be written are counted, and the next one that is written says how many (`left_out`), as in an engine's log.

local json = require "cme.json"
local redact = require "cme.redact"
local text = require "cme.text.strings"
local time = require "cme.time"

local log = {}

log.levels = { error = 1, warn = 2, info = 3, debug = 4 }

local MAX_TEXT = 2000 -- bytes of one value

---@class cme.server.log
---@field private _level integer
---@field private _write fun(line: string): boolean|nil
---@field private _now fun(): number
---@field private _left_out integer lines lost since the last one written
local Log = {}
Log.__index = Log
Log.__name = "cme.server.log"

---@param level "error"|"warn"|"info"|"debug" the least urgent that is written
---@param write fun(line: string): boolean|nil false: the line is lost
---@param now fun(): number
---@return cme.server.log
function log.new(level, write, now)
  return setmetatable({ _level = assert(log.levels[level]), _write = write, _now = now, _left_out = 0 }, Log)
end

--- A text cut to what a line holds, with every stream URL in it redacted; pure.
---@param line string
---@return string
function log.clean(line)
  return redact.text(line, MAX_TEXT)
end

local function plain(value)
  if type(value) == "number" or type(value) == "boolean" then return value end
  local shown = log.clean(tostring(value))
  for _ = 1, 3 do -- the cut may have gone through a character
    if text.utf8_len(shown) then return shown end
    shown = shown:sub(1, -2)
  end
  return (shown:gsub("[\128-\255]", "?"))
end

function Log:_put(level, message, fields)
  if log.levels[level] > self._level then return end
  local entry = { time = time.format(self._now()), level = level, message = plain(message) }
  for name, value in pairs(fields or {}) do
    entry[name] = plain(value)
  end
  entry.left_out = self._left_out > 0 and self._left_out or nil
  local line = json.encode(entry) or json.encode { time = entry.time, level = level, message = "unprintable log entry" }
  local taken = self._write(line .. "\n") ~= false
  self._left_out = taken and 0 or self._left_out + 1
end

for level in pairs(log.levels) do
  Log[level] = function(self, message, fields)
    self:_put(level, message, fields)
  end
end

return log
