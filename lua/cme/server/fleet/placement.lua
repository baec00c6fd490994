-- SPDX-License-Identifier: MIT
-- On which node a project that nobody runs should go on. No node leads: each works out the same order from what all
-- nodes say of themselves, the first takes the project, and each further one comes a step later, so that one whose
-- view is old, or that does not get there, is passed over. Pure.
--
--   fit: not draining, not full, has the labels that the project needs
--   order: the one that stands by for it; then more of its room free first; equals by a hash of node and project, so
--          that they share what comes at once
--
-- Which node is to stand by for a project is worked out in the same way. A standby takes half of the room of a project,
-- and gives way to projects: a node that is full of them takes projects all the same.

local codes = require "cme.codes"
local sign = require "cme.sign"

local placement = {}

---@class cme.server.fleet.node what a node says of itself
---@field name string
---@field capacity integer projects that it can run
---@field running integer that it runs
---@field standing integer|nil that it stands by for
---@field labels table<string, string>|nil what it has that not all nodes have
---@field draining boolean|nil it takes no more

---@class cme.server.fleet.wanted
---@field id string
---@field needs table<string, string>|nil labels of the nodes that it can run on
---@field stands string|nil the node that stands by for it, and is ready
---@field runs string|nil its standby is to be placed: the node that runs it

--- A project as it is to be placed: where nodes have a label named after its category, it needs one of those.
---@param id string
---@param category string|nil as projects have it; the label is the same in lower case
---@param nodes cme.server.fleet.node[]
---@return cme.server.fleet.wanted
function placement.wanted(id, category, nodes)
  local label = category and category:lower()
  for _, node in ipairs(label and nodes or {}) do
    local value = (node.labels or {})[label]
    if value then return { id = id, needs = { [label] = value } } end
  end
  return { id = id }
end

local function has_labels(node, needs)
  for name, value in pairs(needs or {}) do
    if (node.labels or {})[name] ~= value then return false end
  end
  return true
end

local function load_of(node) return node.running + (node.standing or 0) / 2 end

local function is_full(node, wanted)
  if wanted.runs then return load_of(node) + 0.5 > node.capacity end
  return node.running >= node.capacity
end

--- Why a node cannot run a project, or stand by for it.
---@param node cme.server.fleet.node
---@param wanted cme.server.fleet.wanted
---@return "draining"|"full"|"labels"|"runs"|nil nil: it can
function placement.hindrance(node, wanted)
  if node.draining then return "draining" end
  if node.name == wanted.runs then return "runs" end
  if is_full(node, wanted) then return "full" end
  if not has_labels(node, wanted.needs) then return "labels" end
end

local REFUSALS = { full = "server.fleet.full", draining = "server.fleet.full:draining",
  labels = "server.fleet.full:labels" }

--- Fails with what hinders a node.
---@param hindrance "draining"|"full"|"labels"
---@param project string
---@param name string of the node
---@return nil
---@return string message
---@return cme.detail detail code server.fleet.full
function placement.refuse(hindrance, project, name)
  return codes.fail(REFUSALS[hindrance], { project = project, node = name })
end

local function free(node)
  return (node.capacity - load_of(node)) / node.capacity
end

--- How many standbys a node has more than there is room for.
---@param node cme.server.fleet.node
---@return integer
function placement.excess(node)
  return math.min(node.standing or 0, math.max(0, math.ceil(2 * (load_of(node) - node.capacity))))
end

-- Rendezvous hashing: which of equals comes first differs from project to project, and is the same for all who ask.
local function lot(node, wanted)
  return sign.sha256_hex(node.name .. "\0" .. wanted.id)
end

--- The nodes that can run a project, or stand by for it, the best first.
---@param nodes cme.server.fleet.node[]
---@param wanted cme.server.fleet.wanted
---@return cme.server.fleet.node[]
function placement.order(nodes, wanted)
  local list, lots = {}, {}
  for _, node in ipairs(nodes) do
    if not placement.hindrance(node, wanted) then
      list[#list + 1], lots[node] = node, lot(node, wanted)
    end
  end
  table.sort(list, function(a, b)
    if (a.name == wanted.stands) ~= (b.name == wanted.stands) then return a.name == wanted.stands end
    if free(a) ~= free(b) then return free(a) > free(b) end
    return lots[a] < lots[b]
  end)
  return list
end

local function turn_in(order, name)
  for i, node in ipairs(order) do
    if node.name == name then return i - 1 end
  end
end

--- How many steps a node lets pass before it takes a project.
---@param nodes cme.server.fleet.node[] itself among them
---@param wanted cme.server.fleet.wanted
---@param name string its own
---@return integer|nil steps 0: at once; nil: it cannot run it
function placement.turn(nodes, wanted, name)
  return turn_in(placement.order(nodes, wanted), name)
end

-- ---- who comes first for what several nodes see free at the same time

---@class cme.server.fleet.plan what a node has worked out about projects that nobody has, or stands by for. A node that
--- takes one says so only when it has it; meanwhile the others leave it to that node, and count it there.
---@field private _own string this node's name
---@field private _of table<string, { first: string, turn: integer }> by project
local Plan = {}
Plan.__index = Plan

---@param own string this node's name
---@return cme.server.fleet.plan
function placement.plan(own)
  return setmetatable({ _own = own, _of = {} }, Plan)
end

local function find(nodes, name)
  for _, node in ipairs(nodes) do
    if node.name == name then return node end
  end
end

--- Counts what is planned at the nodes, but for this one, which knows what it has. What was planned with a node that is
--- lost is forgotten, and so are projects that are not to run.
---@param nodes cme.server.fleet.node[]
---@param working table<string, any> by project
function Plan:open(nodes, working)
  for project, one in pairs(self._of) do
    local first = working[project] and find(nodes, one.first)
    if not first then
      self._of[project] = nil
    elseif one.first ~= self._own then
      first.running = first.running + 1
    end
  end
end

--- As placement.turn: what it said first about a project stands, as long as this node can run it.
---@param nodes cme.server.fleet.node[] gets the project counted where it should go
---@param wanted cme.server.fleet.wanted
---@return integer|nil
function Plan:turn(nodes, wanted)
  local order = placement.order(nodes, wanted)
  local turn = turn_in(order, self._own)
  local one = self._of[wanted.id]
  if one or not turn then return turn and one.turn end
  local first = order[1]
  self._of[wanted.id] = { first = first.name, turn = turn }
  first.running = first.running + 1
  return turn
end

--- A node has it, or nobody is to.
---@param project string
function Plan:forget(project) self._of[project] = nil end

-- ---- where what a node gives up is to go

---@class cme.server.fleet.moves the projects that a node hands over. Each is counted where it should go until another
--- node has it, so that no more are given up than the others have room for.
---@field private _own string this node's name
---@field private _to table<string, string> names of nodes by project
local Moves = {}
Moves.__index = Moves

---@param own string this node's name
---@return cme.server.fleet.moves
function placement.moves(own)
  return setmetatable({ _own = own, _to = {} }, Moves)
end

--- Counts what is on its way, and forgets what is not, or was to go to a node that is lost.
---@param nodes cme.server.fleet.node[]
---@param is_under_way fun(project: string): boolean|nil it is to run, and no other node has it yet
function Moves:open(nodes, is_under_way)
  for project, name in pairs(self._to) do
    local node = is_under_way(project) and find(nodes, name)
    if node then node.running = node.running + 1 else self._to[project] = nil end
  end
end

--- A project stays.
---@param nodes cme.server.fleet.node[] have it counted where it should go; no more
---@param project string
function Moves:stay(nodes, project)
  local node = find(nodes, self._to[project])
  if node then node.running = node.running - 1 end
  self._to[project] = nil
end

--- Whether another node can take a project, beside all that is on its way.
---@param nodes cme.server.fleet.node[] the one that should take it gets it counted
---@param wanted cme.server.fleet.wanted
---@param target string|nil no other node than this
---@return boolean
function Moves:can_go(nodes, wanted, target)
  self:stay(nodes, wanted.id)
  for _, node in ipairs(placement.order(nodes, wanted)) do
    if node.name ~= self._own and (not target or node.name == target) then
      node.running, self._to[wanted.id] = node.running + 1, node.name
      return true
    end
  end
  return false
end

return placement
