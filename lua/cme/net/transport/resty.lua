-- SPDX-License-Identifier: MIT
-- Carries requests inside nginx on cosockets: a call waits, the worker goes on serving. HTTP/1.1; answers are read by
-- cme.net.http1. Connections are kept in nginx's own pool, by scheme, host, port and proxy.
--
-- TLS is verified always, by what nginx.conf says: lua_ssl_trusted_certificate names the CAs (ca_file cannot be given
-- per request), lua_ssl_verify_depth must fit the chain (3 does), and names need a resolver. nginx checks certificates
-- against names only: an https URL with an address by number fails. A request is never sent twice: when a kept
-- connection breaks after the first byte was written, the failure says sent = true.
-- Works in phases that may wait (rewrite, access, content, timer, ...); elsewhere a request raises.

local codes = require "cme.codes"
local exchange = require "cme.net.transport.exchange"
local http1 = require "cme.net.http1"
local options = require "cme.text.options"
local phase = require "cme.net.phase"
local streams = require "cme.net.stream"
local task = require "cme.task"
local url = require "cme.net.url"

local resty = {}

---@class cme.net.transport.resty: cme.transport
---@field _http table|nil resty.http, when it is to be used
local Transport = {}
Transport.__index = Transport
Transport.__name = "cme.net.transport.resty"

---@class cme.net.transport.resty.stream: cme.transport.stream
---@field _x cme.net.transport.exchange
---@field _parser cme.net.http1
---@field _done boolean the body is complete
---@field _open boolean
---@field _forget (fun())|nil takes back what its task's end would do
local Stream = {}
Stream.__index = Stream
Stream.__name = "cme.net.transport.resty.stream"

local IDLE = 50 -- seconds that an unused connection is kept: less than servers keep theirs
local POOL_SIZE = 256 -- unused connections kept per worker and server
local READ_SIZE = 16384
local WRITE_SIZE = 16384 -- nginx starts its timer anew with every progress, so large bodies go in pieces

-- Reads what has come of an answer, for its parser.
local function read_some(x, parser)
  local bytes, err, partial = x.sock:receiveany(READ_SIZE)
  bytes = bytes or (partial ~= "" and partial) or nil
  local state, message, detail = "more", nil, nil
  if bytes then state, message, detail = parser:feed(bytes) end
  if state == "more" and err == "closed" then state, message, detail = parser:finish() end
  if state == nil then return x:broken("in.receive_from", message, detail) end
  if state ~= "done" and err then return x:fail("network.reset", "in.receive_from", err) end
  return state
end

-- Reads one answer: the parser of it.
local function read_answer(x, method, deadline, max_body)
  local parser = http1.new { method = method, max_body = max_body }
  while true do
    if not x:allow(deadline) then return x:timed_out("in.receive_from") end
    local state, message, detail = read_some(x, parser)
    if state == "done" then return parser end
    if state == nil then return nil, message, detail end
  end
end

local function has_header(request, name)
  for _, line in ipairs(request.headers or {}) do
    if line:sub(1, #name + 1):lower() == name .. ":" then return true end
  end
  return false
end

local function proxy_authorization(x)
  return "Proxy-Authorization: Basic " .. ngx.encode_base64(x.proxy.user) .. "\r\n"
end

-- The request's head. Through a proxy without a tunnel the whole URL is asked for.
local function write_head(x)
  local request, target = x.request, x.target
  local asked = x.proxy and target.scheme == "http" and "http://" .. target.authority .. target.path or target.path
  local lines = { ("%s %s HTTP/1.1"):format(request.method or "POST", asked) }
  if not has_header(request, "host") then lines[#lines + 1] = "Host: " .. target.authority end
  if not has_header(request, "accept") then lines[#lines + 1] = "Accept: */*" end
  for _, line in ipairs(request.headers or {}) do lines[#lines + 1] = line end
  if request.body then lines[#lines + 1] = ("Content-Length: %d"):format(#request.body) end
  local head = table.concat(lines, "\r\n") .. "\r\n"
  if x.proxy and target.scheme == "http" and x.proxy.user then head = head .. proxy_authorization(x) end
  return head .. "\r\n"
end

local function send(x)
  local body = x.request.body or ""
  local piece, at = write_head(x) .. body:sub(1, WRITE_SIZE), WRITE_SIZE + 1
  while piece ~= "" do
    if not x:allow(x.deadline) then return x:timed_out("in.send_to") end
    x.sent = true
    local ok, err = x.sock:send(piece)
    if not ok then return x:fail("network.reset", "in.send_to", err) end
    piece, at = body:sub(at, at + WRITE_SIZE - 1), at + WRITE_SIZE
  end
  return true
end

-- Asks the proxy for a way to the server.
local function open_tunnel(x)
  local target = ("%s:%d"):format(x.target.host, x.target.port)
  local head = ("CONNECT %s HTTP/1.1\r\nHost: %s\r\n"):format(target, target)
  if x.proxy.user then head = head .. proxy_authorization(x) end
  if not x:allow(x.connect_deadline) then return x:timed_out("in.connect_to") end
  local ok, err = x.sock:send(head .. "\r\n")
  if not ok then return x:fail("network.proxy", "in.proxy_for", err) end
  local parser, message, detail = read_answer(x, "HEAD", x.connect_deadline, 0)
  if not parser then
    if detail.code ~= "network.timeout" then detail.code = "network.proxy" end
    return codes.within("in.proxy", nil, message, detail)
  elseif parser.status < 200 or parser.status > 299 or parser.extra then
    return x:broken("in.proxy_for", select(2, codes.fail("network.proxy:status", { status = parser.status })))
  end
  return true
end

local function handshake(x)
  if not x:allow(x.connect_deadline) then return x:timed_out("in.connect_to") end
  local name = x.target.host:gsub("^%[(.*)%]$", "%1")
  -- No `false` for the session: then a certificate that was refused at once would go unnoticed.
  local ok, err = exchange.shake_hands(x.sock.sslhandshake, x.sock, nil, name, true)
  if not ok then return x:fail("network.tls", "in.tls_with", err) end
  return true
end

local function pool_name(x)
  local target, proxy = x.target, x.proxy
  return ("cme %s://%s:%d %s"):format(target.scheme, target.host, target.port, proxy
    and ("%s:%d %s"):format(proxy.host, proxy.port, ngx.md5(proxy.user or "")) or "")
end

local function connect(x)
  local peer = x.proxy or x.target
  if not x:allow(x.connect_deadline) then return x:timed_out("in.connect_to") end
  local ok, err = x.sock:connect(peer.host, peer.port, { pool = pool_name(x), pool_size = POOL_SIZE })
  if not ok then
    local _, message, detail = x:fail("network.connect", "in.connect_to", err)
    if not x.proxy then return nil, message, detail end
    detail.code = "network.proxy"
    return codes.within("in.proxy", nil, message, detail)
  end
  x.reused = (x.sock:getreusedtimes() or 0) > 0
  if x.reused or x.target.scheme == "http" then return true end
  if x.proxy then
    local through, message, detail = open_tunnel(x)
    if not through then return nil, message, detail end
  end
  return handshake(x)
end

local function let_go(x, parser)
  if not (parser.keep and x.sock:setkeepalive(IDLE * 1000, POOL_SIZE)) then x.sock:close() end
end

local function answer_of(x, parser)
  let_go(x, parser)
  return {
    status = parser.status, headers = parser.headers, body = parser:body(), http_version = parser.version,
    connects = x.reused and 0 or 1, time = ngx.now() - x.started,
  }
end

local function carry(x)
  local ok, message, detail = connect(x)
  if ok then ok, message, detail = send(x) end
  if not ok then return nil, message, detail end
  local method = x.request.method or "POST"
  local parser
  parser, message, detail = read_answer(x, method, x.deadline, x.max_response)
  if not parser then return nil, message, detail end
  return answer_of(x, parser)
end

-- Carries a request until the head of its answer: a stream of it. Of its body no more than READ_SIZE bytes wait to be
-- read.
local function begin(x)
  local ok, message, detail = connect(x)
  if ok then ok, message, detail = send(x) end
  if not ok then return nil, message, detail end
  local parser = http1.new { method = x.request.method or "POST", max_body = math.huge }
  local state = "more"
  while not parser:answered() do
    if not x:allow(x.deadline) then return x:timed_out("in.receive_from") end
    state, message, detail = read_some(x, parser)
    if state == nil then return nil, message, detail end
  end
  return setmetatable({ status = parser.status, headers = parser.headers, http_version = parser.version, _x = x,
    _parser = parser, _done = state == "done", _open = true }, Stream)
end

-- What must never be in a request raises, as in cme.http.
local function check(request)
  local target, fact = url.parse(request.url)
  if not target then options.misuse("request: url: " .. tostring(fact)) end
  if target.user then options.misuse "request: url: a user and password do not belong here" end
  if not (request.method or "POST"):find "^%u+$" then options.misuse "request: method: capital letters are needed" end
  for _, line in ipairs(request.headers or {}) do
    if line:find "[%z\r\n]" or not line:find "^[^%s:]+:" then
      options.misuse "request: headers: 'Name: value' lines are needed"
    end
  end
  return target
end

-- The proxy to use; nil for none, false with a message and a detail when it cannot be used.
local function choose_proxy(request, target)
  if not request.proxy or url.passes_by(request.no_proxy, target.host) then return nil end
  local proxy, fact = url.parse(request.proxy:find("://", 1, true) and request.proxy or "http://" .. request.proxy)
  if not proxy or proxy.scheme ~= "http" then
    fact = fact or codes.reason "word:nginx_proxy"
    return false, select(2, codes.within("in.proxy", nil,
      select(2, codes.fail("word:said", { reason = fact }, { code = "network.proxy", sent = false }))))
  end
  return proxy
end

-- The exchange of a request, before anything is sent.
local function prepare(request)
  local waits, name = phase.can_wait()
  if not waits then
    options.misuse(("request: nginx's phase '%s' has no sockets (use cme.run or ngx.timer.at there)"):format(name))
  end
  local target = check(request)
  local lacking = request.ca_file and "nginx_ca" or request.cert_file and "nginx_cert"
  if lacking and target.scheme == "https" then
    return codes.fail("invalid.unsupported:" .. lacking, nil, { sent = false })
  end
  local proxy, message, detail = choose_proxy(request, target)
  if proxy == false then return nil, message, detail end
  return exchange.new(request, target, proxy)
end

--- Sends a request and waits for its answer.
---@param request cme.transport.request
---@return cme.transport.response|nil response whatever its status
---@return string|nil message
---@return cme.detail|nil detail code network.*, with `sent`
function Transport:request(request)
  local x, message, detail = prepare(request)
  if not x then return nil, message, detail end
  local how = carry
  if self._http then how = require "cme.net.transport.resty_http".carry else x.sock = ngx.socket.tcp() end
  local me = task.current()
  if not me then return how(x, self._http) end
  local forget = task.on_cancel(me, function() x:close() end)
  local response
  response, message, detail = how(x, self._http)
  forget()
  return response, message, detail
end

--- Waits for the next part of the body, as cme.net.stream does.
---@param seconds number|nil longest silence, 60 when nil
---@return string|nil piece not empty; nil without a message: the body is complete
---@return string|nil message
---@return cme.detail|nil detail
function Stream:read(seconds)
  local limit = streams.limit(seconds)
  if not self._open then return streams.closed() end
  local due = ngx.now() + limit
  while true do
    local piece = self._parser:take()
    if piece ~= "" then return piece end
    if self._done then return self:_leave() end
    if not self._x:allow(due) then return streams.silent(self._x.target.authority, limit) end
    local state, message, detail = read_some(self._x, self._parser)
    self._done = state == "done"
    if state == nil then
      self:_leave()
      return nil, message, detail
    end
  end
end

function Stream:_leave()
  self._open = false
  if self._forget then self._forget() end
  if self._done then let_go(self._x, self._parser) else self._x:close() end
end

--- Ends it, and its connection unless the body was complete. Again does nothing.
function Stream:close()
  if self._open then self:_leave() end
end

--- Sends a request and waits for the head of its answer, whose body is then read in parts. The request's `timeout` is
--- for the head; each read has its own. Not through resty.http.
---@param request cme.transport.request
---@return cme.net.transport.resty.stream|nil stream whatever its status
---@return string|nil message
---@return cme.detail|nil detail code network.*, with `sent`; invalid.unsupported: through resty.http
function Transport:open(request)
  if self._http then return codes.fail("invalid.unsupported:resty_http_stream", nil, { sent = false }) end
  local x, message, detail = prepare(request)
  if not x then return nil, message, detail end
  x.sock = ngx.socket.tcp()
  local me = task.current()
  local forget = me and task.on_cancel(me, function() x:close() end)
  local stream
  stream, message, detail = begin(x)
  if stream then
    stream._forget = forget
  elseif forget then
    forget()
  end
  return stream, message, detail
end

--- Waits; the worker goes on.
---@param seconds number
function Transport.sleep(_, seconds)
  local waits, name = phase.can_wait()
  if not waits then options.misuse(("sleep: nginx's phase '%s' cannot wait"):format(name)) end
  ngx.sleep(seconds)
end

--- The wall clock.
---@return number seconds unix time
function Transport.time()
  ngx.update_time()
  return ngx.now()
end

local shared = setmetatable({}, Transport)

--- Makes a transport. It keeps nothing: connections are nginx's.
---@param given { http: table|nil }|nil http: the module resty.http, to let it do the talking
---@return cme.net.transport.resty
---@usage local transport = require "cme.net.transport.resty".new { http = require "resty.http" }
function resty.new(given)
  local checked = options.check("cme.net.transport.resty", given, { http = { "table" } })
  return setmetatable({ _http = checked.http }, Transport)
end

--- The transport that clients without one use.
---@return cme.net.transport.resty
function resty.shared()
  return shared
end

return resty
