-- SPDX-License-Identifier: MIT
-- What a node does about a project: a function for each step that standing.lua names. They are a part of
-- cme.server.fleet and work with its members; it does one at a time of a project, with the project's lock. Tasks only.

local luv = require "cme.net.loop.luv"
local standing = require "cme.server.fleet.standing"

local steps = {}

local TRIES = 3 -- to take a project that others are at
local WAIT = 5 -- seconds for a lease, when this node has just lost it

--- Has nothing of a project kept any more.
---@param self cme.server.fleet
---@param project string
---@return (fun())[] waits each waits until something that was kept has ended
function steps.let_go(self, project)
  local waits = {}
  for i, keepers in ipairs(self._work.keepers) do waits[i] = keepers:release(project) end
  return waits
end

local function wait_lease(self)
  local due = self._given.clock.monotonic() + WAIT
  while not self._lease:is_held() and self._given.clock.monotonic() < due do self._woken:wait(standing.LOOK) end
end

--- Until when the engine of a project may publish, or stand by.
---@param self cme.server.fleet
---@param project string
---@return cme.server.process.lease|nil
function steps.lease_of(self, project)
  local epoch = self._held[project]
  if not self._lease.id or not self:prepares(project) then return nil end
  if epoch and self._claims:is_over(project, epoch) then return nil end
  return { epoch = epoch, until_ms = self._lease.until_ms }
end

-- Has a run of this node's that is over given up, before the next one is begun.
local function settle_over(self, project)
  local epoch = self._held[project]
  if not epoch or not self._claims:is_over(project, epoch) then return true end
  local given, message, detail = self._claims:give(project, epoch)
  if given == nil then return nil, message, detail end
  if self._held[project] == epoch then self._held[project] = nil end
  return true
end

--- Takes a project; what others are at is tried again.
---@param self cme.server.fleet
---@param project string
---@param meanwhile (fun())|nil as of claims:take
---@return integer|nil epoch
---@return string|nil message
---@return cme.detail|nil detail
function steps.take(self, project, meanwhile)
  wait_lease(self)
  local settled, message, detail = settle_over(self, project)
  if not settled then return nil, message, detail end
  if self._held[project] then return self._held[project] end
  local epoch
  for _ = 1, TRIES do
    epoch, message, detail = self._claims:take(project, meanwhile)
    if epoch or detail.code ~= "server.fleet.raced" then break end
  end
  if not epoch then return nil, message, detail end
  self._held[project] = epoch
  self._given.log:info("run taken", { project = project, epoch = epoch })
  return epoch
end

local function is_kept(self, project)
  for _, keepers in ipairs(self._work.keepers) do
    if keepers:is_kept(project) then return true end
  end
  return false
end

--- A run is this node's no more: what is known of its engine says nothing of that of the next one.
---@param self cme.server.fleet
---@param project string
function steps.forget(self, project)
  self._held[project], self._followed[project], self._down[project] = nil, nil, nil
end

--- Forgets what is of no use any more: of runs that this node gave up and whose keys are gone, of projects that it may
--- take again, and of those that nobody is to have.
---@param self cme.server.fleet
---@param working table<string, any> by project
---@param now number
function steps.sweep(self, working, now)
  self._claims:sweep(self._held)
  for project, till in pairs(self._avoid) do
    if till <= now then self._avoid[project] = nil end
  end
  for project in pairs(self._free) do
    if not working[project] then self._free[project] = nil end
  end
end

-- Gives a project up whose engine has ended.
local function give(self, project)
  local epoch = self._held[project]
  if not epoch or self._starting[project] or is_kept(self, project) then return end
  self._giving[project] = epoch
  local given, message = self._claims:give(project, epoch)
  self._giving[project] = nil
  if given == nil then
    return self._given.log:warn("run is not given up yet", { project = project, error = message })
  end
  steps.forget(self, project)
  self._given.log:info("run given up", { project = project, epoch = epoch })
end

local function release(self, project)
  for _, wait in ipairs(steps.let_go(self, project)) do wait() end
end

local function keep(self, project)
  for _, keepers in ipairs(self._work.keepers_of(project)) do keepers:keep(project) end
end

--- The engine of a standby runs the project from now on: it may publish, and then it learns the rest.
---@param self cme.server.fleet
---@param project string
function steps.become(self, project)
  if not self._standbys:has(project) then return end
  self._work.relays:renew(project)
  self._work.taken(project)
end

--- Learns which runs this node has made without hearing the answer. Of one that it stood by for, the engine is there.
---@param self cme.server.fleet
function steps.find_own(self)
  for project, epoch in pairs(self._lease:is_held() and self._claims:own() or {}) do
    local known = self._held[project] or self._busy[project] or self._starting[project]
    if not known then
      self._held[project] = epoch
      luv.detach(steps.become, self, project)
    end
  end
end

--- How many projects this node has, or is about to have, and for how many others it stands by.
---@param self cme.server.fleet
---@return integer running
---@return integer standing
function steps.count(self)
  local has, running, stands = {}, 0, 0
  for project in pairs(self._held) do has[project] = true end
  for project in pairs(self._starting) do has[project] = true end
  for project, step in pairs(self._busy) do has[project] = has[project] or step == "take" or nil end
  for _ in pairs(has) do running = running + 1 end
  for _, project in ipairs(self._standbys:own()) do stands = stands + (has[project] and 0 or 1) end
  return running, stands
end

--- The steps by name; each waits until it is done.
---@type table<cme.server.fleet.step, fun(self: cme.server.fleet, project: string)>
steps.by_name = { release = release, give = give, keep = keep, drop = steps.let_go }
local STEPS = steps.by_name

-- Has the engine of a project started that this node is about to take: it reads its inputs, and is shut.
local function prepare(self, project)
  if self._coming[project] then return end
  self._coming[project] = true
  luv.detach(keep, self, project)
end

-- The run that an engine waited for is this node's, or it is not.
local function settle_coming(self, project, epoch)
  if not self._coming[project] then return end
  self._coming[project] = nil
  if epoch then return self._work.relays:renew(project) end
  steps.let_go(self, project)
end

function STEPS.take(self, project)
  local stands = self._standbys:has(project)
  local epoch, message, detail = steps.take(self, project, function() return stands or prepare(self, project) end)
  settle_coming(self, project, epoch)
  if epoch then steps.become(self, project) end
  if not epoch and detail.code ~= "server.fleet.held" and detail.code ~= "server.fleet.raced" then
    self._given.log:warn("run is not taken", { project = project, error = message })
  end
  if epoch and self._orders:target(project) then self._orders:done(project) end
end

function STEPS.hand_over(self, project)
  if self._down[project] then self._avoid[project] = self._given.clock.monotonic() + standing.AVOID end
  release(self, project)
  give(self, project)
end

function STEPS.follow(self, project)
  self._followed[project] = self._work.store:working_revision(project)
  local ok, message = self._work.relays:update(project)
  if not ok then
    self._given.log:error("a change is not taken by the engine", { project = project, error = message })
  end
end

function STEPS.stand_by(self, project)
  if self._standbys:take(project) then self._given.log:info("stands by", { project = project }) end
end

function STEPS.stand_down(self, project)
  if not self._held[project] then release(self, project) end
  if self._standbys:give(project) then self._given.log:info("stands by no more", { project = project }) end
end

-- An engine that waits for a picture of the input has seconds for that. By then the run may be this node's, which has
-- the engine do all of it.
local function align(self, project)
  local relays = self._work.relays
  local ok, message = relays:update(project)
  local input = self:stands(project) and relays:is_up(project) and self._standbys:input(project)
  if ok and input and relays:input(project) ~= input then ok, message = relays:switch(project, input) end
  if not ok and self:stands(project) then
    self._given.log:warn("a standby does not do what the run does", { project = project, error = message })
  end
end

-- The engine of a standby follows that of the run. The step is not held up by that: the run may be lost any time.
function STEPS.align(self, project)
  self._standbys:follow(project, self._work.store:working_revision(project) or 0)
  luv.detach(align, self, project)
end

return steps
