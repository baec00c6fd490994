-- SPDX-License-Identifier: MIT
-- The files that recordings are being written to, in etcd: a key for each, whose value names the node of the
-- fleet that writes it, if there is one.

local layout = require "cme.server.store.etcd.layout"

local open_files = {}

---@class cme.server.store.etcd.open_files: cme.server.store.interface.open_files
---@field private _transactions cme.server.store.etcd.transactions
---@field private _layout cme.server.store.etcd.layout
---@field private _open table<string, { project: string, file: string, node: string|nil }> by the end of the key
local OpenFiles = {}
OpenFiles.__index = OpenFiles
OpenFiles.__name = "cme.server.store.etcd.open_files"

---@param given { transactions: cme.server.store.etcd.transactions, layout: cme.server.store.etcd.layout }
---@return cme.server.store.etcd.open_files
function open_files.new(given)
  return setmetatable({ _transactions = given.transactions, _layout = given.layout, _open = {} }, OpenFiles)
end

--- A key has changed.
---@param id string project and file
---@param kv cme.etcd.kv|nil
function OpenFiles:changed(id, kv)
  local project, file = id:match "^([^/]*)/(.*)$"
  local node = kv and (layout.read(kv.value) or {}).node
  self._open[id] = kv and project and { project = project, file = file, node = node } or nil
end

local function key_of(self, project, file)
  return self._layout:key("files", project .. "/" .. file)
end

local function add(self, key, node)
  if not self._transactions:get(key) then self._transactions:put(key, layout.write { node = node }) end
  return true
end

function OpenFiles:add(project, file, node)
  return self._transactions:run(add, self, key_of(self, project, file), node)
end

local function remove(self, key)
  self._transactions:remove(key)
  return true
end

function OpenFiles:remove(project, file)
  return self._transactions:run(remove, self, key_of(self, project, file))
end

function OpenFiles:all()
  local list = {}
  for _, one in pairs(self._open) do list[#list + 1] = one end
  table.sort(list, function(a, b)
    if a.project == b.project then return a.file < b.file end
    return a.project < b.project
  end)
  return list
end

return open_files
