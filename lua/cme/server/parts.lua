-- SPDX-License-Identifier: MIT
-- The service's parts, put together from top to bottom: those that store, those that run processes, those that answer.
-- Each gets what it needs when it is made.
--
--     httpd --> api (auth, schema) --> actions --> categories --> changes --> store
--                                                      |             |          ^ callbacks: desired, ended, switched
--                                                      +-------------+--> relays --> engines
--                                                      +--> processes of a category's own

local uv = require "luv"

local actions = require "cme.server.actions"
local adoption = require "cme.server.adoption"
local api = require "cme.server.http.api"
local categories = require "cme.server.categories"
local changes = require "cme.server.changes"
local codes = require "cme.codes"
local edge = require "cme.server.edge"
local engine = require "cme.server.process.engine"
local callbacks = require "cme.server.process.callbacks"
local httpd = require "cme.httpd"
local kept_keys = require "cme.server.store.kept_keys"
local keys = require "cme.server.store.keys"
local library = require "cme.server.library"
local limiter = require "cme.server.http.limiter"
local listen = require "cme.server.http.listen"
local listener = require "cme.server.http.listener"
local looking = require "cme.server.looking"
local luv = require "cme.net.loop.luv"
local merges = require "cme.server.merges"
local monitor = require "cme.server.http.monitor"
local previews = require "cme.server.edge.previews"
local publishers = require "cme.server.publishers"
local received = require "cme.server.http.received"
local keepers = require "cme.server.process.keepers"
local recordings = require "cme.server.recordings"
local sharing = require "cme.server.sharing"
local slate = require "cme.server.slate"
local slate_cache = require "cme.server.slate.cache"
local state = require "cme.server.store.state"
local store = require "cme.server.store"
local task = require "cme.task"
local uplink = require "cme.server.uplink"
local webhook = require "cme.server.events.webhook"

local parts = {}

local MAX_VIEWERS_BODY = 1024 -- bytes; they send none
local MAX_VIEWERS = 256 -- connections, of one other machine a quarter, as cme-edge has it
local VIEWER_IDLE_SECONDS = 20 -- between two requests: a player asks every second
local MAX_METRICS_BODY = 1024 -- bytes; a scrape has none
local MAX_METRICS_CONNECTIONS = 64
local OTHERS_WRITE = 18 -- 0022

---@class cme.server.settings
---@field failover boolean            whether engines switch to the other input by themselves
---@field failback_after number|false|nil seconds after which they switch back to main
---@field change_active_input boolean whether the input on the air may be modified and deleted
---@field public_sources boolean|nil  whether sources are read from public addresses alone
---@field default_stop number|nil     seconds after which a run without a stop time ends

---@class cme.server.options : cme.server.http.listen
---@field state string        folder
---@field etcd cme.server.store.etcd_options|nil nil: the state is in SQLite
---@field platform string|nil made beside "test"
---@field relay string|nil    engine program
---@field media string|nil    folder of the media library
---@field preset string       x264's, of media casts
---@field recordings { folder: string|nil, limit: integer|nil, command: string|nil } where recordings go
---@field max_uplink integer|nil kbit/s that this machine's uplink carries; nil: not known
---@field edge table|nil where it listens, its certificate and host (cme.cli.serve.edge); nil: off
---@field rate_limit integer|nil calls of an action a second and key; nil: as many as come
---@field running "adopt"|"end"|nil what becomes of broadcasts that the database does not know; nil: no start
---@field settings cme.server.settings
---@field metrics { host: string, port: integer }|nil where /metrics is; nil: nowhere
---@field webhooks string[]|nil URLs that events go to; nil: nobody wants them
---@field webhook_ca string|nil PEM file of CAs that they may have, besides the system's

---@class cme.server.parts
---@field listener cme.server.http.listener of the API
---@field metrics cme.server.http.listener|nil of /metrics
---@field monitor cme.server.http.monitor
---@field api cme.server.http.api
---@field changes cme.server.changes
---@field engines cme.server.process.engine
---@field fleet cme.server.sharing|false false: the service is alone
---@field relays cme.server.process.keepers what keeps them
---@field services table<string, cme.server.category_service> by category
---@field edge cme.server.edge|nil nil: the service runs without one
---@field slates cme.server.slates
---@field recordings cme.server.recordings
---@field uplink cme.server.uplink
---@field merges cme.server.merges
---@field publishers cme.server.publishers
---@field looks cme.server.looks
---@field previews cme.server.edge.previews
---@field store cme.server.store.interface
---@field keys cme.server.store.keys
---@field state cme.server.store.state
---@field webhook cme.server.events.webhook|nil nil: nobody wants events
---@field addresses cme.server.http.address[] where the API listens
---@field private _options cme.server.options
local Parts = {}
Parts.__index = Parts
Parts.__name = "cme.server.parts"

-- ---- what keeps: the state folder, the store, the keys, the events

function Parts:_open_state(options)
  local opened, message, detail = state.open(options.state)
  if not opened then return nil, message, detail end
  self.state = opened
  local stat = uv.fs_stat(opened.folder)
  if stat and stat.mode & OTHERS_WRITE ~= 0 then
    options.log:warn("others may write to the state folder: run chmod 700 on it", { folder = opened.folder })
  end
  return true
end

local function add_platforms(kept, names)
  for _, name in ipairs(names) do
    local added, message, detail = kept:add_platform(name)
    if added == nil then return codes.within("in.adding_platform", { name = name }, message, detail) end
  end
  return true
end

function Parts:_open_store(options)
  local message, detail
  self.store, message, detail = store.open { state = self.state, etcd = options.etcd, clock = options.clock,
    log = options.log, service = true }
  if not self.store then return nil, message, detail end
  if not self.store:keep_ballast() then
    options.log:warn("no ballast: once the disk is full a stop ends its broadcast and cannot be written down: free "
      .. "2 MiB", { folder = options.state })
  end
  return add_platforms(self.store, { "test", options.platform })
end

function Parts:_open_fleet(options)
  local message, detail
  self.fleet, message, detail = sharing.open(options, self.store, self.state)
  return self.fleet ~= nil, message, detail
end

function Parts:_open_keys(options)
  local message, detail
  self.keys, message, detail = keys.open(self.state.credentials,
    kept_keys.new(self.store, self.state.master_key, options.clock.now))
  return self.keys and true, message, detail
end

function Parts:_open_webhook(options)
  if not options.webhooks then return true end
  local message, detail
  self.webhook, message, detail = webhook.open { urls = options.webhooks, ca_file = options.webhook_ca,
    secret = self.state.webhook_secret, store = self.store, log = options.log, clock = options.clock }
  return self.webhook and true, message, detail
end

-- ---- what runs: the edge, the engines, the categories' own processes, engines for a look

function Parts:_journal()
  return self.webhook and self.webhook.journal
end

function Parts:_open_publishers(options)
  local journal = self:_journal()
  self.publishers = publishers.new(options.clock.now, function(id, info)
    if journal then journal:publisher_refused(id, info) end
  end)
  return true
end

-- What starts and finds cme-edge.
function Parts:edge_engine(kind)
  return engine.new(self.state.edge, engine.beside "cme-edge", kind)
end

-- What viewers come to.
local function listen_to_viewers(wanted, handle)
  local http, message, detail = httpd.new { max_body = MAX_VIEWERS_BODY, max_connections = MAX_VIEWERS,
    max_per_address = MAX_VIEWERS // 4, keep_alive = VIEWER_IDLE_SECONDS }
  if not http then return nil, message, detail end
  local host, port, fault = http:listen(wanted)
  if host then return listener.new(http, handle), port end
  http:close()
  return nil, port, fault -- port: the message
end

-- There is no edge when it is off.
function Parts:_open_edge(options)
  local wanted = options.edge
  if not wanted then return true end
  local journal = self:_journal()
  local message, detail
  self.edge, message, detail = edge.open { folder = self.state.edge, rtmp = wanted.rtmp, rtmps = wanted.rtmps,
    srt = wanted.srt, certificate = wanted.certificate, srt_passphrase = wanted.srt_passphrase,
    takeover = wanted.takeover, http = wanted.http, domain = wanted.domain, listen = listen_to_viewers,
    log = options.log, clock = options.clock,
    engine = function(kind) return self:edge_engine(kind) end,
    others = self.fleet and { base = function(id) return self.fleet:edge_of(id) end,
      own = function(working) return self.fleet:own(working) end } or nil,
    publisher = function(...)
      self.publishers:event(...)
      if self.fleet then self.fleet:encoder_moved() end
    end,
    told = function(reason)
      if journal then journal:replaced("Edge", reason) end
    end }
  return self.edge and true, message, detail
end

local function new_relays(options, engines, its_callbacks, fleet)
  return keepers.new { engine = engines, log = options.log, clock = options.clock, callbacks = its_callbacks,
    lease = fleet and fleet.lease_of or nil, stands = fleet and function(id) return fleet:stands(id) end or nil }
end

-- The engines of the projects, and what keeps them.
function Parts:_open_relays(options, program, own_callbacks)
  self.engines = engine.new(self.state.relays, program, self.fleet and engine.leased or nil)
  self.relays = new_relays(options, self.engines, own_callbacks, self.fleet)
end

-- The engine's program, or none.
local function find_engine(options)
  local program, message, detail = engine.find(options.relay)
  if program then return true, program end
  if options.relay then return nil, message, detail end
  options.log:warn("no engine: projects cannot be started", { error = message })
  return true
end

-- Whether an engine of a project publishes nothing here, since another node runs it.
function Parts:_stands(id) return self.fleet and self.fleet:stands(id) or false end

-- Slates are told to engines by the keepers, and hear of the programme from them.
function Parts:_open_slates(options, own_callbacks)
  local files, message, detail = library.open(options.media)
  if not files then return nil, message, detail end
  local journal = self:_journal()
  self.slates = slate.new { cache = slate_cache.new(self.state.slates), library = files, log = options.log,
    clock = options.clock,
    tools = { ffmpeg = engine.in_path "ffmpeg", ffprobe = engine.in_path "ffprobe", preset = options.preset },
    update = function(id) self.relays:update(id) end,
    told = function(id, status, reason)
      if journal and not self:_stands(id) then journal:slate(id, status, reason) end
    end }
  own_callbacks.event = function(id, event)
    self.slates:event(id, event)
    self.recordings:event(id, event)
    self.uplink:event(id, event)
    self.merges:event(id, event)
  end
  own_callbacks.stat = function(id, stat)
    self.slates:stat(id, stat)
    self.recordings:stat(id, stat)
  end
  own_callbacks.gone = function(id)
    self.recordings:gone(id)
    self.merges:gone(id)
    self.looks:gone(id)
  end
  return true
end

function Parts:_open_recordings(options)
  local journal, given = self:_journal(), options.recordings or {}
  local node = self.fleet and options.etcd.fleet.node or nil
  local message, detail
  self.recordings, message, detail = recordings.open { folder = given.folder, limit = given.limit,
    command = given.command, kept = self.store.open_files, node = node, log = options.log,
    told = function(id, status, info)
      options.log:info("recording " .. status:lower(), { project = id, file = info.File, error = info.Reason })
      if journal then journal:recording(id, status, info) end
    end }
  return self.recordings and true, message, detail
end

function Parts:_open_uplink(options)
  local journal = self:_journal()
  self.uplink = uplink.new { limit = options.max_uplink, relays = self.relays, clock = options.clock,
    stands = function(id) return self:_stands(id) end,
    told = function(id, status, info)
      options.log:info("uplink " .. status:lower(), { project = id, kbps = info.Bitrate, error = info.Reason })
      if journal then journal:uplink(id, status, info) end
    end }
end

function Parts:_open_merges(options)
  local journal = self:_journal()
  self.merges = merges.new(function(id, status, info)
    options.log:info("merge " .. status:lower(), { project = id, distance_ms = info.Distance, error = info.Reason })
    if journal then journal:merge(id, status, info) end
  end)
end

-- Whenever an engine is told what to do, what is looked at may have changed as well; and what viewers are compared
-- with, whenever it takes another input, by itself or by request.
function Parts:_open_looks(options, own_callbacks)
  self.looks = looking.open { store = self.store, relays = self.relays, journal = self:_journal(),
    services = function() return self.services end, switched = own_callbacks.switched,
    folder = self.state.pictures, addresses = function() return self.addresses end,
    domain = options.edge and options.edge.domain, clock = options.clock, log = options.log,
    stands = function(id) return self:_stands(id) end }
  local desired, event_of, switched = own_callbacks.desired, own_callbacks.event, own_callbacks.switched
  local function settle(id)
    local ok, traceback = xpcall(self.looks.settle, debug.traceback, self.looks, id)
    if not ok then options.log:error("look failed", { project = id, error = traceback }) end
  end
  function own_callbacks.desired(id)
    settle(id)
    return desired(id)
  end
  function own_callbacks.event(id, event)
    event_of(id, event)
    if event.event == "switched" then settle(id) end
  end
  function own_callbacks.switched(id, reason) -- a service that comes back learns of a switch without its event
    settle(id)
    return switched(id, reason)
  end
end

-- The engines ask the categories what they are to do, and the categories work with the engines: the callbacks stand
-- between the two, and learn of the categories when those are made.
function Parts:_open_projects(options)
  local found, program, why = find_engine(options)
  if not found then return nil, program, why end
  local locks = task.locks()
  local own_callbacks = callbacks.new { store = self.store, locks = locks, edge = self.edge,
    journal = self:_journal(), clock = options.clock, log = options.log }
  self:_open_relays(options, program, own_callbacks)
  local ready, unready, cause = self:_open_slates(options, own_callbacks)
  if ready then ready, unready, cause = self:_open_recordings(options) end
  if not ready then return nil, unready, cause end
  self:_open_uplink(options)
  self:_open_merges(options)
  self:_open_looks(options, own_callbacks)
  self.changes = changes.new { store = self.store, locks = locks, relays = self.relays, edge = self.edge,
    log = options.log }
  local services, message, detail = categories.open { store = self.store, locks = locks, changes = self.changes,
    relays = self.relays, callbacks = own_callbacks, fleet = self.fleet, edge = self.edge, slates = self.slates,
    recordings = self.recordings, uplink = self.uplink, looks = self.looks,
    publishers = self.publishers, settings = options.settings,
    folder = self.state.relays, preset = options.preset, media = options.media, clock = options.clock,
    log = options.log }
  if not services then return nil, message, detail end
  self.services = services
  own_callbacks.serve(services, function(id) return self.changes:is_stopping(id) end)
  if self.fleet then sharing.join(self, own_callbacks, options) end
  self.previews = previews.new { store = self.store, services = services, edge = self.edge, clock = options.clock,
    relays = function(callbacks_of_previews)
      return new_relays(options, engine.new(self.state.looks, program), callbacks_of_previews)
    end }
  return true
end

-- Nothing that runs is ended because a database was lost.
function Parts:_open_strangers(options)
  local found, message, detail = adoption.find(self.store, self.engines, self.services)
  if not found then return codes.within("in.strangers", nil, message, detail) end
  if #found == 0 or options.running == "end" then return true end
  if options.running ~= "adopt" then return adoption.refuse(found, self.state.folder) end
  for _, one in ipairs(found) do
    local input = self.services[one.category]:check {}
    local ok
    ok, message, detail = self.store:adopt(adoption.record(one, options.platform or "test", input))
    if not ok then return codes.within("in.adopting", { id = one.id }, message, detail) end
    options.log:warn("project adopted", { project = one.id, category = one.category })
  end
  return true
end

-- ---- what answers: the API, /healthz, /metrics

-- The processes that categories have beside the engines.
function Parts:_own_processes()
  local list = {}
  for _, category in ipairs(categories.list) do
    list[#list + 1] = self.services[category.name].processes
  end
  return list
end

function Parts:_open_api(options)
  self.monitor = monitor.new { store = self.store, relays = self.relays, processes = self:_own_processes(),
    webhook = self.webhook, looks = self.looks, edge = self.edge, now = options.clock.now,
    stands = function(id) return self:_stands(id) end,
    waiting = function() return self.fleet and self.fleet:waiting() or 0 end,
    log = options.log, started_at = options.clock.now() }
  local list = actions.new { store = self.store, services = self.services, changes = self.changes,
    relays = self.relays, edge = self.edge, slates = self.slates, uplink = self.uplink, looks = self.looks,
    fleet = self.fleet, publishers = self.publishers, now = options.clock.now, log = options.log }
  local calls = options.rate_limit and limiter.new(options.rate_limit, options.clock.monotonic)
  if self.fleet then self.fleet:offer(list) end
  if self.fleet and calls then self.fleet:share_calls(calls) end
  self.api = api.new { keys = self.keys, now = options.clock.now, log = options.log, actions = list,
    limiter = calls,
    counted = function(action, code, seconds) self.monitor:request(action, code, seconds) end }
  return true
end

function Parts:_open_api_listener(options)
  local http, addresses, detail = listen.open(options)
  if not http then return nil, addresses, detail end
  self.addresses = addresses
  self.listener = listener.new(http, function(request)
    local asked = received.of(request)
    local status, headers, body = self.monitor:health(asked.method, asked.path)
    if not status then status, headers, body = self.looks:serve(asked.method, asked.path) end
    if not status and self.fleet then status, headers, body = self.fleet:serve(asked) end
    if status then return status, headers, body end
    return self.api:handle(asked)
  end)
  return true
end

function Parts:_open_metrics_listener(options)
  if not options.metrics then return true end
  local http, message, detail = httpd.new { max_body = MAX_METRICS_BODY, max_connections = MAX_METRICS_CONNECTIONS }
  if not http then return nil, message, detail end
  local host, port, fault = http:listen { host = options.metrics.host, port = options.metrics.port }
  if not host then
    http:close()
    return nil, port, fault -- port: the message
  end
  self.metrics = listener.new(http, function(request)
    return self.monitor:handle(request:method(), request:path())
  end)
  if not listen.is_loopback(host) then
    options.log:warn("metrics on an address that other machines may reach: whoever does can read them",
      { listen = host })
  end
  options.log:info("metrics", { listen = host, port = port })
  return true
end

-- In this order: each needs those above it.
local ORDER = { "_open_state", "_open_store", "_open_fleet", "_open_keys", "_open_webhook", "_open_publishers",
  "_open_edge",
  "_open_projects", "_open_strangers", "_open_api", "_open_api_listener", "_open_metrics_listener" }

--- Makes them; nothing is opened yet.
---@param options cme.server.options
---@return cme.server.parts
function parts.new(options)
  return setmetatable({ services = {}, _options = options }, Parts)
end

--- Opens them all. What was opened before one that fails stays open: close them.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Parts:open()
  for _, name in ipairs(ORDER) do
    local ok, message, detail = self[name](self, self._options)
    if not ok then return nil, message, detail end
  end
  return true
end

--- Those that carry broadcasts; fewer when not all could be opened.
---@return table[]
function Parts:processes()
  local list = { self.relays }
  for _, service in pairs(self.services) do list[#list + 1] = service.processes end
  return list
end

-- Whether the edge goes on: engines of this node read from it, or those of others do.
local function edge_stays(self)
  if self.relays ~= nil and self.relays:count() > 0 then return true end
  return self.edge ~= nil and luv.run(self.edge.is_needed, self.edge)
end

--- Lets go of everything; engines keep running. Once is enough, more is harmless.
function Parts:close()
  local stays = edge_stays(self)
  -- The end of the edge is waited for, and tasks run meanwhile: nothing may keep an engine by then.
  for _, each in ipairs(self:processes()) do each:detach() end
  if self.previews then
    self.previews:close()
  end
  if self.edge then
    self.edge:close(stays)
    self.edge = nil
  end
  for _, name in ipairs { "listener", "metrics", "webhook", "keys", "fleet", "store", "state" } do
    if self[name] then
      self[name]:close()
      self[name] = nil
    end
  end
end

return parts
