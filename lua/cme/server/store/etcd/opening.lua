-- SPDX-License-Identifier: MIT
-- What is settled before a store in etcd is used: which format it has, that the key file opens it, and which service it
-- belongs to. One service has it: another would start its broadcasts a second time. Or a fleet has it, whose nodes
-- share its projects by claims (cme.server.fleet).

local codes = require "cme.codes"
local layout = require "cme.server.store.etcd.layout"

local opening = {}

--- What brings the stored forms of a version to the next: each a function of the transactions and the layout, inside a
--- transaction; steps[1] makes version 2 of version 1. One that was released never changes.
---@type fun(transactions: cme.server.store.etcd.transactions, form: cme.server.store.etcd.layout)[]
opening.steps = {}

local FIRST = 1 -- version
local CHECK = "cme" -- what the key file must open
local SEALED_ANEW = 20 -- values of a transaction
local FLEET = { id = "fleet", host = "", folder = "" } -- the owner that all nodes are

---@class cme.server.store.etcd.node the service that has a store
---@field id string the same after every restart
---@field host string
---@field folder string of its state
---@field fleet boolean|nil it is a node of a fleet, which has the store together

---@class cme.server.store.etcd.opening
---@field transactions cme.server.store.etcd.transactions
---@field mirror cme.etcd.mirror
---@field layout cme.server.store.etcd.layout
---@field node cme.server.store.etcd.node|nil
---@field take_over boolean|nil

local function write_format(given, version)
  local key = given.layout:key "format"
  local sealed, message, detail = given.layout:seal(key, CHECK)
  if not sealed then return nil, message, detail end
  given.transactions:put(key, layout.write { version = version, check = sealed })
  return true
end

-- Brings the stored forms to today's, and the check to today's key. Inside a transaction.
local function settle_format(given)
  local form, key = given.layout, given.layout:key "format"
  local text, newest = given.transactions:get(key), FIRST + #opening.steps
  if given.transactions:get(form:key "importing") then return codes.fail "server.state_file:broken_off" end
  if not text then return write_format(given, newest) end
  local value = layout.read(text) or {}
  local version = math.tointeger(value.version) or 0
  if version > newest then return codes.fail("server.database:newer", { format = version, known = newest }) end
  if version < FIRST or not form:opens(key, value.check) then return codes.fail "server.seal_key:other" end
  if version == newest and form:is_current(value.check) then return true end
  for step = version - FIRST + 1, #opening.steps do opening.steps[step](given.transactions, form) end
  return write_format(given, newest)
end

--- Whether a service has the store; pure.
---@param kv { value: string }|nil of the key of its owner
---@param node cme.server.store.etcd.node
---@return boolean
function opening.is_owner(kv, node)
  local value = kv and layout.read(kv.value)
  return value ~= nil and value.id == (node.fleet and FLEET or node).id
end

-- Who else has the store; a service that becomes the first node of a fleet has had it itself.
local function refuse(owner, node)
  if owner.id == node.id or owner.id == FLEET.id and node.fleet then return true end
  if owner.id == FLEET.id then return codes.fail "server.node:fleet" end
  return codes.fail("server.node:other", { host = tostring(owner.host), folder = tostring(owner.folder) })
end

-- Inside a transaction.
local function claim(given)
  local key, node = given.layout:key "node", given.node
  local text = given.transactions:get(key)
  local owner = layout.read(text)
  if owner and not given.take_over then
    local ok, message, detail = refuse(owner, node)
    if not ok then return nil, message, detail end
  end
  local new = node.fleet and FLEET or node
  local value = layout.write { id = new.id, host = new.host, folder = new.folder }
  if text ~= value then given.transactions:put(key, value) end
  return true
end

-- The keys of which something was sealed by a key that seals no more.
local function outdated(given)
  local list = {}
  for key, kv in given.mirror:each() do
    local kind = given.layout:parse(key)
    local sealed = kind == "outbox" and kv.value
    if kind == "projects" then sealed = (layout.read(kv.value) or {}).input end
    if sealed and not given.layout:is_current(sealed) then list[#list + 1] = { key = key, kind = kind } end
  end
  return list
end

-- Seals a value anew; one that does not open stays what it is. Inside a transaction.
local function seal_anew(given, one)
  local form, text = given.layout, given.transactions:get(one.key)
  local row = one.kind == "projects" and layout.read(text) or nil
  local sealed = row and row.input or text
  local plain = sealed and form:open(one.key, sealed)
  if not plain then return true end
  local fresh, message, detail = form:seal(one.key, plain)
  if not fresh then return nil, message, detail end
  if row then row.input = fresh end
  given.transactions:put(one.key, row and layout.write(row) or fresh)
  return true
end

local function seal_some(given, list, first)
  for i = first, math.min(first + SEALED_ANEW - 1, #list) do
    local ok, message, detail = seal_anew(given, list[i])
    if not ok then return nil, message, detail end
  end
  return true
end

-- After a change of keys the old one can be thrown away once the service has started.
local function seal_all_anew(given)
  local list = outdated(given)
  for first = 1, #list, SEALED_ANEW do
    local ok, message, detail = given.transactions:run(seal_some, given, list, first)
    if not ok then return nil, message, detail end
  end
  return true
end

--- Settles it all. Waits.
---@param given cme.server.store.etcd.opening
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function opening.prepare(given)
  local ok, message, detail = given.transactions:run(settle_format, given)
  if ok and given.node then
    ok, message, detail = given.transactions:run(claim, given)
    if not ok then return nil, message, detail end
    given.transactions:guard(given.layout:key "node")
    ok, message, detail = seal_all_anew(given)
  end
  return ok, message, detail
end

return opening
