-- SPDX-License-Identifier: MIT
-- An HTTP server in the luv loop: drives the server's descriptor, and answers each request in a task of its own.
-- Requests are taken for a few milliseconds at a time and the loop has its turn in between, however many come.
-- Otherwise a request that waits for an engine would also wait for all of them at each of the engine's answers.

local clock = require "cme.system.clock"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

local TURN_SECONDS = 0.005 -- for which requests are taken before the loop has its turn; the last one begun may pass it

---@class cme.server.http.listener
---@field in_hand integer               requests taken and not answered
---@field progress cme.task.signal    an answer was given, or the HTTP server has run
---@field private _httpd any|nil        nil: closed
---@field private _handle fun(request: any): integer, table|nil, string|nil
---@field private _on_failure fun(message: string, detail: cme.detail)
---@field private _left boolean          requests wait to be taken at the next turn
---@field private _poll userdata|nil
---@field private _timer userdata|nil   when the HTTP server wants to run though its descriptor is silent
---@field private _idle userdata|nil    the same at once: a timer of no time would leave libuv's loop no other turn
local Listener = {}
Listener.__index = Listener
Listener.__name = "cme.server.http.listener"

local listener = {}

---@param httpd any                    a server of cme.httpd, which listens
---@param handle fun(request: any): integer, table|nil, string|nil gives status, headers and body; may wait
---@return cme.server.http.listener
function listener.new(httpd, handle)
  local self = setmetatable({ in_hand = 0, progress = task.signal(), _httpd = httpd, _handle = handle, _left = false },
    Listener)
  self._pump = luv.callback(function()
    if self._httpd then
      self:_serve()
    end
  end)
  return self
end

--- Takes another certificate and key, as cme.httpd does.
---@param certificate string PEM
---@param key string
---@return integer|nil expires, string|nil message
function Listener:identify(certificate, key)
  return self._httpd:identify(certificate, key)
end

function Listener:_respond(request)
  request:respond(self._handle(request)) -- a client that has gone is its own affair
end

-- Whatever happens on the way, the request is not in hand any more, for which the service's end waits, and has an
-- answer.
function Listener:_answer(request)
  local good, traceback = xpcall(self._respond, debug.traceback, self, request)
  if not good then
    pcall(request.respond, request, 500, {}, "") -- refuses when the error came after the answer
    luv.on_error(traceback)
  end
  self.in_hand = self.in_hand - 1
  if self._httpd then
    self:_arm()
  end
  self.progress:notify()
end

function Listener:_arm()
  local milliseconds = self._left and 0 or (self._httpd:timeout() or math.huge) * 1000
  self._timer:stop()
  self._idle:stop()
  if milliseconds == 0 then
    self._idle:start(self._pump)
  elseif milliseconds < math.huge then
    self._timer:start(math.ceil(milliseconds), 0, self._pump)
  end
end

function Listener:_take()
  local over = clock.monotonic() + TURN_SECONDS
  self._left = true
  while clock.monotonic() < over do
    local request = self._httpd:next()
    if not request then
      self._left = false
      return
    end
    self.in_hand = self.in_hand + 1
    luv.detach(self._answer, self, request)
  end
end

function Listener:_serve()
  local ok, message, detail = self._httpd:run()
  if not ok then
    self._on_failure(message, detail)
    return
  end
  self:_take()
  self:_arm()
  self.progress:notify()
end

--- Serves from now on.
---@param on_failure fun(message: string, detail: cme.detail) the HTTP server cannot go on
function Listener:start(on_failure)
  self._on_failure = on_failure
  self._timer, self._idle = uv.new_timer(), uv.new_idle()
  self._poll = uv.new_poll(self._httpd:fd())
  self._poll:start("r", self._pump)
  self._pump()
end

--- Accepts no more.
function Listener:quiesce()
  self._httpd:quiesce()
  if self._timer then
    self:_arm()
  end
end

--- Connections with a request that is not answered whole.
---@return integer
function Listener:busy()
  return self._httpd:busy()
end

--- Ends it. Once is enough, more is harmless.
function Listener:close()
  if not self._httpd then return end
  for _, handle in ipairs { self._poll, self._timer, self._idle } do
    handle:close()
  end
  self._httpd:close()
  self._httpd = nil
end

return listener
