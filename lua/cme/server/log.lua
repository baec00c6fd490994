-- SPDX-License-Identifier: MIT
-- JSON lines on stderr: { time, level, message, ... }. Stream URLs in any text are redacted here once more, so that
-- a forgotten call elsewhere leaks no stream key. A line is bounded; writing never raises.

local json = require "cme.json"
local redact = require "cme.redact"
local time = require "cme.time"

local log = {}

log.levels = { error = 1, warn = 2, info = 3, debug = 4 }

local max_text = 2000 -- bytes of one value

---@class cme.server.Log
---@field private _level integer
---@field private _write fun(line: string)
---@field private _now fun(): number
local Log = {}
Log.__index = Log
Log.__name = "cme.server.Log"

---@param level "error"|"warn"|"info"|"debug" the least urgent that is written
---@param write fun(line: string)
---@param now fun(): number
---@return cme.server.Log
function log.new(level, write, now)
  return setmetatable({ _level = assert(log.levels[level]), _write = write, _now = now }, Log)
end

---Every stream URL in a text, redacted; pure.
---@param text string
---@return string
function log.clean(text)
  return (text:gsub("%a[%w+.-]*://[^%s\"'<>]+", redact.url))
end

local function plain(value)
  if type(value) == "number" or type(value) == "boolean" then
    return value
  end
  return (log.clean(tostring(value)):sub(1, max_text):gsub("[\128-\255]+$", ""))
end

function Log:_put(level, message, fields)
  if log.levels[level] > self._level then
    return
  end
  local entry = { time = time.format(self._now()), level = level, message = plain(message) }
  for name, value in pairs(fields or {}) do
    entry[name] = plain(value)
  end
  local line = json.encode(entry) or json.encode { time = entry.time, level = level, message = "unprintable log entry" }
  self._write(line .. "\n")
end

for level in pairs(log.levels) do
  Log[level] = function(self, message, fields)
    self:_put(level, message, fields)
  end
end

return log
