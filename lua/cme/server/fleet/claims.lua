-- SPDX-License-Identifier: MIT
-- Which node runs which project. A node takes a project by making a key where there is none; it hangs on the node's
-- lease, and the revision of its creation is the run's epoch, which grows with every run on whichever node:
--
--   PREFIX run/gala = "node-a"    made at revision 4711 on node-a's lease: node-a runs gala with the epoch 4711
--   PREFIX last/gala = "taken"    hangs on no lease; "given" once a node has ended its run in order
--
-- A key that goes (its lease ended, or somebody deleted it) ends the run. Whoever takes the project after one that was
-- not given up waits for a grace, in which the node of before hears of it; `last` shows that nobody had it meanwhile.
--
-- Answers of etcd may come late, or not at all. A key that was made may be gone by the time that its node hears that it
-- was; and a request to give a run up may be followed late, at a time when nobody waits for it any more. So a run is
-- over for its node as soon as that has asked.
--
-- spec/model/lease.pml is the model of it: the rules ABSENCE, LAST, OWN_LEASE, KEPT, HEARD, NOTICE, GRACE, ORDER and
-- OVER. Tasks only.

local attempt = require "cme.server.fleet.attempt"
local codes = require "cme.codes"
local mirror = require "cme.etcd.mirror"
local task = require "cme.task"

local claims = {}

---@class cme.server.fleet.claims.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field grace number|nil seconds, 1 when nil
---@field gone fun(project: string, epoch: integer) this node's run is over; must not wait
---@field changed (fun())|nil a run has begun or ended, on whichever node; must not wait
---@field failed (fun(message: string|nil))|nil etcd does not answer, or answers again, as cme.etcd.mirror says

---@class cme.server.fleet.claims
---@field private _given cme.server.fleet.claims.given
---@field private _keys cme.etcd.mirror of all runs
---@field private _over table<string, integer> epochs of runs that this node has asked etcd to give up
local Claims = {}
Claims.__index = Claims
Claims.__name = "cme.server.fleet.claims"

local GRACE = 1
local TAKEN, GIVEN = "taken", "given"

---@class cme.server.fleet.claim
---@field node string
---@field epoch integer
---@field lease integer

local function claim_of(kv)
  return kv and { node = kv.value, epoch = kv.create_revision, lease = kv.lease }
end

local function run_key(self, project)
  return self._given.prefix .. "run/" .. project
end

local function last_key(self, project)
  return self._given.prefix .. "last/" .. project
end

-- A key that is there again under another epoch went in between.
local function changed(self, key, now, before)
  if self._given.changed then self._given.changed() end
  if not before or before.value ~= self._given.node then return end
  if now and now.create_revision == before.create_revision then return end
  self._given.gone(key:sub(#run_key(self, "") + 1), before.create_revision)
end

--- Makes them; nothing is read yet.
---@param given cme.server.fleet.claims.given
---@return cme.server.fleet.claims
function claims.new(given)
  local self = setmetatable({ _given = given, _over = {} }, Claims)
  local prefix = run_key(self, "")
  self._keys = mirror.new { client = given.client, prefix = prefix, head = prefix, clock = given.clock,
    changed = function(...) changed(self, ...) end, failed = given.failed }
  return self
end

--- Reads who runs what.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Claims:load()
  return self._keys:load()
end

--- Who stands by for a project beside the node that runs it. The key of one that has just taken the project, or whose
--- project is stopped, may be there for a moment. Pure.
---@param claim cme.server.fleet.claim|nil who runs it
---@param standby cme.server.fleet.standby|nil who stands by, as its key has it
---@return cme.server.fleet.standby|nil
function claims.beside(claim, standby)
  return claim and standby and claim.node ~= standby.node and standby or nil
end

--- Follows what happens to the runs, for as long as the task lives.
function Claims:run()
  self._keys:run()
end

--- Who runs a project, as far as this node has heard.
---@param project string
---@return cme.server.fleet.claim|nil
function Claims:holder(project)
  return claim_of(self._keys:get(run_key(self, project)))
end

--- The key by which this node has a project.
---@param project string
---@return string
function Claims:key(project) return run_key(self, project) end

--- Whether a run of this node's may go on, as far as it has heard.
---@param project string
---@param epoch integer
---@return boolean false: its key is gone
function Claims:confirms(project, epoch)
  local kv = self._keys:get(run_key(self, project))
  if kv then return kv.create_revision <= epoch end
  return (self._keys.revision or 0) < epoch
end

--- Whether this node has asked etcd to give a run up: it may be another node's at any time from then on.
---@param project string
---@param epoch integer
---@return boolean
function Claims:is_over(project, epoch) return (self._over[project] or 0) >= epoch end

--- Forgets the runs that were given up and whose keys are gone.
---@param held table<string, integer> by project, the epochs that this node has, or has not heard the end of
function Claims:sweep(held)
  for project, epoch in pairs(self._over) do
    if held[project] ~= epoch and not self:confirms(project, epoch) then self._over[project] = nil end
  end
end

--- The runs of this node that hang on its lease, and are not over.
---@return table<string, integer> epochs by project
function Claims:own()
  local found, head = {}, run_key(self, "")
  for key, kv in self._keys:each() do
    local project = key:sub(#head + 1)
    if kv.value == self._given.node and kv.lease == self._given.lease.id
      and not self:is_over(project, kv.create_revision) then
      found[project] = kv.create_revision
    end
  end
  return found
end

--- How many runs each node has, as far as this node has heard.
---@return table<string, integer> by name
function Claims:counts()
  local counts = {}
  for _, kv in self._keys:each() do counts[kv.value] = (counts[kv.value] or 0) + 1 end
  return counts
end

--- The lease on which this node's runs hang, of whichever life of its service.
---@return integer|nil lease nil: it has none
function Claims:own_lease()
  for _, kv in self._keys:each() do
    if kv.value == self._given.node then return kv.lease end
  end
end

-- How a project stands, with the consent of most members.
local function look(self, project)
  local done, message, detail = self._given.client:txn({ compare = {}, success = {
    { range = { key = run_key(self, project) } }, { range = { key = last_key(self, project) } } } }, attempt)
  if not done then return nil, message, detail end
  return { claim = claim_of(done.responses[1].kvs[1]), last = done.responses[2].kvs[1] }
end

-- The answer may have taken its time: the key may be gone by now, and another node at it.
local function heed(self, project, epoch)
  if self:confirms(project, epoch) then return epoch end
  return codes.fail("server.fleet.raced", { project = project })
end

-- An attempt whose answer was lost may have made the key; one on a lease of before counts for nothing. One that was to
-- be given up is, first.
local function judge(self, project, claim)
  local given = self._given
  if claim.node ~= given.node or claim.lease ~= given.lease.id then
    return codes.fail("server.fleet.held", { project = project, node = claim.node })
  end
  if not self:is_over(project, claim.epoch) then return heed(self, project, claim.epoch) end
  local done, message, detail = self:give(project, claim.epoch)
  if done == nil then return nil, message, detail end
  return codes.fail("server.fleet.raced", { project = project })
end

local function make(self, project, last, lease)
  local run_at, last_at = run_key(self, project), last_key(self, project)
  return self._given.client:txn({
    compare = { { key = run_at, version = 0 }, { key = last_at, mod_revision = last and last.mod_revision or 0 } },
    success = { { put = { key = run_at, value = self._given.node, lease = lease } },
      { put = { key = last_at, value = TAKEN } } },
  }, attempt)
end

-- The lease may be lost while etcd takes its time: a key on the one of before is renewed by nobody.
local function check(self, project, epoch, lease)
  local now = self._given.lease
  if now:is_held() and now.id == lease then return heed(self, project, epoch) end
  self:give(project, epoch)
  return codes.fail "server.fleet.no_lease"
end

-- Whether its run ended without having been given up, as far as etcd knows.
local function is_lost(standing)
  return standing.last ~= nil and standing.last.value == TAKEN
end

--- Takes a project for this node. Waits for the grace after a run that was lost.
---@param project string
---@param meanwhile (fun())|nil called when the grace begins: what may be done before the run is this node's; must not
---  wait
---@return integer|nil epoch
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.held: another node runs it; server.fleet.no_lease: this node has
--- none, or lost it meanwhile; server.fleet.raced: another one was at it, try again; or etcd's: what was done is not
--- known, and the same call tells
function Claims:take(project, meanwhile)
  local standing, message, detail = look(self, project)
  if not standing then return nil, message, detail end
  if standing.claim then return judge(self, project, standing.claim) end
  if is_lost(standing) then
    if meanwhile then meanwhile() end
    task.sleep(self._given.grace or GRACE)
  end
  local lease = self._given.lease.id
  if not lease then return codes.fail "server.fleet.no_lease" end
  local done
  done, message, detail = make(self, project, standing.last, lease)
  if not done then return nil, message, detail end
  if not done.succeeded then return codes.fail("server.fleet.raced", { project = project }) end
  return check(self, project, done.revision, lease)
end

--- Gives a project up, for another node to take at once. Its engine has ended before, and the run is over from now on,
--- whatever etcd answers.
---@param project string
---@param epoch integer
---@return boolean|nil given false: it was this node's no more
---@return string|nil message
---@return cme.detail|nil detail
function Claims:give(project, epoch)
  local key = run_key(self, project)
  self._over[project] = math.max(epoch, self._over[project] or 0)
  local done, message, detail = self._given.client:txn({
    compare = { { key = key, create_revision = epoch } },
    success = { { delete = { key = key } }, { put = { key = last_key(self, project), value = GIVEN } } },
  }, attempt)
  if not done then return nil, message, detail end
  return done.succeeded
end

return claims
