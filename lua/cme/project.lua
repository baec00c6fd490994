-- SPDX-License-Identifier: MIT
-- Projects: one broadcast each, the same methods whatever the category. What a category maps onto which action is the
-- category's module (stream_connect.lua, media_cast.lua); here is what all share: the object, its methods, and the
-- wording of errors, `project 'live-1': start: CreateProject: could not resolve host (...)`. The options are
-- project_options.lua, the calls that both categories need project_calls.lua.
--
-- Misuse of cme.project (an unknown option, a wrong type, no name) raises. Values that the service would refuse (a name
-- too long, a bad URL) come back from create and start as nil, message, detail, before anything is sent.
-- A project attached by id learns its category from the service, when it is first needed.
--
-- A category module has: `name`; `lacks`, method -> why not and what to do instead; `spec(given)` -> its part of a
-- spec, copied, raising on misuse; `validate(part)` and `ready(part, stop_at)` -> true or a fail tuple (may it be
-- created, may it be started); `input(part)` -> member and value for CreateProject; `created(project, response)`, may
-- be absent; `take`, method -> function that checks its arguments and raises; the methods themselves, each given the
-- project and what `take` made, each a value or a fail tuple; `read(described, info)`, which adds its part to what
-- info() returns, and `more(project, info)`, may be absent, which asks for the rest; `health(project)`, may be absent,
-- for services that do not tell it themselves.
-- Its messages carry no prefix: the public methods here add it, once.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local ensure = require "cme.project.ensure"
local json = require "cme.json"
local options = require "cme.text.options"
local project_health = require "cme.project.health"
local project_options = require "cme.project.options"
local text = require "cme.text.strings"
local time = require "cme.time"
local watch = require "cme.project.watch"

local project = {}

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
--- { kind = "push", seconds, url }
---@field outputs table[] { id, name, url, enabled (STREAM_CONNECT), status (MEDIA_CAST) }
---@field sources cme.project.source[]|nil MEDIA_CAST: as in the spec, each with its id
---@field play table|nil MEDIA_CAST: as in the spec
---@field output_media table|nil MEDIA_CAST: as in the spec
---@field created_at number|nil
---@field updated_at number|nil
---@field fault string|nil `cme serve`: why the project can be stopped and deleted, and no more

---@class cme.project
---@field id string|nil the service's id, once created; nil again after delete
---@field name string|nil nil when attached by id
---@field client cme.client
---@field category string|nil nil when attached by id, until it is known
---@field _spec table|nil what to create: name, owner, description and the category's part; nil when attached by id
---@field _platform string|nil
---@field _mapper table|nil the category's module
---@field _push_urls table<string, string>|nil addresses to push to, by endpoint, as far as they are known
local Project = {}
Project.__index = Project
Project.__name = "cme.project"

local START = { stop_at = { project_options.TIME } }

local function label_of(self)
  return text.printable(self.name or self.id or "deleted", project_options.LABEL_LIMIT)
end

-- Runs what a public method does; a failure or a warning gets the project and the method in front.
local function run(self, op, body, ...)
  if getmetatable(self) ~= Project then options.misuse(("cme.project: call it as show:%s(...)"):format(op)) end
  local value, message, detail = body(self, ...)
  if message == nil then return value end
  detail.op = detail.op or op
  local _, whole = codes.within("in.method", { name = label_of(self), op = codes.reason("op:" .. op) }, message, detail)
  return value, whole, detail
end

-- ---- making

local function from_spec(given)
  local spec = project_options.check(given)
  local mapper = require(project_options.CATEGORIES[spec.category])
  return {
    name = spec.name,
    category = spec.category,
    _platform = spec.platform,
    _mapper = mapper,
    _spec = { name = spec.name, owner = spec.owner, description = spec.description, part = mapper.spec(spec) },
  }
end

local function from_id(id)
  if id == "" or id:find "[%c%s]" then
    options.misuse "cme.project: a project's id is needed, got an empty or broken one"
  end
  return { id = id }
end

--- Makes a project object; nothing is sent.
---@param client cme.client
---@param spec cme.project.spec|string a spec, or the id of an existing project to attach to
---@return cme.project
function project.new(client, spec)
  local self
  if type(spec) == "string" then
    self = from_id(spec)
  elseif type(spec) == "table" then
    self = from_spec(spec)
  else
    options.misuse("cme.project: a table of options or a project's id is needed, got " .. type(spec))
  end
  self.client = client
  return setmetatable(self, Project)
end

function Project:__tostring()
  return ("cme.project '%s' (%s)"):format(label_of(self), self.id or "not created")
end

-- ---- what the methods do (unprefixed fail tuples)

-- The category's module, which an entry of the service's list tells.
local function adopt(self, entry)
  local module = project_options.CATEGORIES[entry.Category]
  if module and not self._mapper then
    self.category, self._mapper = entry.Category, require(module)
  end
  return self._mapper
end

local function mapper_of(self)
  if self._mapper then return self._mapper end
  local entry, message, detail = calls.describe(self)
  if not entry then return nil, message, detail end
  if adopt(self, entry) then return self._mapper end
  return codes.fail("invalid.unsupported:category", { category = json.string(entry.Category) or "nameless" })
end

local function check_spec(self)
  local ok, message, detail = project_options.check_name(self._spec.name)
  if not ok then return nil, message, detail end
  return self._mapper.validate(self._spec.part)
end

local function create(self)
  if self.id then return codes.refuse("invalid.exists", { id = self.id }) end
  if not self._spec then return codes.refuse "invalid.not_created:no_spec" end
  local ok, message, detail = check_spec(self)
  if not ok then return nil, message, detail end
  return calls.create(self)
end

-- What can be refused without asking the service; true or a fail tuple.
local function check_start(self, mapper, stop_at)
  if not self._spec then return calls.exists(self) end
  local ok, message, detail = mapper.ready(self._spec.part, stop_at)
  if not ok then return nil, message, detail end
  return check_spec(self)
end

local function start(self, given)
  local seconds, mapper, ok, message, detail
  if given.stop_at ~= nil then
    seconds, message, detail = project_options.stop_seconds(given.stop_at, self.client.now())
    if not seconds then return nil, message, detail end
  end
  mapper, message, detail = mapper_of(self)
  if not mapper then return nil, message, detail end
  ok, message, detail = check_start(self, mapper, seconds)
  if ok and not self.id then ok, message, detail = create(self) end
  if not ok then return nil, message, detail end
  return mapper.start(self, seconds)
end

local function delete(self)
  local ok, message, detail = calls.exists(self)
  if not ok then return nil, message, detail end
  local settle = calls.settled(self, function(entry) return not entry and {} end)
  ok, message, detail = calls.act(self, "DeleteProject", {}, settle)
  if not ok then return nil, message, detail end
  self.id, self._push_urls = nil, nil
  return true
end

local function rename(self, name)
  local ok, message, detail = project_options.check_name(name)
  if ok then ok, message, detail = calls.exists(self) end
  if not ok then return nil, message, detail end
  ok, message, detail = calls.act(self, "ModifyProject", { Name = name }, calls.again)
  if not ok then return nil, message, detail end
  if self._spec then self.name, self._spec.name = name, name end
  return true
end

-- What one entry of the service's list tells.
local function read_entry(self, entry)
  local known = {
    id = self.id,
    name = json.string(entry.Name),
    owner = json.string(json.object(entry.Owner).Id),
    category = json.string(entry.Category),
    created_at = time.read(entry.CreateTime),
    updated_at = time.read(entry.UpdateTime),
    fault = json.string(entry.Fault),
    inputs = {},
    outputs = json.array {},
  }
  local mapper = adopt(self, entry)
  if mapper then mapper.read(entry, known) end
  return known
end

--- What an entry of the service's list of projects tells, in the form of info().
---@param entry table a ProjectInfo of DescribeProjects
---@return cme.project.info
function project.read(entry)
  return read_entry({ id = json.string(entry.ProjectId) }, entry)
end

local function brief(self)
  local entry, message, detail = calls.describe(self)
  if not entry then return nil, message, detail end
  return read_entry(self, entry)
end

local function info(self)
  local known, message, detail = brief(self)
  if not known then return nil, message, detail end
  local mapper = self._mapper
  if not mapper or not mapper.more then return known end
  local ok
  ok, message, detail = mapper.more(self, known)
  if not ok then return nil, message, detail end
  return known
end

local function health(self)
  local ok, message, detail = calls.exists(self)
  if not ok then return nil, message, detail end
  local found, mapper
  found, message, detail = project_health.ask(self)
  if found ~= false then return found, message, detail end
  mapper, message, detail = mapper_of(self)
  if not mapper then return nil, message, detail end
  if mapper.health then return mapper.health(self) end
  return codes.fail(project_health.UNSUPPORTED)
end

-- A reader for watch: info() with the states of inputs and outputs, where the service tells them.
local function reader_with_health(self)
  local asks = true
  return function()
    local known, message, detail = info(self)
    if not known or not asks or known.status ~= "working" then return known, message, detail end
    local found
    found, message, detail = health(self)
    if found then
      project_health.add(known, found)
      return known
    end
    asks = detail.code ~= "invalid.unsupported"
    if not asks then return known end
    return nil, message, detail
  end
end

local function status(self)
  local known, message, detail = brief(self)
  if not known then return nil, message, detail end
  if known.status then return known.status end
  return codes.fail("invalid.unsupported:status", { category = known.category or "nameless" })
end

-- One of the category's own methods, on a project that exists. Arguments are checked first.
local function mapped(self, name, ...)
  local mapper, message, detail = mapper_of(self)
  if not mapper then return nil, message, detail end
  if mapper.lacks[name] then return codes.refuse(mapper.lacks[name]) end
  local first, second = ...
  if mapper.take[name] then first, second = mapper.take[name](first, second) end
  local ok
  ok, message, detail = calls.exists(self)
  if not ok then return nil, message, detail end
  return mapper[name](self, first, second)
end

local function set_stop_at(self, value)
  local seconds, message, detail = project_options.stop_seconds(value, self.client.now())
  if not seconds then return nil, message, detail end
  return mapped(self, "set_stop_at", seconds)
end

local function extend(self, seconds)
  local known, message, detail = brief(self)
  if not known then return nil, message, detail end
  if known.status ~= "working" then return codes.fail "invalid.idle" end
  if not known.stop_at then
    return codes.fail "invalid.no_stop_at"
  end
  local stop_at = known.stop_at + seconds
  local ok
  ok, message, detail = set_stop_at(self, stop_at)
  if not ok then return nil, message, detail end
  return stop_at
end

local function make_match(self, given)
  if not self._spec then
    return codes.refuse "invalid.no_spec"
  end
  local stop_at, ok, message, detail
  if given.stop_at ~= nil then
    stop_at, message, detail = project_options.stop_seconds(given.stop_at, self.client.now())
    if not stop_at then return nil, message, detail end
  end
  ok, message, detail = check_spec(self)
  if ok and given.status == "working" then ok, message, detail = self._mapper.ready(self._spec.part, stop_at) end
  if not ok then return nil, message, detail end
  return ensure.run(self, { status = given.status, stop_at = stop_at, read = read_entry })
end

-- ---- methods: the project as a whole

--- Creates the project at the service; it does not start.
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function Project:create()
  return run(self, "create", create)
end

--- Starts the broadcast, creating the project first where needed. MEDIA_CAST is confirmed too; a confirmation that came
--- later than the service waits is code project.confirm_too_late, and the project is idle again.
--- When stop_at came before the service could be told (it took so long to start), the project is stopped again and the
--- code is project.stop_at_passed. A confirmation that failed otherwise is project.unconfirmed: the service stops it.
--- The result is true as soon as the service holds the project as working. When an input or output does not work yet,
--- or the stop time could not be set, it is true, message, detail: message says what, and detail.pending lists it
--- (cme.pending.fault). The service keeps trying until the stop.
---@param given { stop_at: number|string|table|nil }|nil when to stop by itself, at most 30 days ahead
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
---@usage local _, warning = assert(show:start { stop_at = "2026-11-22T22:00:00+08:00" })
function Project:start(given)
  return run(self, "start", start, options.check("start", given, START))
end

--- Stops the broadcast; the project stays and can be started again.
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:stop()
  return run(self, "stop", mapped, "stop")
end

--- Asks whether it is running.
---@return "idle"|"working"|nil status
---@return string|nil message
---@return cme.detail|nil detail
function Project:status()
  return run(self, "status", status)
end

--- Asks for all that the service knows of the project.
---@return cme.project.info|nil info
---@return string|nil message
---@return cme.detail|nil detail
function Project:info()
  return run(self, "info", info)
end

--- Asks how each input and output does: state, rates, codecs, drops, delays, the last error. `cme serve` tells that;
--- on a service that does not, a STREAM_CONNECT project gives code invalid.unsupported, a MEDIA_CAST one the ids, URLs
--- and states of its outputs.
---@return cme.project.health|nil health
---@return string|nil message
---@return cme.detail|nil detail
---@usage for _, output in ipairs(assert(show:health()).outputs) do log(output.name, output.state, output.dropped) end
function Project:health()
  return run(self, "health", health)
end

--- Gives it another name.
---@param name string at most 30 characters
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:rename(name)
  options.check("rename", { name = name }, { name = { "string", required = true, fact = options.plain_text } })
  return run(self, "rename", rename, name)
end

--- Sets the planned stop of a running project.
---@param at number|string|table when, at most 30 days ahead; see cme.time
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_stop_at(at)
  options.check("set_stop_at", { at = at }, { at = { project_options.TIME, required = true } })
  return run(self, "set_stop_at", set_stop_at, at)
end

--- Lets a running project go on for longer: moves its planned stop.
---@param seconds number by how much, above 0
---@return number|nil stop_at the new planned stop, unix seconds
---@return string|nil message
---@return cme.detail|nil detail code invalid.idle or invalid.no_stop_at
---@usage assert(show:extend(30 * 60))
function Project:extend(seconds)
  options.check("extend", { seconds = seconds },
    { seconds = { "number", required = true, fact = options.positive } })
  return run(self, "extend", extend, seconds)
end

--- Deletes the project at the service, which refuses while it is working. The object can then be created anew.
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:delete()
  return run(self, "delete", delete)
end

--- Makes the service's project match the spec with the fewest calls, and none when it does already. Without an id it
--- looks for the owner's project of that name, and creates it when there is none. While it is on the air, what is new
--- is added before what is not wanted goes, and an output that stays is never touched.
--- The description cannot be read back, so it is not compared.
---@param given { status: "idle"|"working"|nil, stop_at: number|string|table|nil }|nil also start or stop it
---@return string[]|nil done what was done, in order; empty when all was well
---@return string|nil message beside `done`: it was started, and not all of it works yet, as of start()
---@return cme.detail|nil detail of a failure: `done` tells how far it came; of a warning: `pending`
function Project:ensure(given)
  return run(self, "ensure", make_match, options.check("ensure", given, ensure.OPTIONS))
end

--- Watches the project: an iterator of changes, which waits for the next one. With `health` a change of the `state`
--- of an input or output is one too, where the service tells it. With `events` (cme.event.hub()) it looks as soon as
--- one of the project's events is published there, and after the interval too, since events may be lost.
---@param given { interval: number|nil, timeout: number|nil, health: boolean|nil, events: cme.event.source|nil }|nil
--- seconds between looks, 5; seconds until the iterator ends, never; false; none
---@return fun(): cme.change|nil
---@usage for change in show:watch { interval = 2 } do log(change.what, change.old, change.new) end
function Project:watch(given)
  if getmetatable(self) ~= Project then options.misuse "cme.project: call it as show:watch(...)" end
  local checked = options.check("watch", given, watch.OPTIONS)
  local read = checked.health and reader_with_health(self) or info
  return watch.new(self.client, function() return run(self, "watch", read) end, checked, self.id)
end

-- ---- methods: what is in it

--- Goes on from another input; the outputs stay connected.
---@param to string "main" or "backup"; MEDIA_CAST: the id of the source to play, at once
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:switch(to)
  return run(self, "switch", mapped, "switch", to)
end

--- Adds an input, `show:add_input("backup", input)`; push_url has the address of one to push to.
--- MEDIA_CAST: `show:add_input(source, position)`, one source or a list of them; position 1 is the first place, nil the
--- last.
---@param where string|cme.project.source|table "main" or "backup"; MEDIA_CAST: what to add
---@param input cme.project.input|integer|nil MEDIA_CAST: the position
---@return true|string|string[]|nil ok MEDIA_CAST: the source's id, a list of ids for a list
---@return string|nil message
---@return cme.detail|nil detail
function Project:add_input(where, input)
  return run(self, "add_input", mapped, "add_input", where, input)
end

--- Changes an input; STREAM_CONNECT only.
---@param name "main"|"backup"
---@param input cme.project.input
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_input(name, input)
  return run(self, "set_input", mapped, "set_input", name, input)
end

--- Removes an input.
---@param name string "main" or "backup"; MEDIA_CAST: a source's id
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:remove_input(name)
  return run(self, "remove_input", mapped, "remove_input", name)
end

--- Adds an output; while working it is pushed to from now on.
---@param output string|cme.project.output
---@return string|nil id
---@return string|nil message
---@return cme.detail|nil detail
function Project:add_output(output)
  return run(self, "add_output", mapped, "add_output", output)
end

--- Changes the output that has the id; what is not given stays.
---@param output cme.project.output
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_output(output)
  return run(self, "set_output", mapped, "set_output", output)
end

--- Removes an output.
---@param id string as info() has it
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:remove_output(id)
  return run(self, "remove_output", mapped, "remove_output", id)
end

--- Takes an output back on the air. A STREAM_CONNECT project on another service than `cme serve` gives code
--- invalid.unsupported: add_output there.
---@param id string as info() has it
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:enable_output(id)
  return run(self, "enable_output", mapped, "enable_output", id)
end

--- Takes an output off the air and keeps its URL. A STREAM_CONNECT project on another service than `cme serve` gives
--- code invalid.unsupported: remove_output there.
---@param id string as info() has it
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:disable_output(id)
  return run(self, "disable_output", mapped, "disable_output", id)
end

--- Asks where the playing is.
---@param name "main"|"backup"|nil of which vod input, main unless named; MEDIA_CAST has one position
---@return table|nil position { url, seconds }; MEDIA_CAST: { status, source, seconds, duration, loops, outputs }, where
--- outputs are { id, url, status = "working"|"stopped"|"failed" }
---@return string|nil message
---@return cme.detail|nil detail
function Project:position(name)
  return run(self, "position", mapped, "position", name)
end

--- The address to push to, of an input made with { push = seconds }; STREAM_CONNECT only.
---@param name "main"|"backup"|nil main
---@return string|nil url holds a key: not for logs
---@return string|nil message
---@return cme.detail|nil detail
function Project:push_url(name)
  return run(self, "push_url", mapped, "push_url", name)
end

--- Changes the play settings, auto_start_at only while idle; MEDIA_CAST only.
---@param play cme.project.play
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_play(play)
  return run(self, "set_play", mapped, "set_play", play)
end

--- Changes the picture of an idle project; MEDIA_CAST only.
---@param media cme.project.output_media
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Project:set_output_media(media)
  return run(self, "set_output_media", mapped, "set_output_media", media)
end

return project
