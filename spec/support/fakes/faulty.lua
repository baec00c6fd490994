-- SPDX-License-Identifier: MIT
-- Stands before the real service and spoils what a script says: the first so many requests of one action meet a fault,
-- everything else passes. What the service did is counted here, by its own answers, whether or not the client saw them.

local raw_server = require "spec.support.fakes.raw_server"
local uv = require "luv"

local faulty = {}

local RATE = '{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"Your current request times equals to `21` '
  .. 'in a second, which exceeds the frequency limit `20` for a second"},"RequestId":"r"}}'
local GATEWAY = "<html><h1>%s</h1></html>"

---@class spec.fault
---@field unread boolean|nil  it happens before the request is read
---@field absent boolean|nil  the server is not there until it is opened
---@field done boolean|nil    the service does what was asked, and the client does not learn it
---@field refused boolean|nil the client is told that it was not done
---@field meet fun(connection: spec.raw_connection, forward: fun(): string)|nil what happens; forward has it done and
--- gives the answer

local function gateway(status)
  return function(connection)
    connection:answer(GATEWAY:format(status), status, "Content-Type: text/html\r\n")
  end
end

---@type table<string, spec.fault>
faulty.FAULTS = {
  ["connection refused"] = { absent = true, refused = true },
  ["reset before the request was read"] = { unread = true, meet = function(connection) connection:reset() end },
  ["reset after it was read, not done"] = { meet = function(connection) connection:reset() end },
  ["reset after it was done"] = { done = true, meet = function(connection, forward)
    forward()
    connection:reset()
  end },
  ["closed after it was done"] = { done = true, meet = function(connection, forward)
    forward()
    connection:close()
  end },
  ["cut body, done"] = { done = true, meet = function(connection, forward)
    local answer = forward()
    connection:write(answer:sub(1, -10))
    connection:close()
  end },
  ["502, not done"] = { meet = gateway "502 Bad Gateway" },
  ["502, done"] = { done = true, meet = function(connection, forward)
    forward()
    gateway "502 Bad Gateway"(connection)
  end },
  ["503, not done"] = { meet = gateway "503 Service Unavailable" },
  ["silence, not done"] = { meet = function(connection) connection:stall() end },
  ["slow answer, done"] = { done = true, meet = function(connection, forward)
    forward()
    connection:stall()
  end },
  ["rate limit"] = { refused = true, meet = function(connection)
    connection:answer(RATE, nil, "Content-Type: application/json\r\n")
  end },
  ["none"] = {},
}

-- Sends a request to the service and returns the answer's bytes.
local function ask(connection, port, bytes)
  local up, got, over = uv.new_tcp(), "", false
  up:connect("127.0.0.1", port, function(err)
    if err then
      over = true
      return connection:_resume()
    end
    up:write(bytes)
    up:read_start(function(_, chunk)
      got, over = got .. (chunk or ""), chunk == nil
      connection:_resume()
    end)
  end)
  connection:wait(function()
    local head = got:match "^.-\r\n\r\n"
    local length = head and tonumber(head:lower():match "\r\ncontent%-length: *(%d+)")
    return over or length and #got >= #head + length
  end)
  up:close()
  return got
end

---@class spec.faulty
---@field port integer
---@field done table<string, integer>  by action: how often the service did it
---@field left integer                 faults still to come
local Faulty = {}
Faulty.__index = Faulty

local function serve(self, connection)
  local fault = self.fault
  if fault.unread and self.left > 0 then
    self.left = self.left - 1
    return fault.meet(connection)
  end
  while true do
    local head, body = connection:request()
    if not head then return end
    local action = head:match "X%-TC%-Action: (%w+)"
    local function forward()
      local answer = ask(connection, self.upstream, head .. body)
      if not answer:find('"Error"', 1, true) then self.done[action] = (self.done[action] or 0) + 1 end
      return answer
    end
    if action == self.action and fault.meet and self.left > 0 then
      self.left = self.left - 1
      fault.meet(connection, forward)
    else
      connection:write(forward())
    end
  end
end

--- Starts it before a service.
---@param options { upstream: integer, action: string, fault: string, times: integer|nil }
---@return spec.faulty
function faulty.start(options)
  local self = setmetatable({ upstream = options.upstream, action = options.action, done = {},
    left = options.times or 1, fault = assert(faulty.FAULTS[options.fault], options.fault) }, Faulty)
  if self.fault.absent then
    self.port = require "spec.support.proc".free_port()
  else
    self:open()
  end
  return self
end

--- Lets a server that was absent be there.
function Faulty:open()
  if self.server then return end
  self.server = raw_server.start(function(connection) serve(self, connection) end, self.port)
  self.port = self.server.port
end

function Faulty:stop()
  if self.server then self.server:stop() end
end

return faulty
