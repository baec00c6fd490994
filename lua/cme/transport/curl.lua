-- SPDX-License-Identifier: MIT
-- Carries requests through cme.http (one curl multi handle) and blocks until each has its answer. This is the transport
-- of plain Lua. A transport is any table with request and sleep of this form; cme.client takes one as `transport`.
-- cme.http is loaded at the first request, not before: `require "cme"` must start nothing.

local curl = {}

---@class cme.transport
---@field request fun(self: cme.transport, r: cme.transport.request): cme.transport.response|nil, string|nil, table|nil
---@field sleep fun(self: cme.transport, seconds: number)

---@class cme.transport.request
---@field method string
---@field url string
---@field headers string[] "Name: value" lines, Host among them
---@field body string
---@field timeout number seconds for the whole exchange
---@field connect_timeout number seconds until connected, TLS included
---@field ca_file string|nil certificates to trust beside the system's
---@field proxy string|nil

---@class cme.transport.response
---@field status integer
---@field headers table<string, string> lower-case names
---@field body string

---@class cme.transport.curl: cme.transport
---@field _pool userdata|nil made at the first request
---@field _idle userdata|nil a pool without transfers, to wait on; its own, so that no socket cuts a sleep short
---@field _done table<integer, table> answers of transfers other than the one being waited for
local Transport = {}
Transport.__index = Transport
Transport.__name = "cme.transport.curl"

-- Curl ends every transfer at its own deadline; this only bounds one look at the sockets.
local LOOK = 1
-- curl_multi_poll takes milliseconds in an int.
local LONGEST_WAIT = 3600

--- Makes a transport.
---@param http table|nil the cme.http module, or a stand-in of a spec
---@return cme.transport.curl
function curl.new(http)
  return setmetatable({ _http = http, _done = {} }, Transport)
end

local shared

--- The transport that clients without one share, so that they share connections too.
---@return cme.transport.curl
function curl.shared()
  shared = shared or curl.new()
  return shared
end

function Transport:_new_pool()
  self._http = self._http or require "cme.http"
  return self._http.new { max_connections = 0 }
end

-- Takes what has finished off the pool.
function Transport:_collect()
  while true do
    local id, response, message, detail = self._pool:next()
    if not id then return end
    self._done[id] = { response, message, detail }
  end
end

--- Sends a request and waits for its answer.
---@param request cme.transport.request
---@return cme.transport.response|nil response whatever its status
---@return string|nil message
---@return table|nil detail { code = "network.*", sent = boolean }
function Transport:request(request)
  self._pool = self._pool or self:_new_pool()
  local id = self._pool:submit(request)
  while true do
    self._pool:perform()
    self:_collect()
    local answer = self._done[id]
    if answer then
      self._done[id] = nil
      return answer[1], answer[2], answer[3]
    end
    self._pool:poll(LOOK)
  end
end

--- Waits.
---@param seconds number
function Transport:sleep(seconds)
  self._idle = self._idle or self:_new_pool()
  while seconds > 0 do
    self._idle:poll(math.min(seconds, LONGEST_WAIT))
    seconds = seconds - LONGEST_WAIT
  end
end

return curl
