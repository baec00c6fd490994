-- SPDX-License-Identifier: MIT
-- Which node stands by for which project: its engine reads the project's inputs and publishes nothing, so that it goes
-- on at once when the node that runs the project is lost.
--
--   PREFIX stand/gala = {"node":"node-b","warm":true,"input":"main"}   on node-b's lease; warm: its engine has that
--                                                                      input, and would send it
--
-- It is of use to the run while that is the run's input, which all nodes know (the project says it). What a key says
-- changes every few seconds at most, however often a source comes and goes; one that was away for a moment is there.
--
-- To stand by gives no right to publish: that is the run's key alone (claims.lua), which a node that stands by takes by
-- the same rules as any other. It only comes first, when it is warm with the input of the run. Tasks only.

local attempt = require "cme.server.fleet.attempt"
local codes = require "cme.codes"
local json = require "cme.json"
local mirror = require "cme.etcd.mirror"
local placement = require "cme.server.fleet.placement"
local standing = require "cme.server.fleet.standing"

local standbys = {}

local PAUSE, BURST = 5, 3 -- seconds for each change of what a key says, and how many may come at once
local HICCUP = 2 -- seconds without the input, after which that is said
local COLD = "" -- what was told of an engine that has no input
local AGAIN = 15 -- seconds before an engine is asked again that does something else: it has answered by then

---@class cme.server.fleet.standbys.given
---@field client cme.etcd.client
---@field prefix string of all keys
---@field node string this node's name
---@field lease cme.server.fleet.lease
---@field clock fun(): number steady, in seconds
---@field changed (fun())|nil a node stands by, or no longer; must not wait
---@field failed (fun(message: string|nil))|nil etcd does not answer, or answers again, as cme.etcd.mirror says

---@class cme.server.fleet.standby
---@field node string
---@field warm boolean its engine has the input that is on the air
---@field input string|nil the input that its engine has

---@class cme.server.fleet.standbys
---@field private _given cme.server.fleet.standbys.given
---@field private _keys cme.etcd.mirror
---@field private _own table<string, integer> revisions of the keys of this node, by project
---@field private _given_up table<string, integer> revisions of keys that this node has deleted
---@field private _told table<string, string> what this node said of its engine last: an input, or COLD
---@field private _said table<string, { left: number, at: number }> how many changes it may say, as of when
---@field private _cold table<string, number> since when its engine has had no input
---@field private _followed table<string, { wish: string, at: number }> what its engine was asked to do
---@field private _since table<string, number> since when nobody has stood by
---@field private _down table<string, number> since when the engine has not been up
---@field private _avoid table<string, number> until when this node leaves a project to others
---@field private _plan cme.server.fleet.plan
---@field private _wanted table<string, string> the active inputs of projects that are to have a standby
---@field private _list cme.server.fleet.node[] as of the last look
---@field private _excess integer how many are to be given up for want of room
local Standbys = {}
Standbys.__index = Standbys
Standbys.__name = "cme.server.fleet.standbys"

local function key_of(self, project) return self._given.prefix .. "stand/" .. project end

--- Makes them; nothing is read yet.
---@param given cme.server.fleet.standbys.given
---@return cme.server.fleet.standbys
function standbys.new(given)
  local prefix = given.prefix .. "stand/"
  return setmetatable({ _given = given, _own = {}, _given_up = {}, _told = {}, _said = {}, _cold = {},
    _followed = {}, _since = {}, _down = {}, _avoid = {}, _plan = placement.plan(given.node), _wanted = {}, _list = {},
    _excess = 0,
    _keys = mirror.new { client = given.client, prefix = prefix, head = prefix, clock = given.clock,
      changed = given.changed, failed = given.failed } }, Standbys)
end

--- Reads who stands by.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Standbys:load() return self._keys:load() end

--- Follows who stands by, for as long as the task lives.
function Standbys:run() self._keys:run() end

-- A key that another version wrote otherwise says nothing.
local function read(kv)
  local value = kv and json.object(json.decode(kv.value)) or {}
  if type(value.node) ~= "string" then return nil end
  return { node = value.node, warm = value.warm == true, input = json.string(value.input) }
end

--- Who stands by for a project, as far as this node has heard.
---@param project string
---@return cme.server.fleet.standby|nil
function Standbys:of(project)
  local one, active = read(self._keys:get(key_of(self, project))), self:input(project)
  if one and one.input and active then one.warm = one.warm and one.input == active end
  return one
end

--- Whether this node stands by for a project.
---@param project string
---@return boolean
function Standbys:has(project) return self._own[project] ~= nil end

--- The input of a project that is on the air.
---@param project string
---@return "main"|"backup"|nil input nil: it is to have no standby
function Standbys:input(project)
  local active = self._wanted[project]
  return active and active:lower()
end

--- The projects that this node stands by for.
---@return string[]
function Standbys:own()
  local list = {}
  for project in pairs(self._own) do list[#list + 1] = project end
  return list
end

-- ---- what is this node's

local function forget(self, project)
  self._own[project], self._told[project], self._said[project], self._cold[project] = nil, nil, nil, nil
  self._followed[project], self._down[project] = nil, nil
end

-- Whether a key is this node's, and on the lease that it holds.
local function is_own(self, kv)
  local one = read(kv)
  return one ~= nil and one.node == self._given.node and kv.lease == self._given.lease.id
end

-- Whether a key of this node's is gone.
local function is_gone(self, project, revision)
  local kv = self._keys:get(key_of(self, project))
  if kv then return kv.create_revision > revision end
  return (self._keys.revision or 0) >= revision
end

--- Learns which are this node's: those it has made without hearing the answer, and not those that are gone.
function Standbys:settle()
  if not self._given.lease:is_held() then
    for _, project in ipairs(self:own()) do forget(self, project) end
    return
  end
  for _, project in ipairs(self:own()) do
    if is_gone(self, project, self._own[project]) then forget(self, project) end
  end
  for key, kv in self._keys:each() do
    local project = key:sub(#key_of(self, "") + 1)
    local known = self._own[project] or (self._given_up[project] or 0) >= kv.create_revision
    if not known and is_own(self, kv) then self._own[project] = kv.create_revision end
  end
end

local function value_of(self, input)
  return assert(json.encode { node = self._given.node, warm = input ~= COLD, input = input ~= COLD and input or nil })
end

--- Has this node stand by for a project, unless another one does.
---@param project string
---@return boolean|nil taken nil: etcd did not answer, or the node has no lease
---@return string|nil message
---@return cme.detail|nil detail
function Standbys:take(project)
  local given, key = self._given, key_of(self, project)
  if not given.lease:is_held() then return codes.fail "server.fleet.no_lease" end
  local done, message, detail = given.client:txn({ compare = { { key = key, version = 0 } },
    success = { { put = { key = key, value = value_of(self, COLD), lease = given.lease.id } } } }, attempt)
  if not done then return nil, message, detail end
  if done.succeeded then self._own[project], self._told[project] = done.revision, COLD end
  return done.succeeded
end

--- Leaves a project to another node. Its engine has ended, or runs the project.
---@param project string
---@return boolean|nil given nil: etcd did not answer
---@return string|nil message
---@return cme.detail|nil detail
function Standbys:give(project)
  local key, revision = key_of(self, project), self._own[project]
  if not revision then return true end
  if self._down[project] then self._avoid[project] = self._given.clock() + standing.AVOID end
  local done, message, detail = self._given.client:txn({ compare = { { key = key, create_revision = revision } },
    success = { { delete = { key = key } } } }, attempt)
  if not done then return nil, message, detail end
  self._given_up[project] = revision
  forget(self, project)
  return true
end

-- How many changes may be said of a project now.
local function allowance(self, project)
  local now = self._given.clock()
  local one = self._said[project] or { left = BURST, at = now }
  one.left, one.at = math.min(BURST, one.left + (now - one.at) / PAUSE), now
  self._said[project] = one
  return one
end

-- A key must never be without a lease: each is written only while that is held.
local function say(self, project, input)
  local given, key, revision = self._given, key_of(self, project), self._own[project]
  if not revision or self._told[project] == input or not given.lease:is_held() then return end
  local allowed = allowance(self, project)
  if allowed.left < 1 then return end
  local done = given.client:txn({ compare = { { key = key, create_revision = revision } },
    success = { { put = { key = key, value = value_of(self, input), lease = given.lease.id } } } }, attempt)
  if done and self._own[project] == revision then
    self._told[project], allowed.left = input, allowed.left - 1
  end
end

--- Says of each which input its engine has. What it said already is not said again.
---@param fed fun(project: string): "main"|"backup"|nil the input that its engine would send, and has
function Standbys:tell(fed)
  local now = self._given.clock()
  for _, project in ipairs(self:own()) do
    local input = fed(project)
    local cold = standing.since(self._cold, project, not input, now)
    if input or now - cold >= HICCUP then say(self, project, input or COLD) end
  end
end

-- ---- looking

local function copies(nodes)
  local list = {}
  for i, node in ipairs(nodes) do
    list[i] = setmetatable({ running = node.running, standing = node.standing }, { __index = node })
  end
  return list
end

-- Forgets what is of no use any more, as steps.sweep does for runs.
local function sweep(self, wanted)
  local now = self._given.clock()
  for project, revision in pairs(self._given_up) do
    if is_gone(self, project, revision) then self._given_up[project] = nil end
  end
  for project, till in pairs(self._avoid) do
    if till <= now then self._avoid[project] = nil end
  end
  for project in pairs(self._since) do
    if not wanted[project] then self._since[project] = nil end
  end
end

--- Begins a look at all projects.
---@param nodes cme.server.fleet.node[] this one as it knows itself
---@param wanted table<string, string> the active inputs of projects that are to have a standby: "Main", "Backup"
function Standbys:look(nodes, wanted)
  self:settle()
  sweep(self, wanted)
  self._wanted, self._excess = wanted, 0
  for _, node in ipairs(nodes) do
    if node.name == self._given.node then self._excess = placement.excess(node) end
  end
  self._list = next(wanted) and copies(nodes) or {}
  self._plan:open(self._list, wanted)
end

-- Whether this node is to leave what it stands by for to another one.
local function is_unfit(self, project, how)
  local down = standing.since(self._down, project, not how.up, how.now)
  if how.draining or down and how.now - down > standing.SICK then return true end
  if self._excess == 0 then return false end
  self._excess = self._excess - 1
  return true
end

-- How many nodes come before this one to stand by.
local function turn_of(self, project, how)
  local wanted = how.wanted()
  wanted.runs, wanted.stands = how.runs, nil
  local turn = self._plan:turn(self._list, wanted)
  local later = (self._avoid[project] or 0) > how.now
  return turn and later and turn + #self._list or turn
end

-- What the engine of a standby is to do.
local function wish(self, revision, project) return ("%d %s"):format(revision, self._wanted[project]) end

-- Whether it does something else, and was not asked to just now.
local function is_behind(self, revision, project, how)
  local input, asked = self:input(project), self._followed[project]
  if not input or not revision or not how.told then return false end
  if how.told == -revision and how.active == input then
    self._followed[project] = nil
    return false
  end
  return not asked or asked.wish ~= wish(self, revision, project) or how.now - asked.at >= AGAIN
end

---@class cme.server.fleet.standbys.how how a project stands otherwise
---@field now number
---@field draining boolean this node takes no more
---@field up boolean its engine is up here
---@field told integer|nil revision that the engine was told
---@field active string|nil the input that the engine has on the air
---@field runs string|nil the node that runs it
---@field wanted fun(): cme.server.fleet.wanted the project as it is to be placed

--- Adds what it knows of a project.
---@param view cme.server.fleet.view
---@param project string
---@param how cme.server.fleet.standbys.how
function Standbys:add(view, project, how)
  view.standby, view.stands = self._wanted[project] ~= nil, self:has(project)
  view.stood = view.stands or self:of(project) ~= nil
  if view.stands and not view.mine then
    view.unfit = is_unfit(self, project, how)
    view.behind = is_behind(self, view.revision, project, how)
  end
  local missing = view.standby and view.claimed and not view.stood
  local since = standing.since(self._since, project, missing, how.now)
  if not since then self._plan:forget(project) end
  view.stand_waited = since and how.now - since
  view.stand_turn = since and not view.mine and self._given.lease:is_held() and turn_of(self, project, how) or nil
end

--- Notes that the engine of a standby is asked to do what that of the run does.
---@param project string
---@param revision integer
function Standbys:follow(project, revision)
  if not self._wanted[project] then return end
  self._followed[project] = { wish = wish(self, revision, project), at = self._given.clock() }
end

return standbys
