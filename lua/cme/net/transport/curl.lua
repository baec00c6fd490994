-- SPDX-License-Identifier: MIT
-- Carries requests through cme.http (one curl multi handle): the transport of plain Lua. Inside cme.run a request
-- suspends its task and the run's loop does the waiting, whichever transport object was asked; elsewhere it blocks.
-- A transport is any table with request and sleep of this form; cme.client takes one as `transport`.
-- cme.http is loaded at the first request, not before: `require "cme"` must start nothing.

local curl = {}

---@class cme.transport
---@field request fun(self: cme.transport, r: cme.transport.request): cme.transport.response|nil, string|nil, table|nil
---@field open (fun(self: cme.transport, r: cme.transport.request): cme.transport.stream|nil, string|nil, table|nil)|nil
---  the answer in parts
---@field sleep fun(self: cme.transport, seconds: number)
---@field time fun(self: cme.transport): number unix seconds with fractions

---@class cme.transport.request
---@field method string
---@field url string
---@field headers string[] "Name: value" lines, Host among them
---@field body string
---@field timeout number seconds for the whole exchange
---@field connect_timeout number seconds until connected, TLS included
---@field ca_file string|nil certificates to trust beside the system's
---@field cert_file string|nil PEM file with the client's certificate
---@field key_file string|nil PEM file with its key; nil: cert_file has it
---@field proxy string|nil URL of a proxy, with its user and password
---@field no_proxy string|nil hosts reached without it, separated by commas
---@field max_response integer|nil bytes of body accepted, 10 MiB when nil
---@field lazy_headers boolean|nil the answer's headers are looked at by index alone, and seldom: they may be made then
---@field stream boolean|nil set by `open`: the answer is read in parts, and `timeout` ends with its head

---@class cme.transport.response
---@field status integer
---@field headers table<string, string> lower-case names
---@field body string

---@class cme.transport.stream
---@field status integer
---@field headers table<string, string> lower-case names
---@field http_version string
---@field read fun(self: cme.transport.stream, seconds: number|nil): string|nil, string|nil, cme.detail|nil
---@field close fun(self: cme.transport.stream)

---@class cme.net.transport.curl: cme.transport
---@field _http table|nil cme.http once it is loaded
---@field _pool userdata|nil made at the first request, or run
---@field _idle userdata|nil a pool without transfers, to wait on; its own, so that no socket cuts a sleep short
---@field _done table<integer, table> answers of transfers other than the one being waited for
local Transport = {}
Transport.__index = Transport
Transport.__name = "cme.net.transport.curl"

-- poll takes milliseconds in an int; curl ends every transfer at its own deadline.
local LONGEST_WAIT = 3600

--- Makes a transport.
---@param http table|nil the cme.http module, or a stand-in of a spec
---@return cme.net.transport.curl
function curl.new(http)
  return setmetatable({ _http = http, _done = {} }, Transport)
end

local shared

--- The transport that clients without one share, so that they share connections too.
---@return cme.net.transport.curl
function curl.shared()
  shared = shared or curl.new()
  return shared
end

function Transport:_module()
  self._http = self._http or require "cme.http"
  return self._http
end

---@return cme.http.pool|nil pool
---@return string|nil message
---@return table|nil detail
function Transport:_new_pool()
  return self:_module().new { max_connections = 0 }
end

--- What a run's loop drives: cme.http and the pool, made when first needed.
---@return table|nil http nil when libcurl gives no pool
---@return cme.http.pool|string pool else the message
---@return table|nil detail
function Transport:pool()
  if not self._pool then
    local pool, message, detail = self:_new_pool()
    if not pool then return nil, message, detail end
    self._pool = pool
  end
  return self._http, self._pool
end

--- The wall clock; os.time knows whole seconds only.
---@return number seconds unix time
function Transport:time()
  return (select(2, self:_module().clocks()))
end

-- Takes what has finished off the pool.
function Transport:_collect()
  while true do
    local id, response, message, detail = self._pool:next()
    if not id then return end
    if response ~= true then self._done[id] = { response, message, detail } end -- true: a stream has something
  end
end

-- Sends a request and blocks until its answer, or the head of a stream, is there.
local function block(self, request)
  local http, pool, detail = self:pool()
  if not http then
    detail.sent = false
    return nil, pool, detail
  end
  local id = pool:submit(request)
  while true do
    pool:run()
    self:_collect()
    local answer = self._done[id]
    if answer then
      self._done[id] = nil
      return answer[1], answer[2], answer[3], id
    end
    pool:poll(LONGEST_WAIT)
  end
end

-- The task that asks; before tasks are loaded there is none.
local function asking(what)
  local tree = package.loaded["cme.task.tree"]
  return tree and tree.waiting(what)
end

--- Sends a request and waits for its answer.
---@param request cme.transport.request
---@return cme.transport.response|nil response whatever its status
---@return string|nil message
---@return table|nil detail { code = "network.*", sent = boolean }
function Transport:request(request)
  local me = asking "request"
  if me then return me._loop:request(me, request) end
  local response, message, detail = block(self, request)
  return response, message, detail
end

-- How a stream is waited for outside of tasks.
local function waiter(self)
  self._waiter = self._waiter or {
    clock = function() return (self._http.clocks()) end,
    wait = function(_, seconds)
      self._pool:poll(math.min(seconds, LONGEST_WAIT))
      self._pool:run()
      self:_collect()
    end,
    left = function() end,
  }
  return self._waiter
end

--- Sends a request and waits for the head of its answer, whose body is then read in parts. Over HTTP/1.1. The request's
--- `timeout` is for the head; each read has its own.
---@param request cme.transport.request
---@return cme.net.stream|nil stream whatever its status
---@return string|nil message
---@return table|nil detail { code = "network.*", sent = boolean }
function Transport:open(request)
  local me = asking "open"
  local copy = {}
  for name, value in pairs(request) do copy[name] = value end
  copy.stream = true
  if me then return me._loop:open(me, copy) end
  local response, message, detail, id = block(self, copy)
  if not response then return nil, message, detail end
  return require "cme.net.stream".new(self._pool, id, response, copy, waiter(self))
end

-- Waits until a time of the steady clock: any signal that is handled ends a single poll early.
local function wait_until(pool, clocks, deadline)
  local left = deadline - clocks()
  while left > 0 do
    pool:poll(math.min(left, LONGEST_WAIT))
    left = deadline - clocks()
  end
end

--- Waits.
---@param seconds number
function Transport:sleep(seconds)
  local me = asking "sleep"
  if me then return me._loop:sleep(me, seconds) end
  if not self._idle then
    local pool, message = self:_new_pool()
    if not pool then error(message, 0) end
    self._idle = pool
  end
  local clocks = self._http.clocks
  wait_until(self._idle, clocks, clocks() + seconds)
end

return curl
