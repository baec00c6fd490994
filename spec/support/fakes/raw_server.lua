-- SPDX-License-Identifier: MIT
-- A TCP server on a free port of 127.0.0.1 that does to its clients what a script says: answers bytes, stalls,
-- closes, resets, or passes everything on. It lives in the spec's own luv loop: who waits for it runs that loop.
--
-- A script is a function of the connection, run in a coroutine for each client. When it returns the connection
-- is closed; an error in it is kept in `server.failures` and raised by `server:stop()`.

local uv = require "luv"

local raw_server = {}

---@class spec.raw_connection
---@field number integer   1 for the server's first client
---@field input string     bytes received and not yet read
---@field ended boolean    the client has closed its side
---@field passed integer   bytes passed on, from the client and to it
local Connection = {}
Connection.__index = Connection

--- Goes on when `ready()` is true; it is asked at every event of the connection.
---@param ready fun(): any
function Connection.wait(_, ready)
  while not ready() do coroutine.yield() end
end

function Connection:_resume()
  if coroutine.status(self.script) ~= "suspended" then return end
  local ok, message = coroutine.resume(self.script)
  if not ok then table.insert(self.server.failures, tostring(message)) end
  if coroutine.status(self.script) == "dead" then self:close() end
end

--- One HTTP request with its Content-Length body; nil when the client closes instead.
---@return string|nil head, string|nil body
function Connection:request()
  local stop
  self:wait(function()
    local head = self.input:match "^.-\r\n\r\n"
    local length = head and tonumber(head:lower():match "\r\ncontent%-length: *(%d+)") or 0
    stop = head and #self.input >= #head + length and { head, self.input:sub(#head + 1, #head + length) }
    return stop or self.ended
  end)
  if not stop then return nil end
  self.input = self.input:sub(#stop[1] + #stop[2] + 1)
  table.insert(self.server.requests, stop[1] .. stop[2])
  return stop[1], stop[2]
end

---@param bytes string
function Connection:write(bytes)
  self.socket:write(bytes)
end

--- An answer with a length, so that the connection can be used again.
---@param body string
---@param status string|nil default "200 OK"
---@param headers string|nil more header lines, each with its end
function Connection:answer(body, status, headers)
  self:write(("HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s"):format(status or "200 OK", #body, headers or "", body))
end

--- Does nothing until the client closes.
function Connection:stall()
  self:wait(function() return self.ended end)
end

--- Goes on after so many seconds, or when the client closes; at once when there is nothing to wait for.
---@param seconds number
function Connection:pause(seconds)
  if seconds <= 0 then return end
  local due = false
  self.timer = self.timer or uv.new_timer()
  self.timer:start(math.ceil(seconds * 1000), 0, function()
    due = true
    self:_resume()
  end)
  self:wait(function() return due or self.ended end)
  self.timer:stop()
end

--- Reads no more, so that the client's bytes wait on its way.
function Connection:hold()
  self.socket:read_stop()
end

--- Reads on.
function Connection:go_on()
  self.socket:read_start(function(err, chunk) self:_read(err, chunk) end)
end

function Connection:close()
  if self.timer and not self.timer:is_closing() then self.timer:close() end
  if not self.socket:is_closing() then self.socket:close() end
  if self.upstream and not self.upstream:is_closing() then self.upstream:close() end
end

--- Ends the connection by a reset (RST): what is underway is lost.
function Connection:reset()
  if not self.socket:is_closing() then self.socket:close_reset() end
end

--- Connects to a port of 127.0.0.1, sends it what has been received, and passes bytes both ways until one closes.
---@param port integer
---@param first string|nil bytes to send there before all else
function Connection:pass_to(port, first)
  local up = uv.new_tcp()
  self.upstream = up
  up:connect("127.0.0.1", port, function(err)
    if err then return self:close() end
    up:write((first or "") .. self.input)
    self.input = ""
    self.passing = true
    up:read_start(function(_, chunk)
      if not chunk then return self:close() end
      self.passed = self.passed + #chunk
      if not self.socket:is_closing() then self.socket:write(chunk) end
    end)
  end)
  self:stall()
end

function Connection:_read(err, chunk)
  if err or not chunk then
    self.ended = true
  elseif self.passing then
    self.passed = self.passed + #chunk
    if not self.upstream:is_closing() then self.upstream:write(chunk) end
  else
    self.input = self.input .. chunk
  end
  self:_resume()
end

---@class spec.raw_server
---@field port integer
---@field connections spec.raw_connection[] every client so far
---@field requests string[]                what `request` has read so far, of all clients
---@field failures string[]
local Server = {}
Server.__index = Server

local function accept(self, script)
  local connection = setmetatable({ server = self, input = "", ended = false, passed = 0 }, Connection)
  connection.socket = uv.new_tcp()
  self.listener:accept(connection.socket)
  table.insert(self.connections, connection)
  connection.number = #self.connections
  connection.script = coroutine.create(function() script(connection) end)
  connection:go_on()
  connection:_resume()
end

-- Of all servers that run: writing to a client that has gone would end the runner.
local running, sigpipe = 0, nil

local function bear_closed_ends()
  running = running + 1
  if sigpipe then return end
  sigpipe = uv.new_signal()
  sigpipe:start("sigpipe", function() end)
  sigpipe:unref()
end

local function bear_them_no_more()
  running = running - 1
  if running > 0 then return end
  sigpipe:close()
  sigpipe = nil
end

--- Starts a server.
---@param script fun(connection: spec.raw_connection)
---@param port integer|nil a free one when not given
---@param host string|nil 127.0.0.1 when not given
---@return spec.raw_server
function raw_server.start(script, port, host)
  local self = setmetatable({ connections = {}, requests = {}, failures = {} }, Server)
  bear_closed_ends()
  self.listener = uv.new_tcp()
  assert(self.listener:bind(host or "127.0.0.1", port or 0))
  assert(self.listener:listen(128, function() accept(self, script) end))
  self.port = self.listener:getsockname().port
  return self
end

--- Closes the server and its clients; raises when a script failed.
function Server:stop()
  if self.listener:is_closing() then return end
  self.listener:close()
  bear_them_no_more()
  for _, connection in ipairs(self.connections) do connection:close() end
  uv.run "nowait"
  if self.failures[1] then error("a raw server's script failed: " .. table.concat(self.failures, "; "), 2) end
end

--- A forward proxy: tunnels CONNECT, passes absolute http:// URLs on. `requests` shows what it was asked.
---@param refusal string|nil a status line such as "407 Proxy Authentication Required" to answer everything with
---@return spec.raw_server
function raw_server.proxy(refusal)
  return raw_server.start(function(connection)
    local head, body = connection:request()
    if not head then return end
    if refusal then return connection:answer("", refusal) end
    local tunnel = head:match "^CONNECT [^ ]*:(%d+) "
    if tunnel then
      connection:write "HTTP/1.1 200 Connection established\r\n\r\n"
      return connection:pass_to(tonumber(tunnel))
    end
    local method, port, path = head:match "^(%u+) http://[^/:]*:(%d+)([^ ]*) "
    connection:pass_to(tonumber(port), head:gsub("^[^\r]*", method .. " " .. path .. " HTTP/1.1", 1) .. body)
  end)
end

return raw_server
