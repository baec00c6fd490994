-- SPDX-License-Identifier: MIT
-- The small part of HTTP that the service and its nginx speak over unix sockets in the edge's folder, which only their
-- user can enter: GET without a body, one request per connection. Every message is bounded in size and time.
--
--   serve  nginx asks the service (notify.sock)        get  the service asks nginx (control.sock)

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local luv = require "cme.net.loop.luv"
local reach = require "cme.system.reach"
local task = require "cme.task"
local unix = require "cme.system.unix"
local uv = require "luv"

local http = {}

local MAX_HEAD = 16 * 1024 -- bytes of a request; the publisher's parameters are in it
local MAX_ANSWER = 4 * 1024 * 1024
local REQUEST_SECONDS = 5
local ANSWER_SECONDS = 5
local BACKLOG = 64

local REASONS = { [200] = "OK", [403] = "Forbidden", [404] = "Not Found",
  [500] = "Internal Server Error", [503] = "Service Unavailable", [504] = "Gateway Timeout" }

local function close(pipe)
  if not pipe:is_closing() then
    pipe:close()
  end
end

-- All up to `ending` ("" reads to the end of the stream); nil when the peer is slow, gone, or sends too much.
local function read_until(pipe, ending, limit, seconds)
  local text = ""
  local complete = task.wait(function(wake)
    pipe:read_start(function(failure, chunk)
      text = text .. (chunk or "")
      if failure or not chunk then
        wake(ending == "" and not failure)
      elseif #text > limit then
        wake(false)
      elseif ending ~= "" and text:find(ending, 1, true) then
        wake(true)
      end
    end)
  end, seconds)
  if not pipe:is_closing() then
    pipe:read_stop()
  end
  return complete and text or nil
end

local function answer(pipe, handle)
  local head = read_until(pipe, "\r\n\r\n", MAX_HEAD, REQUEST_SECONDS)
  local path, query = (head or ""):match "^GET ([^ ?]+)%??([^ ]*) HTTP/1%.%d\r\n"
  if path then
    local good, status, headers = xpcall(handle, debug.traceback, path, query)
    if not good then
      luv.on_error(status)
      status, headers = 500, nil
    end
    local lines = { ("HTTP/1.1 %d %s"):format(status, REASONS[status] or "") }
    for name, value in pairs(headers or {}) do
      lines[#lines + 1] = ("%s: %s"):format(name, value)
    end
    lines[#lines + 1] = "Content-Length: 0\r\nConnection: close\r\n\r\n"
    if not pipe:is_closing() then
      task.wait(function(wake)
        pipe:write(table.concat(lines, "\r\n"), wake)
      end, ANSWER_SECONDS)
    end
  end
  close(pipe)
end

--- Listens on a unix socket.
---@param path string
---@param handle fun(path: string, query: string): integer, table<string, string>|nil in a task of its own; status,
--- headers
---@return userdata|nil listener to be closed
---@return string|nil message
---@return cme.detail|nil detail code local.listen
function http.serve(path, handle)
  uv.fs_unlink(path) -- of a service that crashed
  local listener = uv.new_pipe(false)
  local ok, message, name = listener:bind(path)
  if ok then
    ok, message, name = listener:listen(BACKLOG, luv.callback(function(failure)
      local pipe = uv.new_pipe(false)
      if failure or not listener:accept(pipe) then return close(pipe) end
      answer(pipe, handle)
    end))
  end
  if ok then return listener end
  close(listener)
  return codes.within("in.listen", { path = path },
    select(2, codes.fail("local.listen", { reason = errno.reason(name, message) })))
end

-- Nobody took the connection, or it could not be made.
local function unasked(socket, name)
  local sentence = reach.meaning(name) == "unknown" and "server.edge.unasked" or "server.edge:ask"
  return codes.fail(sentence, { path = socket, reason = errno.of_connect(name) })
end

--- Asks who listens on a unix socket. Tasks only.
---@param socket string
---@param target string path and query
---@return string|nil body
---@return string|nil message
---@return cme.detail|nil detail code server.edge.unasked: for a reason of our own the question could not be put
function http.get(socket, target)
  local pipe, name = unix.connect(socket, ANSWER_SECONDS)
  if not pipe then return unasked(socket, name) end
  pipe:write(("GET %s HTTP/1.0\r\nHost: edge\r\n\r\n"):format(target))
  local text = read_until(pipe, "", MAX_ANSWER, ANSWER_SECONDS)
  close(pipe)
  local status, body = (text or ""):match "^HTTP/1%.%d (%d%d%d).-\r\n\r\n(.*)$"
  if status == "200" then return body end
  return codes.fail(status and "server.edge:status" or "server.edge:no_answer", { path = socket, status = status })
end

return http
