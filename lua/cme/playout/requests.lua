-- SPDX-License-Identifier: MIT
-- The playout's side of its control socket: JSON lines as in docs/control-protocol.md, a request's answer by its id,
-- events to everyone. A line that is not a request gets an error; one that is too long ends the connection.

local codes = require "cme.codes"
local uv = require "luv"

local control = require "cme.server.process.control"
local errno = require "cme.system.errno"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local reach = require "cme.system.reach"
local socket = require "cme.playout.socket"
local unix = require "cme.system.unix"

local requests = {}

local MAX_LINE = 1024 * 1024 -- bytes
local MAX_UNREAD = 4 * 1024 * 1024

---@class cme.playout.requests
---@field private _listener userdata
---@field private _pipes table<userdata, string> of everyone who is connected, with the start of a line
---@field private _handle fun(request: table): table|nil, string|nil, cme.detail|nil
local Requests = {}
Requests.__index = Requests

-- Whether nobody has a socket; a look that fails does not show that.
local function free(path)
  local pipe, name = unix.connect(path, 2)
  if pipe then
    pipe:close()
    return codes.fail "local.listen:playout"
  end
  if reach.meaning(name) == "absent" then return true end
  return codes.fail("local.listen", { reason = errno.of_connect(name) })
end

function Requests:_drop(pipe)
  if self._pipes[pipe] then
    self._pipes[pipe] = nil
    pipe:close()
  end
end

function Requests:_send(pipe, object)
  if not self._pipes[pipe] then return end
  if pipe:get_write_queue_size() > MAX_UNREAD then return self:_drop(pipe) end
  pipe:write(assert(json.encode(object)) .. "\n")
end

local function refusal(id, message, detail)
  return { id = id, error = { code = detail.code, message = message, parts = codes.pack(detail) } }
end

function Requests:_answer(pipe, line)
  local request = json.decode(line)
  if type(request) ~= "table" then
    return self:_send(pipe, refusal(json.null, select(2, codes.fail "invalid.json:no_object")))
  end
  local id = request.id ~= nil and request.id or json.null
  local ok, message, detail = self._handle(request)
  self:_send(pipe, ok and { id = id, ok = ok } or refusal(id, message, detail))
end

function Requests:_read(pipe, chunk)
  local lines
  lines, self._pipes[pipe] = control.split(self._pipes[pipe], chunk)
  if #self._pipes[pipe] > MAX_LINE then return self:_drop(pipe) end
  for _, line in ipairs(lines) do
    luv.detach(self._answer, self, pipe, line) -- a switch takes its time
  end
end

function Requests:_accept()
  local pipe = uv.new_pipe(false)
  self._listener:accept(pipe)
  self._pipes[pipe] = ""
  pipe:read_start(luv.callback(function(failure, chunk)
    if failure or not chunk then
      self:_drop(pipe)
    elseif self._pipes[pipe] then
      self:_read(pipe, chunk)
    end
  end))
end

--- Listens; refuses when another playout has the socket. Waits; tasks only.
---@param path string
---@param handle fun(request: table): table|nil, string|nil, cme.detail|nil answers; may wait
---@return cme.playout.requests|nil
---@return string|nil message
---@return cme.detail|nil detail
function requests.listen(path, handle)
  local unused, message, detail = free(path)
  if not unused then return codes.within("in.listen", { path = path }, message, detail) end
  local self = setmetatable({ _pipes = {}, _handle = handle }, Requests)
  self._listener, message, detail = socket.listen(path, 16, luv.callback(function()
    self:_accept()
  end))
  if not self._listener then return nil, message, detail end
  return self
end

--- Tells everyone.
---@param event table
function Requests:emit(event)
  for pipe in pairs(self._pipes) do
    self:_send(pipe, event)
  end
end

---@param path string
function Requests:close(path)
  uv.fs_unlink(path)
  self._listener:close()
  for pipe in pairs(self._pipes) do
    self:_drop(pipe)
  end
end

return requests
