-- SPDX-License-Identifier: MIT
-- Watches a project: reads it again and again, and hands out what changed, one change at a time. The comparison is
-- pure (watch.diff). What cannot be read is a change too: `error` appears, and disappears with the next good reading,
-- since a broadcast does not end because one question about it was lost. Only what waiting cannot mend (the project is
-- deleted, the client has no credentials) ends the iterator, after the change that says so.
-- Waits through the client's transport, so inside a task other tasks go on. Events, where they arrive
-- (cme.project.event_hub), only say when to look.

local calls = require "cme.project.calls"
local options = require "cme.text.options"

---@class cme.project.watch
local watch = {}

---@class cme.change a difference between two looks at a project
---@field what "status"|"active"|"on_slate"|"stop_at"|"name"|"input"|"output"|"source"|"record"|"merge"
---|"merge_state"|"standby"|"standby_state"|"error"
---@field old any nil: it was not there; of an output, input, source or record the entry of info(), of a standby_state
--- that of health(), of an error { code, message, detail }
---@field new any nil: it is no longer there
---@field id string|nil of an output or source its id, of an input "main" or "backup"
---@field at number unix seconds, when it was seen

local function is_source(value)
  if type(value.subscribe) ~= "function" then return "a hub of cme.event.hub() is needed, or what has its subscribe" end
end

---@class cme.watch.options
---@field interval number|nil seconds between looks, 5
---@field timeout number|nil seconds until the iterator ends; never
---@field health boolean|nil tell the states of inputs, outputs, recording and merge too, where the service does; false
---@field events cme.event.source|nil what says when to look; none

watch.OPTIONS = {
  events = { "table", fact = is_source },
  interval = { "number", fact = options.positive },
  timeout = { "number", fact = options.positive },
  health = { "boolean" },
}

local INTERVAL = 5
local SHORTEST = 0.001 -- seconds that a call can be given

-- What is compared as it is, in the order in which changes are told.
local PLAIN = { "name", "status", "active", "on_slate", "stop_at", "merge", "merge_state", "standby" }
-- Lists of info(), and what of their entries counts.
local LISTS = {
  { what = "source", list = "sources", fields = { "url", "file_id", "material_id", "offset", "duration" } },
  { what = "output", list = "outputs", fields = { "name", "url", "enabled", "status", "state" } },
}

local function same_entry(a, b, fields)
  if not a or not b then return a == b end
  for _, field in ipairs(fields) do
    if a[field] ~= b[field] then return false end
  end
  return true
end

local RECORD = { "name", "of", "max_seconds", "max_bytes", "state", "file" } -- of info(), what counts

local STANDBY = { "state", "node" } -- of health()

local function by_id(list)
  local found, order = {}, {}
  for i, entry in ipairs(list or {}) do
    local id = entry.id or tostring(i)
    found[id], order[i] = entry, id
  end
  return found, order
end

-- Changes of a list, in its order; what has gone comes last.
local function diff_list(add, kind, old, new)
  local before, earlier = by_id(old[kind.list])
  local after, order = by_id(new[kind.list])
  for _, id in ipairs(order) do
    if not same_entry(before[id], after[id], kind.fields) then add(kind.what, before[id], after[id], id) end
  end
  for _, id in ipairs(earlier) do
    if not after[id] then add(kind.what, before[id], nil, id) end
  end
end

local function same_input(a, b)
  if not a or not b then return a == b end
  return a.kind == b.kind and a.url == b.url and a.loop == b.loop and a.state == b.state
    and table.concat(a.urls or {}, "\n") == table.concat(b.urls or {}, "\n")
end

--- What differs between two states of a project. Pure.
---@param old cme.project.info
---@param new cme.project.info
---@param at number unix seconds, for the changes
---@return cme.change[]
function watch.diff(old, new, at)
  local changes = {}
  local function add(what, before, after, id)
    changes[#changes + 1] = { what = what, old = before, new = after, id = id, at = at }
  end
  for _, name in ipairs(PLAIN) do
    if old[name] ~= new[name] then add(name, old[name], new[name]) end
  end
  for _, name in ipairs { "main", "backup" } do
    local before, after = (old.inputs or {})[name], (new.inputs or {})[name]
    if not same_input(before, after) then add("input", before, after, name) end
  end
  for _, kind in ipairs(LISTS) do diff_list(add, kind, old, new) end
  if not same_entry(old.record, new.record, RECORD) then add("record", old.record, new.record) end
  local before, after = old.standby_state, new.standby_state
  if not same_entry(before, after, STANDBY) then add("standby_state", before, after) end
  return changes
end

-- Waiting does not mend what the client itself refuses, a project that is gone among it.
local function is_final(detail)
  return detail.code:find("^invalid%.") ~= nil
end

---@class cme.project.watch.state
---@field queue cme.change[] seen, not handed out yet
---@field info cme.project.info|nil the last good reading
---@field fault table|nil the error that the last reading gave: { code, message }
---@field over boolean|nil nothing more will come

-- Reads once and queues what changed.
local function look(state, read, now)
  local info, message, detail = read()
  if state.over then return end -- closed meanwhile
  local before = state.fault
  state.fault = not info and { code = detail.code, message = message, detail = detail } or nil
  if (before and before.code) ~= (state.fault and state.fault.code) then
    table.insert(state.queue, { what = "error", old = before, new = state.fault, at = now() })
  end
  if not info then
    state.over = is_final(detail)
    return
  end
  for _, change in ipairs(state.info and watch.diff(state.info, info, now()) or {}) do
    table.insert(state.queue, change)
  end
  state.info = info
end

---@class cme.changes an iterator: call it for the next cme.change
---@field private _state cme.project.watch.state
---@field private _look fun()
---@field private _sleep fun(seconds: number) waits where nothing can end the wait
---@field private _left fun(): number
---@field private _interval number
---@field private _subscription cme.event.subscription|nil nil: closed, or there is no project
local Changes = {}
Changes.__index = Changes
Changes.__name = "cme.changes"

-- The next change, which may be long in coming; nil at the end.
local function next_change(self)
  local state = self._state
  while not state.queue[1] do
    local left = self._left()
    if state.over or left <= 0 then return nil end
    self._subscription:wait(math.min(self._interval, left), self._sleep)
    if state.over or self._left() <= 0 then return nil end
    self._look()
  end
  return table.remove(state.queue, 1)
end

function Changes:__call()
  return next_change(self)
end

--- Ends the iterator, also where another task waits for its next change, and stops listening for events. Closing it
--- again has no effect.
function Changes:close()
  self._state.over, self._state.queue = true, {}
  if self._subscription and self._subscription.close then self._subscription:close() end
  self._subscription = nil
end

Changes.__close = Changes.close

-- What tells when to look; without events only close() ends its waits.
local function subscribe(given, id)
  local source = given.events or require "cme.project.event_hub".new() -- not above: few watch
  return source:subscribe(id)
end

--- Makes an iterator of changes. The state that they are counted from is read at once.
---@param client cme.client
---@param read fun(left: number|nil): cme.project.info|nil, string|nil, cme.detail|nil left: seconds it may take
---@param given cme.watch.options
---@param id string|nil the project's, to know its events by
---@return cme.changes
function watch.new(client, read, given, id)
  local ends = given.timeout and calls.time(client) + given.timeout
  local state = { queue = {} }
  local function left() return ends and ends - calls.time(client) or math.huge end
  local function look_once()
    local seconds = left()
    look(state, function() return read(seconds < math.huge and math.max(seconds, SHORTEST) or nil) end, client.now)
  end
  local subscription = id and subscribe(given, id) -- first: what comes after that is not missed
  local function sleep(for_seconds) calls.sleep(client, for_seconds) end
  look_once()
  return setmetatable({ _state = state, _look = look_once, _left = left, _interval = given.interval or INTERVAL,
    _sleep = sleep, _subscription = subscription }, Changes)
end

return watch
