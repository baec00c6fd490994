-- SPDX-License-Identifier: MIT
-- The engines of all Working projects: one keeper for each (keeper.lua), found by the project's id, and what the
-- actions ask of them. Tasks only.

local health = require "cme.server.process.health"
local keeper = require "cme.server.process.keeper"
local luv = require "cme.net.loop.luv"
local playback = require "cme.server.edge.playback"
local task = require "cme.task"

local relays = {}

local limits = {
  answer_seconds = 5,
  up_seconds = 5, -- for an engine that is being brought up again
  switch_seconds = 8, -- the engine's own deadline for a switch is 5 s
}

---@class cme.server.Relays
---@field counts { started: integer, adopted: integer, lost: integer } engines since the service's start; lost: ended
---  without being asked to
---@field private _around cme.server.Around
local Relays = {}
Relays.__index = Relays
Relays.__name = "cme.server.Relays"

---@param options { what: string?, engine: cme.server.Engine, hooks: cme.server.Hooks, log: cme.server.Log,
---  clock: cme.clock } see cme.server.Around; `what`: "engine" unless told
---@return cme.server.Relays
function relays.new(options)
  local counts = { started = 0, adopted = 0, lost = 0 }
  return setmetatable({ counts = counts, _around = { what = options.what or "engine", engine = options.engine,
    hooks = options.hooks, log = options.log, clock = options.clock, counts = counts, kept = {},
    detached = false } }, Relays)
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
  local earlier = self._around.kept[id]
  while earlier do
    wait_finished(earlier)
    if not earlier.finished then
      return earlier
    end
    earlier = self._around.kept[id]
  end
  local relay = keeper.new(id, self._around)
  luv.detach(relay.keep, relay)
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
---@return cme.server.Fault[]? faults
function Relays:wait_live(id, seconds)
  local relay, deadline = self._around.kept[id], self._around.clock.monotonic() + seconds
  while relay and relay.health and not (relay.released or relay.finished) do
    local verdict = health.verdict(relay.health)
    if verdict == "live" then
      return "live"
    end
    local left = deadline - self._around.clock.monotonic()
    if verdict == "partial" or left <= 0 then
      return "partial", health.faults(relay.health, relay.spec)
    end
    relay.changed:wait(left)
  end
  return "gone"
end

---Lets go of the engine of a project for good, which ends then; a keep() from now on is for another engine.
---@param id string
---@return fun() wait returns when it is gone; tasks only
function Relays:release(id)
  local relay = self._around.kept[id]
  if relay then
    relay.released = true
    relay.changed:notify()
  end
  return function()
    if relay then
      wait_finished(relay)
    end
  end
end

---Stops the engine of a project for good; returns when it is gone.
---@param id string
function Relays:stop(id)
  self:release(id)()
end

-- Asks the engine of a project; one that is just being brought up is waited for.
function Relays:_request(id, request, seconds)
  local relay, deadline = self._around.kept[id], self._around.clock.monotonic() + limits.up_seconds
  while relay and not relay:is_up() and not relay.finished and self._around.clock.monotonic() < deadline do
    relay.changed:wait(deadline - self._around.clock.monotonic())
  end
  if not relay or not relay:is_up() then
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
  local relay = self._around.kept[id]
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
  local relay = self._around.kept[id]
  if not relay then
    return true
  end
  relay.outdated = true
  if not relay:is_up() then
    return true
  end
  return relay:tell()
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
  for id, relay in pairs(self._around.kept) do
    if relay:is_up() then
      left = left + 1
      luv.detach(function()
        local stat = relay:stat(seconds)
        found[id] = stat
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
  local relay = self._around.kept[id]
  return relay and relay.health and relay.health.active
end

---Removes what the engine of a deleted project left.
---@param id string
function Relays:forget(id)
  self:stop(id)
  self._around.engine:forget(id)
end

---Keeps the engines' logs within their bound; to be called from time to time.
function Relays:trim_logs()
  local fault = self._around.engine:trim_logs()
  if fault then
    self._around.log:warn("engine's log is too large", { error = fault })
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
  local found, fault = self._around.engine:ids()
  if not found then
    self._around.log:error("processes of projects that should not run are not looked for", { error = fault })
  end
  for _, id in ipairs(relays.orphans(found or {}, wanted)) do
    local orphan = keeper.new(id, self._around) -- kept meanwhile, so that a start of its project waits for its end
    luv.detach(orphan.end_orphan, orphan)
  end
  local deadline = self._around.clock.monotonic() + seconds
  for _, relay in ipairs(kept) do
    while relay.attempts == 0 and not relay.finished and self._around.clock.monotonic() < deadline do
      relay.changed:wait(deadline - self._around.clock.monotonic())
    end
  end
end

---Looks at every engine whether it lives, and asks for a sign of it; to be called once a pulse.PERIOD. Tasks only.
function Relays:check()
  local all = {}
  for _, relay in pairs(self._around.kept) do
    all[#all + 1] = relay
  end
  for _, relay in ipairs(all) do -- which may leave the table
    relay:check()
  end
end

---How many engines run and are in our hands.
---@return integer
function Relays:count()
  local count = 0
  for _, relay in pairs(self._around.kept) do
    count = count + (relay:is_up() and 1 or 0)
  end
  return count
end

---Lets go of all engines; they keep running.
function Relays:detach()
  self._around.detached = true
  local all = {}
  for _, relay in pairs(self._around.kept) do
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
