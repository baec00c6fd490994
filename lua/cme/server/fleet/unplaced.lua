-- SPDX-License-Identifier: MIT
-- Projects that no node has room for: those that nobody runs for a while, and those that are to leave a node and
-- cannot. Each is logged once, with what hinders each node. Nothing waits.

local placement = require "cme.server.fleet.placement"
local standing = require "cme.server.fleet.standing"

local unplaced = {}

---@class cme.server.fleet.unplaced
---@field private _log cme.server.log
---@field private _waiting table<string, true> that nobody runs
---@field private _staying table<string, true> that are to leave this node
local Unplaced = {}
Unplaced.__index = Unplaced
Unplaced.__name = "cme.server.fleet.unplaced"

---@param log cme.server.log
---@return cme.server.fleet.unplaced
function unplaced.new(log) return setmetatable({ _log = log, _waiting = {}, _staying = {} }, Unplaced) end

--- What hinders each node: "a draining, b full".
---@param nodes cme.server.fleet.node[]
---@param wanted cme.server.fleet.wanted
---@return string
function unplaced.hindrances(nodes, wanted)
  local list = {}
  for i, node in ipairs(nodes) do
    list[i] = ("%s %s"):format(node.name, placement.hindrance(node, wanted) or "has room")
  end
  return table.concat(list, ", ")
end

local function note(self, set, project, words, nodes, wanted)
  if set[project] then return end
  set[project] = true
  self._log:warn(words, { project = project, nodes = unplaced.hindrances(nodes, wanted()) })
end

--- A project that is to run is looked at.
---@param project string
---@param waited number|nil seconds since nobody has had it; nil: a node has it, or it is not to run
---@param nodes cme.server.fleet.node[]
---@param wanted fun(): cme.server.fleet.wanted
function Unplaced:look(project, waited, nodes, wanted)
  if not waited then
    self._waiting[project] = nil
  elseif waited >= standing.SICK then
    note(self, self._waiting, project, "no node takes a project", nodes, wanted)
  end
end

--- A project of this node's is to leave it, and stays.
---@param project string
---@param nodes cme.server.fleet.node[]
---@param wanted fun(): cme.server.fleet.wanted
function Unplaced:stay(project, nodes, wanted)
  note(self, self._staying, project, "no other node can take a project: it stays", nodes, wanted)
end

--- A project goes, or is not to leave.
---@param project string
function Unplaced:go(project) self._staying[project] = nil end

--- Forgets those that are not to run.
---@param working table<string, any> by project
function Unplaced:keep(working)
  for _, set in ipairs { self._waiting, self._staying } do
    for project in pairs(set) do
      if not working[project] then set[project] = nil end
    end
  end
end

--- How many projects nobody runs.
---@return integer
function Unplaced:count()
  local count = 0
  for _ in pairs(self._waiting) do count = count + 1 end
  return count
end

return unplaced
