-- SPDX-License-Identifier: MIT
-- Keeps the engine, or the playout, of one project running: the subject of a supervisor (supervisor.lua). The process
-- is detached, so it outlives the service, and the next service's keeper adopts it:
--
--      raise: connect | spawn + connect; stat; set if the revision differs
--        | up                                               | failed: back off
--        v
--      watch: events ---- gone --> back off (unless released, or the run is over)
--        | released  |   ^
--        |           +---+ the connection alone was lost: connect; stat; set if the revision differs
--        v
--      end the engine (link.lua)
--
-- Two places know the truth: the store says what should run (callbacks.desired), the engine says which input is active.
-- The engine carries out the planned stop itself; if it does not, its keeper ends it. Nothing here decides about states
-- of projects: the callbacks do; they may wait. A keeper runs as long as its project, so callbacks that would hold it
-- up are called from tasks of their own. Tasks only.

local codes = require "cme.codes"
local health = require "cme.server.process.health"
local json = require "cme.json"
local link = require "cme.server.process.link"
local playback = require "cme.server.edge.playback"
local recordings = require "cme.server.recordings"
local pulse = require "cme.server.process.pulse"
local reconcile = require "cme.server.process.reconcile"
local repeats = require "cme.server.process.repeats"
local supervisor = require "cme.server.process.supervisor"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local telling = require "cme.server.process.telling"

local keeper = {}

local ANSWER_SECONDS = 5
local REJOIN_SECONDS = 1 -- a connection that lived less is not made again at once
local END_SLACK = 3 -- seconds after its planned end that an engine has to end by itself

---@class cme.server.process.callbacks
---@field desired fun(id: string): table|nil, string|nil, cme.detail|nil the spec of a project that should run now; nil
---  when it should not, with a message and a detail when that could not be read
---@field ended fun(id: string, at: number, why: "stop_at"|"played_out"): boolean the planned end has come, or the
---  input's list is played out; false when the run goes on all the same: its end was moved meanwhile
---@field switched fun(id: string, reason: "failover"|"failback") the engine changed the active input by itself
---@field event (fun(id: string, event: table))|nil what an engine said
---@field gone (fun(id: string))|nil its engine has ended, and whatever it was doing; may be called again; must not wait
---@field over (fun(id: string))|nil no engine of it is left, and none is kept up any more; must not wait
---@field stat (fun(id: string, stat: table))|nil what an engine behind a fresh connection does; must not wait
---@field health fun(id: string, health: cme.server.process.health) it has changed; must not wait
---@field hung (fun(id: string))|nil its engine gave no sign of life and is killed; must not wait

---@class cme.server.process.lease by which an engine may publish, or stand by
---@field epoch integer|nil of the run; nil: it stands by, or waits for one
---@field until_ms integer by CLOCK_BOOTTIME

---@class cme.server.process.around what all keepers share
---@field what string     for the log: "engine", "playout"
---@field engine cme.server.process.engine
---@field callbacks cme.server.process.callbacks
---@field log cme.server.log
---@field clock cme.system.clock the time of day: for planned ends only, since it may be set back
---@field counts { started: integer, adopted: integer, lost: integer } engines since the service's start; lost: ended
---  without being asked to
---@field kept table<string, cme.server.process.keeper> by project
---@field detached boolean the service ends; the engines do not
---@field lease (fun(id: string): cme.server.process.lease|nil)|nil what an engine may do by now; nil: engines need
---  no lease

---@class cme.server.process.keeper: cme.server.process.subject
---@field id string
---@field link cme.server.process.link
---@field up boolean                  the engine behind the link has taken a spec
---@field outdated boolean            what is desired changed since the keeper last read it
---@field private _untold boolean     it changed, and the engine did not say that it has taken that
---@field spec table|nil              what the engine was last told, or has; its `active` is the input that it was told
---@field health cme.server.process.health|nil
---@field released boolean            it should not run any more
---@field ending boolean              its run is over; the store is being told, or knows
---@field finished boolean            the keeper has ended; no engine is left
---@field attempts integer            to bring it up that are over
---@field failure { message: string, detail: cme.detail }|nil why the last one failed
---@field stopped { at: number, why: string }|nil the engine said that the run is over
---@field stuck string|nil            parts of it that do not move
---@field late number|nil             the planned end that the engine has gone past
---@field changed cme.task.signal   any of the above, or the health, changed
---@field private _around cme.server.process.around
---@field private _repeats cme.server.process.repeats
---@field private _supervisor cme.server.process.supervisor
---@field private _told table|nil      the spec of the last attempt; nil: the project should not run
---@field private _unreadable boolean what is desired could not be read
local Keeper = {}
Keeper.__index = Keeper
Keeper.__name = "cme.server.process.keeper"

--- A keeper that does nothing yet; it stands in the table of those that keep until it has ended.
---@param id string
---@param around cme.server.process.around
---@return cme.server.process.keeper
function keeper.new(id, around)
  local self = setmetatable({ id = id, what = around.what, up = false, outdated = false, _untold = false,
    released = false, ending = false, finished = false, attempts = 0, changed = task.signal(), _around = around,
    _repeats = repeats.new() }, Keeper)
  self.link = link.new(id, around, self.changed, function(event) self:_event(event) end)
  self._supervisor = supervisor.new(self, around.clock, around.log)
  around.kept[id] = self
  return self
end

-- ---- what the engine says

function Keeper:_show(parts)
  if parts and not self.released then self._around.callbacks.health(self.id, parts) end
end

local OWN_SWITCHES = { failover = true, failback = true } -- reasons of switches that an engine makes by itself

function Keeper:_log_event(event, urgent)
  local seen = { project = self.id }
  for name, value in pairs(event) do
    if value ~= json.null and type(value) ~= "table" then seen[name == "time" and "engine_time" or name] = value end
  end
  local level = self._repeats:is(event) and "debug" or urgent or "info"
  self._around.log[level](self._around.log, self.what .. " event", seen)
end

-- What goes to viewers is no part of the project, so its failures stand in no health: the log alone says why there is
-- no picture to look at.
function Keeper:_log_internal(event)
  local failed = type(event.code) == "string"
  if event.output_id ~= recordings.OUTPUT_ID and (failed or event.state == "live") then
    self:_log_event(event, failed and "warn" or "debug")
  end
end

function Keeper:_event(event)
  local callbacks = self._around.callbacks
  if event.output_id == recordings.OUTPUT_ID and callbacks.event then callbacks.event(self.id, event) end
  if playback.is_internal(event.output_id) then return self:_log_internal(event) end
  if self.health then health.event(self.health, event) end
  if self._early then table.insert(self._early, event) end
  self:_log_event(event)
  if callbacks.event then callbacks.event(self.id, event) end
  self:_show(self.health)
  if event.event == "stopped" then
    self.stopped = reconcile.end_of_run(event)
  elseif event.event == "switched" and OWN_SWITCHES[event.reason] then
    luv.detach(callbacks.switched, self.id, event.reason)
  end
  self.changed:notify()
end

-- The engine has ended.
function Keeper:_note_gone()
  if self._around.callbacks.gone then self._around.callbacks.gone(self.id) end
end

-- ---- the end of its run

-- Whether the run is over: its planned end has come, or its list is played out.
function Keeper:_is_over(spec)
  if self.ending then return true end
  local at = reconcile.overdue(spec, self._around.clock.now())
  local stop = self.stopped or at and { at = at, why = "stop_at" }
  if not stop then return false end
  self.stopped, self.ending = nil, true
  self.ending = self._around.callbacks.ended(self.id, stop.at, stop.why)
  self.changed:notify()
  return self.ending
end

-- Whether the run ended while no service listened: then the engine's log is all that tells of it. nil, message, detail:
-- not known.
function Keeper:_ended_alone(spec)
  if self.attempts == 0 then
    local event, message, detail = self._around.engine:last_stop(self.id)
    if message then return nil, message, detail end
    self.stopped = event and reconcile.end_of_run(event)
  end
  return self:_is_over(spec)
end

-- Whether the engine goes on past its planned end, which was not moved meanwhile. Then the store has the end already.
function Keeper:_past_end()
  if self.late and not self:_is_over(self.spec) then self.late = nil end
  return self.late ~= nil
end

-- The planned end that the engine should have kept by now; the keeper is told once.
function Keeper:_check_end()
  local now = self._around.clock.now()
  local at = not self.ending and self.spec and reconcile.overdue(self.spec, now - END_SLACK)
  if at and self.late ~= at then
    self.late = at
    self.changed:notify()
  end
end

-- ---- what the engine is told

-- Ends the engine behind a fresh connection when it was started by other rules about leases: it would publish without
-- one, or never.
function Keeper:_refuse_kind(stat)
  if (type(stat.lease) == "table") == (self._around.lease ~= nil) then return true end
  local ended, message, detail = self.link:end_process()
  if not ended then return nil, message, detail end
  return codes.fail(self._around.lease and "server.engine_kind:unleased" or "server.engine_kind:leased")
end

-- What the engine behind a fresh connection does; `early` gets the events that come with the answer, which are told
-- before this task goes on.
function Keeper:_find_out(spec, early)
  self._early = early
  local found, message, detail = telling.find_out(self.link, spec, self._untold)
  self._early = nil
  if not found then return nil, message, detail end
  local fits
  fits, message, detail = self:_refuse_kind(found.stat)
  if not fits then return nil, message, detail end
  return found
end

-- Makes the engine behind a fresh connection do what is desired by now.
function Keeper:_take(spec)
  local early = {}
  local found, message, detail = self:_find_out(spec, early)
  if not found then return nil, message, detail end
  self.health = found.health -- events that come from now on are about what is desired
  for _, event in ipairs(early) do health.event(self.health, event) end
  if found.change and self.spec then health.retarget(self.health, self.spec, spec) end
  local ok
  ok, message, detail = telling.bring_in_line(self.link, found)
  if not ok then return nil, message, detail end
  local end_untold = spec.as_it_is and self._untold
  self.spec, self.up, self._untold = spec, true, false
  self:renew()
  if self._around.callbacks.stat then self._around.callbacks.stat(self.id, found.stat) end
  self:_show(self.health)
  if found.switched then luv.detach(self._around.callbacks.switched, self.id, "failover") end
  if self.outdated or end_untold then return self:tell() end
  return true
end

-- The engine has answered, or not: then what it has is seen at the next connection, and it is told all the same, since
-- where an encoder is does not show in the revision.
function Keeper:_note_told(detail)
  self._untold = not self.link:is_open() or detail ~= nil and detail.code == "control.timeout"
end

-- Sends a spec that replaces another; puts that back when the engine refuses.
function Keeper:_replace_spec(spec)
  local before = self.spec
  health.retarget(self.health, before, spec)
  self.spec = spec
  self.changed:notify()
  local ok, refusal, detail = telling.replace(self.link, spec)
  self:_note_told(detail)
  if ok then
    self:_show(self.health)
    return true
  end
  health.retarget(self.health, spec, before)
  self.spec = before
  if detail.code == "control.timeout" then self.link:close() end -- whether it was taken is seen at the next connection
  return nil, refusal, detail
end

function Keeper:_move_end(stop_at)
  local ok, refusal, detail = telling.move_end(self.link, stop_at)
  self:_note_told(detail)
  if not ok then return nil, refusal, detail end
  self.spec.stop_at = stop_at
  return true
end

--- Tells the engine until when it may publish, or stand by: past that it ends. One that says nothing goes by what it
--- was told last.
function Keeper:renew()
  local lease = self._around.lease and self.link:is_open() and self._around.lease(self.id)
  if not lease then return end
  local ok, message, detail = self.link:request({ op = lease.epoch and "lease" or "stand", epoch = lease.epoch,
    until_ms = lease.until_ms }, ANSWER_SECONDS)
  if not ok and detail.code ~= "control.lost" then
    self._around.log:warn("lease is not taken", { project = self.id, epoch = lease.epoch, error = message })
  end
end

--- Takes the engine off the air at once: this run is not ours any more.
---@param epoch integer
function Keeper:fence(epoch)
  if self.link:is_open() then self.link:request({ op = "release", epoch = epoch }, ANSWER_SECONDS) end
end

--- Tells an engine that is up what is desired now. Reads and sends at once, so that of two changes the later one is
--- told last.
---@return boolean|nil ok true: the engine has it, is gone, or should not run
---@return string|nil message otherwise: the engine stays as it was
---@return cme.detail|nil detail
function Keeper:tell()
  self.outdated, self._untold = false, true
  local spec, message, detail = self._around.callbacks.desired(self.id)
  if not spec then return message == nil, message, detail end -- it should not run: whoever stopped it ends the engine
  if spec.as_it_is then return self:_move_end(spec.stop_at) end
  spec.active = telling.active(spec, self.spec.active, self.health.active)
  return self:_replace_spec(spec)
end

-- ---- for the supervisor

--- Nothing is left to keep up.
---@return boolean
function Keeper:over()
  return self.released or self._around.detached
end

--- What the log says of it.
---@return table
function Keeper:about()
  return { project = self.id, pid = self.link.pid }
end

-- What the engine is to do. The input that the one before had on air stays: a switch of its may not be stored.
function Keeper:_desired()
  local spec, message, detail = self._around.callbacks.desired(self.id)
  self.up, self.outdated, self._untold = false, false, self._untold or self.outdated
  if spec and self.health and spec.inputs[self.health.active] then spec.active = self.health.active end
  return spec, message, detail
end

-- A connection to a new engine, unless the run is over.
function Keeper:_start_engine(spec)
  local over, message, detail = self:_ended_alone(spec)
  if over == false and spec.as_it_is then
    self.stopped = { at = self._around.clock.now(), why = "gone" }
    over = self:_is_over(spec)
  end
  if message then return codes.fail("server.unknown", { reason = codes.words(message, detail) }) end
  if over then return codes.fail "server.run_over" end
  local pid
  pid, message, detail = self._around.engine:spawn(self.id)
  if not pid then return nil, message, detail end
  self.link.pid = pid
  self._supervisor:forget_pulse()
  return self._supervisor:connect(self.link)
end

-- One attempt to have an engine that does what is desired.
function Keeper:_bring_up(spec)
  local control, message, detail = self._supervisor:connect(self.link)
  local how = control and "adopted" or "started"
  if not control and not self.link.unseen then control, message, detail = self:_start_engine(spec) end
  if not control then return nil, message, detail end
  local ok
  ok, message, detail = self:_take(spec)
  if not ok then return nil, message, detail end
  self._around.counts[how] = self._around.counts[how] + 1
  return how
end

function Keeper:_note_attempt(message, detail)
  self.attempts, self.failure = self.attempts + 1, message and { message = message, detail = detail } or nil
  self.changed:notify()
end

--- An attempt to bring the engine up is over; there was none when nothing is desired.
---@param message string|nil why it failed
---@param detail cme.detail|nil
function Keeper:tried(message, detail)
  if self._told then self:_note_attempt(message, detail) end
end

--- One attempt to bring the engine up; see cme.server.process.subject.
---@return "adopted"|"started"|nil how
---@return string|nil message
---@return cme.detail|nil detail
function Keeper:raise()
  local spec, message, detail = self:_desired()
  self._told, self._unreadable = spec, message ~= nil
  if not spec then return nil, message, detail end
  return self:_bring_up(spec)
end

-- Whether the engine is still there though its connection is lost: the broadcast goes on, and nobody is told. One that
-- has ended accepts no connection.
function Keeper:_rejoin()
  local spec = self:_desired()
  local control = spec and self._supervisor:connect(self.link)
  local ok, message
  if control then
    ok, message = self:_take(spec)
    self._around.log:warn(("%s's connection was lost, and %s"):format(self.what,
      ok and "is there again" or "the next one is of no use"),
      { project = self.id, pid = self.link.pid, error = message })
  end
  self.changed:notify()
  return ok
end

--- Waits until the engine is gone or should go, or should be gone.
function Keeper:watch()
  local clock = self._around.clock
  repeat
    local since = clock.monotonic()
    while self.link:is_open() and not self.released and not self:_past_end() do self.changed:wait() end
    local ended = self:over() or self.stopped or self.late or clock.monotonic() - since < REJOIN_SECONDS
  until ended or not self:_rejoin()
end

--- The engine is gone, or not up; see cme.server.process.subject.
---@param was_up boolean
---@return string|nil words nil: its run is over
function Keeper:gone(was_up)
  if not self._told then return self._unreadable and "project not readable" or nil end
  if not self.late then self.link:close() end -- it may run, and not have taken the spec
  if was_up and not self.late and not self.link.unseen then self:_note_gone() end
  if self:_is_over(was_up and self.spec or self._told) then return nil end
  if was_up and not self.link.unseen then
    self._around.counts.lost = self._around.counts.lost + 1
    self:_show(health.lost(self.spec))
  end
  return self.what .. (self.link.unseen and " not reached" or was_up and " ended unexpectedly" or " not up")
end

--- An error of ours ended the attempt, or the watch.
function Keeper:crashed()
  self.link:close() -- the next attempt makes its own
  self.ending = false -- when it was the store that could not be told, the next attempt sees again that the end has come
  self:_note_attempt(select(2, codes.fail "server.failed"))
end

--- Asks for a sign of life. An engine of an older version does not know the question: its refusal is a sign, too.
---@return boolean alive
function Keeper:alive()
  if not self.link:is_open() then return false end
  local alive, _, detail = self.link:request({ op = "alive" }, pulse.LIMIT)
  if not alive and (detail.code == "control.lost" or detail.code == "control.timeout") then return false end
  self.stuck = alive and pulse.stuck(alive) or nil
  return not self.stuck
end

--- Kills whoever has the socket: the supervisor starts another.
---@return true
function Keeper:kill()
  self.link:signal "sigkill"
  return true
end

--- Takes note that it was killed for being hung.
function Keeper:hung()
  if self._around.callbacks.hung then self._around.callbacks.hung(self.id) end
end

-- ---- for the keepers' owner

-- Ends the engine. While its end is not known, it may be on the air, and nobody else looks for it: it is tried again.
-- Returns whether it is gone; it may not be when the service ends meanwhile.
function Keeper:_shutdown()
  local ended = self._supervisor:insist(self.what .. " not ended", function() return self.link:end_process() end,
    function() return self._around.detached end)
  if ended then self.link:wait_gone() end
  return ended
end

function Keeper:_finish()
  if not self._around.detached then
    self:_note_gone()
    if self._around.callbacks.over then self._around.callbacks.over(self.id) end
  end
  self.finished = true
  if self._around.kept[self.id] == self then self._around.kept[self.id] = nil end
  self.changed:notify()
end

--- Keeps the engine running until it is released or its run is over; returns when no engine is left.
function Keeper:keep()
  self._supervisor:run()
  if not self._around.detached then self._supervisor:guarded(self._shutdown, self) end
  self:_finish()
end

function Keeper:_stop_orphan()
  if self.link:connect() then
    self._around.log:warn(self.what .. " of a project that should not run: stopping it", { project = self.id })
    local stat = self.link:request({ op = "stat" }, ANSWER_SECONDS)
    self.link.pid = stat and math.tointeger(stat.pid)
  end
  if self:_shutdown() then self._around.engine:sweep(self.id) end
end

--- Ends the engine of a project that should not run, if one does. Its socket stays until it is known to be gone: a
--- later service finds it by that only.
function Keeper:end_orphan()
  self.released = true
  self._supervisor:guarded(self._stop_orphan, self)
  self:_finish()
end

--- Looks whether the engine is hung, or goes on past its planned end, and asks it for a sign of life; to be called once
--- a pulse.PERIOD. Does not wait; tasks only.
function Keeper:check()
  if self.released or self.finished then return end -- who ends it has limits of their own
  self._supervisor:check()
  self:_check_end()
end

--- Whether the engine is in our hands and does what it was told.
---@return boolean
function Keeper:is_up()
  return self.up and self.link:is_open()
end

--- Asks the engine.
---@param request table
---@param seconds number bound of its answer
---@return table|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Keeper:request(request, seconds)
  return self.link:request(request, seconds)
end

return keeper
