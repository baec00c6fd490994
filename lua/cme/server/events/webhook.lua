-- SPDX-License-Identifier: MIT
-- Delivers the outbox: each event is posted to each URL, signed as cme.event verifies it, until the receiver answers
-- 2xx or the event is three days old. Every URL has a task of its own, so that one that hangs delays no other:
--
--     outbox:heads --> the oldest event of each project, a few at a time --> POST --> 2xx: removed
--         ^                                                                    | other status: this project waits
--         +-- queued, delivered, time passed ----------------------------------+ no answer, 429, 502-504: all wait
--
-- An event of a project is sent only after the one before it was accepted, so a project's events stay in order. After a
-- crash between the answer and the removal of the row, the event is posted again with the same X-CME-Event-Id. The
-- waits are in memory only: a service that was restarted tries at once.

local backoff = require "cme.net.backoff"
local event = require "cme.event"
local journal = require "cme.server.events.journal"
local luv = require "cme.net.loop.luv"
local outbox = require "cme.server.events.outbox"
local redact = require "cme.redact"
local task = require "cme.task"
local transport = require "cme.net.transport"
local version = require "cme.version"
local webhook_secret = require "cme.server.events.webhook_secret"
local writer = require "cme.server.store.writer"

local webhook = {}

local MAX_IN_FLIGHT = 4 -- events of different projects on their way to one URL
local BACKOFF = { base = 1, cap = 300, jitter = 0.5 }
local LONGEST_ASKED = 3600 -- seconds of a Retry-After that are honoured
local REQUEST_SECONDS = 10
local CONNECT_SECONDS = 5
local MAX_ANSWER = 1024 * 1024 -- bytes; nobody reads them

---@class cme.server.events.target one URL
---@field url string
---@field shown string            redacted
---@field busy table<string, true> projects with an event in flight
---@field in_flight integer
---@field failures integer        in a row, of the receiver as a whole
---@field resume_at number        by the clock; before it nothing is sent
---@field waits table<string, { failures: integer, at: number }> by project whose event was refused
---@field delivered integer       since the start
---@field failed integer          attempts, since the start
---@field changed cme.task.signal
---@field again boolean           something changed since the last look

---@class cme.server.events.webhook
---@field targets cme.server.events.target[]
---@field journal cme.server.events.journal|nil of webhook.open
---@field private _outbox cme.server.events.outbox
---@field private _http cme.transport
---@field private _secrets fun(): string[]
---@field private _ca_file string|nil
---@field private _log cme.server.log
---@field private _clock cme.system.clock
---@field private _random fun(): number
---@field private _may (fun(url: string): boolean)|nil nil: always
---@field private _tasks cme.task[]     those that deliver, whose children are the attempts
local Webhook = {}
Webhook.__index = Webhook
Webhook.__name = "cme.server.events.webhook"

-- ---- decisions, pure

local SICK = { [429] = true, [502] = true, [503] = true, [504] = true }

--- What an attempt means.
---@param status integer|nil nil: no answer came
---@return "delivered"|"refused"|"down" verdict refused: this event; down: the receiver as a whole
function webhook.verdict(status)
  if not status or SICK[status] then return "down" end
  return status >= 200 and status < 300 and "delivered" or "refused"
end

--- What can be sent now, and when to look again otherwise.
---@param target cme.server.events.target
---@param heads { seq: integer, project: string }[] the oldest event of each project
---@param now number by the clock
---@return { seq: integer, project: string }[] due
---@return number|nil at by the clock; nil: when something changes
function webhook.due(target, heads, now)
  if target.resume_at > now then return {}, target.resume_at end
  local room = (target.failures > 0 and 1 or MAX_IN_FLIGHT) - target.in_flight -- one to see whether it is back
  local due, at = {}, nil
  for _, head in ipairs(heads) do
    local wait = target.waits[head.project]
    if wait and wait.at > now then
      at = math.min(at or wait.at, wait.at)
    elseif #due < room and not target.busy[head.project] then
      due[#due + 1] = head
    end
  end
  return due, at
end

-- ---- delivering

---@param options { outbox: cme.server.events.outbox, http: cme.transport, secrets: (fun(): string[]),
---  ca_file: string|nil, log: cme.server.log, clock: cme.system.clock, random: (fun(): number)|nil }
---@return cme.server.events.webhook
function webhook.new(options)
  local self = setmetatable({ targets = {}, _outbox = options.outbox, _http = options.http,
    _secrets = options.secrets, _ca_file = options.ca_file, _log = options.log,
    _clock = options.clock, _random = options.random or math.random, _tasks = {} }, Webhook)
  for i, url in ipairs(options.outbox.urls) do
    self.targets[i] = { url = url, shown = redact.url(url), busy = {}, in_flight = 0, failures = 0, resume_at = 0,
      waits = {}, delivered = 0, failed = 0, changed = task.signal(), again = false }
  end
  return self
end

local function wake(target)
  target.again = true
  target.changed:notify()
end

local function header_lines(headers)
  local lines = {}
  for name, value in pairs(headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return lines
end

function Webhook:_post(target, entry)
  local headers = event.headers(self._secrets(), self._clock.now(), entry.id, entry.body)
  headers["User-Agent"] = "cme/" .. version
  local response, message = self._http:request { url = target.url, body = entry.body, headers = header_lines(headers),
    timeout = REQUEST_SECONDS, connect_timeout = CONNECT_SECONDS, max_response = MAX_ANSWER, ca_file = self._ca_file }
  if not response then return nil, message, 0 end
  return response.status, nil, backoff.asked(response.status, response.headers, LONGEST_ASKED)
end

-- Takes note of an attempt that failed; `asked`: seconds that the receiver asks to be left alone.
function Webhook:_failed(target, entry, verdict, why, asked)
  target.failed = target.failed + 1
  local state = target
  if verdict == "refused" then
    target.failures = 0
    state = target.waits[entry.project] or { failures = 0 }
    target.waits[entry.project] = state
  end
  state.failures = state.failures + 1
  local delay = math.max(asked, backoff.delay(BACKOFF, state.failures, self._random()))
  state[verdict == "refused" and "at" or "resume_at"] = self._clock.monotonic() + delay
  self._log:warn("event not delivered", { url = target.shown, project = entry.project, event = entry.id, error = why,
    retry_in = delay })
end

function Webhook:_delivered(target, entry)
  if target.failures > 0 then
    self._log:info("webhook's receiver is back", { url = target.shown })
  end
  target.failures, target.resume_at, target.waits[entry.project] = 0, 0, nil
  local ok, message = self._outbox:remove(entry.seq)
  if ok then
    target.delivered = target.delivered + 1
    return
  end
  target.resume_at = self._clock.monotonic() + writer.RETRY_SECONDS -- it goes again then, with its id
  self._log:error("delivered event is not removed", { url = target.shown, event = entry.id, error = message })
end

function Webhook:_attempt(target, head)
  local entry, message = self._outbox:get(head.seq)
  if not entry then
    if message then
      target.resume_at = self._clock.monotonic() + writer.RETRY_SECONDS
      self._log:error("event not readable", { url = target.shown, error = message })
    end
    return
  end
  local status, why, asked = self:_post(target, entry)
  local verdict = webhook.verdict(status)
  if verdict == "delivered" then
    self:_delivered(target, entry)
  else
    self:_failed(target, entry, verdict, why or ("HTTP status %d"):format(status), asked)
  end
end

function Webhook:_deliver(target, head)
  local good, traceback = xpcall(self._attempt, debug.traceback, self, target, head)
  target.in_flight, target.busy[head.project] = target.in_flight - 1, nil
  if not good then
    target.resume_at = self._clock.monotonic() + BACKOFF.cap
    luv.on_error(traceback)
  end
  wake(target)
end

-- Starts what can be sent now. Returns when to look again, by the clock.
function Webhook:_start_due(target)
  if self._may and not self._may(target.url) then return nil end
  local heads, message = self._outbox:heads(target.url)
  if not heads then
    self._log:error("events not readable", { url = target.shown, error = message })
    return self._clock.monotonic() + writer.RETRY_SECONDS
  end
  local due, at = webhook.due(target, heads, self._clock.monotonic())
  for _, head in ipairs(due) do
    target.in_flight, target.busy[head.project] = target.in_flight + 1, true
    luv.detach(self._deliver, self, target, head)
  end
  return at
end

function Webhook:_run(target)
  while true do
    target.again = false
    local at = self:_start_due(target)
    if not target.again then
      target.changed:wait(at and math.max(0, at - self._clock.monotonic()))
    end
  end
end

function Webhook:_follow()
  while true do
    self._outbox.queued:wait()
    for _, target in ipairs(self.targets) do
      wake(target)
    end
  end
end

--- All that events need: the store's changes go into its journal from now on.
---@param options { urls: string[], ca_file: string|nil, secret: string, store: cme.server.store.interface,
---  log: cme.server.log, clock: cme.system.clock } secret: its file
---@return cme.server.events.webhook|nil
---@return string|nil message
---@return cme.detail|nil detail
function webhook.open(options)
  local secrets, message, detail = webhook_secret.open(options.secret, options.log)
  if not secrets then return nil, message, detail end
  local queue = outbox.new(options.store, options.urls, options.clock.now, options.log)
  local self = webhook.new { outbox = queue, http = transport.shared(), secrets = secrets, ca_file = options.ca_file,
    log = options.log, clock = options.clock }
  self.journal = journal.new { store = options.store, outbox = queue, log = options.log }
  options.store:tell(self.journal)
  return self
end

--- The receivers.
---@return string[]
function Webhook:urls() return self._outbox.urls end

--- Has events posted only while this service may. Whoever grants it announces that in the journal.
---@param may fun(url: string): boolean
function Webhook:limit(may) self._may = may end

--- Begins to deliver, in tasks of its own.
function Webhook:start()
  self:tidy()
  self._tasks = { luv.detach(self._follow, self) }
  for _, target in ipairs(self.targets) do
    table.insert(self._tasks, luv.detach(self._run, self, target))
  end
end

--- Gives up what is too old; to be called from time to time.
function Webhook:tidy()
  local before = self._clock.monotonic() - BACKOFF.cap
  for _, target in ipairs(self.targets) do
    for project, wait in pairs(target.waits) do
      if wait.at < before then -- its event is gone, or about to be tried again
        target.waits[project] = nil
      end
    end
  end
  local ok, message = self._outbox:expire()
  if not ok then
    self._log:warn("old events stay", { error = message })
  end
end

--- How many events wait for each URL, and since when.
---@return table<string, { count: integer, oldest: number }>|nil
---@return string|nil message
---@return cme.detail|nil detail
function Webhook:depth()
  return self._outbox:depth()
end

--- How many events for a URL were given up.
---@param url string
---@return integer
function Webhook:dropped(url)
  return self._outbox.dropped[url] or 0
end

--- Ends delivering; what was not delivered, or not known to be, stays in the outbox.
function Webhook:close()
  for _, one in ipairs(self._tasks) do
    one:cancel()
  end
  self._tasks = {}
end

return webhook
