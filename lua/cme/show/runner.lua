-- SPDX-License-Identifier: MIT
-- Carries out a show: asks schedule.next for the next step, does it, writes down that it is done, and asks again, until
-- the show is over. It may be killed at any point: the broadcast goes on by itself (the service has the stop time), and
-- the next run continues from what was written and from what the service says. Everything of this machine (clock,
-- waiting, memory, alerts, words for people) is an argument. A failure of the service is reported and tried again until
-- the show is over; only a failure that no retry can repair ends the show.

local codes = require "cme.codes"
local backoff = require "cme.net.backoff"
local incidents = require "cme.show.incidents"
local json = require "cme.json"
local policy = require "cme.show.policy"
local redact = require "cme.redact"
local report = require "cme.show.report"
local schedule = require "cme.show.schedule"
local sight = require "cme.show.sight"
local viewers = require "cme.show.viewers"

---@class cme.show.runner
local runner = {}

---@class cme.show.parts
---@field project cme.project made of show.project
---@field attach fun(project: cme.project): boolean|nil, string|nil, cme.detail|nil gives it the id of the service's
--- project of its name and owner; false: there is none
---@field now fun(): number unix seconds
---@field pause fun(seconds: number): boolean waits; true when the program was told to end
---@field ask fun(patience: number, fn: function, ...: any): ... calls fn, which asks the service, and gives what it
--- returns; once the program is told to end, fn has `patience` seconds left: then it fails with code task.cancelled
---@field save fun(memory: cme.show.memory): true|nil, string|nil
---@field alert fun(alert: cme.show.alert, told: fun()) tells it, now or later; then calls `told`; does not raise
---@field say fun(what: cme.show.word, fields: table) what happens, for people
---@field check fun(seconds: number|nil): cme.show.finding[]|nil seconds: how long it may take; nil: as long as it
--- takes. It gives nil when the program was told to end
---@field interval number seconds between two looks at a show on the air
---@field watch (fun(targets: { key: string, url: string }[], source: string|nil))|nil looks at these addresses from now
--- on; does not wait; nil: nothing can look
---@field view (fun(id: string): cme.look.view|nil)|nil what is known of the viewers of an output

---@class cme.show.finding what a check found
---@field what string
---@field ok boolean
---@field warning boolean|nil of one that is ok: the message is to be told
---@field message string what is wrong, and what to do

---@alias cme.show.word
---| "taken_up"   # it is on the air already; { started_at }
---| "waiting"    # { until_at }
---| "checked"    # { findings }
---| "prepared"   # { done }
---| "started"    # { partial: string|nil }
---| "reconnected" # an output, because of what its viewers see; { id, name }
---| "stop_at"    # the service's stop time was put right; { at }
---| "alert"      # cme.show.alert
---| "switched"   # { from, to, reason }
---| "failed"     # an attempt at something; { step, message, retry_in }
---| "not_saved"  # { message }
---| "ended"      # { tally }
---| "left"       # told to end: the broadcast goes on; { stop_at }

---@class cme.show.outcome
---@field result "over"|"left"|"stopped"|"failed"
---@field message string|nil of "failed"; of "over", what failed last
---@field detail cme.detail|nil
---@field tally cme.show.tally

local SAVE_EVERY = 10 -- seconds, while nothing happens
local BACKOFF = { base = 1, cap = 30 }
local STOP_PATIENCE = 600 -- seconds after the planned stop, which the service carries out by itself
local FAR_OFF = 60 -- the longest wait without a look at the clock, which may be set, and at the project
local SHORTEST_CHECK = 5
-- Seconds that a question and a change have left once the program is told to end: the service may hang.
local LOOK_PATIENCE, ACT_PATIENCE = 3, 10
local GIVEN_UP = "task.cancelled"
local LONGEST_REASON = 4096 -- bytes of a hook's error

---@class cme.show.run
---@field show cme.show
---@field memory cme.show.memory
---@field parts cme.show.parts
---@field seen cme.show.seen|nil the last look; nil before the first
---@field saved_at number|nil
---@field failures integer in a row
---@field told string|nil the failure that was told last
---@field failure { message: string, detail: cme.detail }|nil what failed last, until it worked
---@field quit boolean|nil
---@field reason string|nil why the switch that is expected was asked for
---@field taken boolean|nil this run knows that it is on the air
---@field waits_until number|nil what was said of it
---@field called_before boolean|nil the hook before_start was called
---@field blind_health boolean|nil the service does not tell how inputs and outputs do
---@field watched cme.show.seen_output[]|nil the outputs whose viewers are looked at
---@field held number|nil the service's stop time at the last attempt to put it right
local Runner = {}
Runner.__index = Runner

-- ---- memory, hooks, failures

local function new_memory(show)
  return { project = show.project.name, start_at = show.start_at, stop_at = show.stop_at, policy = {}, open = {},
    untold = json.array {}, tally = report.new() }
end

function Runner:save()
  self.saved_at = self.parts.now()
  local ok, message, detail = self.parts.save(self.memory)
  if not ok then self.parts.say("not_saved", { message = message, cause = detail and codes.words(message, detail) }) end
end

function Runner:pause(seconds)
  self.quit = self.parts.pause(math.max(0, seconds)) or self.quit
end

-- A hook is the user's: its error, which may have a stream key in it, is told, and is no reason to end the show.
function Runner:hook(name, event)
  local call = self.show.hooks[name]
  if not call then return end
  local ok, message = pcall(call, event, self.parts.project)
  if not ok then self:note("hook " .. name, redact.text(tostring(message), LONGEST_REASON)) end
end

-- It stays in the memory until it was told: a program that is killed before that tells it when it is run again.
function Runner:tell(alert)
  self.parts.alert(alert, function()
    local untold = self.memory.untold
    for i, one in ipairs(untold) do
      if one == alert then
        table.remove(untold, i)
        break
      end
    end
    self:save()
  end)
end

function Runner:tell_untold()
  local list = {}
  for i, alert in ipairs(self.memory.untold) do list[i] = alert end
  for _, alert in ipairs(list) do self:tell(alert) end
end

function Runner:alert(alert)
  self.parts.say("alert", alert)
  table.insert(self.memory.untold, alert)
  self:save() -- first: a program that is killed while it tells this one tells the same again, not another
  self:tell(alert)
end

function Runner:note(what, message)
  self:alert { kind = "notice", state = "note", id = what, at = self.parts.now(), reason = message }
end

-- Changes something at the service.
function Runner:act(method, ...)
  local project = self.parts.project
  return self.parts.ask(ACT_PATIENCE, project[method], project, ...)
end

-- An attempt failed: told once per reason, then a wait that grows. One that was given up is over with the program.
function Runner:failed(step, message, detail)
  if detail.code == GIVEN_UP then return self:pause(0) end
  if self.told ~= detail.code then self:note(step, message) end
  self.told, self.failures = detail.code, self.failures + 1
  self.failure = { message = message, detail = detail }
  local delay = backoff.delay(BACKOFF, self.failures)
  self.parts.say("failed", { step = step, message = message, cause = codes.words(message, detail), retry_in = delay })
  self:pause(delay)
end

function Runner:succeeded()
  self.told, self.failures, self.failure = nil, 0, nil
end

-- What no further attempt can mend: the client refuses it before it asks anybody.
local function is_final(detail)
  return detail.code:find "^invalid%." ~= nil
end

-- ---- looking

function Runner:ask_health()
  if self.blind_health then return nil end
  local health, _, detail = self.parts.project:health()
  if not health and detail.code == "invalid.unsupported" then self.blind_health = true end
  return health
end

local GONE = { ["api.InvalidParameterValue.ProjectId"] = true, ["invalid.unknown_project"] = true }
local NOT_THERE = { status = "idle", outputs = {} }

function Runner:ask_info()
  local project = self.parts.project
  local there, message, detail = true, nil, nil
  if not project.id then there, message, detail = self.parts.attach(project) end
  if there == nil then return nil, message, detail end
  if not there then return NOT_THERE end
  local info
  info, message, detail = project:info()
  if info or not GONE[detail.code] then return info, message, detail end
  project.id = nil -- somebody deleted it
  return NOT_THERE
end

-- What a look at the project tells: info() and, on the air, health().
function Runner:ask_all()
  local info, message, detail = self:ask_info()
  if not info then return nil, message, detail end
  return info, info.status == "working" and self:ask_health() or nil
end

-- One look at the project; a project that is not there counts as idle.
function Runner:look()
  local now = self.parts.now()
  local info, found, detail = self.parts.ask(LOOK_PATIENCE, self.ask_all, self)
  if info then
    self.seen = sight.of(info, found, now, self.seen)
  else
    local message = found
    self.seen = sight.blind(detail.code, message, now)
    self.failure = { message = message, detail = detail }
  end
  self:look_at_viewers(info)
end

-- What viewers see. A service that cannot be asked changes nothing of it: they are looked at as before.
function Runner:look_at_viewers(info)
  if not self.parts.watch then return end
  if info then
    self.watched = info.status == "working" and self.seen.outputs or {}
    self.parts.watch(viewers.targets(self.watched), viewers.source(self.show.look_source, info))
  end
  self.seen.viewers = viewers.of(self.watched or {}, self.parts.view)
end

-- Takes an output off the air. That it is to be put back is known before, so a program that is killed between leaves
-- none off.
function Runner:take_off(id)
  local off = self.memory.off
  off[#off + 1] = id
  self:save()
  local ok, message, detail = self:act("disable_output", id)
  if not ok and detail.code ~= GIVEN_UP then self:note("on_look", message) end
end

function Runner:output(id)
  for _, output in ipairs(self.seen.outputs) do
    if output.id == id then return output end
  end
end

-- Whether an output has been removed, as far as the service tells.
function Runner:removed(id)
  return not self:output(id) and not self.seen.fault
end

-- Puts the outputs back that were taken off. One that has been removed meanwhile is let go.
function Runner:put_back()
  local left = json.array {}
  for _, id in ipairs(self.memory.off) do
    if self:act("enable_output", id) then
      self.parts.say("reconnected", { id = id, name = (self:output(id) or {}).name })
    elseif not self:removed(id) then
      left[#left + 1] = id
    end
  end
  self.memory.off = left
  self:save()
end

function Runner:act_on_viewers()
  self.memory.off = self.memory.off or json.array {}
  for _, id in ipairs(viewers.kicks(self.memory.open, self.show.on_look)) do self:take_off(id) end
  if self.memory.off[1] then self:put_back() end
end

-- ---- the steps; each may return an outcome

local steps = {}

function steps.wait(self, until_at)
  if self.waits_until ~= until_at then
    self.waits_until = until_at
    self.parts.say("waiting", { until_at = until_at })
  end
  self:pause(math.min(until_at - self.parts.now(), FAR_OFF))
end

function steps.check(self)
  local now, start_at = self.parts.now(), self.show.start_at
  local findings = self.parts.check(start_at and math.max(SHORTEST_CHECK, start_at - now))
  if not findings then return self:pause(0) end
  self.parts.say("checked", { findings = findings })
  for _, finding in ipairs(findings) do
    if not finding.ok then self:note("check " .. finding.what, finding.message) end
  end
  self.memory.checked_at = self.parts.now()
  self:save()
end

-- Makes the service match; with what is to be started, or before the show, without. Gives what was done and, of a
-- start that works in part, the warning; or nil, nil and an outcome that ends the show.
function Runner:match(step, given)
  local done, message, detail = self:act("ensure", given)
  if done then
    self:succeeded()
    return done, message
  end
  if is_final(detail) then return nil, nil, { result = "failed", message = message, detail = detail } end
  self:failed(step, message, detail)
end

function steps.prepare(self)
  local done, _, outcome = self:match("prepare", {})
  if not done then return outcome end
  self.memory.prepared_at = self.parts.now()
  self.parts.say("prepared", { done = done })
  self:save()
end

function steps.start(self)
  if not self.called_before then
    self.called_before = true
    self:hook("before_start", { at = self.parts.now() })
  end
  local done, warning, outcome = self:match("start", { status = "working", stop_at = self.show.stop_at })
  if not done then return outcome end
  self:on_air(warning)
end

function Runner:on_air(warning)
  self.memory.started_at, self.taken = self.parts.now(), true
  self:save()
  self.parts.say("started", { partial = warning })
  self:hook("started", { at = self.memory.started_at, project = self.parts.project.id })
end

-- A broadcast that this program did not start itself: by an earlier run, or by hand.
function Runner:take_up()
  if self.taken then return end
  self.taken = true
  if not self.memory.started_at then
    self:on_air()
  else
    self.parts.say("taken_up", { started_at = self.memory.started_at })
  end
end

-- Whether the broadcast is over by now, though it was on the air at the last look: what was asked of it since was
-- refused since the planned end, or somebody, was first.
function Runner:ended_meanwhile()
  self:look()
  return self.seen.status == "idle"
end

-- Stops the broadcast; one that is stopped already is stopped.
function Runner:stop()
  local ok, message, detail = self:act "stop"
  if ok or self:ended_meanwhile() then return true end
  return nil, message, detail
end

-- The service's stop time is the file's; services know whole seconds.
function Runner:hold_stop_time()
  local has = self.seen.stop_at
  if has and math.abs(has - self.show.stop_at) < 1 then return end
  if self.held and self.held == (has or 0) then return end -- it does not take ours
  local ok, message, detail = self:act("set_stop_at", self.show.stop_at)
  self.held = (ok or is_final(detail)) and (has or 0) or nil
  if ok then
    self.parts.say("stop_at", { at = self.show.stop_at })
  elseif detail.code ~= GIVEN_UP and self.told ~= detail.code and not self:ended_meanwhile() then
    self.told = detail.code
    self:note("stop_at", message)
  end
end

-- Tells of a switch, whoever made it. Ours has a reason; the service's own has that of the input it left.
function Runner:note_switch(from)
  local seen = self.seen
  local event = { at = seen.at, from = from, to = seen.active,
    reason = self.reason or seen.inputs[from] == false and seen.reasons[from] or nil }
  self.reason = nil
  self.parts.say("switched", event)
  self:hook("switched", event)
  return event.reason
end

function Runner:follow()
  local seen, was = self.seen, self.memory.tally.active
  local alerts = incidents.step(self.memory.open, seen, self.show.alerts.after)
  for _, alert in ipairs(alerts) do self:alert(alert) end
  local switched = was and seen.active and seen.active ~= was
  report.step(self.memory.tally, seen, switched and self:note_switch(was) or nil)
  viewers.count(self.memory.tally, seen.viewers or {}, seen.at)
  if alerts[1] or switched or seen.at - (self.saved_at or -math.huge) >= SAVE_EVERY then self:save() end
end

function Runner:decide()
  local to, reason = policy.step(self.show.failover, self.memory.policy, self.seen)
  if not to then return end
  local ok, message, detail = self:act("switch", to)
  if ok then
    self.reason = reason
  elseif detail.code ~= GIVEN_UP then
    self.parts.say("failed", { step = "switch", message = message, cause = codes.words(message, detail) })
  end
end

function steps.air(self)
  self:take_up()
  self:hold_stop_time()
  if self.seen.status == "idle" then return end -- it ended meanwhile
  self:follow()
  self:decide()
  self:act_on_viewers()
  self:pause(math.min(self.parts.interval, self.show.stop_at - self.parts.now()))
end

function steps.watch(self)
  self:follow()
  self:pause(math.min(self.parts.interval, self.show.stop_at - self.parts.now()))
end

function steps.stop(self)
  local now = self.parts.now()
  if now > self.show.stop_at + STOP_PATIENCE then return steps.over(self) end
  local ok, message, detail = self:stop()
  if ok then return steps.over(self) end
  self:failed("stop", message, detail)
end

function steps.over(self)
  local memory = self.memory
  if not memory.ended_at then
    memory.ended_at = self.parts.now()
    report.finish(memory.tally, math.min(memory.ended_at, self.show.stop_at))
    self:save()
    self:hook("ended", { at = memory.ended_at, report = memory.tally })
  end
  self.parts.say("ended", { tally = memory.tally })
  local failure = self.failure or {}
  return { result = "over", message = failure.message, detail = failure.detail }
end

-- Told to end in the middle. A service that cannot be asked may have it on the air.
function Runner:leave()
  local working = self.seen.status == "working" or self.seen.fault and self.memory.started_at ~= nil
  if working and self.show.on_sigterm == "stop" then
    local ok, message, detail = self:stop()
    if not ok and detail.code == GIVEN_UP then ok, message, detail = codes.fail "network.timeout:ending" end
    if not ok then return { result = "failed", message = message, detail = detail } end
    local over = steps.over(self)
    over.result = "stopped"
    return over
  end
  self:save()
  self.parts.say("left", { stop_at = working and self.show.stop_at or nil })
  return { result = "left" }
end

-- ---- the show

-- Without an answer of the service there is nothing to do but to tell it and to ask again; but a stop is tried.
local NEEDS_ANSWER = { prepare = true, start = true, air = true, watch = true }

function Runner:step()
  self:look()
  if self.quit then return self:leave() end
  local step, until_at = schedule.next(self.show, self.memory, self.seen.status, self.parts.now())
  if self.seen.fault and NEEDS_ANSWER[step] then step = "watch" end
  return steps[step](self, until_at)
end

--- Carries out a show, from where it is.
---@param show cme.show
---@param memory cme.show.memory|nil what an earlier run wrote down
---@param parts cme.show.parts
---@return cme.show.outcome
function runner.run(show, memory, parts)
  local self = setmetatable({ show = show, parts = parts, failures = 0 }, Runner)
  self.memory = memory and schedule.belongs(memory, show, parts.now()) and memory or new_memory(show)
  self.memory.stop_at = show.stop_at
  self:tell_untold()
  local outcome = self.memory.ended_at and steps.over(self)
  while not outcome do outcome = self:step() end
  outcome.tally = self.memory.tally
  return outcome
end

return runner
