-- SPDX-License-Identifier: MIT
-- How a service works as a node of a fleet (cme.server.fleet): its engines publish by lease, its keepers keep what it
-- has claimed and nothing else, and its store writes of those projects only while it has them. A service that is alone
-- loads nothing of fleets.

local codes = require "cme.codes"
local http = require "cme.http"

local sharing = {}

---@class cme.server.sharing
---@field node cme.server.fleet
---@field lease_of fun(id: string): cme.server.process.lease|nil until when the engine of a project may publish
---@field private _store table
local Sharing = {}
Sharing.__index = Sharing
Sharing.__name = "cme.server.sharing"

-- Milliseconds of CLOCK_BOOTTIME, as engines have it.
local function boot_ms() return math.floor(select(3, http.clocks()) * 1000) end

--- Joins the fleet that the options name.
---@param options cme.server.options
---@param store table the service's, in etcd when there is a fleet
---@return cme.server.sharing|false|nil shared false: the service is alone
---@return string|nil message
---@return cme.detail|nil detail
function sharing.open(options, store)
  local asked = options.etcd and options.etcd.fleet
  if not asked then return false end
  local node, message, detail = require "cme.server.fleet".open { options = asked, client = store.client,
    prefix = options.etcd.prefix .. "/fleet/", id = store.node.id, clock = options.clock, boot = boot_ms,
    log = options.log }
  if not node then return nil, message, detail end
  return setmetatable({ node = node, _store = store, lease_of = function(id) return node:lease_of(id) end }, Sharing)
end

-- The keepers of what a project has.
local function keepers_of(parts, id)
  local record = parts.store:get(id)
  local own = record and parts.services[record.category].processes
  return own and { own, parts.relays } or { parts.relays }
end

--- Joins it with the other parts.
---@param parts cme.server.parts
---@param callbacks cme.server.process.callbacks of all keepers
function sharing.begin(parts, callbacks)
  local node, desired = parts.fleet.node, callbacks.desired
  function callbacks.desired(id)
    if not node:has(id) then return nil end
    return desired(id)
  end
  node:serve { store = parts.store, relays = parts.relays, keepers = parts:processes(),
    keepers_of = function(id) return keepers_of(parts, id) end }
end

--- Those of the projects that must have an engine that must have it on this machine.
---@param working cme.server.project[]
---@return cme.server.project[]
function Sharing:own(working)
  local own = {}
  for _, record in ipairs(working) do own[#own + 1] = self.node:has(record.id) and record or nil end
  return own
end

--- Whether another node runs a project, or will.
---@param id string
---@return boolean
function Sharing:is_elsewhere(id) return not self.node:has(id) and self._store:working_ids()[id] ~= nil end

-- A refusal of the fleet's as the API has it; others pass.
local function as_answer(id, response, message, detail)
  if response or not detail.code:find "^server%.fleet" then return response, message, detail end
  return codes.fail("api.InternalError:fleet", { id = id, reason = detail })
end

--- Does what has to do with a project's engine.
---@param call cme.server.http.call
---@param record cme.server.project
---@param action cme.server.ProjectAction
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function Sharing:perform(call, record, action)
  if call.params.Operation ~= "Start" then return as_answer(record.id, action(call, record)) end
  return as_answer(record.id, self.node:start(record.id, action, call, record))
end

--- Takes, keeps and gives up projects from now on.
function Sharing:start() self.node:begin() end

--- Lets go of the fleet; engines go on until the end of the lease.
function Sharing:close() self.node:close() end

return sharing
