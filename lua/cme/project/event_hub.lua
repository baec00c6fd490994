-- SPDX-License-Identifier: MIT
-- Passes events on to the watchers of a project: the program that receives the service's callbacks publishes them here,
-- and show:watch { events = hub } looks at once instead of at its next interval. An event is only a hint to look: it
-- may come twice, late or never, so the watcher also keeps looking at its interval.
--
-- An event wakes a waiting subscription in a task of cme.run; in nginx, in every light thread of the same worker.
-- Outside of cme.run nothing else runs that could publish an event, so the wait lasts its full time. The hub holds a
-- subscription weakly: it is gone when nobody else holds it.

local host = require "cme.net.host"
local options = require "cme.text.options"
local phase = require "cme.net.phase"
local task = require "cme.task"
local tree = require "cme.task.tree"

local event_hub = {}

---@class cme.event.source whatever tells of events; cme.event.hub() is one
---@field subscribe fun(self: cme.event.source, project: string): cme.event.subscription

---@class cme.event.subscription
---@field wait fun(self: cme.event.subscription, seconds: number, sleep: fun(seconds: number)|nil): boolean
---@field close (fun(self: cme.event.subscription))|nil ends it

---@class cme.event.hub: cme.event.source
---@field private _subscriptions table<string, table<cme.project.event_hub.subscription, true>> by project; both held
--- weakly, for a subscription holds the set that it is in
local Hub = {}
Hub.__index = Hub
Hub.__name = "cme.event.hub"

---@class cme.project.event_hub.subscription: cme.event.subscription
---@field private _set table those of the same project
---@field private _told boolean an event has come that no wait has returned for
---@field private _wake fun()|nil ends the wait that is going on
---@field private _bell table|nil nginx's semaphore
local Subscription = {}
Subscription.__index = Subscription
Subscription.__name = "cme.event.subscription"

--- Makes a hub.
---@return cme.event.hub
function event_hub.new()
  return setmetatable({ _subscriptions = setmetatable({}, { __mode = "v" }) }, Hub)
end

--- Tells those who watch the event's project.
---@param event cme.event as cme.event.parse or receive gives it
---@return integer count how many watch it
function Hub:publish(event)
  if type(event) ~= "table" then options.misuse("hub:publish: an event is needed, got " .. type(event)) end
  local count = 0
  for subscription in pairs(self._subscriptions[event.project or false] or {}) do
    count = count + 1
    subscription._told = true
    if subscription._wake then subscription._wake() end
  end
  return count
end

--- Begins to listen for a project's events.
---@param project string its id
---@return cme.project.event_hub.subscription
function Hub:subscribe(project)
  if type(project) ~= "string" then
    options.misuse("hub:subscribe: a project's id is needed, got " .. type(project))
  end
  local of_project = self._subscriptions[project]
  if not of_project then
    of_project = setmetatable({}, { __mode = "k" })
    self._subscriptions[project] = of_project
  end
  local subscription = setmetatable({ _set = of_project, _told = false }, Subscription)
  of_project[subscription] = true
  return subscription
end

-- Waits as nginx does outside of cme.run; a post that came too late for one wait is for the next, which then finds
-- nothing told.
local function wait_in_nginx(self, seconds)
  local waits, name = phase.can_wait()
  if not waits then options.misuse(("watch: nginx's phase '%s' cannot wait"):format(name)) end
  self._bell = self._bell or require "ngx.semaphore".new(0)
  self._wake = function() self._bell:post(1) end
  self._bell:wait(seconds)
end

--- Waits for an event of the project; one that has come since the last wait counts.
---@param seconds number how long at most
---@param sleep fun(seconds: number)|nil what waits where nothing can wake; cme.sleep when nil
---@return boolean came whether there was one
function Subscription:wait(seconds, sleep)
  if not self._told then
    if tree.waiting "watch" then
      task.wait(function(wake) self._wake = wake end, seconds)
    elseif phase.in_nginx() then
      wait_in_nginx(self, seconds)
    else
      (sleep or host.sleep)(seconds)
    end
    self._wake = nil
  end
  local told = self._told
  self._told = false
  return told
end

--- Ends it: no event is told any more, and a wait that is going on returns.
function Subscription:close()
  self._set[self] = nil
  if self._wake then self._wake() end
end

return event_hub
