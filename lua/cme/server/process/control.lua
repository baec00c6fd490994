-- SPDX-License-Identifier: MIT
-- One control connection to an engine: JSON lines over its unix socket, answers matched to requests by id, events
-- handed on in the order they came. The length of a line is bounded; a peer that sends anything else is not our engine,
-- and the connection is closed. Every wait has a limit. Tasks only.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local reach = require "cme.system.reach"
local task = require "cme.task"
local unix = require "cme.system.unix"

local control = {}

local MAX_LINE = 8 * 1024 * 1024 -- bytes, as the protocol has it
local CONNECT_SECONDS = 2
local OF_THE_EDGE = { ["control.absent"] = "control.absent:edge", ["control.silent"] = "control.silent:edge",
  ["control.unknown"] = "control.unknown:edge", ["control.lost"] = "control.lost:edge",
  ["control.timeout"] = "control.timeout:edge" }

---@class cme.server.process.control
---@field open boolean
---@field private _pipe userdata
---@field private _waiting table<integer, function> who waits for the answer of that id
---@field private _last_id integer
---@field private _rest string     the start of a line whose end is not here yet
---@field private _on_event fun(event: table)
---@field private _on_close fun()
---@field private _peer "edge"|nil
local Control = {}
Control.__index = Control
Control.__name = "cme.server.process.control"

local function sentence(code, peer)
  return peer == "edge" and OF_THE_EDGE[code] or code
end

--- Connects to an engine.
---@param path string its socket
---@param on_event fun(event: table) called in order; must not wait
---@param on_close fun() called once, when the connection is gone for whatever reason
---@param peer "edge"|nil what it is, for messages; nil: an engine
---@return cme.server.process.control|nil
---@return string|nil message
---@return cme.detail|nil detail control.absent: nobody is there; control.silent: somebody is, and does not answer;
---  control.unknown: it could not be looked
function control.connect(path, on_event, on_close, peer)
  local pipe, name = unix.connect(path, CONNECT_SECONDS)
  if not pipe then
    return codes.fail(sentence("control." .. reach.meaning(name), peer),
      { path = path, reason = errno.of_connect(name) })
  end
  local self = setmetatable({ open = true, _pipe = pipe, _waiting = {}, _last_id = 0, _rest = "",
    _on_event = on_event, _on_close = on_close, _peer = peer }, Control)
  pipe:read_start(luv.callback(function(read_failure, chunk)
    if read_failure or not chunk then
      self:close()
    else
      self:_take(chunk)
    end
  end))
  return self
end

--- Splits what has arrived into whole lines and the rest; pure.
---@param rest string
---@param chunk string
---@return string[] lines, string rest
function control.split(rest, chunk)
  local lines, text, from = {}, rest .. chunk, 1
  local at = text:find("\n", #rest + 1, true)
  while at do
    lines[#lines + 1] = text:sub(from, at - 1)
    from = at + 1
    at = text:find("\n", from, true)
  end
  return lines, text:sub(from)
end

-- The engine's refusal as a failure, by the parts of its message; an engine before 0.2 sends the words alone.
local function refused(err)
  local reason = codes.unpack(err.parts, tostring) or { text = tostring(err.message) }
  return codes.fail(reason, nil, { code = tostring(err.code) })
end

function Control:_take(chunk)
  local lines
  lines, self._rest = control.split(self._rest, chunk)
  for _, line in ipairs(lines) do
    local object = json.decode(line)
    if type(object) ~= "table" then return self:close() end
    self:_dispatch(object)
  end
  if #self._rest > MAX_LINE then self:close() end
end

function Control:_dispatch(object)
  if object.event then return self._on_event(object) end
  local wake = self._waiting[object.id]
  if not wake then return end -- the answer to a request that was given up
  self._waiting[object.id] = nil
  if object.error then
    wake(refused(object.error))
  else
    wake(object.ok or {})
  end
end

--- Asks the engine and waits for its answer.
---@param request table with `op`; gets its `id` here
---@param seconds number bound of the wait
---@return table|nil ok
---@return string|nil message
---@return cme.detail|nil detail code: the engine's, or control.lost, control.timeout
function Control:request(request, seconds)
  if not self.open then return codes.fail(sentence("control.lost", self._peer)) end
  self._last_id = self._last_id + 1
  local id = self._last_id
  request.id = id
  local line = assert(json.encode(request)) .. "\n"
  local ok, message, detail = task.wait(function(wake)
    self._waiting[id] = wake
    self._pipe:write(line)
  end, seconds)
  self._waiting[id] = nil
  local late = not ok and message == "timeout"
  if late then return codes.fail(sentence("control.timeout", self._peer), { seconds = seconds }) end
  return ok, message, detail
end

--- Closes the connection; whoever waits for an answer gets "control.lost". The engine goes on.
function Control:close()
  if not self.open then return end
  self.open = false
  self._pipe:close()
  local waiting = self._waiting
  self._waiting = {}
  for _, wake in pairs(waiting) do
    wake(codes.fail(sentence("control.lost", self._peer)))
  end
  self._on_close()
end

return control
