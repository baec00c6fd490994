-- SPDX-License-Identifier: MIT
-- HTTP requests out of the service: tasks wait for their answers, transfers of one cme.http pool move while the luv
-- loop turns, which waits for the pool's descriptor and its timeout. Nothing here blocks; the pool verifies TLS,
-- follows no redirect and ends each transfer at its own deadline.

local http = require "cme.http"
local task = require "cme.server.task"
local uv = require "luv"

local outgoing = {}

---@class cme.server.Outgoing
---@field private _pool cme.http.Pool?  nil: closed
---@field private _poll userdata        luv's watch of the pool's descriptor
---@field private _timer userdata       for the pool's timeout
---@field private _waiting table<integer, function> who waits for the transfer of that id
local Outgoing = {}
Outgoing.__index = Outgoing
Outgoing.__name = "cme.server.Outgoing"

---@return cme.server.Outgoing?, string? message
function outgoing.new()
  local pool, message = http.new()
  if not pool then
    return nil, message
  end
  local self = setmetatable({ _pool = pool, _poll = uv.new_poll(pool:fd()), _timer = uv.new_timer(), _waiting = {} },
    Outgoing)
  self._turn = task.callback(function()
    self:_move()
  end)
  self._poll:start("r", self._turn)
  return self
end

function Outgoing:_hand_out()
  local id, response, message, detail = self._pool:next()
  while id do
    local wake = self._waiting[id]
    self._waiting[id] = nil
    if wake then
      wake(response, message, detail) -- runs the task until its next wait, which may close all this
    end
    if not self._pool then
      return
    end
    id, response, message, detail = self._pool:next()
  end
end

function Outgoing:_arm()
  local seconds = self._pool and self._pool:timeout()
  if seconds then
    self._timer:start(math.ceil(seconds * 1000), 0, self._turn)
  elseif self._pool then
    self._timer:stop()
  end
end

function Outgoing:_move()
  if not self._pool then
    return
  end
  self._pool:run()
  self:_hand_out()
  self:_arm()
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
    self:_arm()
  end)
end

---Ends what is in flight: who waits is told so. Once is enough, more is harmless.
function Outgoing:close()
  local pool, waiting = self._pool, self._waiting
  if not pool then
    return
  end
  self._pool, self._waiting = nil, {}
  self._poll:close() -- before the descriptor
  self._timer:close()
  pool:close()
  for _, wake in pairs(waiting) do
    wake(nil, "the service ends", { code = "network.cancelled", sent = true })
  end
end

return outgoing
