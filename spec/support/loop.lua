-- SPDX-License-Identifier: MIT
-- A transport for specs whose servers live in their own luv loop: cme.http carries the requests, and while one waits
-- the loop runs. `all` runs several callers at a time, each a coroutine that yields where it waits. What was asked is
-- kept.

local uv = require "luv"

local loop = {}

---@class spec.loop: cme.transport
---@field asked table[]          every request, in order
---@field on_sleep fun()|nil     called when a caller begins to wait
local Loop = {}
Loop.__index = Loop

local LIMIT = 60 -- seconds after which a spec gives up

--- Makes a transport with connections of its own.
---@return spec.loop
function loop.new()
  return setmetatable({ asked = {}, _pool = require "cme.http".new(), _done = {}, _callers = {} }, Loop)
end

function Loop:_turn()
  self._pool:run()
  uv.run "nowait"
  for id, response, message, detail in self._pool.next, self._pool do self._done[id] = { response, message, detail } end
  self._pool:poll(0.002)
end

function Loop:_wait(ready)
  local deadline = uv.hrtime() + LIMIT * 1e9
  while not ready() do
    assert(uv.hrtime() < deadline, "nothing happens")
    if self._callers[coroutine.running()] then coroutine.yield() else self:_turn() end
  end
end

function Loop:request(request)
  self.asked[#self.asked + 1] = request
  local id = self._pool:submit(request)
  self:_wait(function() return self._done[id] end)
  return table.unpack(self._done[id], 1, 3)
end

--- Seconds that never step.
function loop.time()
  return uv.hrtime() / 1e9
end

Loop.time = loop.time

function Loop:sleep(seconds)
  if self.on_sleep then self.on_sleep() end
  local over = self.time() + seconds
  self:_wait(function() return self.time() >= over end)
end

--- Runs functions at the same time until all have returned; an error in one is raised.
---@param functions (fun())[]
function Loop:all(functions)
  local callers = {}
  for i, body in ipairs(functions) do
    callers[i] = coroutine.create(body)
    self._callers[callers[i]] = true
  end
  while #callers > 0 do
    for i = #callers, 1, -1 do
      local ok, message = coroutine.resume(callers[i])
      if not ok then error(debug.traceback(callers[i], message), 0) end
      if coroutine.status(callers[i]) == "dead" then table.remove(callers, i) end
    end
    self:_turn()
  end
end

--- How many requests there were for an action (TC3).
function Loop:count(action)
  local count = 0
  for _, request in ipairs(self.asked) do
    for _, line in ipairs(request.headers) do
      if line == "X-TC-Action: " .. action then count = count + 1 end
    end
  end
  return count
end

function Loop:close()
  self._pool:close()
end

return loop
