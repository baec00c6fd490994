-- SPDX-License-Identifier: MIT
-- Keeps one long-running process up. It brings the process up (adopting the one that runs, else starting one), waits
-- until it is gone, and brings it up again, ever more slowly, until nothing is left to keep:
--
--     run --> raise ---- failed ----> back off --> raise ...
--               | up                    ^
--               v                       |
--             watch ---- gone ----------+
--               ^
--               check, every pulse.PERIOD: a sign of life; none for pulse.LIMIT: it is killed, which is an end
--
-- The subject supplies what differs between processes: an engine's or a playout's keeper (keeper.lua), or the edge
-- (edge/program.lua). An error raised in the subject goes to the log and counts as a failed attempt: if it ended
-- the supervisor, the process would run on with nobody to watch it. Tasks only.

local backoff = require "cme.net.backoff"
local pulse = require "cme.server.process.pulse"
local luv = require "cme.net.loop.luv"

local supervisor = {}

local POLICY = { base = 0.5, cap = 30, steady = 30 }

---@class cme.server.process.subject what a supervisor keeps up
---@field what string for the log: "engine", "playout", "edge"
---@field stuck string|nil parts of it that do not move
---@field changed cme.task.signal whatever the subject waits for; over() is looked at again
---@field over fun(self): boolean|nil nothing is left to keep up
---@field raise fun(self): "adopted"|"started"|nil, string|nil, cme.detail|nil one attempt; nil: it is not up
---@field tried fun(self, message: string|nil, detail: cme.detail|nil) takes note that an attempt is over
---@field watch fun(self) returns when the process is gone, or not wanted any more
---@field gone fun(self, was_up: boolean): string|nil takes note; words for the log, nil: nothing is left to keep up
---@field crashed fun(self) an attempt, or a watch, raised an error
---@field alive fun(self, beat: cme.server.process.pulse): boolean|nil asks for a sign of life; false: none came
---@field kill fun(self): boolean|nil, string|nil ends it by force; nil, message: it could not be looked for
---@field hung fun(self) takes note that it was killed; must not wait
---@field about fun(self): table fields for the log

---@class cme.server.process.supervisor
---@field pulse cme.server.process.pulse|nil of the process that has to give signs of life; nil: no process runs
---@field private _subject cme.server.process.subject
---@field private _clock cme.system.clock
---@field private _log cme.server.log
---@field private _failures integer in a row
local Supervisor = {}
Supervisor.__index = Supervisor
Supervisor.__name = "cme.server.process.supervisor"

---@param subject cme.server.process.subject
---@param clock cme.system.clock
---@param log cme.server.log
---@return cme.server.process.supervisor
function supervisor.new(subject, clock, log)
  return setmetatable({ _subject = subject, _clock = clock, _log = log, _failures = 0 }, Supervisor)
end

local function with_about(self, fields)
  for name, value in pairs(self._subject:about()) do fields[name] = value end
  return fields
end

--- Says that something failed, and when it is tried again; counts it.
---@param words string
---@param message string|nil
---@param lived number|nil seconds that it had been up
function Supervisor:failed(words, message, lived)
  self._failures = backoff.count(POLICY, self._failures, lived)
  self._log:error(words, with_about(self, { error = message, retry_in = backoff.delay(POLICY, self._failures) }))
end

--- Waits until the next attempt is due, or there is to be none.
---@param over fun(): boolean|nil
function Supervisor:pause(over)
  local due = self._clock.monotonic() + backoff.delay(POLICY, math.max(1, self._failures))
  local _, timeout
  while not timeout and not over() do
    _, timeout = self._subject.changed:wait(math.max(0, due - self._clock.monotonic()))
  end
end

--- Tries something until it is done; a series of failures of its own.
---@param words string for the log when it fails
---@param attempt fun(): boolean|nil, string|nil
---@param over fun(): boolean|nil there is to be no further attempt
---@return boolean|nil done
function Supervisor:insist(words, attempt, over)
  self._failures = 0
  local done, message = attempt()
  while not done and not over() do
    self:failed(words, message)
    self:pause(over)
    done, message = attempt()
  end
  return done
end

--- Calls a function; what it raises goes to the log.
---@param fn function
---@param ... any
---@return boolean good
---@return any result
function Supervisor:guarded(fn, ...)
  local good, result = xpcall(fn, debug.traceback, ...)
  if good then return true, result end
  self._log:error("keeper failed", with_about(self, { error = tostring(result) }))
  return false
end

-- One attempt, and the life that follows. Returns whether another one is to come.
function Supervisor:_turn()
  local subject = self._subject
  local how, message, detail = subject:raise()
  local up_at = self._clock.monotonic()
  if how then self._log:info(subject.what .. " " .. how, subject:about()) end
  subject:tried(message, detail)
  if how then subject:watch() end
  if subject:over() then return false end
  local words = subject:gone(how ~= nil)
  if words then self:failed(words, message, how and self._clock.monotonic() - up_at) end
  return words ~= nil
end

--- Keeps the process up until nothing is left to keep.
function Supervisor:run()
  local subject = self._subject
  local function over() return subject:over() end
  local more = true
  while more and not over() do
    local good, result = self:guarded(self._turn, self)
    more = not good or result
    if not good then
      self._failures = self._failures + 1
      subject:crashed()
    end
    if more then self:pause(over) end
  end
end

-- ---- signs of life

--- A process is there from now on, which is to give signs of life; one that was there already has none in store.
function Supervisor:expect_pulse()
  self.pulse = self.pulse or pulse.new(self._clock.monotonic())
end

--- No process is there, as far as is known.
function Supervisor:forget_pulse()
  self.pulse = nil
end

--- Connects to the process. One that is there, also one that takes no connection, is to give signs of life.
---@param link cme.server.process.link
---@return cme.server.process.control|nil
---@return string|nil message
---@return cme.detail|nil detail as of link:connect
function Supervisor:connect(link)
  local control, message, detail = link:connect()
  if control or detail.code == "control.silent" then
    self:expect_pulse()
  elseif detail.code == "control.absent" then
    self:forget_pulse()
  end
  return control, message, detail
end

function Supervisor:_ask(beat)
  if self._subject:alive(beat) then pulse.heard(beat, self._clock.monotonic()) end
end

function Supervisor:_end_hung(beat)
  local subject = self._subject
  self._log:error(subject.what .. " is hung: killing it",
    with_about(self, { silent_for = pulse.LIMIT, stuck = subject.stuck }))
  local ok, message = subject:kill()
  if not ok then
    self._log:error(subject.what .. " cannot be killed", with_about(self, { error = message }))
    return
  end
  pulse.heard(beat, self._clock.monotonic()) -- it is not killed twice
  subject:hung()
end

--- Judges whether the process is hung, and asks it for a sign of life; to be called once a pulse.PERIOD. Does not wait;
--- tasks only.
function Supervisor:check()
  local beat = self.pulse
  if not beat then return end
  if pulse.hung(beat, self._clock.monotonic()) then
    self:_end_hung(beat)
  else
    luv.detach(self._ask, self, beat)
  end
end

return supervisor
