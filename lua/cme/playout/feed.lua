-- SPDX-License-Identifier: MIT
-- The socket from which the engine reads the joined stream, beginning at its last keyframe. There is one engine; when
-- another one connects (the old one died, or opens its input again), it replaces the old one. A reader that does not
-- read is disconnected, because memory is bounded.

local uv = require "luv"

local clock = require "cme.system.clock"
local flv = require "cme.playout.flv"
local luv = require "cme.net.loop.luv"
local socket = require "cme.playout.socket"
local task = require "cme.task"

local feed = {}

local MAX_UNREAD = 8 * 1024 * 1024 -- bytes
local MAX_GOP = 16 * 1024 * 1024

---@class cme.playout.feed
---@field connected boolean
---@field changed cme.task.signal   an engine came or went
---@field private _listener userdata
---@field private _pipe userdata|nil
---@field private _headers table<string, string> the last sequence header of each track
---@field private _gop string[]       since the last keyframe
---@field private _gop_bytes integer
---@field private _ended boolean      an engine was told that the stream ends here
---@field private _taken boolean|nil  whether it read all of that; nil: not known yet
local Feed = {}
Feed.__index = Feed

function Feed:_drop()
  local pipe = self._pipe
  self._pipe, self.connected = nil, false
  if pipe and not pipe:is_closing() then
    pipe:close()
  end
  self.changed:notify()
end

function Feed:_accept()
  local pipe = uv.new_pipe(false)
  self._listener:accept(pipe)
  if self._ended then return pipe:close() end -- it has the end, and would have the last seconds twice
  if self._pipe then
    self:_drop()
  end
  self._pipe, self.connected = pipe, true
  pipe:read_start(luv.callback(function(failure, chunk)
    if (failure or not chunk) and self._pipe == pipe then
      if self._ended then self._taken = not failure end -- who closes with bytes unread has the connection reset
      self:_drop()
    end
  end))
  pipe:write(flv.header .. (self._headers.video or "") .. (self._headers.audio or "") .. table.concat(self._gop))
  self.changed:notify()
end

--- Listens.
---@param path string
---@return cme.playout.feed|nil
---@return string|nil message
---@return cme.detail|nil detail code local.listen
function feed.listen(path)
  local self = setmetatable({ connected = false, changed = task.signal(), _headers = {},
    _gop = {}, _gop_bytes = 0, _ended = false }, Feed)
  local message, detail
  self._listener, message, detail = socket.listen(path, 8, luv.callback(function()
    self:_accept()
  end))
  if not self._listener then return nil, message, detail end
  return self
end

function Feed:_remember(tag, bytes)
  if tag.header then
    self._headers[tag.kind] = bytes
    return
  end
  if tag.key or self._gop_bytes > MAX_GOP then
    self._gop, self._gop_bytes = {}, 0
  end
  if tag.key or self._gop_bytes > 0 then -- nothing before a keyframe
    self._gop[#self._gop + 1] = bytes
    self._gop_bytes = self._gop_bytes + #bytes
  end
end

--- Sends a tag.
---@param tag cme.playout.tag
---@param at integer ms of the joined stream
function Feed:write(tag, at)
  local bytes = flv.encode(tag, at)
  self:_remember(tag, bytes)
  local pipe = self._pipe
  if not pipe then return end
  if pipe:get_write_queue_size() > MAX_UNREAD then return self:_drop() end
  pipe:write(bytes)
end

function Feed:_end()
  if not self._pipe or self._ended then return end
  self._ended = true
  self._pipe:shutdown() -- after what was written; the engine closes in turn when it has come to the end
end

--- Ends the stream, and waits until the engine has read all of it. An engine that is between two connections may come
--- for it. Tasks only.
---@param seconds number bound of the wait
---@return boolean taken
function Feed:finish(seconds)
  local over = clock.monotonic() + seconds
  local left = seconds
  while self._taken == nil and left > 0 do
    self:_end()
    self.changed:wait(left)
    left = over - clock.monotonic()
  end
  return self._taken == true
end

---@param path string
function Feed:close(path)
  self:_drop()
  self._listener:close()
  uv.fs_unlink(path)
end

return feed
