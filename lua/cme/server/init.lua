-- SPDX-License-Identifier: MIT
-- The service: one luv loop that drives the HTTP server's epoll descriptor, answers each request in a task of its own,
-- and ends on SIGTERM or SIGINT. This file only puts the parts together, from top to bottom: those that store, those
-- that run processes, those that answer. Each part gets what it needs when it is made.
--
--     httpd --> api (auth, schema) --> actions --> categories --> changes --> store
--                                                      |             |          ^ callbacks: desired, ended, switched
--                                                      +-------------+--> relays --> engines
--                                                      +--> processes of a category's own
--
-- To end, it accepts no more requests, answers those that it has, disconnects from the engines (which relay on), and
-- exits with 0.

local uv = require "luv"

local actions = require "cme.server.actions"
local adoption = require "cme.server.process.adoption"
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
local pulse = require "cme.server.process.pulse"
local received = require "cme.server.http.received"
local keepers = require "cme.server.process.keepers"
local recordings = require "cme.server.recordings"
local slate = require "cme.server.slate"
local slate_cache = require "cme.server.slate.cache"
local state = require "cme.server.store.state"
local store = require "cme.server.store"
local task = require "cme.task"
local uplink = require "cme.server.uplink"
local webhook = require "cme.server.events.webhook"

local server = {}

local MAX_VIEWERS_BODY = 1024 -- bytes; they send none
local MAX_VIEWERS = 256 -- connections
local MAX_METRICS_BODY = 1024 -- bytes; a scrape has none
local MAX_METRICS_CONNECTIONS = 64
local DRAIN_SECONDS = 10 -- for requests that wait for an engine
local FLUSH_SECONDS = 2 -- for answers on their way, and halves of requests
local ADOPT_SECONDS = 5 -- for engines that do not answer
local OTHERS_WRITE = 18 -- 0022
local TIDY_MS = 60 * 1000 -- between looks at the engines' logs and the ballast
local CHECK_MS = pulse.PERIOD * 1000 -- between questions for a sign of life

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

---@class cme.server.server
---@field addresses cme.server.http.address[] where it listens
---@field folder string                 of its state
---@field credentials string            file of the development key
---@field failed string|nil             why the loop ended, when not by request
---@field private _failure cme.detail|nil what that says, unless it is a fault of ours
---@field private _listener cme.server.http.listener of the API
---@field private _metrics cme.server.http.listener|nil of /metrics
---@field private _monitor cme.server.http.monitor
---@field private _api cme.server.http.api
---@field private _changes cme.server.changes
---@field private _engines cme.server.process.engine
---@field private _relays cme.server.process.keepers        what keeps them
---@field private _services table<string, cme.server.category_service> by category
---@field private _edge cme.server.edge|nil nil: the service runs without one
---@field private _slates cme.server.slates
---@field private _recordings cme.server.recordings
---@field private _uplink cme.server.uplink
---@field private _merges cme.server.merges
---@field private _publishers cme.server.publishers
---@field private _looks cme.server.looks
---@field private _previews cme.server.edge.previews
---@field private _store cme.server.store.interface
---@field private _keys cme.server.store.keys
---@field private _state cme.server.store.state
---@field private _options cme.server.options
---@field private _webhook cme.server.events.webhook|nil nil: nobody wants events
---@field private _log cme.server.log
---@field private _stopping boolean
---@field private _database_in_place true|nil nil: it was deleted or replaced, and that was told
---@field private _finished boolean     run() is to return
---@field private _over cme.task.signal told when it is
local Server = {}
Server.__index = Server
Server.__name = "cme.server.server"

-- ---- what keeps: the state folder, the store, the keys, the events

function Server:_open_state(options)
  local opened, message, detail = state.open(options.state)
  if not opened then return nil, message, detail end
  self._state, self.folder, self.credentials = opened, opened.folder, opened.credentials
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

function Server:_open_store(options)
  local message, detail
  self._store, message, detail = store.open { state = self._state, etcd = options.etcd, clock = options.clock,
    log = options.log, service = true }
  if not self._store then return nil, message, detail end
  if not self._store:keep_ballast() then
    options.log:warn("no ballast: once the disk is full a stop ends its broadcast and cannot be written down: free "
      .. "2 MiB", { folder = options.state })
  end
  return add_platforms(self._store, { "test", options.platform })
end

function Server:_open_keys(options)
  local message, detail
  self._keys, message, detail = keys.open(self._state.credentials,
    kept_keys.new(self._store, self._state.master_key, options.clock.now))
  return self._keys and true, message, detail
end

function Server:_open_webhook(options)
  if not options.webhooks then return true end
  local message, detail
  self._webhook, message, detail = webhook.open { urls = options.webhooks, ca_file = options.webhook_ca,
    secret = self._state.webhook_secret, store = self._store, log = options.log, clock = options.clock }
  return self._webhook and true, message, detail
end

-- ---- what runs: the edge, the engines, the categories' own processes, engines for a look

function Server:_journal()
  return self._webhook and self._webhook.journal
end

function Server:_open_publishers(options)
  local journal = self:_journal()
  self._publishers = publishers.new(options.clock.now, function(id, info)
    if journal then journal:publisher_refused(id, info) end
  end)
  return true
end

-- What starts and finds cme-edge.
function Server:_edge_engine(kind)
  return engine.new(self._state.edge, engine.beside "cme-edge", kind)
end

-- What viewers come to.
local function listen_to_viewers(wanted, handle)
  local http, message, detail = httpd.new { max_body = MAX_VIEWERS_BODY, max_connections = MAX_VIEWERS }
  if not http then return nil, message, detail end
  local host, port, fault = http:listen(wanted)
  if host then return listener.new(http, handle), port end
  http:close()
  return nil, port, fault -- port: the message
end

-- There is no edge when it is off.
function Server:_open_edge(options)
  local wanted = options.edge
  if not wanted then return true end
  local journal = self:_journal()
  local message, detail
  self._edge, message, detail = edge.open { folder = self._state.edge, rtmp = wanted.rtmp, rtmps = wanted.rtmps,
    srt = wanted.srt, certificate = wanted.certificate, srt_passphrase = wanted.srt_passphrase,
    takeover = wanted.takeover, http = wanted.http, domain = wanted.domain, listen = listen_to_viewers,
    log = options.log, clock = options.clock,
    engine = function(kind) return self:_edge_engine(kind) end,
    publisher = function(...) self._publishers:event(...) end,
    told = function(reason)
      if journal then journal:replaced("Edge", reason) end
    end }
  return self._edge and true, message, detail
end

local function new_relays(options, engines, its_callbacks)
  return keepers.new { engine = engines, log = options.log, clock = options.clock,
    callbacks = its_callbacks }
end

-- The engine's program, or none.
local function find_engine(options)
  local program, message, detail = engine.find(options.relay)
  if program then return true, program end
  if options.relay then return nil, message, detail end
  options.log:warn("no engine: projects cannot be started", { error = message })
  return true
end

-- Slates are told to engines by the keepers, and hear of the programme from them.
function Server:_open_slates(options, own_callbacks)
  local files, message, detail = library.open(options.media)
  if not files then return nil, message, detail end
  local journal = self:_journal()
  self._slates = slate.new { cache = slate_cache.new(self._state.slates), library = files, log = options.log,
    clock = options.clock,
    tools = { ffmpeg = engine.in_path "ffmpeg", ffprobe = engine.in_path "ffprobe", preset = options.preset },
    update = function(id) self._relays:update(id) end,
    told = function(id, status, reason)
      if journal then journal:slate(id, status, reason) end
    end }
  own_callbacks.event = function(id, event)
    self._slates:event(id, event)
    self._recordings:event(id, event)
    self._uplink:event(id, event)
    self._merges:event(id, event)
  end
  own_callbacks.stat = function(id, stat)
    self._slates:stat(id, stat)
    self._recordings:stat(id, stat)
  end
  own_callbacks.gone = function(id)
    self._recordings:gone(id)
    self._merges:gone(id)
    self._looks:gone(id)
  end
  return true
end

function Server:_open_recordings(options)
  local journal, given = self:_journal(), options.recordings or {}
  local message, detail
  self._recordings, message, detail = recordings.open { folder = given.folder, limit = given.limit,
    command = given.command, kept = self._store.open_files, log = options.log,
    told = function(id, status, info)
      options.log:info("recording " .. status:lower(), { project = id, file = info.File, error = info.Reason })
      if journal then journal:recording(id, status, info) end
    end }
  return self._recordings and true, message, detail
end

function Server:_open_uplink(options)
  local journal = self:_journal()
  self._uplink = uplink.new { limit = options.max_uplink, relays = self._relays, clock = options.clock,
    told = function(id, status, info)
      options.log:info("uplink " .. status:lower(), { project = id, kbps = info.Bitrate, error = info.Reason })
      if journal then journal:uplink(id, status, info) end
    end }
end

function Server:_open_merges(options)
  local journal = self:_journal()
  self._merges = merges.new(function(id, status, info)
    options.log:info("merge " .. status:lower(), { project = id, distance_ms = info.Distance, error = info.Reason })
    if journal then journal:merge(id, status, info) end
  end)
end

-- Whenever an engine is told what to do, what is looked at may have changed as well; and what viewers are compared
-- with, whenever it takes another input, by itself or by request.
function Server:_open_looks(options, own_callbacks)
  self._looks = looking.open { store = self._store, relays = self._relays, journal = self:_journal(),
    services = function() return self._services end, switched = own_callbacks.switched,
    folder = self._state.pictures, addresses = function() return self.addresses end,
    domain = options.edge and options.edge.domain, clock = options.clock, log = options.log }
  local desired, event_of, switched = own_callbacks.desired, own_callbacks.event, own_callbacks.switched
  local function settle(id)
    local ok, traceback = xpcall(self._looks.settle, debug.traceback, self._looks, id)
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
function Server:_open_projects(options)
  local found, program, why = find_engine(options)
  if not found then return nil, program, why end
  local locks = task.locks()
  local own_callbacks = callbacks.new { store = self._store, locks = locks, edge = self._edge,
    journal = self:_journal(), clock = options.clock, log = options.log }
  self._engines = engine.new(self._state.relays, program)
  self._relays = new_relays(options, self._engines, own_callbacks)
  local ready, unready, cause = self:_open_slates(options, own_callbacks)
  if ready then ready, unready, cause = self:_open_recordings(options) end
  if not ready then return nil, unready, cause end
  self:_open_uplink(options)
  self:_open_merges(options)
  self:_open_looks(options, own_callbacks)
  self._changes = changes.new { store = self._store, locks = locks, relays = self._relays, edge = self._edge,
    log = options.log }
  local services, message, detail = categories.open { store = self._store, locks = locks, changes = self._changes,
    relays = self._relays, callbacks = own_callbacks, edge = self._edge, slates = self._slates,
    recordings = self._recordings, uplink = self._uplink, looks = self._looks,
    publishers = self._publishers, settings = options.settings,
    folder = self._state.relays, preset = options.preset, media = options.media, clock = options.clock,
    log = options.log }
  if not services then return nil, message, detail end
  self._services = services
  own_callbacks.serve(services)
  self._previews = previews.new { store = self._store, services = services, edge = self._edge, clock = options.clock,
    relays = function(callbacks_of_previews)
      return new_relays(options, engine.new(self._state.looks, program), callbacks_of_previews)
    end }
  return true
end

-- Nothing that runs is ended because a database was lost.
function Server:_open_strangers(options)
  local found, message, detail = adoption.find(self._store, self._engines, self._services)
  if not found then return codes.within("in.strangers", nil, message, detail) end
  if #found == 0 or options.running == "end" then return true end
  if options.running ~= "adopt" then return adoption.refuse(found, self._state.folder) end
  for _, one in ipairs(found) do
    local input = self._services[one.category]:check {}
    local ok
    ok, message, detail = self._store:adopt(adoption.record(one, options.platform or "test", input))
    if not ok then return codes.within("in.adopting", { id = one.id }, message, detail) end
    options.log:warn("project adopted", { project = one.id, category = one.category })
  end
  return true
end

-- ---- what answers: the API, /healthz, /metrics

-- The processes that categories have beside the engines.
function Server:_own_processes()
  local list = {}
  for _, category in ipairs(categories.list) do
    list[#list + 1] = self._services[category.name].processes
  end
  return list
end

function Server:_open_api(options)
  self._monitor = monitor.new { store = self._store, relays = self._relays, processes = self:_own_processes(),
    webhook = self._webhook, looks = self._looks, now = options.clock.now,
    log = options.log, started_at = options.clock.now() }
  self._api = api.new { keys = self._keys, now = options.clock.now, log = options.log,
    actions = actions.new { store = self._store, services = self._services, changes = self._changes,
      relays = self._relays, edge = self._edge, slates = self._slates, uplink = self._uplink, looks = self._looks,
      publishers = self._publishers, now = options.clock.now,
      log = options.log },
    limiter = options.rate_limit and limiter.new(options.rate_limit, options.clock.monotonic),
    counted = function(action, code, seconds) self._monitor:request(action, code, seconds) end }
  return true
end

function Server:_open_api_listener(options)
  local http, addresses, detail = listen.open(options)
  if not http then return nil, addresses, detail end
  self.addresses = addresses
  self._listener = listener.new(http, function(request)
    local asked = received.of(request)
    local status, headers, body = self._monitor:health(asked.method, asked.path)
    if not status then status, headers, body = self._looks:serve(asked.method, asked.path) end
    if status then return status, headers, body end
    return self._api:handle(asked)
  end)
  return true
end

function Server:_open_metrics_listener(options)
  if not options.metrics then return true end
  local http, message, detail = httpd.new { max_body = MAX_METRICS_BODY, max_connections = MAX_METRICS_CONNECTIONS }
  if not http then return nil, message, detail end
  local host, port, fault = http:listen { host = options.metrics.host, port = options.metrics.port }
  if not host then
    http:close()
    return nil, port, fault -- port: the message
  end
  self._metrics = listener.new(http, function(request)
    return self._monitor:handle(request:method(), request:path())
  end)
  if not listen.is_loopback(host) then
    options.log:warn("metrics on an address that other machines may reach: whoever does can read them",
      { listen = host })
  end
  options.log:info("metrics", { listen = host, port = port })
  return true
end

-- In this order: each needs those above it.
local PARTS = { "_open_state", "_open_store", "_open_keys", "_open_webhook", "_open_publishers", "_open_edge",
  "_open_projects", "_open_strangers", "_open_api", "_open_api_listener", "_open_metrics_listener" }

--- Opens everything and listens; serves nothing before run().
---@param options cme.server.options
---@return cme.server.server|nil
---@return string|nil message
---@return cme.detail|nil detail
function server.new(options)
  local self = setmetatable({ _options = options, _log = options.log, _services = {}, _stopping = false,
    _database_in_place = true, _finished = false, _over = task.signal() }, Server)
  for _, name in ipairs(PARTS) do
    local ok, message, detail = self[name](self, options)
    if not ok then
      self:close()
      return nil, message, detail
    end
  end
  return self
end

-- ---- serving

-- Waits until nothing is left to do, or the time is over.
function Server:_wait_while(busy, seconds)
  local deadline = self._options.clock.monotonic() + seconds
  while busy() do
    local left = deadline - self._options.clock.monotonic()
    if left <= 0 then return end
    self._listener.progress:wait(left)
  end
end

-- Lets run() return.
function Server:_finish()
  self._finished = true
  self._over:notify()
end

--- Ends run(): what is in hand is answered first. Waits; tasks only.
function Server:stop()
  if self._stopping then return end
  self._stopping = true
  local count = self._relays:count()
  self._log:info(count == 0 and "stopping" or ("stopping: %d broadcast%s without the service"):format(count,
    count == 1 and " goes on" or "s go on"))
  self._listener:quiesce()
  self:_wait_while(function()
    return self._listener.in_hand > 0
  end, DRAIN_SECONDS)
  self:_wait_while(function()
    return self._listener:busy() > 0
  end, FLUSH_SECONDS)
  self._previews:stop()
  self._looks:close()
  self:_finish()
end

-- SIGHUP: the certificate files are read again. Without TLS there is nothing to do, and no reason to end either.
function Server:_renew()
  if not self._options.certificate then return end
  local ok, message = listen.renew(self._listener, self._options)
  if ok then
    self._log:info "the TLS certificate was read again"
  else
    self._log:error("the TLS certificate stays as it was", { error = message })
  end
end

local function on_signal(name, call)
  local handle = uv.new_signal()
  handle:start(name, luv.callback(call))
  return handle
end

function Server:_start_edge()
  if not self._edge then
    if edge.sweep { folder = self._state.edge, engine = function(kind) return self:_edge_engine(kind) end,
      clock = self._options.clock, log = self._log } then
      self._log:warn "the edge that an earlier service left is ended"
    end
    return
  end
  self._edge:start(function() return self._store:pushed() end, self._previews, function(message, detail)
    self:_fail(message, detail)
  end)
end

function Server:_fail(message, detail)
  self.failed, self._failure = message, detail
  self:_finish()
end

function Server:_listen()
  local function fail(message, detail)
    self:_fail(message, detail)
  end
  self._listener:start(fail)
  if self._metrics then
    self._metrics:start(fail)
  end
end

-- Those that carry broadcasts; fewer when not all could be opened.
function Server:_all_processes()
  local list = { self._relays }
  for _, service in pairs(self._services) do list[#list + 1] = service.processes end
  return list
end

-- What is done from time to time.
function Server:_tidy()
  self._relays:trim_logs() -- those of a category's own processes, too: they are in the same folder
  if self._edge then
    self._edge:tidy()
  end
  self._previews:trim_logs()
  self._slates:tidy()
  self._store:keep_ballast()
  if self._webhook then
    self._webhook:tidy()
  end
end

-- The file of the database may be deleted under the service, which SQLite does not notice; what is in etcd may be taken
-- over by another service.
function Server:_check_database()
  local ok, message = self._store:is_in_place()
  if ok == self._database_in_place then return end
  self._database_in_place = ok
  if ok then
    self._log:info "database is back in its place"
    return
  end
  self._log:error("database lost", { error = message })
  local name = self._options.etcd and self._options.etcd.prefix or self._state.database
  if self._webhook then self._webhook.journal:database_lost(name) end
end

-- Every process that carries a broadcast is asked for a sign of life.
function Server:_check()
  self:_check_database()
  for _, each in ipairs(self:_all_processes()) do each:check() end
  self._previews:check()
  if self._edge then
    self._edge:check()
  end
end

local function every(first_ms, period_ms, call)
  local timer = uv.new_timer()
  timer:start(first_ms, period_ms, luv.callback(call))
  return timer
end

-- Handles of what comes from outside the API: signals, the time to tidy, and to look who lives.
function Server:_watch()
  local function stop()
    self:stop()
  end
  local tidier = every(0, TIDY_MS, function()
    self:_tidy()
  end)
  local checker = every(CHECK_MS, CHECK_MS, function()
    self:_check()
  end)
  return { tidier, checker, on_signal("sigterm", stop), on_signal("sigint", stop), on_signal("sighup", function()
    self:_renew()
  end) }
end

-- The projects that have processes of a category's own are taken over with those first.
function Server:_adopt(working)
  local ids, by_category = {}, {}
  for i, record in ipairs(working) do
    local list = by_category[record.category] or {}
    ids[i], by_category[record.category], list[#list + 1] = record.id, list, record.id
    if record.fault then
      self._log:error("project can only be stopped", { project = record.id, error = tostring(record.fault) })
    end
  end
  for name, service in pairs(self._services) do
    if service.processes then service.processes:adopt(by_category[name] or {}, ADOPT_SECONDS) end
  end
  self._relays:adopt(ids, ADOPT_SECONDS)
  self._recordings:settle(function(id) return self._relays:is_kept(id) end)
end

-- Takes over what an earlier service left.
function Server:_take_over(working)
  self._previews:start()
  self:_start_edge()
  self:_adopt(working)
  for _, service in pairs(self._services) do
    local ok, failure = true, nil
    if service.begin then ok, failure = service:begin() end
    if not ok then self._log:error("projects are not started at their time", { error = failure }) end
  end
end

function Server:_begin(working, on_ready)
  local good, traceback = xpcall(self._take_over, debug.traceback, self, working)
  if not good then -- a service that goes on and serves nobody would be the worse end
    return self:_fail(traceback)
  end
  on_ready()
  self:_listen()
end

-- The main task.
function Server:_serve(working, on_ready)
  luv.detach(self._begin, self, working, on_ready)
  while not self._finished do
    self._over:wait()
  end
end

--- Takes over the engines that run, then serves until stopped by a signal.
---@param on_ready fun() called once the engines are taken over: what a request sees from then on is settled
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Server:run(on_ready)
  luv.on_error = function(traceback)
    self._log:error("task failed", { error = traceback })
  end
  local working, message, detail = self._store:working()
  if not working then return nil, message, detail end
  local handles = self:_watch()
  if self._webhook then
    self._webhook:start()
  end
  luv.run(self._serve, self, working, on_ready)
  for _, service in pairs(self._services) do
    if service.close then service:close() end
  end
  for _, handle in ipairs(handles) do
    handle:close()
  end
  if self.failed then return nil, self.failed, self._failure end
  return true
end

--- Lets go of everything; engines keep running. Once is enough, more is harmless.
function Server:close()
  local on_air = self._relays ~= nil and self._relays:count() > 0
  -- The end of the edge is waited for, and tasks run meanwhile: nothing may keep an engine by then.
  for _, each in ipairs(self:_all_processes()) do each:detach() end
  if self._previews then
    self._previews:close()
  end
  if self._edge then
    self._edge:close(on_air)
    self._edge = nil
  end
  for _, name in ipairs { "_listener", "_metrics", "_webhook", "_keys", "_store", "_state" } do
    if self[name] then
      self[name]:close()
      self[name] = nil
    end
  end
end

return server
