-- SPDX-License-Identifier: MIT
-- How a service works as a node of a fleet (cme.server.fleet): its engines publish by lease, its keepers keep what it
-- has claimed and nothing else, and its store writes of those projects only while it has them. A service that is alone
-- loads nothing of fleets.
--
-- An action that has to do with an engine is done by the node that has it: the others ask that node and pass its answer
-- on, so one that says that all is well means the same everywhere. Where that node does not answer and has not heard of
-- it, the change is stored here; the node follows the state when it is back, and so does the one that takes over.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local edge_keys = require "cme.server.edge.keys"
local files = require "cme.system.files"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local recordings = require "cme.server.recordings"
local service_keys = require "cme.server.store.keys"
local sign = require "cme.sign"
local task = require "cme.task"

local sharing = {}

local TRIES = 5 -- to find the node that has a project, while it goes from one to another
local PAUSE = 0.5 -- seconds between them
local PATIENT = 35 -- seconds for an operation that waits for pictures
local SECONDS = 10 -- for any other
local END_SLACK = 1 -- seconds by which an engine may end before the planned end by our clock
local STAT_SECONDS = 2 -- for the edge to say who pushes
local WAITS = { Start = true, SwitchInput = true, SwitchSource = true, Confirm = true, Stop = true } -- by operation
-- Operations that nothing but the engine, or the playout, can do.
local OF_ENGINE = { SwitchInput = true, SwitchSource = true, DescribeInputPlayInfo = true, DescribePlayInfo = true }
local GONE, FULL = "server.fleet.gone", "server.fleet.full"
local MOVED = { ["server.fleet.held"] = true, ["server.fleet.lost"] = true, ["server.fleet.raced"] = true,
  ["server.fleet.between"] = true, [GONE] = true, [FULL] = true }

---@class cme.server.sharing
---@field node cme.server.fleet
---@field lease_of fun(id: string): cme.server.process.lease|nil until when the engine of a project may publish
---@field private _store table
---@field private _peers cme.server.fleet.peers
---@field private _actions table<string, cme.server.Action> once there are any
local Sharing = {}
Sharing.__index = Sharing
Sharing.__name = "cme.server.sharing"

-- Milliseconds of CLOCK_BOOTTIME, as engines have it.
local function boot_ms() return math.floor(select(3, require "cme.http".clocks()) * 1000) end

local function new_secret() return sign.random_hex(32) .. "\n" end

-- Of the fleet's keys in etcd.
local function prefix_of(options) return options.etcd.prefix .. "/fleet/" end

-- What clients, encoders, viewers and receivers of events know a service by is the same at all nodes.
local function settle_secrets(options, store, state)
  local ok, message, detail = files.make_folder(state.edge)
  if not ok then return nil, message, detail end
  return require "cme.server.fleet.secrets".settle({ client = store.client, ring = store.ring,
    prefix = prefix_of(options) }, {
    { name = "credentials", path = state.credentials, generate = service_keys.generate },
    { name = "master.key", path = state.master_key, generate = new_secret },
    { name = "webhook_secret", path = state.webhook_secret, generate = new_secret },
    { name = "edge-keys", path = state.edge .. "/keys", generate = edge_keys.generate },
  })
end

-- Takes what the fleet's nodes have alike, once it is clear that this service may be one of them: files of a service
-- that may not stay as they are.
local function prepare(options, store, state)
  local ok, message, detail = require "cme.server.fleet.nodes".check({ client = store.client,
    prefix = prefix_of(options), node = options.etcd.fleet.node, clock = options.clock.monotonic }, store.node.id)
  if not ok then return nil, message, detail end
  return settle_secrets(options, store, state)
end

--- Joins the fleet that the options name.
---@param options cme.server.options
---@param store table the service's, in etcd when there is a fleet
---@param state cme.server.store.state
---@return cme.server.sharing|false|nil shared false: the service is alone
---@return string|nil message
---@return cme.detail|nil detail
function sharing.open(options, store, state)
  local asked = options.etcd and options.etcd.fleet
  if not asked then return false end
  local ok, message, detail = luv.run(prepare, options, store, state)
  if not ok then return codes.within("in.fleet", { node = asked.node }, message, detail) end
  local life = sign.random_hex(16)
  local node
  node, message, detail = require "cme.server.fleet".open { options = asked, client = store.client,
    prefix = prefix_of(options), id = store.node.id, life = life, clock = options.clock, boot = boot_ms,
    log = options.log, outage = store.outage }
  if not node then return nil, message, detail end
  local peers = require "cme.server.fleet.peers".new { ring = store.ring, id = store.node.id, life = life,
    transport = require "cme.net.transport".shared(), ca_file = options.etcd.ca_file }
  return setmetatable({ node = node, _store = store, _peers = peers,
    lease_of = function(id) return node:lease_of(id) end }, Sharing)
end

-- The keepers of what a project has.
local function keepers_of(parts, id)
  local service = parts.services[parts.store:category(id) or ""]
  local own = service and service.processes
  return own and { own, parts.relays } or { parts.relays }
end

-- Events of all nodes are posted by the one that has their receiver.
local function share_events(parts)
  local webhook = parts.webhook
  if not webhook then return end
  local function wake() webhook.journal:announce() end
  local receivers = parts.fleet.node:share_receivers(webhook:urls(), wake)
  webhook:limit(function(url) return receivers:has(url) end)
  parts.store.outbox:listen(wake)
end

-- The engine of a project reads what is pushed where it is pushed to.
local function follow_encoder(parts, log, id)
  local ok, message = parts.relays:update(id)
  if not ok then log:error("the engine does not follow an encoder", { project = id, error = message }) end
  if parts.edge then parts.edge:moved(id) end
end

-- An encoder may push to any node.
local function share_edge(parts, options)
  local edge, node, asked = parts.edge, parts.fleet.node, options.etcd.fleet
  if not edge then return end
  local url = asked.edge or require "cme.server.fleet.encoders".edge_url(asked.api, edge.rtmp)
  if not url and not edge.rtmp.host:find "^127%." then
    options.log:warn("other nodes do not reach this node's edge: give --edge-rtmp the address that they reach, or say "
      .. "where it is with --advertise-edge", { node = asked.node })
  end
  node:share_edge(url, function() return edge:encoders(STAT_SECONDS) end,
    function(id) luv.detach(follow_encoder, parts, options.log, id) end)
end

-- What the engine of a standby is told: another revision, so that the run's is told in any case; no recording; and to
-- stay with the input of the run, whatever it has itself.
local function stand(spec)
  local outputs = json.array {}
  for _, output in ipairs(spec.outputs) do
    outputs[#outputs + 1] = output.id ~= recordings.OUTPUT_ID and output or nil
  end
  spec.outputs, spec.revision = outputs, spec.revision and -spec.revision
  spec.failover, spec.failback_after = false, json.null
  return spec
end

-- The engine of a standby runs its project now: it does all of it, with the input that it has.
local function taken(parts, callbacks, log, id)
  local ok, message = parts.relays:update(id)
  if not ok then log:error("a change is not taken by the engine", { project = id, error = message }) end
  local record, active = parts.store:get(id), parts.relays:active(id)
  if record and active and record.active:lower() ~= active then callbacks.switched(id, "failover") end
end

-- Who stands by for a project of this node's has changed.
local function standby_changed(parts, log, id, change)
  log:info("standby changed", { project = id, status = change.status, node = change.node })
  if parts.webhook then parts.webhook.journal:standby(id, change.status, change.node) end
end

-- Whether the run is over that a node stands by for, or should be: the engine of the standby has its planned end as
-- well, and the node that runs the project stores it.
local function is_over(parts, clock, id)
  local record, message = parts.store:get(id)
  if not record then return message == nil end
  local at = record.stop_at
  return record.status ~= "Working" or at ~= nil and at <= clock.now() + END_SLACK
end

-- What the engine of a standby says is no news of the project, but for its slate, which is made ready.
local function quieten(parts, callbacks, clock)
  local node = parts.fleet.node
  local function unless_standing(name)
    local callback = callbacks[name]
    callbacks[name] = function(id, ...)
      if not node:stands(id) then return callback(id, ...) end
    end
  end
  for _, name in ipairs { "switched", "gone", "hung" } do unless_standing(name) end
  local event, stat, ended = callbacks.event, callbacks.stat, callbacks.ended
  function callbacks.event(id, said)
    if node:stands(id) then return parts.slates:event(id, said) end
    event(id, said)
  end
  function callbacks.stat(id, found)
    if node:stands(id) then return parts.slates:stat(id, found) end
    stat(id, found)
  end
  function callbacks.ended(id, ...)
    if node:stands(id) then return is_over(parts, clock, id) end
    return ended(id, ...)
  end
end

-- A project was deleted, at whichever node: logs, and lists that were played, are at all that ran it.
local function forget(parts, id)
  parts.relays:forget(id)
  for _, service in pairs(parts.services) do
    if service.deleted then service:deleted(id) end
  end
end

--- Joins it with the other parts.
---@param parts cme.server.parts
---@param callbacks cme.server.process.callbacks of all keepers
---@param options cme.server.options
function sharing.join(parts, callbacks, options)
  local node, desired, health = parts.fleet.node, callbacks.desired, callbacks.health
  function callbacks.desired(id)
    if not node:prepares(id) then return nil end
    local stands = node:stands(id)
    if stands and is_over(parts, options.clock, id) then return nil end
    local spec, message, detail = desired(id)
    return spec and stands and stand(spec) or spec, message, detail
  end
  function callbacks.health(id, ...)
    if node:has(id) then health(id, ...) end -- events are told by the node that has the run
  end
  quieten(parts, callbacks, options.clock)
  share_events(parts)
  share_edge(parts, options)
  parts.store:listen(function(id, category)
    local service = category and parts.services[category]
    if service and service.created then service:created(id) end -- its time to start by itself may be another one
    if parts.edge then luv.detach(function() parts.edge:follow(id, (parts.store:get(id))) end) end
    if not category and not parts.store:get(id) then luv.detach(forget, parts, id) end -- else it is damaged
  end)
  node:serve { store = parts.store, relays = parts.relays, keepers = parts:processes(),
    is_stopping = function(id) return parts.changes:is_stopping(id) end,
    taken = function(id) taken(parts, callbacks, options.log, id) end,
    standby_changed = function(id, change) standby_changed(parts, options.log, id, change) end,
    keepers_of = function(id) return keepers_of(parts, id) end }
end

--- Whether this node stands by for a project, which another one runs.
---@param id string
---@return boolean
function Sharing:stands(id) return self.node:stands(id) end

--- Which node stands by for a project.
---@param id string
---@return cme.server.fleet.standby|nil
function Sharing:standby_of(id) return self.node:standby_of(id) end

--- How many projects no node of the fleet has run for a while.
---@return integer
function Sharing:waiting() return self.node:waiting() end

--- Those of the projects that must have an engine that must have it on this machine, or may.
---@param working cme.server.project[]
---@return cme.server.project[]
function Sharing:own(working)
  local own = {}
  for _, record in ipairs(working) do own[#own + 1] = self.node:prepares(record.id) and record or nil end
  return own
end

--- Whether another node runs a project, or will.
---@param id string
---@return boolean
function Sharing:is_elsewhere(id) return not self.node:has(id) and self._store:working_revision(id) ~= nil end

-- ---- actions

-- A refusal of the fleet's, or of etcd's, as the API has it; others pass.
local function as_answer(id, response, message, detail)
  if response or detail.code:find "^api%." then return response, message, detail end
  if detail.code == FULL then return codes.fail("api.LimitExceeded:no_room", { reason = detail }) end
  return codes.fail("api.InternalError:fleet", { id = id, reason = detail })
end

local function is_start(call) return call.params.Operation == "Start" end

-- Whether it is for an engine that this node does not have, nor can ask for: another node has it, or is about to.
local function is_out_of_reach(self, call, record)
  return OF_ENGINE[call.params.Operation] ~= nil and self:is_elsewhere(record.id)
end

-- A start that fails because the project was lost meanwhile is nobody's stop: another node goes on with it.
local function start_here(self, call, record, action)
  local response, message, detail = self.node:start(record.id, action, call, record)
  if response or self.node:has(record.id) or not detail.code:find "^api%." then return response, message, detail end
  if not self:is_elsewhere(record.id) then return nil, message, detail end
  return codes.fail("api.InternalError:fleet", { id = record.id,
    reason = codes.reason("server.fleet.lost", { project = record.id }) })
end

local function here(self, call, record, action)
  if is_start(call) then return start_here(self, call, record, action) end
  if is_out_of_reach(self, call, record) then return codes.fail "server.fleet.between" end
  return action(call, record)
end

-- The node that has the project cannot be asked: what can be stored is, and that node, or the next, follows.
local function store_here(self, call, record, action, name)
  if is_out_of_reach(self, call, record) then return codes.fail "server.fleet.between" end
  local response, message, detail = action(call, record)
  if not response or answer.is_reading(call) then return response, message, detail end
  return codes.fail("api.FailedOperation:node_silent", { id = record.id, node = name })
end

-- No answer came. A start is tried elsewhere: one that was begun all the same has left a claim. Of the rest, what was
-- not sent, and what does no harm twice, is done here.
local function after_silence(self, call, record, action, node, detail)
  if is_start(call) then return codes.fail(GONE, { node = node.name }) end
  if not detail.sent or call.params.Operation == "Stop" then
    return store_here(self, call, record, action, node.name)
  end
  return codes.fail("api.InternalError:node_unknown", { id = record.id, node = node.name, reason = detail })
end

-- Whether a node is on the list.
local function lives(self, member)
  local now = self.node.nodes:find(member.name)
  return now ~= nil and now.id == member.id
end

-- One attempt; a failure of MOVED: the project was about to go elsewhere. `silent`: nodes that did not answer, or have
-- no room, by name.
local function attempt(self, call, record, action, silent)
  local node, name = self.node:place(record.id, is_start(call), silent)
  if not node and name then return store_here(self, call, record, action, name) end
  if not node then return here(self, call, record, action) end
  local response, message, detail = self._peers:ask(node, call,
    WAITS[call.params.Operation] and PATIENT or SECONDS, function() return lives(self, node) end)
  if response then return response end
  silent[node.name] = detail.silent or detail.code == FULL or nil
  if not detail.silent then return nil, message, detail end
  return after_silence(self, call, record, action, node, detail)
end

--- Does what has to do with a project's engine, where that is.
---@param call cme.server.http.call
---@param record cme.server.project
---@param action cme.server.ProjectAction
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function Sharing:perform(call, record, action)
  if call.forwarded then return here(self, call, record, action) end
  local silent, response, message, detail = {}, nil, nil, nil
  for i = 1, TRIES do
    response, message, detail = attempt(self, call, record, action, silent)
    if response or not MOVED[detail.code] then break end
    if i < TRIES and detail.code ~= GONE and detail.code ~= FULL then task.sleep(PAUSE) end
  end
  return as_answer(record.id, response, message, detail)
end

--- Starts a project by itself, as other nodes may do at the same time: it is started by one of them, the one that
--- placement names unless that does not.
---@param id string
---@param fn function
---@param ... any its arguments
---@return any ... what fn returns; or nil, message, detail: another node has it, or will; or the failure is the fleet's
---  (no api.*), and the same call may succeed later
function Sharing:in_turn(id, fn, ...)
  local turn = self.node:turn(id)
  if turn then task.sleep(turn * require "cme.server.fleet.standing".STEP) end
  if not turn and not self._store:working_revision(id) then
    local ok, message, detail = self.node:has_room(id)
    if not ok then return nil, message, detail end
  end
  if not turn or self._store:working_revision(id) then
    return codes.fail("server.fleet.held", { project = id, node = "" })
  end
  return self.node:start(id, fn, ...)
end

--- Takes the actions that other nodes may ask for.
---@param list table<string, cme.server.Action>
function Sharing:offer(list) self._actions = list end

--- Answers a request of another node; nil: it is none.
---@param asked cme.server.http.request
---@return integer|nil status
---@return table|nil headers
---@return string|nil body
function Sharing:serve(asked)
  local path = require "cme.server.fleet.peers".PATH
  if asked.path ~= path or asked.method ~= "POST" or asked.too_large then return nil end
  local request = self._peers:read(asked.body)
  local action = request and self._actions[request.action]
  if not action then return 403, {}, "" end
  local response, message, detail = action { action = request.action, params = request.params,
    request_id = request.request_id, forwarded = true, grant = {} }
  return 200, { ["Content-Type"] = "application/octet-stream" },
    self._peers:answer(request.nonce, response, message, detail)
end

--- Has all nodes together keep the limits of calls.
---@param limiter cme.server.http.limiter
function Sharing:share_calls(limiter) self.node:share_calls(limiter) end

--- Where the edge of another node is that an encoder pushes to.
---@param id string the edge's name for its key
---@return string|nil url
function Sharing:edge_of(id) return self.node:edge_of(id) end

--- An encoder has come or gone. Does not wait.
function Sharing:encoder_moved() self.node:encoder_moved() end

--- Takes, keeps and gives up projects from now on.
function Sharing:start() self.node:begin() end

--- Lets go of the fleet; engines go on until the end of the lease.
function Sharing:close() self.node:close() end

return sharing
