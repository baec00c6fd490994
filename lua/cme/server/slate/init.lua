-- SPDX-License-Identifier: MIT
-- The slates of running projects: what an engine sends when no input has a picture. The engine tells what the programme
-- is like (its event `programme`); black and silence of that measure are made at once, the file that the project names
-- after them, and the engine is told each time.
--
--     spec(), programme --> work: black --> told --> the file --> told
--                             ^  |                     |
--                             |  failed: told, back off
--                             another programme, or another wish: from the start
--
-- What cannot be made leaves the broadcast as it is. One task works for a project at a time, and one file is made at a
-- time for all of them; black, which takes a moment, is not held up by that.

local backoff = require "cme.net.backoff"
local codes = require "cme.codes"
local form = require "cme.server.slate.form"
local luv = require "cme.net.loop.luv"
local maker = require "cme.server.slate.maker"
local task = require "cme.task"

local slate = {}

local FIRST_SECONDS = 1.5 -- that a start waits for the programme before a slate of the default format is made
local POLICY = { base = 5, cap = 300 } -- between attempts that fail

slate.DEFAULT_AFTER = 3 -- seconds

---@class cme.server.slate.one the slate of a run
---@field run number of which run: when it began
---@field wanted table ProjectSlate
---@field programme cme.server.slate.programme|nil nil: not known yet
---@field path string|nil of the file that the engine is to have
---@field state "making"|"ready"|"failed"
---@field error { detail: cme.detail, at: number }|nil why it failed, until it is ready
---@field dirty boolean there is something to do
---@field working boolean a task does it
---@field broken integer times in a row that the engine could not read what was made
---@field hold cme.server.slate.hold on one of the default format, which nobody wants once the programme is known
---@field changed cme.task.signal

---@class cme.server.slates
---@field private _cache cme.server.slate.cache
---@field private _library cme.server.library
---@field private _tools cme.server.slate.tools
---@field private _update fun(id: string) tells the engine what is desired now; waits
---@field private _told fun(id: string, status: "On"|"Off"|"Failed", message: string|nil) an event
---@field private _log cme.server.log
---@field private _clock cme.system.clock
---@field private _maker cme.server.slate.maker
---@field private _delay fun(failures: integer): number
---@field private _locks cme.task.locks
---@field private _of table<string, cme.server.slate.one> by project
---@field private _making table<string, boolean> paths
---@field private _heard table<string, { programme: cme.server.slate.programme, at: number }> by project, of running
--- ones: a slate that is wished on the air is made to the measure that was told before
local Slates = {}
Slates.__index = Slates
Slates.__name = "cme.server.slate"

---@param options { cache: cme.server.slate.cache, library: cme.server.library, tools: cme.server.slate.tools,
---  update: fun(id: string), told: (fun(id: string, status: string, message: string|nil)), log: cme.server.log,
---  clock: cme.system.clock, maker: cme.server.slate.maker|nil, delay: (fun(failures: integer): number)|nil }
---  maker: the module's own by default; delay: seconds between attempts that fail
---@return cme.server.slates
function slate.new(options)
  local function delay(failures) return backoff.delay(POLICY, failures) end
  return setmetatable({ _delay = options.delay or delay, _cache = options.cache, _maker = options.maker or maker,
    _library = options.library, _tools = options.tools, _update = options.update, _told = options.told,
    _log = options.log, _clock = options.clock, _locks = task.locks(), _heard = {}, _of = {}, _making = {} }, Slates)
end

-- ---- what is wished

local function same(one, other)
  local a, b = one.Format or {}, other.Format or {}
  return one.Name == other.Name and a.Width == b.Width and a.Height == b.Height and a.FrameRate == b.FrameRate
end

function Slates:_current(id, one)
  return self._of[id] == one
end

function Slates:_wake(id, one)
  one.dirty = true
  one.changed:notify()
  if one.working then return end
  one.working = true
  luv.detach(self._work, self, id, one)
end

-- A task that waits for what nobody wants any more ends at once.
function Slates:_forget(id, one)
  self._of[id] = nil
  one.changed:notify()
end

-- What the engine of this run told already.
function Slates:_known(record)
  local heard = self._heard[record.id]
  return heard and heard.at >= (record.started_at or 0) and heard.programme or nil
end

--- What the engine of a Working project is told of its slate; makes sure that one is being made.
---@param record cme.server.project
---@return { after: number, file: string|nil }|nil slate nil: it has none
function Slates:spec(record)
  local wanted = record.input.Slate
  local one = self._of[record.id]
  if one and (not wanted or one.run ~= record.started_at) then
    self:_forget(record.id, one)
    one = nil
  end
  if not wanted then return nil end
  if not one then
    one = { run = record.started_at, wanted = wanted, programme = self:_known(record), state = "making", dirty = false,
      working = false, changed = task.signal(), broken = 0, hold = {} }
    self._of[record.id] = one
    self:_wake(record.id, one)
  elseif not same(one.wanted, wanted) then
    one.wanted = wanted
    self:_wake(record.id, one)
  end
  return { after = wanted.After or slate.DEFAULT_AFTER, file = one.path }
end

local function outside(value, least, most)
  return value and (value < least or value > most)
end

--- What is wrong with a slate that is wished, whatever the library holds; pure.
---@param wanted table ProjectSlate
---@return cme.reason|nil
function slate.fault(wanted)
  local format = wanted.Format or {}
  if outside(wanted.After, 0.5, 60) then return codes.reason "word:slate_after" end
  if outside(format.Width, 16, 3840) or outside(format.Height, 16, 3840) or (format.Width or 0) % 2 ~= 0
    or (format.Height or 0) % 2 ~= 0 then
    return codes.reason "word:slate_size"
  end
  if outside(format.FrameRate, 1, 120) then return codes.reason "word:slate_rate" end
  return nil
end

--- The file that a slate names.
---@param name string
---@return string|nil path
---@return cme.reason|nil fact why there is none
function Slates:find(name)
  return self._library:find(name)
end

-- ---- making

-- The file of the library that a slate names.
function Slates:_source(wanted)
  if wanted.Name == "" then return nil end
  local path, fact = self._library:find(wanted.Name)
  if not path then return codes.fail("server.slate:file", { name = wanted.Name, reason = fact }) end
  local source = self._maker.source(path)
  if source then return source end
  return codes.fail("server.slate:file", { name = wanted.Name, reason = codes.reason "word:no_file" })
end

function Slates:_make(path, programme, source, hold)
  if self._cache:has(path, self._clock.now()) then return true end
  local ok, message, detail = self._cache:prepare()
  if ok and source then ok, message, detail = self._maker.look(source, self._tools) end
  if not ok then return nil, message, detail end
  self._making[path] = true
  ok, message, detail = self._maker.make(path, programme, source, self._tools, hold)
  self._making[path] = nil
  return ok, message, detail
end

-- Makes a slate unless it is there, and tells the engine.
function Slates:_provide(id, one, programme, source)
  local path = self._cache:path(form.name(programme, source))
  local ok, message, detail = self._locks:with(source and "file" or path, self._make, self, path, programme, source,
    not one.programme and one.hold or nil)
  if not ok then return nil, message, detail end
  if one.dirty or not self:_current(id, one) or one.path == path then return true end
  one.path = path
  self._log:info("slate", { project = id, file = path })
  self._update(id)
  return true
end

function Slates:_round(id, one)
  local programme = one.programme or form.default(one.wanted.Format)
  local fault = form.fault(programme)
  if fault then return codes.fail(fault) end
  local ok, message, detail = self:_provide(id, one, programme)
  if not ok then return nil, message, detail end
  if one.dirty or not programme.video then return true end
  local source
  source, message, detail = self:_source(one.wanted)
  if not source then return detail == nil, message, detail end
  return self:_provide(id, one, programme, source)
end

function Slates:_failed(id, one, detail)
  local message = codes.say(detail)
  if one.state ~= "failed" then
    self._log:warn("no slate", { project = id, error = message })
    self._told(id, "Failed", message)
  end
  one.state, one.error = "failed", { detail = detail, at = self._clock.now() }
end

-- What an engine could not read is made anew at once. When it cannot read that either, making it again helps no sooner.
function Slates:_rest(one) -- luacheck: no self
  if one.broken > 0 then one.changed:wait(self._delay(one.broken)) end
end

-- Until there is nothing to do, or the run is another one.
function Slates:_work(id, one)
  local failures = 0
  if not one.programme then one.changed:wait(FIRST_SECONDS) end
  while one.dirty and self:_current(id, one) do
    one.dirty = false
    local good, ok, _, detail = xpcall(self._round, debug.traceback, self, id, one)
    if not good then
      self._log:error("slate", { project = id, error = ok })
      ok, _, detail = codes.fail "server.failed"
    end
    if not self:_current(id, one) then break end
    if ok then
      one.state, one.error, failures = "ready", nil, 0
      self:_rest(one)
    elseif not one.dirty then
      self:_failed(id, one, detail)
      failures = failures + 1
      one.changed:wait(self._delay(failures))
      one.dirty = true
    end
  end
  one.working = false
  self:tidy()
end

-- ---- what engines say

local function differs(a, b)
  for _, name in ipairs { "video", "profile", "width", "height", "fps", "audio", "sample_rate", "channels" } do
    if not a or a[name] ~= b[name] then return true end
  end
  return false
end

function Slates:_programme(id, said)
  local one, programme = self._of[id], form.read(said)
  if not programme then return end
  self._heard[id] = { programme = programme, at = self._clock.now() }
  if not one or not differs(one.programme, programme) then return end
  one.programme, one.broken = programme, 0
  self:_wake(id, one)
  if one.hold.stop then one.hold.stop() end
end

-- The file is not what the engine can read: it is made anew.
function Slates:_broken(id, event)
  local one = self._of[id]
  if not one or not one.path then return end
  self._cache:remove(one.path)
  self:_failed(id, one, select(3, codes.fail("server.slate:broken", { reason = { text = tostring(event.reason) } })))
  one.path, one.broken, one.dirty = nil, one.broken + 1, true
  if not one.working then self:_wake(id, one) end -- one that rests is not to be woken
end

function Slates:_on_air(id, on)
  local one = self._of[id]
  if one and on then one.broken = 0 end
  self._told(id, on and "On" or "Off")
end

--- Takes in an event of an engine. Does not wait.
---@param id string project
---@param event table
function Slates:event(id, event)
  if event.event == "programme" then
    self:_programme(id, event)
  elseif event.event == "stopped" then
    self._heard[id] = nil
  elseif event.event == "slate" and type(event.on) == "boolean" then
    self:_on_air(id, event.on)
  elseif event.event == "input" and event.endpoint == "slate" and event.state == "down" then
    self:_broken(id, event)
  end
end

--- Takes in what an engine that was found does. Does not wait.
---@param id string project
---@param stat table its answer
function Slates:stat(id, stat)
  self:_programme(id, stat.programme)
end

--- How the slate of a project is.
---@param id string
---@return "making"|"ready"|"failed"|nil state nil: it has none, or does not run
---@return { detail: cme.detail, at: number }|nil error
function Slates:state(id)
  local one = self._of[id]
  if not one then return nil end
  return one.state, one.error
end

--- Keeps the folder within its bound; to be called from time to time.
function Slates:tidy()
  local in_use = {}
  for _, one in pairs(self._of) do
    if one.path then in_use[one.path] = true end
  end
  self._cache:tidy(in_use, self._making)
end

return slate
