-- SPDX-License-Identifier: MIT
-- One request to a cluster of etcd: which member is asked, how long, what happens when it does not answer, and the
-- token that goes with it.
--
-- What only reads, or does no harm twice, is asked of one member after the other until one answers or the time is over;
-- a member that hangs costs its share of the time. What writes goes to another member only while none can have acted on
-- it: else the failure says `unknown_outcome`, and the caller looks.
--
-- The first endpoint is the nearest. Who has left it stays with the one that answered, and goes back by go_home alone:
-- no request is sent to find out whether the first is there again.

local advice = require "cme.etcd.advice"
local backoff = require "cme.net.backoff"
local codes = require "cme.codes"
local errors = require "cme.etcd.errors"
local json = require "cme.json"
local wire = require "cme.etcd.wire"

local exchange = {}

---@class cme.etcd.exchange
---@field _options cme.etcd.options checked
---@field _transport cme.transport
---@field _clock fun(): number steady, in seconds
---@field _at integer the endpoint that answered last
---@field _token string|nil
---@field _answered boolean any member has, ever
local Exchange = {}
Exchange.__index = Exchange
Exchange.__name = "cme.etcd.exchange"

local PAUSES = { base = 0.05, cap = 1, jitter = 0.5 } -- after each round in which no member answered
local LONGEST = 67108864 -- bytes of one answer
local READ, CONFIRM = "/v3/kv/range", json.encode(wire.range { key = "\0", count_only = true })

--- Makes one.
---@param options cme.etcd.options checked
---@param transport cme.transport
---@param clock fun(): number
---@return cme.etcd.exchange
function exchange.new(options, transport, clock)
  return setmetatable({ _options = options, _transport = transport, _clock = clock, _at = 1, _answered = false },
    Exchange)
end

--- The endpoint to ask.
---@return string
function Exchange:endpoint()
  return self._options.endpoints[self._at]
end

--- Leaves an endpoint that did not answer for the next one, unless that was done already.
---@param endpoint string
function Exchange:leave(endpoint)
  if endpoint == self:endpoint() then self._at = self._at % #self._options.endpoints + 1 end
end

--- Whether the endpoint to ask is the first one.
---@return boolean
function Exchange:is_home() return self._at == 1 end

--- A request as the transport takes it.
---@param endpoint string
---@param path string
---@param body string
---@param seconds number
---@return cme.transport.request
function Exchange:request(endpoint, path, body, seconds)
  local given = self._options
  local headers = { "Content-Type: application/json" }
  if self._token then headers[#headers + 1] = "Authorization: " .. self._token end
  return { method = "POST", url = endpoint .. path, headers = headers, body = body, timeout = seconds,
    connect_timeout = math.min(seconds, given.connect_timeout), ca_file = given.ca_file, cert_file = given.cert_file,
    key_file = given.key_file, max_response = LONGEST }
end

local function wrong_answer(endpoint, status)
  return codes.fail("etcd.protocol", { endpoint = endpoint, status = status }, { sent = true })
end

-- The first JSON value of an answer: of lease/keepalive, whose answer is a stream, the first line.
local function first_line(body)
  return body:match "^[^\n]*"
end

--- What an answer says went wrong. etcd's gateway writes it in four ways, and only the status tells the second from an
--- answer:
---   {"error":"...","code":9}                        of a call, up to etcd 3.5
---   {"code":9,"message":"..."}                      of a call, since 3.6
---   {"error":{"grpc_code":9,"message":"..."}}       of a stream, up to 3.5
---   {"error":{"code":9,"message":"..."}}            of a stream, since 3.6
---@param status integer
---@param answer table
---@return string|nil text nil: nothing went wrong, as far as the answer says
---@return integer|nil grpc its gRPC code
function exchange.failure(status, answer)
  local failed = answer.error
  if type(failed) == "table" then
    return tostring(failed.message or ""), math.tointeger(tonumber(failed.grpc_code or failed.code))
  end
  local grpc = math.tointeger(tonumber(answer.code))
  if failed then return tostring(failed), grpc end
  if status ~= 200 and grpc then return tostring(answer.message or ""), grpc end
end

--- Reads an answer.
---@param endpoint string
---@param status integer
---@param body string
---@return table|nil answer
---@return string|nil message
---@return cme.detail|nil detail
function exchange.read(endpoint, status, body)
  local answer = json.decode(first_line(body))
  if type(answer) ~= "table" then return wrong_answer(endpoint, status) end
  local text, grpc = exchange.failure(status, answer)
  if text then return errors.fail(text, grpc) end
  if status ~= 200 then return wrong_answer(endpoint, status) end
  return answer.result or answer
end

-- Asks one member once.
local function ask(self, endpoint, path, body, seconds)
  local response, message, detail = self._transport:request(self:request(endpoint, path, body, seconds))
  if not response then return nil, message, detail end
  return exchange.read(endpoint, response.status, response.body)
end

--- Asks one member, and no other, to confirm with the others that it is up to date.
---@param endpoint string
---@param seconds number
---@return table|nil answer
---@return string|nil message
---@return cme.detail|nil detail
function Exchange:confirm(endpoint, seconds) return ask(self, endpoint, READ, CONFIRM, seconds) end

--- Gets a token, when a user is set and there is none.
---@param endpoint string
---@param seconds number
---@return boolean|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Exchange:login(endpoint, seconds)
  local given = self._options
  if not given.user or self._token then return true end
  local body = json.encode { name = given.user, password = given.password }
  local answer, message, detail = ask(self, endpoint, "/v3/auth/authenticate", body, seconds)
  if answer then
    self._token = answer.token
    return true
  end
  if detail.code == "etcd.no_login" then return true end -- a cluster that asks nobody for a password
  if not errors.undone(detail) then detail.sent = false end -- of the request itself nothing was
  return nil, message, detail
end

--- Forgets the token, which was refused.
function Exchange:forget_token()
  self._token = nil
end

-- Asks one member, with a new token when the old one is refused.
local function ask_as_user(self, endpoint, path, body, due)
  for attempt = 1, 2 do
    local left = math.max(0.001, due - self._clock())
    local ok, message, detail = self:login(endpoint, left)
    if not ok then return nil, message, detail end
    local answer
    answer, message, detail = ask(self, endpoint, path, body, math.max(0.001, due - self._clock()))
    if answer or detail.code ~= "etcd.token" or not self._options.user or attempt == 2 then
      return answer, message, detail
    end
    self:forget_token()
  end
end

-- When the next member has its turn: each has half of what is left, the last of a round all. Equal shares would be too
-- short for every member where only the leader is slow.
local function share(self, tried, due)
  local members = #self._options.endpoints
  local now = self._clock()
  return now + (due - now) / (members - tried % members > 1 and 2 or 1)
end

-- Seconds to wait before the next member: between rounds only.
local function pause_after(self, tried)
  local members = #self._options.endpoints
  if tried % members ~= 0 then return 0 end
  return backoff.delay(PAUSES, tried // members, math.random())
end

-- One member after the other, until one answers.
local function go_round(self, path, body, due, safe)
  local tried, told = 0, nil
  while true do
    local endpoint = self:endpoint()
    local answer, message, detail = ask_as_user(self, endpoint, path, body, safe and share(self, tried, due) or due)
    if answer or not errors.passing(detail) then return answer, message, detail end
    self:leave(endpoint)
    tried = tried + 1
    if not (safe or errors.undone(detail)) then
      detail.unknown_outcome = true
      return nil, message, detail
    end
    -- The last member may have had no time left to say what the others said.
    if detail.code ~= "network.timeout" or not told then told = { message, detail } end
    local pause = pause_after(self, tried)
    if self._clock() + pause >= due then return nil, told[1], told[2] end
    if pause > 0 then self._transport:sleep(pause) end
  end
end

--- Goes back to the first endpoint, if its member is in touch with the others. It alone is asked.
---@param seconds number
---@return boolean home
function Exchange:go_home(seconds)
  if self:is_home() then return true end
  local answer, _, detail = ask_as_user(self, self._options.endpoints[1], READ, CONFIRM, self._clock() + seconds)
  if answer or detail.code == "etcd.denied" then self._at = 1 end
  return self:is_home()
end

--- Sends a request and waits for its answer.
---@param path string "/v3/kv/range"
---@param request table
---@param how { timeout: number|nil, safe: boolean|nil } safe: it may be done twice
---@return table|nil answer
---@return string|nil message
---@return cme.detail|nil detail code etcd.* or network.*; `unknown_outcome` when it may have been done
function Exchange:call(path, request, how)
  local body, message, detail = json.encode(request)
  if not body then return nil, message, detail end
  local due = self._clock() + (how.timeout or self._options.timeout)
  local answer
  answer, message, detail = go_round(self, path, body, due, how.safe)
  self._answered = self._answered or answer ~= nil
  if answer then return answer end
  message, detail = select(2, advice.add(self._options, self._answered, os.time(), message, detail))
  return codes.within("in.etcd", { path = path }, message, detail)
end

return exchange
