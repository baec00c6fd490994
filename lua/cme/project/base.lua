-- SPDX-License-Identifier: MIT
-- What projects of both categories share: the object, the methods that mean the same for both, and the wording of
-- failures, `project 'live-1': start: CreateProject: could not resolve host (...)`. A category's class (relay.lua,
-- cast.lua) adds what only it can do.
--
--   relay, cast ── base.class ──► base ── operations ── category's functions ──► calls ──► client:call
--
-- Misuse of cme.project (an unknown option, a wrong type, no name) raises. Values that the service would refuse (a name
-- too long, a bad URL) come back from create and start as nil, message, detail, before anything is sent.
-- Every method that asks the service takes `timeout` in its last table: seconds for all that it asks, further attempts
-- and waits among them.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local operations = require "cme.project.operations"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local text = require "cme.text.strings"

local base = {}

---@class cme.project.category what base needs of a category: data, and functions given the method's cme.project.calls.
--- Their messages carry no prefix: base adds it, once. Each gives a value or a fail tuple
---@field name string
---@field class string for messages, "cme.relay_project"
---@field spec fun(given: cme.project.spec): table its part of a spec, copied; raises on misuse
---@field validate fun(part: table): true|nil, string|nil, cme.detail|nil whether it may be created
---@field ready fun(part: table, stop_at: number|nil): true|nil, string|nil, cme.detail|nil whether it may be started
---@field input fun(part: table): string, table member and value of CreateProject
---@field offered (fun(call: cme.project.calls, part: table): true|nil, string|nil, cme.detail|nil)|nil whether this
--- service can create it so
---@field kept (fun(call: cme.project.calls, part: table): table)|nil its part of a spec as this service keeps it; nil:
--- all of it
---@field created (fun(call: cme.project.calls, part: table): true|nil, string|nil, cme.detail|nil)|nil does what
--- CreateProject does not
---@field ensuring fun(): cme.project.ensure.part what an ensure has to do about its part of a spec
---@field read fun(entry: table, info: table) adds its part to what info() returns
---@field more (fun(call: cme.project.calls, info: cme.project.info): true|nil, string|nil, cme.detail|nil)|nil asks for
--- what the list does not tell
---@field health (fun(call: cme.project.calls): cme.project.health|nil, string|nil, cme.detail|nil)|nil for services
--- that have no DescribeProjectHealth
---@field start fun(call: cme.project.calls, stop_at: number|nil): true|nil, string|nil, cme.detail|nil
---@field stop fun(call: cme.project.calls): true|nil, string|nil, cme.detail|nil
---@field set_stop_at fun(call: cme.project.calls, seconds: number): true|nil, string|nil, cme.detail|nil
---@field output table<string, cme.text.option> fields of an output that is added
---@field changed_output table<string, cme.text.option>
---@field add_output fun(call: cme.project.calls, output: cme.project.output, known: table|nil): string|nil, string|nil,
--- cme.detail|nil
---@field set_output fun(call: cme.project.calls, output: cme.project.output): true|nil, string|nil, cme.detail|nil
---@field remove_output fun(call: cme.project.calls, id: string): true|nil, string|nil, cme.detail|nil
---@field enable_output fun(call: cme.project.calls, id: string): true|nil, string|nil, cme.detail|nil
---@field disable_output fun(call: cme.project.calls, id: string): true|nil, string|nil, cme.detail|nil

---@class cme.project.info times are unix seconds; absent is nil
---@field id string
---@field name string
---@field owner string|nil
---@field category string
---@field status "idle"|"working"|nil
---@field active string|nil "main" or "backup"; MEDIA_CAST: the id of the source that plays
---@field started_at number|nil while working
---@field stop_at number|nil while working
---@field stopped_at number|nil while idle
---@field inputs table<string, table> main and backup: { kind = "live_pull", url }, { kind = "vod", urls, loop } or
--- { kind = "push", seconds, url, rtmps_url, srt_url } (the last two of a `cme serve` that offers them)
---@field slate { name: string|true, after: number|nil, width: integer|nil, height: integer|nil, frame_rate: number|nil
--- }|nil `cme serve`: what is sent when no input has a picture; true: black and silence
---@field on_slate boolean|nil `cme serve`: it is on the air in place of the active input
---@field silence boolean|nil `cme serve`: inputs without sound get a silent track
---@field look_inputs boolean|nil STREAM_CONNECT: what the inputs show is looked at (`cme serve`)
---@field failover_on string[]|nil what main may not show
---@field failover_on_after number|nil seconds, when it was given
---@field merge boolean|nil STREAM_CONNECT: main and backup are merged (`cme serve`)
---@field merge_window number|nil seconds, when it was given
---@field standby boolean|nil STREAM_CONNECT: another node of the fleet is to stand by (`cme serve`)
---@field record cme.project.recording|nil `cme serve`: what is recorded while it is on the air
---@field outputs table[] { id, name, url, codecs, watch, enabled (STREAM_CONNECT), status (MEDIA_CAST) }
---@field sources cme.project.source[]|nil MEDIA_CAST: as in the spec, each with its id
---@field play table|nil MEDIA_CAST: as in the spec
---@field output_media table|nil MEDIA_CAST: as in the spec
---@field created_at number|nil
---@field updated_at number|nil
---@field fault string|nil `cme serve`: why the project can only be stopped and deleted
---@field state_age number|nil `cme serve` while its etcd does not answer: seconds for which all this may have been out
--- of date

---@class cme.project.timeout
---@field timeout number|nil seconds for all calls of the method, including retries and waits; default: no limit

---@class cme.project
---@field id string|nil the service's id, once created; nil again after delete
---@field name string|nil nil when attached by id
---@field client cme.client
---@field category string|nil nil when attached by id, until its first call
local Project = {}

-- What only this file knows of a project. Nothing in it may refer to the project: LuaJIT has no ephemerons.
---@class cme.project.private
---@field category cme.project.category|nil nil until it is known
---@field learn (fun(entry: table): table, cme.project.category)|nil of an attached project: the class and category that
--- an entry of the service's list tells
---@field spec table|nil what to create: name, owner, description and the category's part; nil when attached
---@field platform string|nil

---@type table<cme.project, cme.project.private>
local private = setmetatable({}, { __mode = "k" })

local TIMEOUT = { timeout = { "number", fact = options.timeout } }
local START = { timeout = TIMEOUT.timeout, stop_at = { project_options.TIME } }

-- ---- running a method

local function label_of(self)
  return text.printable(self.name or self.id or "deleted", project_options.LABEL_LIMIT)
end

-- A failure or a warning, with the project and the method in front.
local function labelled(self, op, value, message, detail)
  if message == nil then return value end
  detail.op = detail.op or op
  local _, whole = codes.within("in.method", { name = label_of(self), op = codes.reason("op:" .. op) }, message, detail)
  return value, whole, detail
end

-- What a project's method knows; raises when it was called as something else.
local function state_of(self, op)
  return private[self] or options.misuse(("cme.project: call it as show:%s(...)"):format(op))
end

--- Checks a method's last table.
---@param op string
---@param given table|nil
---@param more table<string, cme.text.option>|nil what it may have; nil: `timeout`
---@return table checked
function base.take(op, given, more)
  return options.check(op, given, more or TIMEOUT)
end

local function begin(self, state, given)
  return calls.new(self.client, { project = self, platform = state.platform, timeout = given.timeout })
end

-- Runs what a method does, whether or not the project exists or its category is known: body(call, state, ...).
local function run(self, op, given, body, ...)
  local state = state_of(self, op)
  return labelled(self, op, body(begin(self, state, given), state, ...))
end

-- The same for a project that exists, its category known.
local function run_existing(self, op, given, body, ...)
  return run(self, op, given, function(call, state, ...)
    local ok, message, detail = operations.reach(call, state)
    if not ok then return nil, message, detail end
    return body(call, state, ...)
  end, ...)
end

--- Runs what a category's own method does to a project that exists.
---@param self cme.project
---@param op string the method, for messages
---@param given table|nil the method's last table
---@param body fun(call: cme.project.calls, ...: any): any, string|nil, cme.detail|nil
---@param ... any
---@return any
function base.run(self, op, given, body, ...)
  return run_existing(self, op, base.take(op, given), function(call, _, ...) return body(call, ...) end, ...)
end

-- ---- methods: the project as a whole

--- Checks the spec as `create` does, without sending anything.
---@return table|nil wanted what the spec asks for, in the form of info(): inputs, outputs, sources, play, output_media
---@return string|nil message
---@return cme.detail|nil detail code invalid.no_spec for a project that was attached by its id
function Project:check()
  local state = state_of(self, "check")
  if not state.spec then return labelled(self, "check", codes.refuse "invalid.no_spec") end
  local ok, message, detail = operations.check_spec(state)
  if not ok then return labelled(self, "check", nil, message, detail) end
  local wanted = {}
  for name, value in pairs(state.spec.part) do wanted[name] = value end
  return wanted
end

--- Attaches this object to a project that the service has, such as one that `client:find` returned. Nothing is sent.
--- ensure() does this by the spec's name and owner.
---@param id string
function Project:attach(id)
  state_of(self, "attach")
  self.id = project_options.take_id("attach", id)
  require "cme.project.creation".remember(self.client, id)
end

--- Creates the project at the service, without starting it.
---@param given cme.project.timeout|nil
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function Project:create(given)
  return run(self, "create", base.take("create", given), operations.create)
end

--- Starts the broadcast; creates the project first if needed. A MEDIA_CAST project is confirmed as well. The result is
--- true as soon as the service considers the project working. If an input or output does not work yet, or the stop time
--- could not be set, the result is true, message, detail: the message says what does not work, and detail.pending lists
--- it (cme.pending.fault). The service keeps trying until the stop. Codes of failures: project.confirm_too_late (the
--- service waited no longer, the project is idle again), project.unconfirmed (the confirmation failed otherwise, the
--- service stops the project), project.stop_at_passed (stop_at came before the service could be told, the project was
--- stopped again).
---@param given { stop_at: number|string|table|nil, timeout: number|nil }|nil when to stop automatically, at most 30
--- days ahead
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
---@usage local _, warning = assert(show:start { stop_at = "2026-11-22T22:00:00+08:00" })
function Project:start(given)
  local checked = base.take("start", given, START)
  return run(self, "start", checked, operations.start, checked)
end

--- Stops the broadcast; the project stays and can be started again.
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:stop(given)
  return run_existing(self, "stop", base.take("stop", given), operations.stop)
end

--- Asks whether the project is running.
---@param given cme.project.timeout|nil
---@return "idle"|"working"|nil status
---@return string|nil message
---@return cme.detail|nil detail
function Project:status(given)
  return run_existing(self, "status", base.take("status", given), operations.status)
end

--- Asks for everything that the service knows about the project.
---@param given cme.project.timeout|nil
---@return cme.project.info|nil info
---@return string|nil message
---@return cme.detail|nil detail
function Project:info(given)
  return run_existing(self, "info", base.take("info", given), operations.info)
end

--- Asks for the health of each input and output: state, rates, codecs, drops, delays, the last error. `cme serve`
--- reports these. On another service, a STREAM_CONNECT project returns code invalid.unsupported, a MEDIA_CAST project
--- the ids, URLs and states of its outputs.
---@param given cme.project.timeout|nil
---@return cme.project.health|nil health
---@return string|nil message
---@return cme.detail|nil detail
---@usage for _, output in ipairs(assert(show:health()).outputs) do log(output.name, output.state, output.dropped) end
function Project:health(given)
  return run_existing(self, "health", base.take("health", given), operations.health)
end

--- Renames the project.
---@param name string at most 30 characters
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:rename(name, given)
  options.check("rename", { name = name }, { name = { "string", required = true, fact = options.plain_text } })
  return run(self, "rename", base.take("rename", given), operations.rename, name)
end

--- Sets the planned stop of a running project.
---@param at number|string|table when, at most 30 days ahead; see cme.time
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_stop_at(at, given)
  options.check("set_stop_at", { at = at }, { at = { project_options.TIME, required = true } })
  return run(self, "set_stop_at", base.take("set_stop_at", given), operations.set_stop_at, at)
end

--- Moves the planned stop of a running project to a later time.
---@param seconds number how much later, above 0
---@param given cme.project.timeout|nil
---@return number|nil stop_at the new planned stop, unix seconds
---@return string|nil message
---@return cme.detail|nil detail code invalid.idle or invalid.no_stop_at
---@usage assert(show:extend(30 * 60))
function Project:extend(seconds, given)
  options.check("extend", { seconds = seconds },
    { seconds = { "number", required = true, fact = options.positive } })
  return run_existing(self, "extend", base.take("extend", given), operations.extend, seconds)
end

--- Deletes the project at the service, which refuses while the project is working. The object can be created again
--- afterwards.
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:delete(given)
  return run_existing(self, "delete", base.take("delete", given), operations.delete)
end

--- Makes the service's project match the spec with as few calls as possible, none if it already does. Without an id it
--- looks for the owner's project with that name, and creates it if there is none. While the project is on the air, new
--- parts are added before unwanted ones are removed, and outputs that stay are not touched. The description cannot be
--- read back, so it is not compared.
---@param given cme.ensure.options|nil
---@return string[]|nil done what was done, in order; empty if nothing was needed
---@return string|nil message beside `done`: the project was started but does not fully work yet, as for start()
---@return cme.detail|nil detail for a failure: `done` lists what was done before it; for a warning: `pending`
function Project:ensure(given)
  local checked = base.take("ensure", given, require "cme.project.ensure".OPTIONS)
  if not state_of(self, "ensure").spec then return labelled(self, "ensure", codes.refuse "invalid.no_spec") end
  return run(self, "ensure", checked, operations.ensure, checked)
end

-- A reader for watch: info() with the states of inputs and outputs, where the service tells them.
local function reader_with_health()
  local asks = true
  return function(call, state)
    local known, message, detail = operations.info(call, state)
    if not known or not asks or known.status ~= "working" then return known, message, detail end
    local found
    found, message, detail = operations.health(call, state)
    if found then
      require "cme.project.health".add(known, found)
      return known
    end
    asks = detail.code ~= "invalid.unsupported"
    if not asks then return known end
    return nil, message, detail
  end
end

--- Watches the project: returns an iterator that waits for the next change. With `health`, changes of the `state` of an
--- input or output count too, if the service reports them. With `events` (cme.event.hub()) it looks as soon as one of
--- the project's events is published there, and also after each interval, since events may be lost. The end of a
--- generic `for` closes it; where `for` does not close (Lua 5.1, LuaJIT), call `changes:close()`.
---@param given cme.watch.options|nil
---@return cme.changes changes callable: the next change, nil at the end
---@return nil
---@return nil
---@return cme.changes closing the same
---@usage for change in show:watch { interval = 2 } do log(change.what, change.old, change.new) end
function Project:watch(given)
  state_of(self, "watch")
  local watch = require "cme.project.watch"
  local checked = options.check("watch", given, watch.OPTIONS)
  local reader = checked.health and reader_with_health() or operations.info
  local changes = watch.new(self.client, function(left)
    return run_existing(self, "watch", { timeout = left }, reader)
  end, checked, self.id)
  return changes, nil, nil, changes
end

-- ---- methods: its outputs

-- A method that takes an output, which may have the category's `fields`.
local function run_output(self, op, given, fields, output)
  return run(self, op, base.take(op, given), function(call, state)
    local taken = state.category and project_options.take_output(output, op, state.category[fields])
    local ok, message, detail = operations.reach(call, state)
    if not ok then return nil, message, detail end
    return state.category[op](call, taken or project_options.take_output(output, op, state.category[fields]))
  end)
end

-- A method that takes an output's id.
local function run_id(self, op, given, id)
  project_options.take_id(op, id)
  return run_existing(self, op, base.take(op, given), function(call, state) return state.category[op](call, id) end)
end

--- Adds an output. If the project is working, it is pushed to at once.
---@param output string|cme.project.output
---@param given cme.project.timeout|nil
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function Project:add_output(output, given)
  return run_output(self, "add_output", given, "output", output)
end

--- Changes the output with this id; only the members that are given change.
---@param output cme.project.output
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_output(output, given)
  return run_output(self, "set_output", given, "changed_output", output)
end

--- Removes an output.
---@param id string as info() has it
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:remove_output(id, given)
  return run_id(self, "remove_output", given, id)
end

--- Puts an output back on the air. For a STREAM_CONNECT project on a service other than `cme serve` the code is
--- invalid.unsupported: use add_output there.
---@param id string as info() has it
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:enable_output(id, given)
  return run_id(self, "enable_output", given, id)
end

--- Takes an output off the air and keeps its URL. For a STREAM_CONNECT project on a service other than `cme serve` the
--- code is invalid.unsupported: use remove_output there.
---@param id string as info() has it
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:disable_output(id, given)
  return run_id(self, "disable_output", given, id)
end

-- ---- classes and objects

--- The methods that projects share, in a table of the caller's own.
---@return table<string, function>
function base.methods()
  local methods = {}
  for name, method in pairs(Project) do methods[name] = method end
  return methods
end

--- Makes the class of a category: what projects share, and a refusal for each method that only the other category has.
---@param category cme.project.category
---@param foreign table<string, string> what to do in place of each of those
---@return table class with __index and __name; its own methods are added to it
function base.class(category, foreign)
  local class = base.methods()
  class.__name, class.__index = category.class, class
  for name, instead in pairs(foreign) do
    class[name] = function()
      options.misuse(("%s: %s: a %s project has no such method (%s)"):format(category.class, name, category.name,
        instead))
    end
  end
  class.__tostring = function(self)
    return ("%s '%s' (%s)"):format(category.class, label_of(self), self.id or "not created")
  end
  return class
end

--- Makes a project of a class.
---@param client cme.client
---@param class table
---@param category cme.project.category
---@param fields { id: string|nil, name: string|nil, category: string|nil, spec: table|nil, platform: string|nil }
---@return cme.project
function base.new(client, class, category, fields)
  local self = setmetatable({ client = client, id = fields.id, name = fields.name,
    category = category.name or fields.category }, class)
  private[self] = { category = category, spec = fields.spec, platform = fields.platform }
  return self
end

--- Makes a project of which only the id is known: its first call asks the service what it is.
---@param client cme.client
---@param class table its metatable until then
---@param id string
---@param learner fun(entry: table): table, cme.project.category the class and category that an entry of the list tells
---@return cme.project
function base.attached(client, class, id, learner)
  local self = setmetatable({ client = client, id = id }, class)
  private[self] = { learn = learner }
  return self
end

--- Asks the service what an attached project is, unless that is known.
---@param self cme.project
---@param op string the method that needs to know, for messages
---@param timeout number|nil seconds
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
---@return number|nil left seconds that are left of the timeout
function base.learn(self, op, timeout)
  local state = state_of(self, op)
  local call = begin(self, state, { timeout = timeout })
  local ok, message, detail = operations.reach(call, state)
  if ok then return true, nil, nil, call:left() end
  return labelled(self, op, nil, message, detail)
end

--- What an entry of the service's list tells, in the form of info().
---@param category cme.project.category
---@param entry table
---@return cme.project.info
base.read = operations.read

return base
