-- SPDX-License-Identifier: MIT
-- The lease that this node holds in etcd: what hangs on it is this node's for as long as it lives. It is kept alive
-- every third of its time; how long it lives for certain is counted from before each request was sent, less a margin
-- by which clocks may differ. Past that time nothing is taken for granted: it is lost, and another is asked for.
--
--        grant                      keepalive                                  no answer in time, or "it is gone"
--   (none) ───► held until sent + ttl - margin ───► held until a later time ───► lost ───► (none)
--
-- With `keep` it is held for longer where etcd does not answer, so that what runs goes on. That is no promise of
-- etcd's: a node that is cut off while the others have a quorum publishes what they have taken over. It is done before
-- the time is over, or not at all: a process that stood still past it may have lost everything meanwhile.
--
-- spec/model/lease.pml is the model of it: the rules SENT, MARGIN and OWN_LEASE. Times are milliseconds of
-- CLOCK_BOOTTIME, which engines understand as they are. Tasks only.

local backoff = require "cme.net.backoff"
local errors = require "cme.etcd.errors"
local task = require "cme.task"

local lease = {}

---@class cme.server.fleet.lease
---@field id integer|nil etcd's; nil: none is held
---@field until_ms integer how long it lives for certain; of a lease that is held
---@field private _given cme.server.fleet.lease.given
---@field private _before integer|nil a lease that may live; until etcd has answered
---@field private _last string|nil why the last attempt failed
---@field private _failures integer in a row
---@field private _kept boolean it is held without etcd
---@field private _woken cme.task.signal
local Lease = {}
Lease.__index = Lease
Lease.__name = "cme.server.fleet.lease"

---@class cme.server.fleet.lease.given
---@field client cme.etcd.client
---@field ttl integer seconds
---@field boot fun(): integer ms of CLOCK_BOOTTIME
---@field random fun(): number from 0 up to 1
---@field keep boolean|nil hold it while etcd does not answer
---@field kept (fun(message: string))|nil it is held without etcd from now on; must not wait
---@field renewed fun(until_ms: integer) it is held, for longer than before; must not wait
---@field lost fun(message: string) it is held no more; must not wait

local PARTS = 3 -- attempts to renew in the time of a lease
local MARGIN = 1 / 6 -- of a lease's time; clocks of two hosts differ by far less in it
local AGAIN = { base = 0.2, cap = 1, jitter = 0.5 }

--- How long a lease lives for certain. Pure.
---@param sent_ms integer before the request was sent
---@param ttl integer seconds, as etcd answered
---@return integer until_ms
function lease.deadline(sent_ms, ttl)
  return sent_ms + math.floor(ttl * (1 - MARGIN) * 1000)
end

--- Makes one; nothing is asked yet.
---@param given cme.server.fleet.lease.given
---@return cme.server.fleet.lease
function lease.new(given)
  return setmetatable({ _given = given, until_ms = 0, _failures = 0, _kept = false,
    _woken = task.signal() }, Lease)
end

local function period(self)
  return self._given.ttl / PARTS
end

local function take(self, id, until_ms)
  self._failures, self._kept = 0, false
  if self.id == id and until_ms <= self.until_ms then return end
  self.id, self.until_ms = id, until_ms
  self._given.renewed(until_ms)
end

local function lose(self, message)
  if not self.id then return end
  self.id, self.until_ms, self._kept = nil, 0, false
  self._given.lost(message)
end

-- Seconds that are left of it.
local function left(self)
  return (self.until_ms - self._given.boot()) / 1000
end

local function grant(self)
  local given, sent = self._given, self._given.boot()
  local granted, message = given.client:grant(given.ttl, { timeout = period(self) })
  if granted then take(self, granted.id, lease.deadline(sent, granted.ttl)) end
  return granted ~= nil, message
end

-- Holds it for longer without etcd, while it is held for certain.
local function hold_on(self, message)
  local given = self._given
  local seconds = self.id and left(self) or 0
  if seconds <= 0 or seconds > period(self) then return end
  self.until_ms = lease.deadline(given.boot(), given.ttl)
  given.renewed(self.until_ms)
  if not self._kept and given.kept then given.kept(message) end
  self._kept = true
end

-- How long etcd has to answer. Who holds on has to know of a failure before the time is over.
local function patience(self)
  if not self.id then return period(self) end
  return self._given.keep and left(self) / 2 or left(self)
end

-- An answer that does not come says nothing; that it is gone says all.
local function renew(self, id)
  local sent = self._given.boot()
  local ttl, message, detail = self._given.client:keepalive(id, { timeout = patience(self) })
  if ttl then
    take(self, id, lease.deadline(sent, ttl))
  elseif detail.code == "etcd.lease_gone" then
    lose(self, message)
    self._before = nil
  elseif self._given.keep and errors.passing(detail) then
    hold_on(self, message)
  end
  return ttl ~= nil, message
end

-- Until the next attempt, or the end of what is certain.
local function pause(self, ok)
  if ok then return period(self) end
  self._failures = self._failures + 1
  local seconds = backoff.delay(AGAIN, self._failures, self._given.random())
  return self.id and math.min(seconds, math.max(0, left(self))) or seconds
end

local function expire(self, message)
  if self.id and left(self) <= 0 then lose(self, message or "its time is over") end
end

local function attempt(self)
  local id = self.id or self._before
  if not id then return grant(self) end
  local ok, message = renew(self, id)
  if ok then self._before = nil end
  return ok, message
end

--- Names the lease of this node's service that ended: if it lives, it is kept, and all that hangs on it. Before run().
---@param id integer|nil
function Lease:keep(id)
  self._before = id
end

--- Whether it is held for certain now; it is lost when its time is over. A process that stood still may find that out
--- here first.
---@return boolean
function Lease:is_held()
  if self.id and left(self) <= 0 then
    expire(self)
    self._woken:notify()
  end
  return self.id ~= nil
end

--- Holds a lease, for as long as the task lives. At its end the lease is not given up: engines go on until it is over,
--- and the next service keeps it.
function Lease:run()
  while true do
    expire(self, self._last)
    local ok, message = attempt(self)
    self._last = message
    expire(self, message)
    self._woken:wait(pause(self, ok))
  end
end

return lease
