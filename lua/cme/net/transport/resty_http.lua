-- SPDX-License-Identifier: MIT
-- Carries a request inside nginx with resty.http (lua-resty-http 0.16 or later), for users who patch, trace or
-- configure it: `transport = require "cme.net.transport.resty".new { http = require "resty.http" }`. The answer, the
-- failure tuple and TLS verification are as over bare cosockets; the head of an answer is read by its rules and bounds.

local codes = require "cme.codes"
local exchange = require "cme.net.transport.exchange"

local resty_http = {}

local READ_SIZE = 16384
local IDLE = 50 -- seconds that an unused connection is kept
local POOL_SIZE = 256

-- Its client with the names of a socket, for exchange.lua.
local function as_socket(client)
  return {
    settimeouts = function(_, ...) return client:set_timeouts(...) end,
    close = function() return client:close() end,
  }
end

local function proxy_options(proxy)
  if not proxy then return nil end
  local where = ("http://%s:%d"):format(proxy.host, proxy.port)
  local user = proxy.user and "Basic " .. ngx.encode_base64(proxy.user) or nil
  return { http_proxy = where, https_proxy = where, http_proxy_authorization = user, https_proxy_authorization = user }
end

local function connect(x, client)
  if not x:allow(x.connect_deadline) then return x:timed_out "in.connect_to" end
  local target = x.target
  local ok, err = exchange.shake_hands(client.connect, client, {
    scheme = target.scheme, host = target.host, port = target.port, ssl_verify = true,
    ssl_server_name = target.host:gsub("^%[(.*)%]$", "%1"), proxy_opts = proxy_options(x.proxy), pool_size = POOL_SIZE,
  })
  if ok then return true end
  return x:fail(x.proxy and "network.proxy" or "network.connect", "in.connect_to", err)
end

local function header_table(lines)
  local headers = {}
  for _, line in ipairs(lines or {}) do
    local name, value = line:match "^([^:]+):[ \t]*(.*)$"
    headers[name] = value
  end
  return headers
end

local function plain_headers(given)
  local headers = {}
  for name, value in pairs(given) do
    headers[name:lower()] = type(value) == "table" and table.concat(value, ", ") or value
  end
  return headers
end

local function read_body(x, response)
  local parts, size = {}, 0
  while response.has_body do
    if not x:allow(x.deadline) then return x:timed_out "in.receive_from" end
    local bytes, err = response.body_reader(READ_SIZE)
    if err then return x:fail("network.reset", "in.receive_from", err) end
    if not bytes then break end
    size = size + #bytes
    if size > x.max_response then
      return x:broken("in.receive_from", select(2, codes.fail("network.too_large:more", { limit = x.max_response })))
    end
    parts[#parts + 1] = bytes
  end
  return table.concat(parts)
end

--- Does an exchange.
---@param x cme.net.transport.exchange
---@param http table the module resty.http
---@return cme.transport.response|nil
---@return string|nil message
---@return cme.detail|nil detail
function resty_http.carry(x, http)
  local client = http.new()
  x.sock = as_socket(client)
  local ok, message, detail = connect(x, client)
  if not ok then return nil, message, detail end
  if not x:allow(x.deadline) then return x:timed_out "in.send_to" end
  x.sent = true
  local request = x.request
  local response, err = client:request {
    method = request.method or "POST", path = x.target.path, headers = header_table(request.headers),
    body = request.body,
  }
  if not response then return x:fail("network.reset", "in.receive_from", err) end
  local body
  body, message, detail = read_body(x, response)
  if not body then return nil, message, detail end
  local reused = (client:get_reused_times() or 0) > 0
  if not client:set_keepalive(IDLE * 1000, POOL_SIZE) then client:close() end
  return {
    status = response.status, headers = plain_headers(response.headers), body = body, http_version = "1.1",
    connects = reused and 0 or 1, time = ngx.now() - x.started,
  }
end

return resty_http
