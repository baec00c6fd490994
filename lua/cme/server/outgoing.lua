-- SPDX-License-Identifier: MIT
-- HTTP requests out of the service: tasks wait for their answers, transfers of one cme.http pool move while the luv
-- loop turns. The pool has no descriptor to wait for, so it is looked at, at ever longer steps while nothing comes: an
-- answer of a near receiver is there after a few milliseconds, and one that hangs costs twenty looks a second.
-- Nothing here blocks; the pool verifies TLS, follows no redirect and ends each transfer at its own deadline.

local http = require "cme.http"
local task = require "cme.server.task"
local uv = require "luv"

local outgoing = {}

local first_step_ms = 1
local longest_step_ms = 50

---@class cme.server.Outgoing
---@field private _pool cme.http.Pool?  nil: closed
---@field private _timer userdata
---@field private _waiting table<integer, function> who waits for the transfer of that id
---@field private _step integer         ms until the next look
local Outgoing = {}
Outgoing.__index = Outgoing
Outgoing.__name = "cme.server.Outgoing"

---@return cme.server.Outgoing?, string? message
function outgoing.new()
  local pool, message = http.new()
  if not pool then
    return nil, message
  end
  local self = setmetatable({ _pool = pool, _timer = uv.new_timer(), _waiting = {}, _step = first_step_ms }, Outgoing)
  self._look = task.callback(function()
    self:_move()
  end)
  return self
end

function Outgoing:_hand_out()
  local handed, id, response, message, detail = false, self._pool:next()
  while id do
    handed = true
    local wake = self._waiting[id]
    self._waiting[id] = nil
    if wake then
      wake(response, message, detail) -- runs the task until its next wait, which may close all this
    end
    if not self._pool then
      return false
    end
    id, response, message, detail = self._pool:next()
  end
  return handed
end

function Outgoing:_move()
  if not self._pool then
    return
  end
  local ready = self._pool:poll(0)
  self._pool:perform()
  ready = self:_hand_out() or ready
  self._step = ready and first_step_ms or math.min(self._step * 2, longest_step_ms)
  if self._pool and next(self._waiting) then
    self._timer:start(self._step, 0, self._look)
  end
end

---Sends a request and waits for its answer; tasks only.
---@param request cme.http.Request
---@return cme.http.Response? response
---@return string? message
---@return cme.http.Failure? detail
function Outgoing:request(request)
  if not self._pool then
    return nil, "the service ends", { code = "network.cancelled", sent = false }
  end
  local id = self._pool:submit(request)
  return task.wait(function(wake)
    self._waiting[id] = wake
    self._step = first_step_ms
    self._timer:start(0, 0, self._look)
  end)
end

---Ends what is in flight: who waits is told so. Once is enough, more is harmless.
function Outgoing:close()
  local pool, waiting = self._pool, self._waiting
  if not pool then
    return
  end
  self._pool, self._waiting = nil, {}
  self._timer:close()
  pool:close()
  for _, wake in pairs(waiting) do
    wake(nil, "the service ends", { code = "network.cancelled", sent = true })
  end
end

return outgoing
