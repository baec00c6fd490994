-- SPDX-License-Identifier: MIT
-- An answer that is read in parts while it comes: what a transport's `open` gives. At most 256 KiB of it wait to be
-- read; past that nothing more is taken from the connection, and the server feels it. A stream has no time limit of its
-- own: each read has one. It belongs to the task that opened it, and ends with that task at the latest.
--
--   local stream <close> = assert(transport:open(request))
--   for piece in stream.read, stream do ... end
--
-- Over a pool of cme.http. Whoever made it (a loop, a blocking transport) knows how to wait.

local codes = require "cme.codes"
local options = require "cme.text.options"

local stream = {}

---@class cme.net.stream.waiter how the owner of a stream waits
---@field clock fun(): number steady, in seconds
---@field wait fun(s: cme.net.stream, seconds: number) returns when there is something to read, or earlier
---@field left fun(s: cme.net.stream) called once, when the stream has ended or was closed

---@class cme.net.stream: cme.transport.stream
---@field host string for messages
---@field _pool cme.http.pool
---@field _id integer
---@field _waiter cme.net.stream.waiter
---@field _open boolean
local Stream = {}
Stream.__index = Stream
Stream.__name = "cme.net.stream"

local SILENCE = 60 -- seconds that a read waits when it is not told

local function leave(self)
  self._open = false
  self._waiter.left(self)
end

--- Makes one of the head of an answer.
---@param pool cme.http.pool
---@param id integer
---@param response table as the pool gave it
---@param request cme.transport.request
---@param waiter cme.net.stream.waiter
---@return cme.net.stream
function stream.new(pool, id, response, request, waiter)
  return setmetatable({ status = response.status, headers = response.headers, http_version = response.http_version,
    host = stream.host(request.url), _pool = pool, _id = id, _waiter = waiter, _open = true }, Stream)
end

--- The host of a URL, for messages.
---@param url string
---@return string
function stream.host(url)
  return url:match "^%a+://([^/?#]*)" or "?"
end

--- A read that waited too long. The stream is still open.
---@param host string
---@param seconds number
---@return nil, string, cme.detail
function stream.silent(host, seconds)
  return codes.fail("network.timeout:silence", { host = host, limit = seconds }, { sent = true })
end

--- A read of what was closed.
---@return nil, string, cme.detail
function stream.closed()
  return codes.fail("network.cancelled:closed", nil, { sent = true })
end

--- The time limit of a read, checked.
---@param seconds number|nil
---@return number
function stream.limit(seconds)
  if seconds == nil then return SILENCE end
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
    options.misuse "stream:read: a number of seconds is needed"
  end
  return seconds
end

--- Waits for the next part of the body.
---@param seconds number|nil longest silence, 60 when nil; a read that took longer may be repeated
---@return string|nil piece not empty; nil without a message: the body is complete, and the stream closed
---@return string|nil message
---@return cme.detail|nil detail code network.timeout: nothing came, the stream is still open; any other ends it
function Stream:read(seconds)
  local limit = stream.limit(seconds)
  if not self._open then return stream.closed() end
  local due = self._waiter.clock() + limit
  while true do
    local piece, message, detail = self._pool:read(self._id)
    if piece then return piece end
    if piece == nil then
      leave(self)
      return nil, message, detail
    end
    local left = due - self._waiter.clock()
    if left <= 0 then return stream.silent(self.host, limit) end
    self._waiter.wait(self, left)
    if not self._open then return stream.closed() end
  end
end

--- Ends it, and its connection unless the body was complete. Again does nothing.
function Stream:close()
  if not self._open then return end
  self._pool:cancel(self._id)
  leave(self)
end

Stream.__close = Stream.close

return stream
