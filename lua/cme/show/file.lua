-- SPDX-License-Identifier: MIT
-- Show files: Lua text that returns one table, the plan of a show. It runs with a few harmless globals and `env`, which
-- reads a variable of the environment, so that stream keys need not be in the file. It cannot reach files, programs or
-- the module system, and is stopped if it does not end. What is written for people (zones, tables of dates) is read
-- here into unix seconds. A wrong file never raises: it returns nil, message, detail, and the message names the file
-- and the line or the member.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local redact = require "cme.redact"
local stream_url = require "cme.net.stream_url"
local strings = require "cme.text.strings"
local time = require "cme.time"
local url = require "cme.net.url"
local zone = require "cme.text.zone"

---@class cme.show.file
local file = {}

---@class cme.show the plan of one show, as `cme run` takes it
---@field path string
---@field project cme.project.spec
---@field start_at number|nil unix seconds; nil: at once
---@field stop_at number unix seconds
---@field failover cme.show.failover|false false: the inputs are left alone
---@field alerts cme.show.alerts
---@field look_every number seconds between two looks at what viewers of an output see
---@field look_source string|false|nil address to compare with; false: none; nil: the input on the air
---@field on_look table<string, "kick">|nil what to do once for each incident, by the state that viewers see
---@field hooks table<cme.show.hook, fun(event: table, project: cme.project)>
---@field checks { ahead: number } seconds before the start at which everything is checked
---@field on_sigterm "leave"|"stop" what becomes of the broadcast when the program is told to end
---@field if_stopped "alert"|"restart" when it was stopped before its time by somebody else

---@class cme.show.failover
---@field after number seconds for which the active input must be bad before the other one is switched to
---@field failback_after number|false seconds for which the main input must be good again; false: never by itself

---@class cme.show.alerts
---@field after number seconds for which something must be wrong before it is told
---@field webhook string|nil a URL that is posted to
---@field command string[]|nil a program and its arguments; it gets the alert as JSON on stdin
---@field call (fun(alert: cme.show.alert, project: cme.project))|nil

---@alias cme.show.hook "before_start"|"started"|"switched"|"ended"

local LARGEST = 1048576 -- bytes of a show file
local INSTRUCTIONS = 10000000 -- some tenths of a second
local STEP = 100000
local LONGEST_MESSAGE = 4096 -- bytes

-- A failure of the file, which is named in front.
local function fail(path, sentence, values)
  return codes.within("in.show", { name = path }, select(2, codes.refuse(sentence, values)))
end

-- ---- running the text

local SAFE = { "assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type" }
local LIBRARIES = { "math", "string", "table", "utf8" }

local function copy(library)
  local copied = {}
  for name, member in pairs(library) do copied[name] = member end
  return copied
end

local function globals(getenv)
  local found = {
    env = function(name)
      local value = getenv(name)
      if value == nil or value == "" then error(("the environment variable %s is not set"):format(name), 2) end
      return value
    end,
  }
  for _, name in ipairs(SAFE) do found[name] = _G[name] end
  for _, name in ipairs(LIBRARIES) do found[name] = _G[name] and copy(_G[name]) end
  found.string.dump = nil
  return setmetatable(found, { __index = function(_, name)
    if _G[name] ~= nil then error(("a show file has no '%s'"):format(name), 2) end
  end })
end

-- Has a coroutine's instructions counted from now on, until the returned function is called.
local function count_instructions(co)
  local steps = 0
  debug.sethook(co, function()
    steps = steps + STEP
    if steps > INSTRUCTIONS then error("it does not come to an end", 0) end
  end, "", STEP)
  return function() debug.sethook(co) end
end

-- In a coroutine of its own, so that its count of instructions is not the caller's; what it returns.
local function run_bounded(chunk)
  local co = coroutine.create(chunk)
  count_instructions(co)
  return coroutine.resume(co)
end

-- A function of the file, to be called later in a task: it may wait in calls of the project, but not turn for ever.
local function bounded(fn)
  return function(...)
    local finish = count_instructions(coroutine.running())
    local ok, result = pcall(fn, ...)
    finish()
    if not ok then error(result, 0) end
    return result
  end
end

-- Lua names what was loaded `[string "..."]` or by its path; the path is in front of every message here.
local function without_path(path, message)
  local start = path .. ":"
  message = tostring(message)
  return message:sub(1, #start) == start and message:sub(#start + 1) or message
end

-- ---- what it returned

local function one_of(...)
  local allowed = { ... }
  return function(value)
    for _, one in ipairs(allowed) do
      if value == one then return nil end
    end
    return "must be one of " .. table.concat(allowed, ", ")
  end
end

local function not_true(value)
  if value == true then return "false or a table is needed" end
end

local function seconds_or_false(value)
  if value == true then return "false or seconds are needed" end
  return value and options.positive(value) or nil
end

local function command_fact(list)
  if list[1] == nil then return "a program and its arguments are needed" end
  for i, word in ipairs(list) do
    if type(word) ~= "string" then return ("place %d is not a text"):format(i) end
  end
end

local function webhook_fact(value)
  local parts, fact = url.parse(value)
  return not parts and fact or nil
end

local function source_fact(value)
  if value == true then return "false or a URL is needed" end
  local fact = value and stream_url.fault(value, limits.watch_schemes)
  return fact and codes.say(fact) or nil
end

-- The states of cme-look that something may be done about.
local LOOKS = { "gone", "no_picture", "black", "flat", "frozen", "wrong", "no_sound", "silent", "one_sided", "clipped",
  "stuttering", "slow", "late" }

local function looks_fact(value)
  for state, act in pairs(value) do
    if not strings.contains(LOOKS, state) then
      local near = strings.nearest(tostring(state), LOOKS)
      return ("'%s' is no state%s"):format(strings.printable(tostring(state), 40),
        near and (" (did you mean '%s'?)"):format(near) or "")
    end
    if act ~= "kick" then return ("%s: must be kick"):format(state) end
  end
end

local function at_least_one(value)
  if value < 1 or value > 3600 then return "1 to 3600 seconds are possible" end
end

local TIME = { "number", "string", "table" }

local MEMBERS = {
  project = { "table", required = true },
  start_at = { TIME },
  stop_at = { TIME, required = true },
  failover = { { "table", "boolean" }, fact = not_true },
  alerts = { "table" },
  look_every = { "number", fact = at_least_one },
  look_source = { { "string", "boolean" }, fact = source_fact },
  on_look = { "table", fact = looks_fact },
  hooks = { "table" },
  checks = { "table" },
  on_sigterm = { "string", fact = one_of("leave", "stop") },
  if_stopped = { "string", fact = one_of("alert", "restart") },
}
local FAILOVER = { after = { "number", fact = options.positive },
  failback_after = { { "number", "boolean" }, fact = seconds_or_false } }
local ALERTS = { after = { "number", fact = options.positive }, webhook = { "string", fact = webhook_fact },
  command = { "table", fact = command_fact }, call = { "function" } }
local HOOKS = { before_start = { "function" }, started = { "function" }, switched = { "function" },
  ended = { "function" } }
local CHECKS = { ahead = { "number", fact = options.positive } }
local ZONED = { date = { "string", required = true }, time = { "string", required = true },
  zone = { "string", required = true } }

local DEFAULTS = {
  failover = { after = 5, failback_after = false },
  alerts = { after = 10 },
  checks = { ahead = 600 },
  look_every = 10,
  on_sigterm = "leave",
  if_stopped = "alert",
}

local function or_defaults(given, defaults)
  for name, value in pairs(defaults) do
    if given[name] == nil then given[name] = value end
  end
  return given
end

-- A point in time in any form. Raises misuse for a member that is unknown, else a fail tuple for a time that is none.
local function read_time(name, value, open)
  if type(value) ~= "table" or value.zone == nil then return time.parse(value) end
  local at = options.check(name, value, ZONED)
  local found, message, detail = zone.load(at.zone, open)
  if not found then return nil, message, detail end
  return zone.at(found, at.date, at.time)
end

-- The show of what a file returned. Raises for misuse; returns nil and a reason for times that cannot be.
local function check(given, open)
  local show = options.check("show", given, MEMBERS)
  if show.failover ~= false then
    show.failover = or_defaults(options.check("failover", show.failover, FAILOVER), DEFAULTS.failover)
  end
  show.alerts = or_defaults(options.check("alerts", show.alerts, ALERTS), DEFAULTS.alerts)
  show.hooks = options.check("hooks", show.hooks, HOOKS)
  show.checks = or_defaults(options.check("checks", show.checks, CHECKS), DEFAULTS.checks)
  for name, hook in pairs(show.hooks) do show.hooks[name] = bounded(hook) end
  if show.alerts.call then show.alerts.call = bounded(show.alerts.call) end
  for _, name in ipairs { "look_every", "on_sigterm", "if_stopped" } do show[name] = show[name] or DEFAULTS[name] end
  for _, name in ipairs { "start_at", "stop_at" } do
    if show[name] ~= nil then
      local seconds, message, detail = read_time(name, show[name], open)
      if not seconds then
        return nil, codes.reason("invalid.show:member", { member = name, cause = codes.words(message, detail) })
      end
      show[name] = seconds
    end
  end
  if show.start_at and show.start_at >= show.stop_at then
    return nil, codes.reason("invalid.show:times",
      { stop_at = time.format(show.stop_at), start_at = time.format(show.start_at) })
  end
  return show
end

-- Where misuse was raised says nothing here: the file is named instead.
local function without_position(message)
  return (tostring(message):gsub("^[^:]+:%d+: ", ""))
end

--- Reads the text of a show file. Pure but for `getenv` and `open`.
---@param text string
---@param path string for messages
---@param system { getenv: (fun(name: string): string|nil), open: (fun(path: string, mode: string): file*|nil) }
---@return cme.show|nil
---@return string|nil message
---@return table|nil detail code invalid.show
function file.parse(text, path, system)
  local function refuse(said) -- in words of Lua's or of misuse, which may have a stream key in them
    return fail(path, "invalid.show:said", { said = redact.text(said, LONGEST_MESSAGE) })
  end
  local chunk, message = load(text, "@" .. path, "t", globals(system.getenv))
  if not chunk then return refuse("line " .. without_path(path, message)) end
  local ok, result = run_bounded(chunk)
  if not ok then return refuse(without_path(path, result)) end
  if type(result) ~= "table" then return fail(path, "invalid.show:no_table") end
  local good, show, why = pcall(check, result, system.open)
  if not good then return refuse(without_position(show)) end
  if not show then return fail(path, why) end
  show.path = path
  return show
end

--- Loads a show file.
---@param path string
---@param system { getenv: (fun(name: string): string|nil), open: (fun(path: string, mode: string): file*|nil) }
---@return cme.show|nil
---@return string|nil message
---@return table|nil detail code invalid.not_found or invalid.show
function file.load(path, system)
  local handle, reason = system.open(path, "rb")
  if not handle then
    return fail(path, "invalid.not_found:file", { reason = codes.system((tostring(reason):gsub("^.*: ", ""))) })
  end
  local text
  text, reason = handle:read(LARGEST + 1)
  handle:close()
  if reason then return fail(path, "invalid.not_found:file", { reason = codes.system(reason) }) end -- a folder
  text = text or ""
  if #text > LARGEST then return fail(path, "invalid.show:too_large", { limit = LARGEST }) end
  return file.parse(text, path, system)
end

return file
