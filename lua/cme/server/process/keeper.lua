-- SPDX-License-Identifier: MIT
-- One detached engine of one Working project, and the task that keeps it: brings the engine up (adopting the one that
-- runs, else starting one), waits until it is gone, and brings it up again unless that was wanted:
--
--      run --> raise: connect | spawn + connect; stat; set if the revision differs
--                | ok                     | failed
--                v                        v
--              up: events ---- gone --> back off (unless released, or the run is over)
--                | released  |   ^
--                |           +---+ the connection alone was lost: connect; stat; set if the revision differs
--                v
--              stop the engine, end
--
-- Truth lies in two places: the store says what should run (hooks.desired), the engine says which input is active.
-- An engine that gives no sign of life (pulse.lua) is killed, which the keeper sees as an end like any other. One that
-- goes on past its planned end is ended by the keeper: the service is the end's second keeper, after the engine.
-- Nothing here decides about states of projects; that is told to the hooks, which may wait. A keeper runs as long as
-- its project, so the hooks are called from tasks of their own where they would hold it up. Tasks only.

local backoff = require "cme.net.backoff"
local health = require "cme.server.process.health"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local playback = require "cme.server.edge.playback"
local pulse = require "cme.server.process.pulse"
local task = require "cme.task"

local keeper = {}

local limits = {
  answer_seconds = 5,
  stop_seconds = 3,
  kill_seconds = 2,
  gone_seconds = 5, -- from the end of the socket to the end of the process
  rejoin_seconds = 1, -- a connection that lived less is not made again at once
  end_slack = 3, -- seconds after its planned end that an engine has to end by itself
}

local BACKOFF = { base = 0.5, cap = 30, steady = 30 }

---@class cme.server.Hooks
---@field desired fun(id: string): table?, string? the spec of a project that should run now; nil when it should not,
---  with a message when that could not be read
---@field ended fun(id: string, at: number, why: "stop_at"|"played_out"): boolean the planned end has come, or the
---  input's list is played out; false when the run goes on all the same: its end was moved meanwhile
---@field switched fun(id: string, reason: "failover"|"failback") the engine changed the active input by itself
---@field event (fun(id: string, event: table))? what an engine said
---@field health fun(id: string, health: cme.server.Health) how the parts of a project are has changed; must not wait
---@field hung (fun(id: string))? its engine gave no sign of life and is killed; must not wait

---@class cme.server.Around what all keepers share
---@field what string     for the log: "engine", "playout"
---@field engine cme.server.Engine
---@field hooks cme.server.Hooks
---@field log cme.server.Log
---@field clock cme.clock     the time of day: for planned ends only, since it may be set back
---@field counts { started: integer, adopted: integer, lost: integer } engines since the service's start; lost: ended
---  without being asked to
---@field kept table<string, cme.server.Relay> by project
---@field detached boolean the service ends; the engines do not

---@class cme.server.Relay
---@field id string
---@field control cme.server.Control?  while connected
---@field pid integer?                 of the engine, as far as it is known
---@field up boolean                  the engine behind `control` has taken a spec
---@field outdated boolean            what is desired changed since the keeper last read it
---@field spec table?                  what the engine was last told, or has; its `active` is the input that it was told
---@field health cme.server.Health?
---@field released boolean             it should not run any more
---@field ending boolean               its run is over; the store is being told, or knows
---@field finished boolean             the keeper has ended; no engine is left
---@field attempts integer             times that raise has returned
---@field failure string?              why the last raise failed
---@field stopped { at: number, why: string }? the engine said that the run is over
---@field pulse cme.server.Pulse?      of the process behind the socket; nil: there is none, as far as it is known
---@field stuck string?                parts of it that do not move
---@field late number?                 the planned end that the engine has gone past
---@field unseen boolean               the last look for the engine failed, which says nothing of the engine
---@field changed cme.server.Signal    any of the above, or the health, changed
---@field private _around cme.server.Around
local Relay = {}
Relay.__index = Relay
Relay.__name = "cme.server.Relay"

---A relay that nobody keeps yet; it stands in the table of those that are kept until it has ended.
---@param id string
---@param around cme.server.Around
---@return cme.server.Relay
function keeper.new(id, around)
  local self = setmetatable({ id = id, up = false, outdated = false, released = false, ending = false,
    unseen = false, finished = false, attempts = 0, changed = task.signal(), _around = around }, Relay)
  around.kept[id] = self
  return self
end

-- ---- decisions, pure

---What is desired of the engine of a project that only the engine knows: what it does. It is told nothing but its end,
---and not started again.
---@param record cme.server.Project
---@return table spec
function keeper.as_it_is(record)
  return { project = record.id, as_it_is = true, inputs = {}, outputs = {}, active = "main",
    stop_at = record.stop_at or json.null }
end

-- Fills in what an engine says that it does.
local function fill_in(spec, stat)
  for name, input in pairs(type(stat.inputs) == "table" and stat.inputs or {}) do
    spec.inputs[name] = type(input) == "table" and {} or nil
  end
  for i, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    spec.outputs[i] = { id = output.id, name = output.name, url = "" }
  end
end

---What a running engine must be told so that it does what is desired. Its own active input wins, since it may have
---failed over while nobody listened.
---@param desired table spec
---@param stat table the engine's answer
---@return table? spec to set; nil when the engine has it already
---@return string active
function keeper.reconcile(desired, stat)
  local active = desired.active
  if desired.as_it_is then
    return nil, type(stat.active) == "string" and stat.active or active
  end
  local has_spec = stat.project == desired.project
  if has_spec and type(stat.active) == "string" and desired.inputs[stat.active] then
    active = stat.active
  end
  local same_edge = playback.edge_of(stat.outputs) == playback.edge_of(desired.outputs)
  if has_spec and stat.revision == desired.revision and same_edge then
    return nil, active
  end
  local spec = {}
  for name, value in pairs(desired) do
    spec[name] = value
  end
  spec.active = active
  return spec, active
end

---Whether the planned end of a spec has come.
---@param spec table
---@param now number
---@return number? at
function keeper.overdue(spec, now)
  local at = spec.stop_at
  return type(at) == "number" and at <= now and at or nil
end

-- Reasons of an engine's, or a playout's, end that are the run's.
local run_ends = { stop_at = true, played_out = true, no_media = true }

---What an engine's last event says about the run.
---@param event { reason: string, time: number } "stopped"
---@return { at: number, why: string }? stop nil: the run is not over
function keeper.end_of_run(event)
  if run_ends[event.reason] and type(event.time) == "number" then
    return { at = event.time, why = event.reason }
  end
  return nil
end

-- ---- one engine

function Relay:_show(parts)
  if parts and not self.released then
    self._around.hooks.health(self.id, parts)
  end
end

local own_switches = { failover = true, failback = true } -- reasons of switches that an engine makes by itself

function Relay:_event(event)
  if playback.is_internal(event.output_id) then
    return
  end
  if self.health then
    health.event(self.health, event)
  end
  local seen = { project = self.id }
  for name, value in pairs(event) do
    if value ~= json.null and type(value) ~= "table" then
      seen[name == "time" and "engine_time" or name] = value
    end
  end
  self._around.log:info(self._around.what .. " event", seen)
  if self._around.hooks.event then
    self._around.hooks.event(self.id, event)
  end
  self:_show(self.health)
  if event.event == "stopped" then
    self.stopped = keeper.end_of_run(event)
  elseif event.event == "switched" and own_switches[event.reason] then
    luv.detach(self._around.hooks.switched, self.id, event.reason)
  end
  self.changed:notify()
end

-- A connection to the engine; without one, self.unseen and self.pulse say what is known of it.
function Relay:_connect()
  local control, message, code = self._around.engine:connect(self.id, function(event)
    self:_event(event)
  end, function()
    self.changed:notify()
  end)
  self.unseen = not control and code ~= "control.absent"
  if not control and not self.unseen then
    self.pulse = nil
  elseif control or code == "control.silent" then
    self.pulse = self.pulse or pulse.new(self._around.clock.monotonic())
  end
  return control, message, code
end

-- Makes the engine behind a fresh connection do what is desired.
function Relay:_equip(control, spec)
  local stat, message = control:request({ op = "stat" }, limits.answer_seconds)
  if not stat then
    return nil, message
  end
  if spec.as_it_is then
    fill_in(spec, stat)
  end
  local change, active = keeper.reconcile(spec, stat)
  local wanted_active = spec.active
  spec.active = active
  self.pid = math.tointeger(stat.pid) or self.pid
  self.health = health.new(spec)
  if change then
    local ok
    ok, message = control:request({ op = "set", spec = change }, limits.answer_seconds)
    if not ok then
      return nil, message
    end
  else
    health.stat(self.health, stat)
  end
  self.spec, self.up = spec, true
  self:_show(self.health)
  if active ~= wanted_active and not spec.as_it_is then
    luv.detach(self._around.hooks.switched, self.id, "failover")
  end
  return true
end

-- The input that a change of the spec names as active: the one that the engine was last told, since the engine takes
-- another for a switch, and may have failed over meanwhile; unless that one is no more.
function Relay:_settled_active(spec)
  local told = self.spec.active
  return spec.inputs[told] and told or self.health.active
end

-- The one thing that the engine of a project is told that only it knows.
function Relay:_tell_end(stop_at)
  local ok, refusal, code = self.control:request({ op = "set_stop_at", stop_at = stop_at }, limits.answer_seconds)
  if not ok and code ~= "control.lost" then
    return nil, refusal
  end
  self.spec.stop_at = stop_at
  return true
end

-- Tells an engine that is up what is desired now. Reads and sends at once, so that of two changes the later one is
-- told last.
---@return true? ok the engine has it, or is gone
---@return string? message it has not, and stays as it was
function Relay:tell()
  self.outdated = false
  local spec, message = self._around.hooks.desired(self.id)
  if not spec then
    return message == nil, message -- it should not run: whoever stopped it ends the engine
  end
  if spec.as_it_is then
    return self:_tell_end(spec.stop_at)
  end
  local before = self.spec
  spec.active = self:_settled_active(spec)
  health.retarget(self.health, before, spec)
  self.spec = spec
  self.changed:notify()
  local ok, refusal, code = self.control:request({ op = "set", spec = spec }, limits.answer_seconds)
  if ok or code == "control.lost" then
    self:_show(self.health)
    return true
  end
  health.retarget(self.health, spec, before)
  self.spec = before
  if code == "control.timeout" then
    self.control:close() -- whether it was taken is seen when the keeper connects again
  end
  return nil, refusal
end

-- Whether the run is over: its planned end has come, or its list is played out.
function Relay:_is_over(spec)
  if self.ending then
    return true
  end
  local at = keeper.overdue(spec, self._around.clock.now())
  local stop = self.stopped or at and { at = at, why = "stop_at" }
  if not stop then
    return false
  end
  self.stopped, self.ending = nil, true
  self.ending = self._around.hooks.ended(self.id, stop.at, stop.why)
  self.changed:notify()
  return self.ending
end

-- Whether the run ended while no service listened: then the engine's log is all that tells of it. nil: not known.
function Relay:_ended_alone(spec)
  if self.attempts == 0 then
    local event, message = self._around.engine:last_stop(self.id)
    if message then
      return nil, message
    end
    self.stopped = event and keeper.end_of_run(event)
  end
  return self:_is_over(spec)
end

-- A connection to a new engine, unless the run is over.
function Relay:_start_engine(spec)
  local over, fault = self:_ended_alone(spec)
  if over == false and spec.as_it_is then
    self.stopped = { at = self._around.clock.now(), why = "gone" }
    over = self:_is_over(spec)
  end
  if over ~= false then
    return nil, fault or "the run is over"
  end
  local pid, message = self._around.engine:spawn(self.id)
  if not pid then
    return nil, message
  end
  self.pid, self.pulse = pid, nil
  return self:_connect()
end

-- Makes the engine behind a connection do what is desired by now.
function Relay:_take(control, spec)
  self.control = control -- before _equip: an engine that must be stopped now is stopped through it
  local ok, message = self:_equip(control, spec)
  if ok and self.outdated then
    ok, message = self:tell()
  end
  return ok, message
end

-- One attempt. Leaves self.control set when it succeeded.
function Relay:_raise(spec)
  local control, message = self:_connect()
  local adopted = control ~= nil
  if not control and not self.unseen then
    control, message = self:_start_engine(spec)
  end
  if not control then
    return nil, message
  end
  local ok
  ok, message = self:_take(control, spec)
  if not ok then
    return nil, message
  end
  local count = adopted and "adopted" or "started"
  self._around.counts[count] = self._around.counts[count] + 1
  self._around.log:info(self._around.what .. (adopted and " adopted" or " started"),
    { project = self.id, pid = self.pid })
  return true
end

function Relay:_wait_closed(control, seconds)
  local deadline = self._around.clock.monotonic() + seconds
  while control.open and self._around.clock.monotonic() < deadline do
    self.changed:wait(deadline - self._around.clock.monotonic())
  end
  return not control.open
end

-- To the engine that has the socket, whose being open is the proof that the pid is still its own. One that never told
-- its pid is looked for. Returns whom it was sent to.
function Relay:_signal(signal)
  local pids, message = { self.pid }, nil
  if not self.pid then
    pids, message = self._around.engine:pids(self.id)
  end
  if message then
    self._around.log:error(self._around.what .. " cannot be looked for", { project = self.id, error = message })
  end
  for _, pid in ipairs(pids or {}) do
    self._around.engine:kill(pid, signal)
  end
  return pids or {}
end

-- Ends the engine by force; `gone` is given whom a signal was sent to, and returns whether it ended them.
function Relay:_force(gone)
  for _, signal in ipairs { "sigterm", "sigkill" } do
    self._around.log:warn(self._around.what .. " does not stop", { project = self.id, pid = self.pid, signal = signal })
    if gone(self:_signal(signal)) then
      return true
    end
  end
  return false, "it does not end"
end

-- Ends the engine behind an open connection, by asking, then by force.
function Relay:_end_connected(control)
  control:request({ op = "stop" }, limits.stop_seconds)
  if self:_wait_closed(control, limits.stop_seconds) then
    return true
  end
  local ended, message = self:_force(function()
    return self:_wait_closed(control, limits.kill_seconds)
  end)
  control:close()
  return ended, message
end

-- Ends the engine that is there and takes no connection: nothing can be asked of it.
function Relay:_end_silent()
  return self:_force(function(pids)
    for _, pid in ipairs(pids) do
      self._around.engine:wait_gone(self.id, pid, limits.kill_seconds)
    end
    self.control = self:_connect()
    return not self.control and not self.unseen
  end)
end

-- One attempt to end the engine.
-- Returns whether it is known to be gone: nobody listens on its socket, or its connection has closed.
function Relay:_end_engine()
  local control, message, code = self.control, nil, nil
  if not control or not control.open then -- it may run all the same: one that refused its spec does
    control, message, code = self:_connect()
    self.control = control
  end
  if control then
    return self:_end_connected(control)
  elseif code == "control.silent" then
    return self:_end_silent()
  end
  return not self.unseen, message
end

-- Ends the engine and waits until its process is gone. While that is not known, it may be on the air, and nobody else
-- looks for it: so it is tried again.
-- Returns whether it is gone; it may not be when the service ends meanwhile.
function Relay:_shutdown()
  local failures, ended, message = 0, self:_end_engine()
  while not ended and not self._around.detached do
    failures = self:_failed(self._around.what .. " not ended", failures + 1, message)
    self.changed:wait(backoff.delay(BACKOFF, failures))
    ended, message = self:_end_engine()
  end
  if ended and self.pid then
    self._around.engine:wait_gone(self.id, self.pid, limits.gone_seconds)
  end
  return ended
end

-- What the engine is to do. The input that the one before had on air stays: a switch of its may not be stored.
function Relay:_desired()
  local spec, message = self._around.hooks.desired(self.id)
  self.up, self.outdated = false, false
  if spec and self.health and spec.inputs[self.health.active] then
    spec.active = self.health.active
  end
  return spec, message
end

-- Whether the engine is still there though its connection is lost: the broadcast goes on, and nobody is told. One that
-- has ended accepts no connection.
function Relay:_rejoin()
  local spec = self:_desired()
  local control = spec and self:_connect()
  local ok, message
  if control then
    ok, message = self:_take(control, spec)
    self._around.log:warn(("%s's connection was lost, and %s"):format(self._around.what,
      ok and "is there again" or "the next one is of no use"), { project = self.id, pid = self.pid, error = message })
  end
  self.changed:notify()
  return ok
end

-- Whether the engine goes on past its planned end, which was not moved meanwhile. Then the store has the end already.
function Relay:_past_end()
  if self.late and not self:_is_over(self.spec) then
    self.late = nil
  end
  return self.late ~= nil
end

-- Waits until the engine is gone or should go, or should be gone.
function Relay:_while_up()
  local since
  repeat
    since = self._around.clock.monotonic()
    while self.control.open and not self.released and not self:_past_end() do
      self.changed:wait()
    end
  until self.released or self._around.detached or self.stopped or self.late
    or self._around.clock.monotonic() - since < limits.rejoin_seconds or not self:_rejoin()
end

function Relay:_failed(what, failures, message)
  self._around.log:error(what, { project = self.id, pid = self.pid, error = message,
    retry_in = backoff.delay(BACKOFF, failures) })
  return failures
end

-- One turn of the keeper: brings the engine up, and returns when it is gone. Returns the failures in a row, or nil
-- when the keeper has nothing left to do.
function Relay:_turn(failures)
  local spec, message = self:_desired()
  if not spec then
    return message and self:_failed("project not readable", failures + 1, message)
  end
  local ok
  ok, message = self:_raise(spec)
  local up_at = ok and self._around.clock.monotonic()
  self.attempts, self.failure = self.attempts + 1, message
  self.changed:notify()
  if ok then
    self:_while_up()
  end
  if self.released or self._around.detached then
    return nil
  end
  if self.control and self.control.open and not self.late then -- it runs, but did not take the spec
    self.control:close()
  end
  if self:_is_over(ok and self.spec or spec) then
    return nil
  end
  return self:_after(up_at, failures, message)
end

-- The engine is gone, or not up: the failures in a row.
function Relay:_after(up_at, failures, message)
  if up_at and not self.unseen then
    self._around.counts.lost = self._around.counts.lost + 1
    self:_show(health.lost(self.spec))
  end
  failures = backoff.count(BACKOFF, failures, up_at and self._around.clock.monotonic() - up_at)
  local what = self.unseen and " not reached" or up_at and " ended unexpectedly" or " not up"
  return self:_failed(self._around.what .. what, failures, message)
end

function Relay:_finish()
  self.finished = true
  if self._around.kept[self.id] == self then
    self._around.kept[self.id] = nil
  end
  self.changed:notify()
end

-- Calls a method; what it raises goes to the log. An error of ours must not take a keeper away: its project would
-- have no engine, and a Stop would wait for ever.
function Relay:_guarded(method, ...)
  local good, result = xpcall(method, debug.traceback, self, ...)
  if good then
    return true, result
  end
  self._around.log:error("keeper failed", { project = self.id, error = tostring(result) })
  return false
end

-- A turn that raises counts as one that failed.
function Relay:_try_turn(failures)
  local good, result = self:_guarded(self._turn, failures)
  if good then
    return result
  end
  if self.control then
    self.control:close() -- the next turn makes its own
  end
  self.ending = false -- when it was the store that could not be told, the next turn sees again that the end has come
  self.attempts, self.failure = self.attempts + 1, "the service failed on it: its log says why"
  self.changed:notify()
  return failures + 1
end

---Keeps the engine running until it is released or its run is over; returns when no engine is left.
function Relay:keep()
  local failures = 0
  while failures and not self.released and not self._around.detached do
    failures = self:_try_turn(failures)
    if failures and not self.released then
      self.changed:wait(backoff.delay(BACKOFF, failures))
    end
  end
  if not self._around.detached then
    self:_guarded(self._shutdown)
  end
  self:_finish()
end

function Relay:_stop_orphan()
  self.control = self:_connect()
  if self.control then
    self._around.log:warn(self._around.what .. " of a project that should not run: stopping it", { project = self.id })
    local stat = self.control:request({ op = "stat" }, limits.answer_seconds)
    self.pid = stat and math.tointeger(stat.pid)
  end
  if self:_shutdown() then
    self._around.engine:sweep(self.id)
  end
end

---Ends the engine of a project that should not run, if one does. Its socket stays until it is known to be gone: a later
---service finds it by that only.
function Relay:end_orphan()
  self.released = true
  self:_guarded(self._stop_orphan)
  self:_finish()
end

-- Asks for a sign of life. An engine of an older version does not know the question: its refusal is a sign, too.
function Relay:_ask_alive(control, beat)
  local alive, _, code = control:request({ op = "alive" }, pulse.LIMIT)
  if not alive and (code == "control.lost" or code == "control.timeout") then
    return
  end
  self.stuck = alive and pulse.stuck(alive)
  if not self.stuck then
    pulse.heard(beat, self._around.clock.monotonic())
  end
end

-- It gave no sign of life for too long: whoever has its socket is killed, and the keeper starts another.
function Relay:_end_hung()
  self._around.log:error(self._around.what .. " is hung: killing it", { project = self.id, pid = self.pid,
    stuck = self.stuck, silent_for = pulse.LIMIT })
  self.pulse = pulse.new(self._around.clock.monotonic())
  self:_signal "sigkill"
  if self._around.hooks.hung then
    self._around.hooks.hung(self.id)
  end
end

-- The planned end that the engine should have kept by now; the keeper is told once.
function Relay:_check_end()
  local at = not self.ending and self.spec and keeper.overdue(self.spec, self._around.clock.now() - limits.end_slack)
  if at and self.late ~= at then
    self.late = at
    self.changed:notify()
  end
end

---Looks whether the engine is hung, or goes on past its planned end, and asks it for a sign of life; to be called once
---a pulse.PERIOD. Does not wait; tasks only.
function Relay:check()
  if self.released or self.finished then
    return -- who ends it has limits of their own
  end
  if self.pulse and pulse.hung(self.pulse, self._around.clock.monotonic()) then
    self:_end_hung()
  elseif self.pulse and self.control and self.control.open then
    luv.detach(self._ask_alive, self, self.control, self.pulse)
  end
  self:_check_end()
end

---Whether the engine is in our hands and does what it was told.
---@return boolean
function Relay:is_up()
  return self.up and self.control ~= nil and self.control.open
end

---Asks the engine how its inputs and outputs are.
---@param seconds number? bound of the wait
---@return table? stat of the control protocol
---@return string? message, string? code
function Relay:stat(seconds)
  local stat, message, code = self.control:request({ op = "stat" }, seconds or limits.answer_seconds)
  return stat and playback.hide(stat), message, code
end

return keeper
