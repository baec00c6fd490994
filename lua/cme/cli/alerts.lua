-- SPDX-License-Identifier: MIT
-- Sends a show's alerts: posts them to a URL, passes them to a program, calls the show's function. Each alert has a
-- task of its own, so that sending does not hold up the show; an alert that could not be sent is reported. Alerts of
-- one show are sent in order.

local backoff = require "cme.net.backoff"
local child = require "cme.system.child"
local codes = require "cme.codes"
local json = require "cme.json"
local redact = require "cme.redact"
local task = require "cme.task"
local time = require "cme.time"
local url = require "cme.net.url"
local uv = require "luv"

local alerts = {}

local ATTEMPTS = 3
local BACKOFF = { base = 1, cap = 60 }
local POST_SECONDS, CONNECT_SECONDS = 10, 5
local COMMAND_SECONDS = 30
local LONGEST_REASON = 4096 -- bytes
local FINISH_SECONDS = 60

---@class cme.cli.alerts
---@field _show cme.show
---@field _process cme.cli.process
---@field _transport cme.transport
---@field _spawn fun(fn: function, ...): cme.task
---@field _sleep fun(seconds: number)
---@field _network { ca_file: string|nil, proxy: string|nil, no_proxy: string|nil }
---@field _project cme.project what the show's function gets
---@field _failed fun(way: string, message: string, detail: cme.detail|nil)
---@field _last cme.task|nil the task of the alert before
---@field _pending integer alerts that are not told yet
---@field _all_told cme.task.signal told when that is none any more
local Alerts = {}
Alerts.__index = Alerts

--- Makes the teller of one show.
---@param show cme.show
---@param given { process: cme.cli.process, transport: cme.transport, project: cme.project,
--- spawn: (fun(fn: function, ...): cme.task), sleep: fun(seconds: number),
--- network: { ca_file: string|nil, proxy: string|nil, no_proxy: string|nil },
--- failed: fun(way: string, message: string) }
---@return cme.cli.alerts
function alerts.new(show, given)
  return setmetatable({ _show = show, _process = given.process, _transport = given.transport,
    _project = given.project, _spawn = given.spawn, _sleep = given.sleep, _network = given.network,
    _failed = given.failed, _pending = 0, _all_told = task.signal() }, Alerts)
end

--- What is posted, and what a program gets on its stdin. Pure.
---@param show cme.show
---@param alert cme.show.alert
---@param host string|nil goes before the picture's file, for a receiver elsewhere; nil: for a program of this machine
---@return table
function alerts.body(show, alert, host)
  local reason = alert.reason and redact.text(alert.reason, LONGEST_REASON)
  local picture = alert.picture and host and host .. ":" .. alert.picture or alert.picture
  return { show = show.project.name, kind = alert.kind, id = alert.id, name = alert.name, state = alert.state,
    at = time.format(alert.at), lasted = alert.lasted, reason = reason, look = alert.look,
    picture = picture }
end

local function post_once(self, to, body)
  local host = assert(url.parse(to)).authority
  local response, message, detail = self._transport:request { method = "POST", url = to, body = body,
    headers = { "Host: " .. host, "Content-Type: application/json" }, timeout = POST_SECONDS,
    connect_timeout = CONNECT_SECONDS, ca_file = self._network.ca_file, proxy = self._network.proxy,
    no_proxy = self._network.no_proxy }
  if not response then return nil, message, detail end
  if response.status >= 200 and response.status < 300 then return true end
  return codes.fail("local.alert:status", { status = response.status })
end

local WAYS = {}

function WAYS.webhook(self, to, body)
  local ok, message, detail
  for attempt = 1, ATTEMPTS do
    ok, message, detail = post_once(self, to, body)
    if ok or attempt == ATTEMPTS then break end
    self._sleep(backoff.delay(BACKOFF, attempt))
  end
  return ok, message, detail
end

function WAYS.command(self, words, body)
  local result, message, detail = self._process:run(words, body .. "\n", COMMAND_SECONDS)
  if not result then return nil, message, detail end
  local exit = child.exit(result.code, result.signal)
  if exit.ok then return true end
  return codes.fail("local.alert:ended", { program = words[1], reason = exit.reason })
end

function WAYS.call(self, fn, _, alert)
  return pcall(fn, alert, self._project)
end

-- Takes every way that the show has; `result(way, ok, message, detail)` is called with how each went.
function Alerts:_take_ways(alert, result)
  for _, way in ipairs { "webhook", "command", "call" } do
    local how = self._show.alerts[way]
    if how then
      local host = way == "webhook" and uv.os_gethostname() or nil
      local body = assert(json.encode(alerts.body(self._show, alert, host)))
      result(way, WAYS[way](self, how, body, alert))
    end
  end
end

function Alerts:_tell(alert, told, before)
  if before then before:wait() end
  self:_take_ways(alert, function(way, ok, message, detail)
    if not ok then self._failed(way, tostring(message), detail) end
  end)
  self._pending = self._pending - 1
  told()
  if self._pending == 0 then self._all_told:notify() end
end

--- Tells an alert; returns at once. Tasks only.
---@param alert cme.show.alert
---@param told fun() called when every way was taken, whether or not it led anywhere
function Alerts:tell(alert, told)
  self._pending = self._pending + 1
  self._last = self._spawn(self._tell, self, alert, told, self._last)
end

--- Sends a test note by every way that the show has, so that an alarm that rings nowhere is found before the show.
--- Tasks only.
---@param now number unix seconds
---@return cme.show.finding[]
function Alerts:test(now)
  local findings = {}
  self:_take_ways({ kind = "notice", state = "note", id = "test", at = now, reason = "a test: alerts arrive here" },
    function(way, ok, message)
      findings[#findings + 1] = { what = "alert " .. way, ok = ok == true, message = ok and "" or tostring(message) }
    end)
  return findings
end

--- Waits a while for what is not told yet; what is not told then, the next run tells. Tasks only.
---@param seconds number|nil a minute when nil
---@return integer left how many those are
function Alerts:finish(seconds)
  if self._pending > 0 then self._all_told:wait(seconds or FINISH_SECONDS) end
  return self._pending
end

return alerts
