-- SPDX-License-Identifier: MIT
-- This service as a node of a fleet: services that share one state in etcd and run its projects between them. Nodes are
-- equal, and none leads.
--
--   lease.lua       this node's lease: what hangs on it is this node's for as long as it lives
--   claims.lua      which node runs which project, and with which epoch
--   nodes.lua       which nodes live, and how full they are      placement.lua   which of them takes a project
--   orders.lua      what operators ask for                       standing.lua    what is next about a project
--   receivers.lua   which node posts events to whom              peers.lua       what nodes ask of each other
--   secrets.lua     what all nodes have alike               calls.lua       how many calls each node is asked for
--   encoders.lua    to which node's edge encoders push          saying.lua      what a node has said on its lease
--   standbys.lua    which node stands by for a project          steps.lua       what a node does about a project
--   attempt.lua     how long etcd has to answer
--   standby_news.lua   what of standbys is told             unplaced.lua    which projects no node has room for
--
--   etcd --> lease, claims, nodes, orders --changed--> look: standing.step of each project --> take, keep, drop, ...
--                                                                                               |
--                                        engines, which publish until the end of the lease <----+
--
-- A run that is lost is off the air at once: its engine is told, and shuts by itself at the end of the lease when that
-- does not reach it. What this node does about a project it does in turn, each with the project's lock. Tasks only.

local calls = require "cme.server.fleet.calls"
local claims = require "cme.server.fleet.claims"
local codes = require "cme.codes"
local encoders = require "cme.server.fleet.encoders"
local lease = require "cme.server.fleet.lease"
local luv = require "cme.net.loop.luv"
local nodes = require "cme.server.fleet.nodes"
local orders = require "cme.server.fleet.orders"
local placement = require "cme.server.fleet.placement"
local receivers = require "cme.server.fleet.receivers"
local standby_news = require "cme.server.fleet.standby_news"
local standbys = require "cme.server.fleet.standbys"
local standing = require "cme.server.fleet.standing"
local steady = require "cme.server.steady"
local steps = require "cme.server.fleet.steps"
local task = require "cme.task"
local text = require "cme.text.strings"
local unplaced = require "cme.server.fleet.unplaced"

local fleet = {}

local JOIN = 15 -- seconds for etcd to give a lease, and to take the node's name

---@class cme.server.fleet.options what `cme serve` is told
---@field node string its name
---@field capacity integer projects that it runs at most
---@field labels table<string, string>
---@field api string|nil URL of its API for other nodes
---@field edge string|nil URL of its edge for other nodes: rtmp:// or rtmps://
---@field lease integer seconds
---@field keep boolean|nil what runs goes on while etcd does not answer

---@class cme.server.fleet.given
---@field options cme.server.fleet.options
---@field client cme.etcd.client
---@field prefix string of the fleet's keys
---@field id string of this service, the same after a restart
---@field life string of this service, another one after a restart
---@field clock cme.system.clock
---@field boot fun(): integer ms of CLOCK_BOOTTIME
---@field log cme.server.log
---@field outage cme.etcd.outage

---@class cme.server.fleet.work what a node works with
---@field store { working_ids: function, working_revision: function, standbys: function, category: function,
---  guard_runs: function }
---@field keepers table[] the keepers of engines, and of the categories' own processes
---@field relays table those of the engines
---@field is_stopping fun(project: string): boolean its run is stopped, and the store does not have it yet
---@field standby_changed fun(project: string, change: cme.server.fleet.standby_change) must not wait
---@field taken fun(project: string) has the engine of a standby, which runs the project now, do all of it

---@class cme.server.fleet
---@field nodes cme.server.fleet.nodes
---@field private _given cme.server.fleet.given
---@field private _work cme.server.fleet.work|nil
---@field private _lease cme.server.fleet.lease
---@field private _claims cme.server.fleet.claims
---@field private _orders cme.server.fleet.orders
---@field private _encoders cme.server.fleet.encoders
---@field private _standbys cme.server.fleet.standbys
---@field private _news cme.server.fleet.standby_news
---@field private _ask (fun(): cme.server.fleet.encoder[]|nil)|nil what pushes to it; nil: there is none
---@field private _receivers cme.server.fleet.receivers|nil nil: nobody wants events
---@field private _calls cme.server.fleet.calls|nil nil: as many calls as come
---@field private _held table<string, integer> epochs of the projects that this node has
---@field private _coming table<string, true> projects whose engines wait, without a lease, for this node's run
---@field private _busy table<string, cme.server.fleet.step> steps under way, by project
---@field private _starting table<string, integer> starts under way, by project
---@field private _free table<string, number> since when nobody has had a project, by the clock
---@field private _plan cme.server.fleet.plan
---@field private _moves cme.server.fleet.moves
---@field private _unplaced cme.server.fleet.unplaced
---@field private _down table<string, number> since when the engine of a project has not been up
---@field private _avoid table<string, number> until when this node leaves a project to others
---@field private _giving table<string, integer> epochs of runs that are being given up: etcd may tell before it answers
---@field private _followed table<string, integer> revisions of others' changes that an engine was asked to take
---@field private _locks cme.task.locks
---@field private _woken cme.task.signal
---@field private _looked cme.task.signal
---@field private _tasks cme.task[]
---@field private _fault string|nil why it could not say how it is, the last time
local Fleet = {}
Fleet.__index = Fleet
Fleet.__name = "cme.server.fleet"

-- ---- joining

local function new_parts(self, given)
  local name, prefix, clock = given.options.node, given.prefix, given.clock.monotonic
  local function wake() self._woken:notify() end
  local function failed() return given.outage:hearer() end
  self._lease = lease.new { client = given.client, ttl = given.options.lease, boot = given.boot, random = math.random,
    keep = given.options.keep, kept = function(message)
      given.log:error("broadcasts go on without etcd: others may publish them as well", { error = message })
    end,
    renewed = function() self:_renewed() end, lost = function(message) self:_lost(message) end }
  self._claims = claims.new { client = given.client, prefix = prefix, node = name, lease = self._lease, clock = clock,
    gone = function(project, epoch) self:_gone(project, epoch) end, changed = wake, failed = failed() }
  self.nodes = nodes.new { client = given.client, prefix = prefix, node = name, lease = self._lease, clock = clock,
    changed = wake, failed = failed() }
  self._orders = orders.new { client = given.client, prefix = prefix, clock = clock, changed = wake, failed = failed() }
  self._encoders = encoders.new { client = given.client, prefix = prefix, node = name, lease = self._lease,
    clock = clock, failed = failed() }
  self._standbys = standbys.new { client = given.client, prefix = prefix, node = name, lease = self._lease,
    clock = clock, changed = wake, failed = failed() }
end

local function load(self)
  for _, part in ipairs { self._claims, self.nodes, self._orders, self._encoders, self._standbys } do
    local ok, message, detail = part:load()
    if not ok then return nil, message, detail end
  end
  local admitted, message, detail = self.nodes:admits(self._given.id)
  if not admitted then return nil, message, detail end
  local own = self.nodes:find(self._given.options.node)
  self._lease:keep(own and own.lease or self._claims:own_lease())
  return true
end

-- Waits for a lease, and for this node to be on the list.
local function settle(self)
  local due = self._given.clock.monotonic() + JOIN
  local _, message, detail = codes.fail "server.fleet.no_lease"
  while self._given.clock.monotonic() < due do
    if self._lease.id then
      self._held = self._claims:own()
      for project in pairs(self._held) do self._news:adopt(project) end
      self._standbys:settle()
      local ok
      ok, message, detail = self:_announce()
      if ok or detail.code == "server.fleet.name" then return ok, message, detail end
    end
    self._woken:wait(standing.LOOK)
  end
  return nil, message, detail
end

-- Has a part do something for as long as this service.
local function begin_task(self, part, name, ...)
  local whole = ("%s.%s"):format(part.__name, name)
  self._tasks[#self._tasks + 1] = steady.detach(self._given.log, whole, part[name], part, ...)
end

local function join(self)
  local ok, message, detail = load(self)
  if not ok then return nil, message, detail end
  for _, part in ipairs { self._lease, self._claims, self.nodes, self._orders, self._encoders, self._standbys } do
    begin_task(self, part, "run")
  end
  return settle(self)
end

--- Joins the fleet: this node has a lease, and the runs that its service had before. Waits.
---@param given cme.server.fleet.given
---@return cme.server.fleet|nil
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.name, server.fleet.no_lease, or etcd's
function fleet.open(given)
  local self = setmetatable({ _given = given, _held = {}, _coming = {}, _busy = {}, _starting = {}, _free = {},
    _down = {}, _avoid = {}, _giving = {}, _followed = {}, _locks = task.locks(),
    _woken = task.signal(), _looked = task.signal(), _tasks = {} }, Fleet)
  self._plan, self._moves = placement.plan(given.options.node), placement.moves(given.options.node)
  self._unplaced, self._news = unplaced.new(given.log), standby_news.new()
  new_parts(self, given)
  local ok, message, detail = luv.run(join, self)
  if ok then return self end
  self:close()
  return codes.within("in.fleet", { node = given.options.node }, message, detail)
end

--- Names what this node works with.
---@param work cme.server.fleet.work
function Fleet:serve(work)
  self._work = work
  work.store:guard_runs(function(project)
    local epoch = self._held[project]
    return epoch and { project = project, key = self._claims:key(project), epoch = epoch } or nil
  end)
end

--- Has each receiver of events posted to by one node.
---@param urls string[]
---@param told fun() a receiver has become this node's; must not wait
---@return cme.server.fleet.receivers
function Fleet:share_receivers(urls, told)
  local given = self._given
  self._receivers = receivers.new({ client = given.client, prefix = given.prefix, node = given.options.node,
    lease = self._lease, clock = given.clock.monotonic, failed = given.outage:hearer() }, urls, told)
  return self._receivers
end

--- Has all nodes together keep the limits of calls.
---@param limiter cme.server.http.limiter
function Fleet:share_calls(limiter)
  local given = self._given
  self._calls = calls.new({ client = given.client, prefix = given.prefix, node = given.options.node,
    lease = self._lease, clock = given.clock.monotonic, failed = given.outage:hearer(),
    count = function() return #self.nodes:list() end }, limiter)
end

--- Has what encoders push to this node's edge read by the node that runs the project.
---@param url string|nil where other nodes reach it
---@param ask fun(): cme.server.fleet.encoder[]|nil what pushes to it now; nil: not known
---@param moved fun(project: string) an encoder pushes to another node than before; must not wait
function Fleet:share_edge(url, ask, moved)
  self._ask = ask
  self._encoders:share(url, moved)
end

--- An encoder has come to this node's edge, or gone. Does not wait.
function Fleet:encoder_moved() self._encoders:wake() end

--- Where the edge is that an encoder pushes to.
---@param id string the edge's name for its key
---@return string|nil url nil: it is this node's, if any, or cannot be reached
function Fleet:edge_of(id) return self._encoders:edge_of(id) end

--- Ends all tasks. Engines go on until the end of the lease, for the service that comes next.
function Fleet:close()
  for _, one in ipairs(self._tasks) do one:cancel() end
  self._tasks = {}
end

-- ---- what this node has

--- Whether this node runs a project.
---@param project string
---@return boolean
function Fleet:has(project) return self._held[project] ~= nil end

--- Whether this node runs a project, is about to, or stands by: its engine may run, and publishes by a lease alone.
---@param project string
---@return boolean
function Fleet:prepares(project)
  return self:has(project) or self._coming[project] ~= nil or self._standbys:has(project)
end

--- Whether this node stands by for a project, which it does not run.
---@param project string
---@return boolean
function Fleet:stands(project) return self._standbys:has(project) and not self:has(project) end

--- Which node stands by for a project that another one runs.
---@param project string
---@return cme.server.fleet.standby|nil
function Fleet:standby_of(project) return claims.beside(self._claims:holder(project), self._standbys:of(project)) end

--- How many projects no node has run for a while.
---@return integer
function Fleet:waiting() return self._unplaced:count() end

--- Until when the engine of a project may publish, or stand by.
---@param project string
---@return cme.server.process.lease|nil
function Fleet:lease_of(project) return steps.lease_of(self, project) end

local function size(set)
  local number = 0
  for _ in pairs(set) do number = number + 1 end
  return number
end

local function is_draining(self) return self._orders:drains(self._given.options.node) end

function Fleet:_announce()
  local options = self._given.options
  local runs, stands = steps.count(self)
  return self.nodes:announce { id = self._given.id, life = self._given.life, capacity = options.capacity,
    running = runs, standing = stands > 0 and stands or nil,
    labels = next(options.labels) and options.labels or nil, draining = is_draining(self) or nil, api = options.api }
end

-- ---- what it hears

function Fleet:_renewed()
  if self._work then self._work.relays:renew() end
  self._woken:notify()
end

function Fleet:_drop(project, epoch)
  if not self._work then return end
  self._work.relays:drop(project, epoch)
  steps.let_go(self, project)
  self._woken:notify()
end

-- A run of this node's is over, and another node may have the next one.
function Fleet:_gone(project, epoch)
  if self._held[project] ~= epoch or self._giving[project] == epoch then return end -- or it is being given up
  steps.forget(self, project)
  if self._work then self._given.log:warn("run lost", { project = project, epoch = epoch }) end
  self:_drop(project, epoch)
end

function Fleet:_lost(message)
  local held = {}
  for project, epoch in pairs(self._held) do held[project] = epoch end
  for project in pairs(held) do steps.forget(self, project) end
  if self._receivers then self._receivers:lose() end
  self._given.log:error("lease lost", { projects = size(held), error = message })
  for project, epoch in pairs(held) do self:_drop(project, epoch) end
end

-- ---- looking

local function wanted_of(self, project, list)
  local wanted = placement.wanted(project, self._work.store:category(project), list)
  local one = self._standbys:of(project)
  wanted.stands = one and one.warm and one.node or nil
  return wanted
end

-- The nodes as placement takes them: of this one, what it knows itself; of the others, what they say, which may be
-- older than the runs that they have.
local function members(self)
  local list, counts, own = self.nodes:list(), self._claims:counts(), {}
  for _, one in ipairs(list) do
    one.running = math.max(one.running, counts[one.name] or 0)
    own = one.name == self._given.options.node and one or own
  end
  own.running, own.standing = steps.count(self)
  own.draining = is_draining(self)
  return list
end

-- Whether another node is to have a project of this one's, and can.
local function is_leaving(self, project, list, now)
  local own, target = self._given.options.node, self._orders:target(project)
  local down = standing.since(self._down, project, not self._work.relays:is_up(project), now)
  local wanted = target and target ~= own or is_draining(self) or down ~= nil and now - down > standing.SICK
  local goes = wanted and self._moves:can_go(list, wanted_of(self, project, list), target)
  if not wanted then self._moves:stay(list, project) end
  if goes or not wanted then
    self._unplaced:go(project)
  else
    self._unplaced:stay(project, list, function() return wanted_of(self, project, list) end)
  end
  return goes or false
end

-- How many nodes come before this one for a project that nobody has.
local function turn_of(self, project, list, now)
  local own, target = self._given.options.node, self._orders:target(project)
  if target == own then return 0 end
  local turn = self._plan:turn(list, wanted_of(self, project, list))
  local later = target ~= nil or (self._avoid[project] or 0) > now
  return turn and later and turn + #list or turn
end

-- What the standbys need to know of a project.
local function add_standby(self, view, project, list, now)
  local relays, claim = self._work.relays, self._claims:holder(project)
  self._standbys:add(view, project, { now = now, draining = is_draining(self), up = relays:is_up(project),
    told = relays:revision(project), active = relays:input(project), runs = claim and claim.node,
    wanted = function() return wanted_of(self, project, list) end })
  return view
end

local function view_of(self, project, revision, kept, list, now)
  local held, stopping = self._held[project], self._work.is_stopping(project)
  if stopping then revision = nil end
  if held and not self._claims:confirms(project, held) then self:_gone(project, held) end
  local mine = self._held[project] ~= nil
  local claimed = self._claims:holder(project) ~= nil
  local free = standing.since(self._free, project, revision and not mine and not claimed, now)
  if not free then self._plan:forget(project) end
  self._unplaced:look(project, free and now - free, list, function() return wanted_of(self, project, list) end)
  local view = { revision = revision, mine = mine, kept = kept, stopping = stopping,
    starting = self._starting[project] ~= nil, claimed = claimed,
    over = mine and self._claims:is_over(project, held),
    leaving = mine and revision and is_leaving(self, project, list, now) or false,
    told = self._work.relays:revision(project), followed = self._followed[project],
    turn = free and self._lease:is_held() and turn_of(self, project, list, now) or nil, waited = free and now - free }
  return add_standby(self, view, project, list, now)
end

function Fleet:_step(project, step)
  self._busy[project] = step
  luv.detach(function()
    local good, traceback = xpcall(self._locks.with, debug.traceback, self._locks, project, steps.by_name[step], self,
      project)
    self._busy[project], self._coming[project] = nil, nil
    if not good then self._given.log:error("step of a project failed", { project = project, error = traceback }) end
    self._woken:notify()
  end)
end

-- The projects that there may be something to do about, in the order that all nodes have, and those of which an engine
-- is kept.
local function concerned(self, working)
  local set, list = {}, {}
  for project in pairs(working) do set[project] = false end
  for project in pairs(self._held) do set[project] = false end
  for _, project in ipairs(self._standbys:own()) do set[project] = false end
  for _, keepers in ipairs(self._work.keepers) do
    for _, project in ipairs(keepers:kept()) do set[project] = true end
  end
  for project in pairs(set) do list[#list + 1] = project end
  table.sort(list)
  return list, set
end

-- Tells what has changed about the standbys of this node's runs.
local function tell_standbys(self, now)
  local function concerns(project) return self._held[project] ~= nil and self._standbys:input(project) ~= nil end
  self._news:keep(concerns)
  for project in pairs(self._held) do
    local change = concerns(project) and self._news:see(project, self:standby_of(project), now)
    if change then self._work.standby_changed(project, change) end
  end
end

function Fleet:_look()
  steps.find_own(self)
  local working, now = self._work.store:working_ids(), self._given.clock.monotonic()
  local list = members(self)
  self._plan:open(list, working)
  self._moves:open(list, function(project)
    local claim = self._claims:holder(project)
    return working[project] and (not claim or claim.node == self._given.options.node)
  end)
  self._unplaced:keep(working)
  steps.sweep(self, working, now)
  self._standbys:look(list, self._work.store:standbys())
  local projects, kept = concerned(self, working)
  for _, project in ipairs(projects) do
    if not self._busy[project] then
      local step = standing.step(view_of(self, project, working[project], kept[project], list, now))
      if step then self:_step(project, step) end
    end
  end
  tell_standbys(self, now)
end

-- The input that the engine of a standby would send, and has.
local function fed(relays, project)
  local input = relays:input(project)
  return input and relays:is_fed(project, input) and input or nil
end

function Fleet:_tell()
  local ok, message = self:_announce()
  if not ok and message ~= self._fault then
    self._given.log:warn("this node is not on the list", { error = message })
  end
  self._fault = message
  self._standbys:tell(function(project) return fed(self._work.relays, project) end)
end

--- Does what there is to do about projects, for as long as the task lives.
function Fleet:run()
  while true do
    local good, traceback = xpcall(self._look, debug.traceback, self)
    if not good then self._given.log:error("look at the fleet failed", { error = traceback }) end
    self._looked:notify()
    self._woken:wait(standing.LOOK)
  end
end

--- Says how this node is after each look, for as long as the task lives: etcd may take its time.
function Fleet:tell()
  while true do
    self:_tell()
    self._looked:wait(standing.LOOK)
  end
end

--- Begins to do both, in tasks of their own. An engine that goes on may read where its encoder was before.
function Fleet:begin()
  for _, list in ipairs { text.sorted_keys(self._held), self._standbys:own() } do
    for _, project in ipairs(list) do luv.detach(self._work.relays.update, self._work.relays, project) end
  end
  local function run(part, ...)
    for _, name in ipairs { ... } do begin_task(self, part, name) end
  end
  run(self, "run", "tell")
  if self._receivers then run(self._receivers, "run", "watch") end
  if self._calls then run(self._calls, "run", "watch") end
  if self._ask then begin_task(self, self._encoders, "keep", self._ask) end
end

-- ---- for the actions

--- How many nodes come before this one to start a project by themselves.
---@param project string
---@return integer|nil turn nil: this node cannot run it
function Fleet:turn(project)
  return turn_of(self, project, members(self), self._given.clock.monotonic())
end

--- Whether any node can run a project.
---@param project string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code server.fleet.no_room
function Fleet:has_room(project)
  local list = members(self)
  local wanted = wanted_of(self, project, list)
  if placement.order(list, wanted)[1] then return true end
  return codes.fail("server.fleet.no_room", { project = project, nodes = unplaced.hindrances(list, wanted) })
end

--- The node that is asked to do something with a project: the one that runs it, and for a start the one that should.
---@param project string
---@param starting boolean
---@param silent table<string, true> nodes that did not answer, or have no room, by name
---@return cme.server.fleet.member|nil member nil: this node
---@return string|nil name of a node that runs it and cannot be asked
function Fleet:place(project, starting, silent)
  local own, claim = self._given.options.node, self._claims:holder(project)
  if self._held[project] then return nil end
  if claim and claim.node ~= own then
    local member = self.nodes:find(claim.node)
    return member and member.api and member or nil, claim.node
  end
  local list = starting and not claim and members(self) or {}
  for _, node in ipairs(placement.order(list, wanted_of(self, project, list))) do
    if node.name == own then return nil end
    if node.api and not silent[node.name] then return node end
  end
end

-- Whether this node may start a project, by its own count: who asks it to may go by an older one.
local function check_room(self, project)
  if self._held[project] or self._starting[project] then return true end
  local options, running, stands = self._given.options, steps.count(self)
  local own = { name = options.node, capacity = options.capacity, labels = options.labels, running = running,
    standing = stands, draining = is_draining(self) }
  local hindrance = placement.hindrance(own, wanted_of(self, project, self.nodes:list()))
  if not hindrance then return true end
  return placement.refuse(hindrance, project, options.node)
end

local function start(self, project, fn, ...)
  local epoch, message, detail = self._locks:with(project, steps.take, self, project)
  if not epoch then return nil, message, detail end
  steps.become(self, project)
  return fn(...)
end

--- Starts a project on this node: takes it, and gives it up again when it is not Working in the end.
---@param project string
---@param fn function starts it
---@param ... any its arguments
---@return any ... what fn returns; or nil, message, detail: another node has it, or this one has no lease, or no room
function Fleet:start(project, fn, ...)
  local room, message, detail = check_room(self, project)
  if not room then return nil, message, detail end
  self._starting[project] = (self._starting[project] or 0) + 1
  local results = table.pack(xpcall(start, debug.traceback, self, project, fn, ...))
  self._starting[project] = self._starting[project] > 1 and self._starting[project] - 1 or nil
  self._woken:notify()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return fleet
