-- SPDX-License-Identifier: MIT
-- Starts projects at their AutoStartTime. The store has the times; this module remembers those of Idle projects and
-- sets one timer, for the earliest. A start that was missed while the service was down is done when the service is
-- back, if it is at most ten minutes late; otherwise it is skipped, and the log says so. So is one that a fleet could
-- not do, which is tried again meanwhile. A project that has been started since its time is not started again.

local uv = require "luv"

local luv = require "cme.net.loop.luv"

local auto_start = {}

auto_start.grace_seconds = 600
auto_start.again_seconds = 15 -- until the next attempt
local LOOK_AGAIN_SECONDS = 30 -- at most, since the clock may be set

---@class cme.server.categories.media_cast.auto_start
---@field private _options { name: string, store: cme.server.store.interface,
---  at: (fun(record: cme.server.project): number|nil),
---  begin: (fun(record: cme.server.project): true|nil, string|nil), now: (fun(): number), log: cme.server.log }
---@field private _due table<string, number> unix seconds, by project
---@field private _told table<string, string> why the last attempt of one failed that is tried again
---@field private _timer userdata|nil
local AutoStart = {}
AutoStart.__index = AutoStart

---@param options { name: string, store: cme.server.store.interface, at: (fun(record: cme.server.project): number|nil),
---  begin: (fun(record: cme.server.project): true|nil, string|nil, cme.detail|nil), now: (fun(): number),
---  log: cme.server.log } name:
---  the category's; at: when a project is to start; begin: starts it, and may wait
---@return cme.server.categories.media_cast.auto_start
function auto_start.new(options)
  return setmetatable({ _options = options, _due = {}, _told = {} }, AutoStart)
end

--- What to do about a time; pure.
---@param at number
---@param now number
---@return "wait"|"start"|"late"
function auto_start.verdict(at, now)
  if at > now then return "wait" end
  return now - at <= auto_start.grace_seconds and "start" or "late"
end

-- What failed for the fleet's sake, or etcd's: no node has room, or this one has no lease.
function AutoStart:_again(id, failure)
  if self._told[id] ~= failure then
    self._options.log:error("auto start failed, and is tried again", { project = id, error = failure })
  end
  self._told[id] = failure
  self._due[id] = self._options.now() + auto_start.again_seconds
  self:_arm()
end

function AutoStart:_start(id)
  local options = self._options
  local record, message = options.store:get(id)
  if not record then
    if message then options.log:error("auto start failed", { project = id, error = message }) end
    return
  end
  local at = options.at(record)
  if not at or auto_start.verdict(at, options.now()) ~= "start" then return self:watch(record) end
  local ok, failure, detail = options.begin(record)
  if not ok and detail and detail.code == "server.fleet.held" then return end -- another node starts it
  if not ok and detail and not detail.code:find "^api%." then return self:_again(id, failure) end
  self._told[id] = nil
  if ok then
    options.log:info("project started at its time", { project = id })
  else
    options.log:error("auto start failed", { project = id, error = failure })
  end
end

function AutoStart:_look()
  local now, due = self._options.now(), {}
  for id, at in pairs(self._due) do
    if at <= now then
      due[#due + 1] = id
    end
  end
  for _, id in ipairs(due) do
    self._due[id] = nil
    luv.detach(self._start, self, id)
  end
  self:_arm()
end

function AutoStart:_arm()
  local earliest
  for _, at in pairs(self._due) do
    earliest = math.min(earliest or at, at)
  end
  if not self._timer then
    return
  elseif not earliest then
    return self._timer:stop()
  end
  local seconds = math.min(LOOK_AGAIN_SECONDS, math.max(0, earliest - self._options.now()))
  self._timer:start(math.ceil(seconds * 1000), 0, luv.callback(function()
    self:_look()
  end))
end

--- Takes in a project as it is now.
---@param record cme.server.project a media cast
function AutoStart:watch(record)
  local at = self._options.at(record)
  if at and auto_start.verdict(at, self._options.now()) == "late" then
    self._options.log:warn("auto start left out: its time is past", { project = record.id,
      at = record.input.PlaySetting.AutoStartTime })
    at = nil
  end
  self._due[record.id] = at
  if not at then self._told[record.id] = nil end
  self:_arm()
end

--- A project is gone.
---@param id string
function AutoStart:forget(id)
  self._due[id], self._told[id] = nil, nil
  self:_arm()
end

--- Takes in all projects and begins to start those whose time comes.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function AutoStart:begin()
  local idle, message, detail = self._options.store:idle(self._options.name)
  if not idle then return nil, message, detail end
  self._timer = uv.new_timer()
  for _, record in ipairs(idle) do
    self:watch(record)
  end
  return true
end

function AutoStart:close()
  if self._timer and not self._timer:is_closing() then
    self._timer:close()
  end
  self._timer = nil
end

return auto_start
