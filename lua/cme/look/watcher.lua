-- SPDX-License-Identifier: MIT
-- Looks at addresses for as long as they are wanted, by one cme-look for all of them: the source that they are compared
-- with is then decoded once, and one process is bounded. It is started again, ever more slowly, when it ends or says
-- nothing for too long, and when others are to be looked at. What fails is told once. Nothing here waits, and nothing
-- that cme-look does can hold up who asks: what is not known is not known.
--
--   set(targets) --> start --> lines --> get(key)
--                     ^          |
--                     +- backoff +-- ended, silent, over its budget
--
-- Not a task: callbacks of the luv loop.

local backoff = require "cme.net.backoff"
local budget = require "cme.look.budget"
local clock = require "cme.system.clock"
local codes = require "cme.codes"
local program = require "cme.look.program"
local uv = require "luv"
local views = require "cme.look.views"

local watcher = {}

local POLICY = { base = 2, cap = 60, steady = 120 }
local MOST = 32 -- addresses of one process
local SILENCE = 30 -- seconds beside `every` without a line, after which it hangs
local TICKS = 100 -- of /proc a second; Linux has no other

---@class cme.look.target
---@field key string by which it is asked for
---@field url string

---@class cme.look.watcher.options
---@field program string|nil path of cme-look; nil: there is none
---@field every number seconds between two looks at an address
---@field album cme.look.album|nil its own, which it closes; nil: no pictures
---@field ca_file string|nil
---@field tell number|nil seconds between two lines about an address; `every` when nil
---@field peer boolean|nil the source is another input of the project (cme.look.order)
---@field warn fun(message: string, detail: cme.detail|nil) what fails, once
---@field seen fun(key: string, view: cme.look.view)|nil at each look, and when a state is named

---@class cme.look.watcher
---@field private _options cme.look.watcher.options
---@field private _targets cme.look.target[]
---@field private _source string|nil
---@field private _public boolean|nil addresses of the public internet alone
---@field private _source_public boolean|nil
---@field private _running cme.look.running|nil
---@field private _views cme.look.views|nil of the process that runs
---@field private _failures integer in a row
---@field private _warned boolean
---@field private _thrift cme.look.thrift
---@field private _timer userdata for the next start, or the end of patience
---@field private _started number monotonic seconds
---@field private _again boolean|nil another one is to follow at once
---@field private _measured { at: number, used: number }|nil
local Watcher = {}
Watcher.__index = Watcher
Watcher.__name = "cme.look.watcher"

---@param options cme.look.watcher.options
---@return cme.look.watcher
function watcher.new(options)
  return setmetatable({ _options = options, _targets = {}, _failures = 0, _warned = false, _thrift = budget.all(),
    _timer = uv.new_timer() }, Watcher)
end

function Watcher:_warn(message, detail)
  if self._warned then return end
  self._warned = true
  self._options.warn(message, detail)
end

function Watcher:_every()
  return self._options.every * self._thrift.times
end

-- ---- its lines

function Watcher:_picture(line)
  local album = self._options.album
  if line.kind == "change" and line.picture and album then
    line.picture = album:keep(line.picture, clock.now())
  end
end

function Watcher:_take(line)
  self:_be_patient()
  if line.kind == "error" then return self:_warn(codes.say(line.error), line.error) end
  local target = line.index and self._targets[line.index + 1]
  if not target or line.kind == "end" then return end
  self:_picture(line)
  local now = clock.now()
  self._views:take(target.key, line, now)
  if self._options.seen then self._options.seen(target.key, self._views:get(target.key, now)) end
  if line.kind == "look" then self:_measure() end
end

-- ---- what it costs

local function processor_time(pid)
  local file = io.open(("/proc/%d/stat"):format(pid))
  local stat = file and file:read "a" or ""
  if file then file:close() end
  return budget.used(stat, TICKS)
end

function Watcher:_measure()
  local now, before = clock.monotonic(), self._measured
  if before and now - before.at < budget.WINDOW then return end
  local used = processor_time(self._running:pid())
  self._measured = used and { at = now, used = used }
  local less = used and before and budget.less(self._thrift, (used - before.used) / (now - before.at))
  if not less then return end
  self._thrift = less
  self:_restart()
end

-- ---- its life

-- One that says nothing is ended; its end starts another one.
function Watcher:_be_patient()
  local limit = (self:_every() + SILENCE) * 1000
  self._timer:start(math.ceil(limit), 0, function() self._running:kill() end)
end

function Watcher:_ended(exit)
  local lived = clock.monotonic() - self._started
  local again = self._again
  self._running, self._views, self._again = nil, nil, false
  if not self._targets[1] then return end
  self._timer:stop()
  if again then return self:_start() end
  self:_warn(select(2, codes.fail("local.look_ended", { reason = exit.reason })))
  self:_retry(lived)
end

function Watcher:_retry(lived)
  self._failures = backoff.count(POLICY, self._failures, lived)
  self._timer:start(math.ceil(backoff.delay(POLICY, self._failures) * 1000), 0, function() self:_start() end)
end

function Watcher:_order()
  local urls, album = {}, self._options.album
  for i = 1, math.min(#self._targets, MOST) do urls[i] = self._targets[i].url end
  return { urls = urls, source = self._thrift.source and self._source or nil, every = self:_every(),
    ca_file = self._options.ca_file, public = self._public, source_public = self._source_public,
    peer = self._options.peer, tell = self._options.tell, pictures = album and album.scratch }
end

function Watcher:_start()
  local path = self._options.program
  if not path then return self:_warn(select(2, codes.fail "local.no_look")) end
  self._started, self._measured = clock.monotonic(), nil
  self._views = views.new(clock.now(), self:_every())
  local running, message, detail
  running, message, detail = program.start(path, self:_order(), function(line)
    if self._running ~= running or not self._views then return end
    local ok, raised = pcall(self._take, self, line) -- an error raised into libuv would end this process
    if not ok then self:_warn(tostring(raised)) end
  end, function(exit) self:_ended(exit) end)
  self._running = running
  if running then return self:_be_patient() end
  self:_warn(message --[[@as string]], detail)
  self:_retry(0)
end

-- Ends the one that runs, for another to follow.
function Watcher:_restart()
  self._views, self._again = nil, true
  self._running:kill()
end

local function same(a, b)
  if #a ~= #b then return false end
  for i, one in ipairs(a) do
    if one.key ~= b[i].key or one.url ~= b[i].url then return false end
  end
  return true
end

--- Says what is to be looked at from now on; none: nothing. The same again has no effect.
---@param targets cme.look.target[]
---@param source string|nil address of what they are compared with
---@param public boolean|nil read addresses of the public internet alone
---@param source_public boolean|nil the same of the source
function Watcher:set(targets, source, public, source_public)
  if same(targets, self._targets) and source == self._source and public == self._public
    and source_public == self._source_public then return end
  self._targets, self._source, self._public, self._source_public = targets, source, public, source_public
  self._thrift = budget.all()
  self._timer:stop()
  if self._running then return self:_restart() end
  if targets[1] then self:_start() end
end

--- What is known of an address.
---@param key string
---@return cme.look.view|nil
function Watcher:get(key)
  return self._views and self._views:get(key, clock.now())
end

--- Looks at nothing any more, and lets go of the timer and the album. The process ends by itself soon.
function Watcher:close()
  self._targets, self._again = {}, false
  if self._running then self._running:kill() end
  if self._options.album then self._options.album:close() end
  if not self._timer:is_closing() then self._timer:close() end
end

return watcher
