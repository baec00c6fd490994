-- SPDX-License-Identifier: MIT
-- The inputs and outputs that are interrupted and of which that was told, in etcd: one key for each project.
-- cme.server.events.journal decides.

local layout = require "cme.server.store.etcd.layout"
local text = require "cme.text.strings"

local interruptions = {}

---@class cme.server.store.etcd.interruptions: cme.server.store.interface.interruptions
---@field private _transactions cme.server.store.etcd.transactions
---@field private _layout cme.server.store.etcd.layout
local Interruptions = {}
Interruptions.__index = Interruptions
Interruptions.__name = "cme.server.store.etcd.interruptions"

---@param given { transactions: cme.server.store.etcd.transactions, layout: cme.server.store.etcd.layout }
---@return cme.server.store.etcd.interruptions
function interruptions.new(given)
  return setmetatable({ _transactions = given.transactions, _layout = given.layout }, Interruptions)
end

function Interruptions:of(project)
  local value, known = layout.read(self._transactions:get(self._layout:key("interrupted", project))), {}
  for _, part in ipairs(value and value.parts or {}) do known[part] = true end
  return known
end

local function change(self, project, part, there)
  local known = self:of(project)
  if known[part] == there then return true end
  known[part] = there
  local key, parts = self._layout:key("interrupted", project), text.sorted_keys(known)
  if parts[1] then
    self._transactions:put(key, layout.write { parts = parts })
  else
    self._transactions:delete(key)
  end
  return true
end

function Interruptions:add(project, part)
  return self._transactions:run(change, self, project, part, true)
end

function Interruptions:remove(project, part)
  return self._transactions:run(change, self, project, part, nil)
end

local function forget(self, project)
  self._transactions:remove(self._layout:key("interrupted", project))
  return true
end

function Interruptions:forget(project)
  return self._transactions:run(forget, self, project)
end

return interruptions
