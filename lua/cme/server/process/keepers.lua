-- SPDX-License-Identifier: MIT
-- The keepers of all Working projects' engines, or of their playouts (keeper.lua), found by the project's id, and what
-- the actions ask of the engines. Tasks only.

local codes = require "cme.codes"
local health = require "cme.server.process.health"
local keeper = require "cme.server.process.keeper"
local playback = require "cme.server.edge.playback"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local keepers = {}

local ANSWER_SECONDS = 5
local UP_SECONDS = 5 -- for an engine that is being brought up again
local SWITCH_SECONDS = 8 -- the engine's own deadline for a switch is 5 s

---@class cme.server.process.keepers
---@field what string "engine", "playout": of the log and the metrics
---@field counts { started: integer, adopted: integer, lost: integer } engines since the service's start; lost: ended
---  without being asked to
---@field private _stands fun(id: string): boolean an engine is a standby's
---@field private _around cme.server.process.around
local Keepers = {}
Keepers.__index = Keepers
Keepers.__name = "cme.server.process.keepers"

---@param options { what: string|nil, engine: cme.server.process.engine, callbacks: cme.server.process.callbacks,
---  log: cme.server.log, clock: cme.system.clock, lease: (fun(id: string): cme.server.process.lease|nil)|nil,
---  stands: (fun(id: string): boolean)|nil } see cme.server.process.around; `what`: "engine" by default; stands:
---  whether an engine is a standby's, which says nothing of the run
---@return cme.server.process.keepers
function keepers.new(options)
  local counts = { started = 0, adopted = 0, lost = 0 }
  local what = options.what or "engine"
  local around = { what = what, engine = options.engine, callbacks = options.callbacks, log = options.log,
    clock = options.clock, lease = options.lease, counts = counts, kept = {}, detached = false }
  local function never() return false end
  return setmetatable({ counts = counts, what = what, _stands = options.stands or never, _around = around }, Keepers)
end

--- Which engines must be stopped: sockets of projects that should not run. Pure.
---@param found string[] ids with a socket
---@param wanted table<string, boolean>
---@return string[]
function keepers.orphans(found, wanted)
  local list = {}
  for _, id in ipairs(found) do
    if not wanted[id] then list[#list + 1] = id end
  end
  return list
end

-- ---- for the actions

local function wait_finished(one)
  while not one.finished and (one.released or one.ending) do one.changed:wait() end
end

--- Keeps an engine running for a project from now on; waits only for an earlier one of the same project to end.
---@param id string
---@return cme.server.process.keeper
function Keepers:keep(id)
  local earlier = self._around.kept[id]
  while earlier do
    wait_finished(earlier)
    if not earlier.finished then return earlier end
    earlier = self._around.kept[id]
  end
  local one = keeper.new(id, self._around)
  luv.detach(one.keep, one)
  return one
end

--- Keeps an engine running and waits for the first attempt to bring it up.
---@param id string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Keepers:start(id)
  local one = self:keep(id)
  while one.attempts == 0 and not one.released and not one.finished do one.changed:wait() end
  if one.released or one.finished then return codes.fail "server.stopped_meanwhile" end
  if one.failure then return nil, one.failure.message, one.failure.detail end
  return true
end

--- Waits until all that must work works, or something will not come by itself, or the time is over.
---@param id string
---@param seconds number
---@return "live"|"partial"|"gone" verdict
---@return cme.server.process.fault[]|nil faults
function Keepers:wait_live(id, seconds)
  local clock, one = self._around.clock, self._around.kept[id]
  local deadline = clock.monotonic() + seconds
  while one and one.health and not (one.released or one.finished) do
    local verdict = health.verdict(one.health)
    if verdict == "live" then return "live" end
    local left = deadline - clock.monotonic()
    if verdict == "partial" or left <= 0 then return "partial", health.faults(one.health, one.spec) end
    one.changed:wait(left)
  end
  return "gone"
end

--- Lets go of the engine of a project for good, which ends then; a keep() from now on is for another engine.
---@param id string
---@return fun() wait returns when it is gone; tasks only
function Keepers:release(id)
  local one = self._around.kept[id]
  if not one then return function() end end
  one.released = true
  one.changed:notify()
  return function() wait_finished(one) end
end

--- Stops the engine of a project for good; returns when it is gone.
---@param id string
function Keepers:stop(id)
  self:release(id)()
end

--- Takes a project off the air at once and lets go of its engine, which ends then: the run is another host's, or
--- nobody's. Does not wait.
---@param id string
---@param epoch integer of the run
function Keepers:drop(id, epoch)
  local one = self._around.kept[id]
  if not one then return end
  luv.detach(one.fence, one, epoch)
  self:release(id)
end

--- Tells engines until when they may publish. Does not wait.
---@param id string|nil of the project; nil: all of them
function Keepers:renew(id)
  local one = id and self._around.kept[id]
  for _, each in ipairs(id and { one } or self:_all()) do luv.detach(each.renew, each) end
end

--- Asks the engine of a project; one that is just being brought up is waited for.
---@param id string
---@param request table
---@param seconds number bound of its answer
---@return table|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Keepers:ask(id, request, seconds)
  local clock, one = self._around.clock, self._around.kept[id]
  local deadline = clock.monotonic() + UP_SECONDS
  while one and not one:is_up() and not one.finished and clock.monotonic() < deadline do
    one.changed:wait(deadline - clock.monotonic())
  end
  if not one or not one:is_up() then return codes.fail "control.lost:not_up" end
  return one.link:request(request, seconds)
end

--- Switches the input; returns when the switch has happened.
---@param id string
---@param to "main"|"backup"
---@return table|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Keepers:switch(id, to)
  local ok, message, detail = self:ask(id, { op = "switch", to = to }, SWITCH_SECONDS)
  local one = self._around.kept[id]
  if ok and one and one.health then one.health.active, one.spec.active = to, to end
  return ok, message, detail
end

--- Tells the engine of a project what is desired now (callbacks.desired). One that is being started learns it from its
--- spec, and a project without an engine needs nothing.
---@param id string
---@return true|nil ok the engine has taken it
---@return string|nil message it has not, and stays as it was
---@return cme.detail|nil detail
function Keepers:update(id)
  local one = self._around.kept[id]
  if not one then return true end
  one.outdated = true
  if not one:is_up() then return true end
  return one:tell()
end

--- Asks the engine how its inputs and outputs are.
---@param id string
---@return table|nil stat of the control protocol
---@return string|nil message
---@return cme.detail|nil detail
function Keepers:stat(id)
  if self._stands(id) then return codes.fail "control.lost:not_up" end
  local stat, message, detail = self:ask(id, { op = "stat" }, ANSWER_SECONDS)
  return stat and playback.hide(stat), message, detail
end

--- Asks all engines that are up, side by side.
---@param seconds number bound of the wait
---@return table<string, table> stats by project
---@return integer unanswered
function Keepers:stats(seconds)
  local up, found, answered = {}, {}, 0
  for id, one in pairs(self._around.kept) do
    if one:is_up() then up[#up + 1] = { id = id, link = one.link } end
  end
  task.parallel(up, function(each)
    local stat = each.link:request({ op = "stat" }, seconds)
    if stat then found[each.id], answered = playback.hide(stat), answered + 1 end
  end)
  return found, #up - answered
end

--- The input that the engine relays now, as far as it is known.
---@param id string
---@return "main"|"backup"|nil
function Keepers:active(id) return not self._stands(id) and self:input(id) or nil end

--- The same, and of a standby's engine the input that it would relay.
---@param id string
---@return "main"|"backup"|nil
function Keepers:input(id)
  local one = self._around.kept[id]
  return one and one.health and one.health.active
end

--- Whether the slate is on the air in place of that input.
---@param id string
---@return boolean
function Keepers:on_slate(id)
  local one = not self._stands(id) and self._around.kept[id] or nil
  return one ~= nil and one.health ~= nil and one.health.on_slate == true
end

--- Whether a project has an engine that is kept up, or is being ended.
---@param id string
---@return boolean
function Keepers:is_kept(id) return self._around.kept[id] ~= nil end

--- The projects that are kept.
---@return string[] ids
function Keepers:kept()
  local ids = {}
  for id in pairs(self._around.kept) do ids[#ids + 1] = id end
  return ids
end

--- Whether the engine of a project is in our hands and does what it was told.
---@param id string
---@return boolean
function Keepers:is_up(id)
  local one = self._around.kept[id]
  return one ~= nil and one:is_up()
end

--- Whether the engine of a project sends this input, or would, and has it.
---@param id string
---@param input "main"|"backup"
---@return boolean
function Keepers:is_fed(id, input)
  local one = self._around.kept[id]
  local found = one and one:is_up() and one.health
  if not found or found.active ~= input then return false end
  return found.inputs[input] and found.inputs[input].state == "live" or false
end

--- The revision of what the engine of a project was told.
---@param id string
---@return integer|nil
function Keepers:revision(id)
  local one = self._around.kept[id]
  return one and one:is_up() and one.spec and one.spec.revision or nil
end

--- The projects whose engines run, as their sockets tell, whoever has started them.
---@return string[]|nil ids
---@return string|nil message
---@return cme.detail|nil detail
function Keepers:ids()
  return self._around.engine:ids()
end

--- Removes what the engine of a deleted project left.
---@param id string
function Keepers:forget(id)
  self:stop(id)
  self._around.engine:forget(id)
end

-- ---- for the service

--- Keeps the engines' logs within their bound; to be called from time to time.
function Keepers:trim_logs()
  local fault = self._around.engine:trim_logs()
  if fault then self._around.log:warn("engine's log is too large", { error = fault }) end
end

function Keepers:_end_orphans(wanted)
  local found, fault = self._around.engine:ids()
  if not found then
    self._around.log:error("processes of projects that should not run are not looked for", { error = fault })
  end
  for _, id in ipairs(keepers.orphans(found or {}, wanted)) do
    local orphan = keeper.new(id, self._around) -- kept meanwhile, so that a start of its project waits for its end
    luv.detach(orphan.end_orphan, orphan)
  end
end

--- Takes over what runs: keeps an engine for each wanted project, stops the engines of others. Returns when each
--- engine was tried once, or the time is over.
---@param ids string[] projects that should run
---@param seconds number
function Keepers:adopt(ids, seconds)
  local clock, wanted, kept = self._around.clock, {}, {}
  for i, id in ipairs(ids) do
    wanted[id] = true
    kept[i] = self:keep(id)
  end
  self:_end_orphans(wanted)
  local deadline = clock.monotonic() + seconds
  for _, one in ipairs(kept) do
    while one.attempts == 0 and not one.finished and clock.monotonic() < deadline do
      one.changed:wait(deadline - clock.monotonic())
    end
  end
end

-- All that keep now: what is done with one may take it out of the table.
function Keepers:_all()
  local all = {}
  for _, one in pairs(self._around.kept) do all[#all + 1] = one end
  return all
end

--- Looks at every engine whether it lives, and asks for a sign of it; to be called once a pulse.PERIOD. Tasks only.
function Keepers:check()
  for _, one in ipairs(self:_all()) do one:check() end
end

--- How many engines run and are in our hands.
---@return integer
function Keepers:count()
  local count = 0
  for _, one in pairs(self._around.kept) do count = count + (one:is_up() and 1 or 0) end
  return count
end

--- Lets go of all engines; they keep running.
function Keepers:detach()
  self._around.detached = true
  for _, one in ipairs(self:_all()) do
    one.link:close()
    one.changed:notify()
  end
end

return keepers
