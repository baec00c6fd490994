-- SPDX-License-Identifier: MIT
-- One detached engine per Working project. Each has a keeper, a task that brings the engine up (adopting the one
-- that runs, else starting one), waits until it is gone, and brings it up again unless that was wanted:
--
--      keep(id) --> raise: connect | spawn + connect; stat; set if the revision differs
--                     | ok                     | failed
--                     v                        v
--                   up: events ---- gone --> back off (unless released, or the planned end has passed)
--                     | release(id)
--                     v
--                   stop the engine, end
--
-- Truth lies in two places: the store says what should run (hooks.desired), the engine says which input is active.
-- Nothing here decides about states of projects; that is told to the hooks, which may wait. The keeper of a project
-- runs for ever, so the hooks are called from tasks of their own where they would hold it up.

local health = require "cme.server.health"
local json = require "cme.json"
local playback = require "cme.server.playback"
local task = require "cme.server.task"

local relays = {}

local limits = {
  answer_seconds = 5,
  up_seconds = 5, -- for an engine that is being brought up again
  switch_seconds = 8, -- the engine's own deadline for a switch is 5 s
  stop_seconds = 3,
  kill_seconds = 2,
  gone_seconds = 5, -- from the end of the socket to the end of the process
  first_delay = 0.5,
  max_delay = 30,
  steady_seconds = 30, -- an engine that lived that long starts a new series of delays
}

---@class cme.server.Hooks
---@field desired fun(id: string): table?, string? the spec of a project that should run now; nil when it should not,
---  with a message when that could not be read
---@field ended fun(id: string, at: number, why: "stop_at"|"played_out"): boolean the planned end has come, or the
---  input's list is played out; false when the run goes on all the same: its end was moved meanwhile
---@field switched fun(id: string) the engine changed the active input by itself
---@field event (fun(id: string, event: table))? what an engine said
---@field health fun(id: string, health: cme.server.Health) how the parts of a project are has changed; must not wait

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
---@field changed cme.server.Signal    any of the above, or the health, changed

---@class cme.server.Relays
---@field counts { started: integer, adopted: integer, lost: integer } engines since the service's start; lost: ended
---  without being asked to
---@field private _engine cme.server.Engine
---@field private _hooks cme.server.Hooks
---@field private _log cme.server.Log
---@field private _now fun(): number   unix seconds: for planned ends only, since it may be set back
---@field private _clock fun(): number monotonic seconds: for all that waits or lasts
---@field private _relays table<string, cme.server.Relay>
---@field private _detached boolean the service ends; the engines do not
local Relays = {}
Relays.__index = Relays
Relays.__name = "cme.server.Relays"

---@param options { engine: cme.server.Engine, hooks: cme.server.Hooks, log: cme.server.Log, now: (fun(): number),
---  clock: (fun(): number) }
---@return cme.server.Relays
function relays.new(options)
  return setmetatable({ _engine = options.engine, _hooks = options.hooks, _log = options.log, _now = options.now,
    _clock = options.clock, _relays = {}, _detached = false, counts = { started = 0, adopted = 0, lost = 0 } }, Relays)
end

-- ---- decisions, pure

---Seconds to wait before the next attempt, after so many failed ones in a row.
---@param failures integer at least 1
---@return number
function relays.backoff(failures)
  return math.min(limits.max_delay, limits.first_delay * 2 ^ math.min(failures - 1, 16))
end

---What a running engine must be told so that it does what is desired. Its own active input wins, since it may have
---failed over while nobody listened.
---@param desired table spec
---@param stat table the engine's answer
---@return table? spec to set; nil when the engine has it already
---@return string active
function relays.reconcile(desired, stat)
  local active = desired.active
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
function relays.overdue(spec, now)
  local at = spec.stop_at
  return type(at) == "number" and at <= now and at or nil
end

-- Reasons of an engine's, or a playout's, end that are the run's.
local run_ends = { stop_at = true, played_out = true, no_media = true }

---What an engine's last event says about the run.
---@param event { reason: string, time: number } "stopped"
---@return { at: number, why: string }? stop nil: the run is not over
function relays.end_of_run(event)
  if run_ends[event.reason] and type(event.time) == "number" then
    return { at = event.time, why = event.reason }
  end
  return nil
end

---Which engines must be stopped: sockets of projects that should not run.
---@param found string[] ids with a socket
---@param wanted table<string, boolean>
---@return string[]
function relays.orphans(found, wanted)
  local list = {}
  for _, id in ipairs(found) do
    if not wanted[id] then
      list[#list + 1] = id
    end
  end
  return list
end

-- ---- one engine

function Relays:_show(relay, parts)
  if parts and not relay.released then
    self._hooks.health(relay.id, parts)
  end
end

function Relays:_event(relay, event)
  if playback.is_internal(event.output_id) then
    return
  end
  if relay.health then
    health.event(relay.health, event)
  end
  local seen = { project = relay.id }
  for name, value in pairs(event) do
    if value ~= json.null and type(value) ~= "table" then
      seen[name == "time" and "engine_time" or name] = value
    end
  end
  self._log:info("engine event", seen)
  if self._hooks.event then
    self._hooks.event(relay.id, event)
  end
  self:_show(relay, relay.health)
  if event.event == "stopped" then
    relay.stopped = relays.end_of_run(event)
  elseif event.event == "switched" and event.reason == "failover" then
    task.spawn(self._hooks.switched, relay.id)
  end
  relay.changed:notify()
end

function Relays:_connect(relay)
  return self._engine:connect(relay.id, function(event)
    self:_event(relay, event)
  end, function()
    relay.changed:notify()
  end)
end

-- Makes the engine behind a fresh connection do what is desired.
function Relays:_equip(relay, control, spec)
  local stat, message = control:request({ op = "stat" }, limits.answer_seconds)
  if not stat then
    return nil, message
  end
  local change, active = relays.reconcile(spec, stat)
  local wanted_active = spec.active
  spec.active = active
  relay.pid = math.tointeger(stat.pid) or relay.pid
  relay.health = health.new(spec)
  if change then
    local ok
    ok, message = control:request({ op = "set", spec = change }, limits.answer_seconds)
    if not ok then
      return nil, message
    end
  else
    health.stat(relay.health, stat)
  end
  relay.spec, relay.up = spec, true
  self:_show(relay, relay.health)
  if active ~= wanted_active then
    task.spawn(self._hooks.switched, relay.id)
  end
  return true
end

-- The input that a change of the spec names as active: the one that the engine was last told, since the engine takes
-- another for a switch, and may have failed over meanwhile; unless that one is no more.
local function settled_active(relay, spec)
  local told = relay.spec.active
  return spec.inputs[told] and told or relay.health.active
end

-- Tells an engine that is up what is desired now. Reads and sends at once, so that of two changes the later one is
-- told last.
function Relays:_tell(relay)
  relay.outdated = false
  local spec, message = self._hooks.desired(relay.id)
  if not spec then
    return message == nil, message -- it should not run: whoever stopped it ends the engine
  end
  local before = relay.spec
  spec.active = settled_active(relay, spec)
  health.retarget(relay.health, before, spec)
  relay.spec = spec
  relay.changed:notify()
  local ok, refusal, code = relay.control:request({ op = "set", spec = spec }, limits.answer_seconds)
  if ok or code == "control.lost" then
    self:_show(relay, relay.health)
    return true
  end
  health.retarget(relay.health, spec, before)
  relay.spec = before
  if code == "control.timeout" then
    relay.control:close() -- whether it was taken is seen when the keeper connects again
  end
  return nil, refusal
end

-- Whether the run is over: its planned end has come, or its list is played out.
function Relays:_is_over(relay, spec)
  if relay.ending then
    return true
  end
  local at = relays.overdue(spec, self._now())
  local stop = relay.stopped or at and { at = at, why = "stop_at" }
  if not stop then
    return false
  end
  relay.stopped, relay.ending = nil, true
  relay.ending = self._hooks.ended(relay.id, stop.at, stop.why)
  relay.changed:notify()
  return relay.ending
end

-- Whether the run ended while no service listened: then the engine's log is all that tells of it.
function Relays:_ended_alone(relay, spec)
  if relay.attempts == 0 then
    local event = self._engine:last_stop(relay.id)
    relay.stopped = event and relays.end_of_run(event)
  end
  return self:_is_over(relay, spec)
end

-- A connection to a new engine, unless the run is over.
function Relays:_start_engine(relay, spec)
  if self:_ended_alone(relay, spec) then
    return nil, "the run is over"
  end
  local pid, message = self._engine:spawn(relay.id)
  if not pid then
    return nil, message
  end
  relay.pid = pid
  return self:_connect(relay)
end

-- One attempt. Leaves relay.control set when it succeeded.
function Relays:_raise(relay, spec)
  local control, message = self:_connect(relay)
  local adopted = control ~= nil
  if not control then
    control, message = self:_start_engine(relay, spec)
  end
  if not control then
    return nil, message
  end
  relay.control = control -- before _equip: an engine that must be stopped now is stopped through it
  local ok
  ok, message = self:_equip(relay, control, spec)
  if ok and relay.outdated then
    ok, message = self:_tell(relay)
  end
  if not ok then
    return nil, message
  end
  local count = adopted and "adopted" or "started"
  self.counts[count] = self.counts[count] + 1
  self._log:info(adopted and "engine adopted" or "engine started", { project = relay.id, pid = relay.pid })
  return true
end

function Relays:_wait_closed(relay, control, seconds)
  local deadline = self._clock() + seconds
  while control.open and self._clock() < deadline do
    relay.changed:wait(deadline - self._clock())
  end
  return not control.open
end

-- Ends the engine, by asking, then by force. The socket's being open is the proof that the pid is still its own.
-- Returns when the socket is closed.
function Relays:_end_engine(relay)
  local control = relay.control
  if not control or not control.open then -- it may run all the same: one that refused its spec does
    control = self:_connect(relay)
    relay.control = control
  end
  if not control then
    return
  end
  control:request({ op = "stop" }, limits.stop_seconds)
  if self:_wait_closed(relay, control, limits.stop_seconds) then
    return
  end
  for _, signal in ipairs { "sigterm", "sigkill" } do
    self._log:warn("engine does not stop", { project = relay.id, pid = relay.pid, signal = signal })
    if relay.pid then
      self._engine:kill(relay.pid, signal)
    end
    if self:_wait_closed(relay, control, limits.kill_seconds) then
      return
    end
  end
  control:close()
end

-- Ends the engine and waits until its process is gone.
function Relays:_shutdown(relay)
  self:_end_engine(relay)
  if relay.pid then
    self._engine:wait_gone(relay.id, relay.pid, limits.gone_seconds)
  end
end

-- Waits until the engine is gone or should go.
local function while_up(relay)
  while relay.control.open and not relay.released do
    relay.changed:wait()
  end
end

function Relays:_failed(relay, what, failures, message)
  self._log:error(what, { project = relay.id, pid = relay.pid, error = message, retry_in = relays.backoff(failures) })
  return failures
end

-- One turn of the keeper: brings the engine up, and returns when it is gone. Returns the failures in a row, or nil
-- when the keeper has nothing left to do.
function Relays:_turn(relay, failures)
  local spec, message = self._hooks.desired(relay.id)
  if not spec then
    return message and self:_failed(relay, "project not readable", failures + 1, message)
  end
  relay.up, relay.outdated = false, false
  if relay.health and spec.inputs[relay.health.active] then -- of the engine before: a switch of its may not be stored
    spec.active = relay.health.active
  end
  local began = self._clock()
  local ok
  ok, message = self:_raise(relay, spec)
  relay.attempts, relay.failure = relay.attempts + 1, message
  relay.changed:notify()
  if ok then
    while_up(relay)
  end
  if relay.released or self._detached then
    return nil
  end
  if relay.control and relay.control.open then -- it runs, but did not take the spec
    relay.control:close()
  end
  if self:_is_over(relay, spec) then
    return nil
  end
  if ok then
    self.counts.lost = self.counts.lost + 1
    self:_show(relay, health.lost(relay.spec))
  end
  failures = self._clock() - began >= limits.steady_seconds and 1 or failures + 1
  return self:_failed(relay, ok and "engine ended unexpectedly" or "engine not up", failures, message)
end

local function new_relay(id)
  return { id = id, up = false, outdated = false, released = false, ending = false, finished = false, attempts = 0,
    changed = task.signal() }
end

function Relays:_finish(relay)
  relay.finished = true
  if self._relays[relay.id] == relay then
    self._relays[relay.id] = nil
  end
  relay.changed:notify()
end

-- Calls a method; what it raises goes to the log. An error of ours must not take a keeper away: its project would
-- have no engine, and a Stop would wait for ever.
function Relays:_guarded(method, relay, ...)
  local good, result = xpcall(method, debug.traceback, self, relay, ...)
  if good then
    return true, result
  end
  self._log:error("keeper failed", { project = relay.id, error = tostring(result) })
  return false
end

-- A turn that raises counts as one that failed.
function Relays:_try_turn(relay, failures)
  local good, result = self:_guarded(self._turn, relay, failures)
  if good then
    return result
  end
  if relay.control then
    relay.control:close() -- the next turn makes its own
  end
  relay.ending = false -- when it was the store that could not be told, the next turn sees again that the end has come
  relay.attempts, relay.failure = relay.attempts + 1, "the service failed on it: its log says why"
  relay.changed:notify()
  return failures + 1
end

function Relays:_keep(relay)
  local failures = 0
  while failures and not relay.released and not self._detached do
    failures = self:_try_turn(relay, failures)
    if failures and not relay.released then
      relay.changed:wait(relays.backoff(failures))
    end
  end
  if not self._detached then
    self:_guarded(self._shutdown, relay)
  end
  self:_finish(relay)
end

-- ---- for the actions

local function wait_finished(relay)
  while not relay.finished and (relay.released or relay.ending) do
    relay.changed:wait()
  end
end

---Keeps an engine running for a project from now on; waits only for an earlier one of the same project to end.
---@param id string
---@return cme.server.Relay
function Relays:keep(id)
  local earlier = self._relays[id]
  while earlier do
    wait_finished(earlier)
    if not earlier.finished then
      return earlier
    end
    earlier = self._relays[id]
  end
  local relay = new_relay(id)
  self._relays[id] = relay
  task.spawn(self._keep, self, relay)
  return relay
end

---Keeps an engine running and waits for the first attempt to bring it up.
---@param id string
---@return true?, string? message
function Relays:start(id)
  local relay = self:keep(id)
  while relay.attempts == 0 and not relay.released and not relay.finished do
    relay.changed:wait()
  end
  if relay.released or relay.finished then
    return nil, "it was stopped meanwhile"
  end
  if relay.failure then
    return nil, relay.failure
  end
  return true
end

---Waits until all that must work works, or something will not come by itself, or the time is over.
---@param id string
---@param seconds number
---@return "live"|"partial"|"gone" verdict
---@return string[]? faults one sentence each
function Relays:wait_live(id, seconds)
  local relay, deadline = self._relays[id], self._clock() + seconds
  while relay and relay.health and not (relay.released or relay.finished) do
    local verdict = health.verdict(relay.health)
    if verdict == "live" then
      return "live"
    end
    local left = deadline - self._clock()
    if verdict == "partial" or left <= 0 then
      return "partial", health.faults(relay.health, relay.spec)
    end
    relay.changed:wait(left)
  end
  return "gone"
end

---Stops the engine of a project for good; returns when it is gone.
---@param id string
function Relays:stop(id)
  local relay = self._relays[id]
  if relay then
    relay.released = true
    relay.changed:notify()
    wait_finished(relay)
  end
end

local function is_up(relay)
  return relay.up and relay.control ~= nil and relay.control.open
end

-- Asks the engine of a project; one that is just being brought up is waited for.
function Relays:_request(id, request, seconds)
  local relay, deadline = self._relays[id], self._clock() + limits.up_seconds
  while relay and not is_up(relay) and not relay.finished and self._clock() < deadline do
    relay.changed:wait(deadline - self._clock())
  end
  if not relay or not is_up(relay) then
    return nil, "its engine is not up: the service keeps trying to start it, its log says why", "control.lost"
  end
  return relay.control:request(request, seconds)
end

---Switches the input; returns when the switch has happened.
---@param id string
---@param to "main"|"backup"
---@return table? ok, string? message, string? code
function Relays:switch(id, to)
  local ok, message, code = self:_request(id, { op = "switch", to = to }, limits.switch_seconds)
  local relay = self._relays[id]
  if ok and relay and relay.health then
    relay.health.active, relay.spec.active = to, to
  end
  return ok, message, code
end

---Tells the engine of a project what is desired now (hooks.desired). One that is just being brought up learns it with
---its spec, and a project without an engine needs nothing.
---@param id string
---@return true? ok the engine has taken it
---@return string? message it has not, and stays as it was
function Relays:update(id)
  local relay = self._relays[id]
  if not relay then
    return true
  end
  relay.outdated = true
  if not is_up(relay) then
    return true
  end
  return self:_tell(relay)
end

---Asks the engine of a project; one that is just being brought up is waited for.
---@param id string
---@param request table
---@param seconds number bound of its answer
---@return table? ok, string? message, string? code
function Relays:ask(id, request, seconds)
  return self:_request(id, request, seconds)
end

---Asks the engine how its inputs and outputs are.
---@param id string
---@return table? stat of the control protocol
---@return string? message, string? code
function Relays:stat(id)
  local stat, message, code = self:_request(id, { op = "stat" }, limits.answer_seconds)
  return stat and playback.hide(stat), message, code
end

---Asks all engines that are up, side by side.
---@param seconds number bound of the wait
---@return table<string, table> stats by project
---@return integer unanswered
function Relays:stats(seconds)
  local found, unanswered, left, done = {}, 0, 0, task.signal()
  for id, relay in pairs(self._relays) do
    if is_up(relay) then
      left = left + 1
      task.spawn(function()
        local stat = relay.control:request({ op = "stat" }, seconds)
        found[id] = stat and playback.hide(stat)
        unanswered, left = unanswered + (stat and 0 or 1), left - 1
        done:notify()
      end)
    end
  end
  while left > 0 do
    done:wait()
  end
  return found, unanswered
end

---The input that the engine relays now, as far as it is known.
---@param id string
---@return "main"|"backup"|nil
function Relays:active(id)
  local relay = self._relays[id]
  return relay and relay.health and relay.health.active
end

---Removes what the engine of a deleted project left.
---@param id string
function Relays:forget(id)
  self:stop(id)
  self._engine:forget(id)
end

---Keeps the engines' logs within their bound; to be called from time to time.
function Relays:trim_logs()
  local fault = self._engine:trim_logs()
  if fault then
    self._log:warn("engine's log is too large", { error = fault })
  end
end

---Takes over what runs: keeps an engine for each wanted project, stops the engines of others. Returns when each
---engine was tried once, or the time is over.
---@param ids string[] projects that should run
---@param seconds number
function Relays:adopt(ids, seconds)
  local wanted, kept = {}, {}
  for i, id in ipairs(ids) do
    wanted[id] = true
    kept[i] = self:keep(id)
  end
  for _, id in ipairs(relays.orphans(self._engine:ids(), wanted)) do
    task.spawn(self._end_orphan, self, id)
  end
  local deadline = self._clock() + seconds
  for _, relay in ipairs(kept) do
    while relay.attempts == 0 and not relay.finished and self._clock() < deadline do
      relay.changed:wait(deadline - self._clock())
    end
  end
end

function Relays:_stop_orphan(relay)
  relay.control = self:_connect(relay)
  if relay.control then
    self._log:warn("engine of a project that should not run: stopping it", { project = relay.id })
    local stat = relay.control:request({ op = "stat" }, limits.answer_seconds)
    relay.pid = stat and math.tointeger(stat.pid)
    self:_shutdown(relay)
  end
  self._engine:sweep(relay.id)
end

-- It stands in the table meanwhile, so that a start of its project waits for its end.
function Relays:_end_orphan(id)
  local relay = new_relay(id)
  relay.released = true
  self._relays[id] = relay
  self:_guarded(self._stop_orphan, relay)
  self:_finish(relay)
end

---How many engines run and are in our hands.
---@return integer
function Relays:count()
  local count = 0
  for _, relay in pairs(self._relays) do
    count = count + (is_up(relay) and 1 or 0)
  end
  return count
end

---Lets go of all engines; they keep running.
function Relays:detach()
  self._detached = true
  local all = {}
  for _, relay in pairs(self._relays) do
    all[#all + 1] = relay
  end
  for _, relay in ipairs(all) do -- closing wakes keepers, which leave the table
    if relay.control then
      relay.control:close()
    end
    relay.changed:notify()
  end
end

return relays
