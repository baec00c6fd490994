-- SPDX-License-Identifier: MIT
-- The service: one luv loop that drives the HTTP server's epoll descriptor, answers each request in a task of its own,
-- and ends on SIGTERM or SIGINT. What it is made of is put together in parts.lua.
--
-- To end, it accepts no more requests, answers those that it has, disconnects from the engines (which relay on), and
-- exits with 0.

local uv = require "luv"

local edge = require "cme.server.edge"
local listen = require "cme.server.http.listen"
local luv = require "cme.net.loop.luv"
local parts = require "cme.server.parts"
local pulse = require "cme.server.process.pulse"
local task = require "cme.task"

local server = {}

local DRAIN_SECONDS = 10 -- for requests that wait for an engine
local FLUSH_SECONDS = 2 -- for answers on their way, and halves of requests
local ADOPT_SECONDS = 5 -- for engines that do not answer
local TIDY_MS = 60 * 1000 -- between looks at the engines' logs and the ballast
local CHECK_MS = pulse.PERIOD * 1000 -- between questions for a sign of life

---@class cme.server.server
---@field addresses cme.server.http.address[] where it listens
---@field folder string                 of its state
---@field credentials string            file of the development key
---@field failed string|nil             why the loop ended, when not by request
---@field private _failure cme.detail|nil what that says, unless it is a fault of ours
---@field private _parts cme.server.parts
---@field private _options cme.server.options
---@field private _log cme.server.log
---@field private _stopping boolean
---@field private _database_in_place true|nil nil: it was deleted or replaced, and that was told
---@field private _finished boolean     run() is to return
---@field private _over cme.task.signal told when it is
local Server = {}
Server.__index = Server
Server.__name = "cme.server.server"

--- Opens everything and listens; serves nothing before run().
---@param options cme.server.options
---@return cme.server.server|nil
---@return string|nil message
---@return cme.detail|nil detail
function server.new(options)
  local self = setmetatable({ _options = options, _log = options.log, _parts = parts.new(options), _stopping = false,
    _database_in_place = true, _finished = false, _over = task.signal() }, Server)
  local ok, message, detail = self._parts:open()
  if not ok then
    self:close()
    return nil, message, detail
  end
  self.addresses = self._parts.addresses
  self.folder, self.credentials = self._parts.state.folder, self._parts.state.credentials
  return self
end

-- ---- serving

-- Waits until nothing is left to do, or the time is over.
function Server:_wait_while(busy, seconds)
  local deadline = self._options.clock.monotonic() + seconds
  while busy() do
    local left = deadline - self._options.clock.monotonic()
    if left <= 0 then return end
    self._parts.listener.progress:wait(left)
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
  local count = self._parts.relays:count()
  self._log:info(count == 0 and "stopping" or ("stopping: %d broadcast%s without the service"):format(count,
    count == 1 and " goes on" or "s go on"))
  self._parts.listener:quiesce()
  self:_wait_while(function()
    return self._parts.listener.in_hand > 0
  end, DRAIN_SECONDS)
  self:_wait_while(function()
    return self._parts.listener:busy() > 0
  end, FLUSH_SECONDS)
  self._parts.previews:stop()
  self._parts.looks:close()
  self:_finish()
end

-- SIGHUP: the certificate files are read again, those of the edge, too. Without TLS there is nothing to do, and no
-- reason to end either.
function Server:_renew()
  local edge_of_ours = self._parts.edge
  if edge_of_ours and edge_of_ours:renew() then self._log:info "the edge's TLS certificate was read again" end
  if not self._options.certificate then return end
  local ok, message = listen.renew(self._parts.listener, self._options)
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
  if not self._parts.edge then
    if edge.sweep { folder = self._parts.state.edge, engine = function(kind) return self._parts:edge_engine(kind) end,
      clock = self._options.clock, log = self._log } then
      self._log:warn "the edge that an earlier service left is ended"
    end
    return
  end
  local store, previews = self._parts.store, self._parts.previews
  local function wanted() -- what may have keys at the edge; some come twice
    local list, message, detail = store:pushed()
    local working = list
    if list then working, message, detail = store:working() end
    return working and table.move(working, 1, #working, #list + 1, list), message, detail
  end
  self._parts.edge:start(wanted, previews, function(message, detail)
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
  self._parts.listener:start(fail)
  if self._parts.metrics then
    self._parts.metrics:start(fail)
  end
end

-- What is done from time to time.
function Server:_tidy()
  self._parts.relays:trim_logs() -- those of a category's own processes, too: they are in the same folder
  if self._parts.edge then
    self._parts.edge:tidy()
  end
  self._parts.previews:trim_logs()
  self._parts.slates:tidy()
  self._parts.store:keep_ballast()
  if self._parts.webhook then
    self._parts.webhook:tidy()
  end
end

-- The file of the database may be deleted under the service, which SQLite does not notice; what is in etcd may be taken
-- over by another service.
function Server:_check_database()
  local ok, message = self._parts.store:is_in_place()
  if ok == self._database_in_place then return end
  self._database_in_place = ok
  if ok then
    self._log:info "database is back in its place"
    return
  end
  self._log:error("database lost", { error = message })
  local name = self._options.etcd and self._options.etcd.prefix or self._parts.state.database
  if self._parts.webhook then self._parts.webhook.journal:database_lost(name) end
end

-- Every process that carries a broadcast is asked for a sign of life.
function Server:_check()
  self:_check_database()
  for _, each in ipairs(self._parts:processes()) do each:check() end
  self._parts.previews:check()
  if self._parts.edge then
    self._parts.edge:check()
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
  for name, service in pairs(self._parts.services) do
    if service.processes then service.processes:adopt(by_category[name] or {}, ADOPT_SECONDS) end
  end
  self._parts.relays:adopt(ids, ADOPT_SECONDS)
  local shared = self._parts.fleet
  self._parts.recordings:settle(function(id) -- the engine of a standby does not record
    return self._parts.relays:is_kept(id) and not (shared and shared:stands(id))
  end)
end

-- Takes over what an earlier service left.
function Server:_take_over(working)
  self._parts.previews:start()
  self:_start_edge()
  self:_adopt(working)
  for _, service in pairs(self._parts.services) do
    local ok, failure = true, nil
    if service.begin then ok, failure = service:begin() end
    if not ok then self._log:error("projects are not started at their time", { error = failure }) end
  end
  if self._parts.fleet then self._parts.fleet:start() end
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
  local working, message, detail = self._parts.store:working()
  if not working then return nil, message, detail end
  if self._parts.fleet then working = self._parts.fleet:own(working) end
  local handles = self:_watch()
  if self._parts.webhook then
    self._parts.webhook:start()
  end
  luv.run(self._serve, self, working, on_ready)
  for _, service in pairs(self._parts.services) do
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
  self._parts:close()
end

return server
