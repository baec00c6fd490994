-- SPDX-License-Identifier: MIT
-- The service: one luv loop that drives the HTTP server's epoll descriptor, answers each request in a task of its
-- own, and ends on SIGTERM or SIGINT. This file only puts the parts together:
--
--     httpd --> api (auth, schema) --> actions --> store
--                                         |          ^ hooks: desired, ended, switched
--                                         +--> relays +--> engines
--                                         +--> playouts, of media casts: relays of another kind of process
--
-- Ending means: accept no more, answer what is in hand, let go of the engines (they relay on), exit 0.

local uv = require "luv"

local actions = require "cme.server.actions"
local adoption = require "cme.server.process.adoption"
local api = require "cme.server.http.api"
local auto_start = require "cme.server.categories.media_cast.auto_start"
local ballast = require "cme.server.store.ballast"
local categories = require "cme.server.categories"
local edge = require "cme.server.edge"
local engine = require "cme.server.process.engine"
local hooks = require "cme.server.process.hooks"
local httpd = require "cme.httpd"
local kept_keys = require "cme.server.store.kept_keys"
local keys = require "cme.server.store.keys"
local library = require "cme.server.library"
local limiter = require "cme.server.http.limiter"
local listen = require "cme.server.http.listen"
local listener = require "cme.server.http.listener"
local luv = require "cme.net.loop.luv"
local monitor = require "cme.server.http.monitor"
local playout = require "cme.server.categories.media_cast.playout"
local previews = require "cme.server.edge.previews"
local process = require "cme.server.edge.process"
local pulse = require "cme.server.process.pulse"
local keepers = require "cme.server.process.keepers"
local state = require "cme.server.store.state"
local store = require "cme.server.store"
local task = require "cme.task"
local webhook = require "cme.server.events.webhook"

local server = {}

local max_metrics_body = 1024 -- bytes; a scrape has none
local max_metrics_connections = 64
local drain_seconds = 10 -- for requests that wait for an engine
local flush_seconds = 2 -- for answers on their way, and halves of requests
local adopt_seconds = 5 -- for engines that do not answer
local others_write = 18 -- 0022
local tidy_ms = 60 * 1000 -- between looks at the engines' logs and the ballast
local check_ms = pulse.PERIOD * 1000 -- between questions for a sign of life

---@class cme.server.Options : cme.server.Listen
---@field state string        folder
---@field platform string?    made beside "test"
---@field relay string?       engine program
---@field media string?       folder of the media library
---@field preset string       x264's, of media casts
---@field edge { rtmp: cme.server.edge.Address, http: cme.server.edge.Address, domain: string? }? nil: off
---@field rate_limit integer? calls of an action a second and key; nil: as many as come
---@field running "adopt"|"end"|nil what becomes of broadcasts that the database does not know; nil: no start
---@field settings cme.server.Settings
---@field metrics { host: string, port: integer }? where /metrics is; nil: nowhere
---@field webhooks string[]?    URLs that events go to; nil: nobody wants them
---@field webhook_ca string?    PEM file of CAs that they may have, besides the system's

---@class cme.server.Server
---@field addresses cme.server.Address[] where it listens
---@field folder string                 of its state
---@field credentials string            file of the development key
---@field failed string?                why the loop ended, when not by request
---@field private _listener cme.server.Listener of the API
---@field private _metrics cme.server.Listener? of /metrics
---@field private _monitor cme.server.Monitor
---@field private _api cme.server.Api
---@field private _relays cme.server.Keepers
---@field private _playouts cme.server.Keepers
---@field private _engines cme.server.Engine
---@field private _cast_engines cme.server.Engine of playouts
---@field private _auto_start cme.server.AutoStart
---@field private _edge cme.server.Edge? nil: the service runs without one
---@field private _previews cme.server.Previews
---@field private _store cme.server.Store
---@field private _keys cme.server.Keys
---@field private _state cme.server.State
---@field private _options cme.server.Options
---@field private _webhook cme.server.Webhook? nil: nobody wants events
---@field private _log cme.server.Log
---@field private _stopping boolean
---@field private _finished boolean     run() is to return
---@field private _over cme.task.signal told when it is
local Server = {}
Server.__index = Server
Server.__name = "cme.server.Server"

-- ---- putting it together

local function open_relays(self, options, context)
  local program, message = engine.find(options.relay)
  if not program then
    if options.relay then
      return nil, message
    end
    options.log:warn("no engine: projects cannot be started", { error = message })
  end
  self._engines = engine.new(self._state.relays, program)
  self._relays = keepers.new { engine = self._engines, log = options.log, clock = options.clock,
    hooks = hooks.new(context) }
  context.relays = self._relays
  return true
end

-- What media casts need beside an engine.
local function open_media_casts(self, options, context)
  local folder = self._state.relays
  local program, kind = playout.kind(options.preset)
  self._cast_engines = engine.new(folder, program, kind)
  self._playouts = keepers.new { what = "playout", engine = self._cast_engines, log = options.log,
    clock = options.clock, hooks = hooks.of_playouts(context) }
  context.playouts = self._playouts
  context.playout_files = playout.files(folder)
  context.cast_outputs = {}
  self._auto_start = auto_start.new(context)
  context.auto_start = self._auto_start
  local message
  context.library, message = library.open(options.media)
  return context.library ~= nil, message
end

-- Nothing that runs is ended because a database was lost.
local function open_strangers(self, options, context)
  local found, message = adoption.find(self._store, self._engines, self._cast_engines)
  if not found then
    return nil, "look for broadcasts that run: " .. message
  end
  if #found == 0 or options.running == "end" then
    return true
  elseif options.running ~= "adopt" then
    return nil, adoption.refusal(found, self._state.folder)
  end
  for _, one in ipairs(found) do
    local input = categories[one.category].check(context, {})
    local ok
    ok, message = self._store:adopt(adoption.record(one, options.platform or "test", input))
    if not ok then
      return nil, ("adopt project '%s': %s"):format(one.id, message)
    end
    options.log:warn("project adopted", { project = one.id, category = one.category })
  end
  return true
end

local function open_previews(self, options, context)
  self._previews = previews.new { context = context, clock = options.clock, relays = function(own_hooks)
    return keepers.new { engine = engine.new(self._state.looks, (engine.find(options.relay))), log = options.log,
      clock = options.clock, hooks = own_hooks }
  end }
  return true
end

-- There is none when it is off, or cannot be.
local function open_edge(self, options, context)
  local wanted, folder, found, message = options.edge, self._state.edge, nil, nil
  if wanted then
    found, message = process.find(os.getenv "PATH")
  end
  if found then
    self._edge, message = edge.open { folder = folder, rtmp = wanted.rtmp, http = wanted.http, domain = wanted.domain,
      found = found, log = options.log, clock = options.clock, told = function(reason)
        if context.journal then
          context.journal:replaced("Edge", reason)
        end
      end }
    context.edge = self._edge
    return self._edge and true, message
  end
  if wanted then
    options.log:warn("no edge: direct push and playback are off", { error = message })
  end
  if edge.sweep(folder) then
    options.log:warn "the edge that an earlier service left is ended"
  end
  return true
end

local function open_state(self, options)
  local message
  self._state, message = state.open(options.state)
  if not self._state then
    return nil, message
  end
  self.folder, self.credentials = self._state.folder, self._state.credentials
  local stat = uv.fs_stat(self._state.folder)
  if stat and stat.mode & others_write ~= 0 then
    options.log:warn("others may write to the state folder: run chmod 700 on it", { folder = self._state.folder })
  end
  return true
end

local function open_store(self, options, context)
  local message
  self._store, message = store.open(self._state.database, options.clock.now, ballast.new(self._state.ballast))
  if not self._store then
    return nil, message
  end
  if not self._store:keep_ballast() then
    options.log:warn("no ballast: once the disk is full a stop ends its broadcast and cannot be written down: free "
      .. "2 MiB", { folder = options.state })
  end
  for _, name in ipairs { "test", options.platform } do
    local added
    added, message = self._store:add_platform(name)
    if added == nil then
      return nil, ("add platform '%s': %s"):format(name, message)
    end
  end
  context.store = self._store
  return true
end

local function open_keys(self, options)
  local message
  self._keys, message = keys.open(self._state.credentials,
    kept_keys.new(self._store, self._state.master_key, options.clock.now))
  return self._keys and true, message
end

local function open_webhook(self, options, context)
  if not options.webhooks then
    return true
  end
  local message
  self._webhook, message = webhook.open { urls = options.webhooks, ca_file = options.webhook_ca,
    secret = self._state.webhook_secret, store = self._store, log = options.log, clock = options.clock }
  context.journal = self._webhook and self._webhook.journal
  return self._webhook and true, message
end

local function message_of(request)
  return {
    method = request:method(),
    path = request:path(),
    query = request:query(),
    body = request:body(),
    too_large = request:too_large(),
    header = function(name)
      return request:header(name)
    end,
  }
end

local function open_api_listener(self, options)
  local http, addresses = listen.open(options)
  if not http then
    return nil, addresses
  end
  self.addresses = addresses
  self._listener = listener.new(http, function(request)
    local asked = message_of(request)
    local status, headers, body = self._monitor:health(asked.method, asked.path)
    if status then
      return status, headers, body
    end
    return self._api:handle(asked)
  end)
  return true
end

local function open_metrics_listener(self, options)
  if not options.metrics then
    return true
  end
  local http, message = httpd.new { max_body = max_metrics_body, max_connections = max_metrics_connections }
  if not http then
    return nil, message
  end
  local host, port = http:listen { host = options.metrics.host, port = options.metrics.port }
  if not host then
    http:close()
    return nil, port -- the message
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

local function open_api(self, options, context)
  self._monitor = monitor.new { store = self._store, relays = self._relays, playouts = self._playouts,
    webhook = self._webhook, now = options.clock.now, log = options.log, started_at = options.clock.now() }
  self._api = api.new { keys = self._keys, actions = actions.new(context), now = options.clock.now, log = options.log,
    limiter = options.rate_limit and limiter.new(options.rate_limit, options.clock.monotonic),
    counted = function(action, code, seconds)
      self._monitor:request(action, code, seconds)
    end }
  return true
end

-- In this order: each part is for those below it.
local parts = { open_state, open_store, open_keys, open_webhook, open_relays, open_media_casts, open_strangers,
  open_edge, open_previews, open_api, open_api_listener, open_metrics_listener }

local function open_parts(self, options)
  local context = { locks = task.locks(), settings = options.settings, now = options.clock.now, log = options.log }
  for _, open in ipairs(parts) do
    local ok, message = open(self, options, context)
    if not ok then
      return nil, message
    end
  end
  return true
end

---Opens everything and listens; serves nothing before run().
---@param options cme.server.Options
---@return cme.server.Server?, string? message
function server.new(options)
  local self = setmetatable({ _options = options, _log = options.log, _stopping = false, _finished = false,
    _over = task.signal() }, Server)
  local ok, message = open_parts(self, options)
  if not ok then
    self:close()
    return nil, message
  end
  return self
end

-- ---- serving

-- Waits until nothing is left to do, or the time is over.
function Server:_wait_while(busy, seconds)
  local deadline = self._options.clock.monotonic() + seconds
  while busy() do
    local left = deadline - self._options.clock.monotonic()
    if left <= 0 then
      return
    end
    self._listener.progress:wait(left)
  end
end

-- Lets run() return.
function Server:_finish()
  self._finished = true
  self._over:notify()
end

---Ends run(): what is in hand is answered first. Waits; tasks only.
function Server:stop()
  if self._stopping then
    return
  end
  self._stopping = true
  local count = self._relays:count()
  self._log:info(count == 0 and "stopping" or ("stopping: %d broadcast%s without the service"):format(count,
    count == 1 and " goes on" or "s go on"))
  self._listener:quiesce()
  self:_wait_while(function()
    return self._listener.in_hand > 0
  end, drain_seconds)
  self:_wait_while(function()
    return self._listener:busy() > 0
  end, flush_seconds)
  self._previews:stop()
  self:_finish()
end

-- SIGHUP: the certificate files are read again. Without TLS there is nothing to do, and no reason to end either.
function Server:_renew()
  if not self._options.certificate then
    return
  end
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
    return
  end
  local ok, message = self._edge:start(function(stream)
    return self._store:find_pushed(stream)
  end, self._previews)
  if not ok then
    self._log:error("edge not started", { error = message })
  end
end

function Server:_fail(failure)
  self.failed = failure
  self:_finish()
end

function Server:_listen()
  local function fail(failure)
    self:_fail(failure)
  end
  self._listener:start(fail)
  if self._metrics then
    self._metrics:start(fail)
  end
end

-- What is done from time to time.
function Server:_tidy()
  self._relays:trim_logs()
  if self._edge then
    self._edge:trim_log()
  end
  self._previews:trim_logs()
  self._store:keep_ballast()
  if self._webhook then
    self._webhook:tidy()
  end
end

-- Every process that carries a broadcast is asked for a sign of life.
function Server:_check()
  self._relays:check()
  self._playouts:check()
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
  local tidier = every(0, tidy_ms, function()
    self:_tidy()
  end)
  local checker = every(check_ms, check_ms, function()
    self:_check()
  end)
  return { tidier, checker, on_signal("sigterm", stop), on_signal("sigint", stop), on_signal("sighup", function()
    self:_renew()
  end) }
end

-- Takes over what an earlier service left.
function Server:_take_over(working)
  local ids, casts = {}, {}
  for i, record in ipairs(working) do
    ids[i] = record.id
    casts[#casts + 1] = record.category == "MEDIA_CAST" and record.id or nil
    if record.fault then
      self._log:error("project can only be stopped", { project = record.id, error = record.fault })
    end
  end
  self._previews:start()
  self:_start_edge()
  self._playouts:adopt(casts, adopt_seconds)
  self._relays:adopt(ids, adopt_seconds)
  local ok, failure = self._auto_start:begin()
  if not ok then
    self._log:error("projects are not started at their time", { error = failure })
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

---Takes over the engines that run, then serves until stopped by a signal.
---@param on_ready fun() called once the engines are taken over: what a request sees from then on is settled
---@return true?, string? message
function Server:run(on_ready)
  luv.on_error = function(traceback)
    self._log:error("task failed", { error = traceback })
  end
  local working, message = self._store:working()
  if not working then
    return nil, message
  end
  local handles = self:_watch()
  if self._webhook then
    self._webhook:start()
  end
  luv.run(self._serve, self, working, on_ready)
  self._auto_start:close()
  for _, handle in ipairs(handles) do
    handle:close()
  end
  if self.failed then
    return nil, self.failed
  end
  return true
end

---Lets go of everything; engines keep running. Once is enough, more is harmless.
function Server:close()
  local on_air = self._relays ~= nil and self._relays:count() > 0
  if self._edge then
    self._edge:close(on_air)
    self._edge = nil
  end
  if self._previews then
    self._previews:close()
  end
  for _, each in ipairs { self._relays or false, self._playouts or false } do
    if each then
      each:detach()
    end
  end
  for _, name in ipairs { "_listener", "_metrics", "_webhook", "_keys", "_store", "_state" } do
    if self[name] then
      self[name]:close()
      self[name] = nil
    end
  end
end

return server
