-- SPDX-License-Identifier: MIT
-- A watch on keys: what happens to them, in order, each change once, over lost connections and members. It goes on from
-- the revision after the last one that was told. What etcd has compacted meanwhile it cannot tell: that is news of its
-- own, after which the caller reads the keys again and goes on with `from`.
--
-- etcd 3.4 says nothing on a watch where nothing happens (its progress comes every ten minutes), so a member that
-- hangs looks like one that is idle. When a watch was quiet for `quiet` seconds, its member is asked to confirm with
-- the others that it is up to date; if it does not, the watch goes to another one. It goes back to the first endpoint
-- when the client's requests do (exchange.lua).
--
-- A store whose revision has stepped back, or that is another cluster's, is one that was restored from a snapshot: it
-- would be silent until it has passed the revision that was told last. That is news like compaction.

local codes = require "cme.codes"
local errors = require "cme.etcd.errors"
local exchange = require "cme.etcd.exchange"
local json = require "cme.json"
local wire = require "cme.etcd.wire"

local watch = {}

---@class cme.etcd.watch
---@field _exchange cme.etcd.exchange
---@field _transport cme.transport
---@field _clock fun(): number
---@field _keys cme.etcd.keys
---@field _previous boolean|nil
---@field _quiet number seconds
---@field _next integer|nil the revision to go on from; nil: whatever comes
---@field _stream cme.transport.stream|nil while it is connected
---@field _endpoint string that the stream is from
---@field _heard number when something came last, or its member was found alive
---@field alive_at number|nil when its member was in touch with the others for certain, by the clock
---@field _cluster string|nil its id, as the last connection told it
---@field _input string a line that is not whole yet
---@field _news cme.etcd.news[] not handed out yet
---@field _barren boolean|nil the last connection has brought nothing so far, nor was its member found alive
---@field _renewed boolean|nil the token was renewed, and nothing has come since
---@field _state "open"|"compacted"|"closed"
local Watch = {}
Watch.__index = Watch
Watch.__name = "cme.etcd.watch"

local LINE_MAX = 67108864 -- bytes of one line
local LEADER = "Grpc-Metadata-hasleader: true" -- a member that has lost its leader then ends the watch
local PAUSE = 0.2 -- seconds between attempts to connect, and after a connection that brought nothing

--- Makes one; it connects when it is read.
---@param given { exchange: cme.etcd.exchange, transport: cme.transport, clock: fun(): number, quiet: number }
---@param asked cme.etcd.watched
---@return cme.etcd.watch
function watch.new(given, asked)
  return setmetatable({ _exchange = given.exchange, _transport = given.transport, _clock = given.clock,
    _quiet = given.quiet, _keys = asked, _previous = asked.previous, _next = asked.revision, _input = "", _news = {},
    _state = "open" }, Watch)
end

-- Lets the connection go, and the member with it when that is to blame.
local function disconnect(self, blame)
  if not self._stream then return end
  self._stream:close()
  self._stream, self._input = nil, ""
  if blame then self._exchange:leave(self._endpoint) end
end

-- Connects to the present endpoint.
local function connect(self, left)
  local one = self._exchange
  local endpoint = one:endpoint()
  local ok, message, detail = one:login(endpoint, left)
  local stream
  if ok then
    local body = json.encode(wire.watch(self._keys, self._next, self._previous))
    local request = one:request(endpoint, "/v3/watch", body, math.min(left, self._quiet))
    request.headers[#request.headers + 1] = LEADER
    stream, message, detail = self._transport:open(request)
  end
  if not stream then
    one:leave(endpoint)
    return nil, message, detail
  end
  self._stream, self._endpoint, self._heard, self._barren = stream, endpoint, self._clock(), true
  return true
end

-- gRPC's codes by the names that stand in the reason of a watch that is cancelled; those of errors.lua.
local NAMED = { Canceled = 1, DeadlineExceeded = 4, Unavailable = 14 }

-- A member refused the watch, or ended it. Only etcd's "permission denied" says that a token is too old (3.4).
local function refused(self, reason, grpc)
  local name, text = reason:match "^rpc error: code = (%a+) desc = (.*)$"
  local _, message, detail = errors.fail(text or reason, grpc or NAMED[name])
  if (detail.code == "etcd.denied" or detail.code == "etcd.token") and not self._renewed then
    self._renewed, self._barren = true, false
    self._exchange:forget_token()
    disconnect(self)
    return true
  end
  disconnect(self, true)
  self._last = { message, detail }
  if errors.passing(detail) then return true end
  return nil, message, detail
end

-- The store is another one than before: what was told of it is worth nothing.
local function begin_anew(self, revision)
  disconnect(self)
  self._state, self._barren = "compacted", false
  self._news[#self._news + 1] = { compacted = revision, anew = true, revision = revision }
  return true
end

-- Whether it is another cluster's than before.
local function is_foreign(self, result)
  local before = self._cluster
  self._cluster = (result.header or {}).cluster_id or before
  return before ~= nil and before ~= self._cluster
end

-- Takes one result of the stream.
local function take(self, result)
  local news = wire.news(result)
  if is_foreign(self, result) then
    return begin_anew(self, news.revision)
  elseif news.compacted then
    self._state = "compacted"
    disconnect(self)
  elseif result.canceled then
    return refused(self, result.cancel_reason or "the watch was cancelled")
  elseif result.created then
    self._next = self._next or news.revision + 1
    return true -- nothing to tell
  else
    self._next = math.max(self._next or 0, news.revision + 1)
    self._renewed, self.alive_at = nil, self._clock()
  end
  self._barren, self._last, self._news[#self._news + 1] = false, nil, news
  return true
end

local function take_line(self, line)
  local status, answer = self._stream.status, json.decode(line)
  if type(answer) == "table" then
    local text, grpc = exchange.failure(status, answer)
    if text then return refused(self, text, grpc) end
    if type(answer.result) == "table" then return take(self, answer.result) end
  end
  return codes.fail("etcd.protocol", { endpoint = self._endpoint, status = status })
end

-- Takes what has come.
local function feed(self, piece)
  self._heard = self._clock()
  local input, at = self._input .. piece, 1
  while self._stream do
    local stop = input:find("\n", at, true)
    if not stop then break end
    local line = input:sub(at, stop - 1)
    at = stop + 1
    local ok, message, detail = true, nil, nil
    if line ~= "" then ok, message, detail = take_line(self, line) end
    if not ok then return nil, message, detail end
  end
  self._input = self._stream and input:sub(at) or ""
  if #self._input > LINE_MAX then return codes.fail("network.too_large:more", { limit = LINE_MAX }) end
  return true
end

-- Whether the member answers with the consent of the others, and the revision of the store. Its own answer only: no
-- other is asked.
local function is_alive(self, left)
  local answer, _, detail = self._exchange:confirm(self._endpoint, math.min(left, self._quiet))
  if answer then return true, wire.found(answer).revision end
  return not errors.passing(detail)
end

-- Waits for the next piece. A failure that passes leaves the watch unconnected.
local function receive(self, left)
  local patience = self._heard + self._quiet - self._clock()
  local piece, message, detail = self._stream:read(math.max(0, math.min(left, patience)))
  if piece then return feed(self, piece) end
  if detail and detail.code == "network.timeout" then
    if self._clock() < self._heard + self._quiet then return true end
    local asked = self._clock()
    local alive, revision = is_alive(self, self._quiet)
    if revision and self._next and revision < self._next - 1 then return begin_anew(self, revision) end
    if alive then
      self._heard, self.alive_at, self._barren, self._last = self._clock(), asked, false, nil
      return true
    end
  end
  self._last = { message, detail }
  disconnect(self, true)
  return true
end

-- Goes where requests have gone back to. Nothing is missed: the watch knows from where to go on.
local function go_home(self)
  local one = self._exchange
  if self._next and one:is_home() and self._endpoint ~= one:endpoint() then disconnect(self) end
end

local function step(self, due)
  local left = math.max(0.001, due - self._clock())
  if self._stream then go_home(self) end
  if self._stream then return receive(self, left) end
  if self._barren then
    self._barren = false
    self._transport:sleep(math.min(left, PAUSE))
    return true
  end
  local ok, message, detail = connect(self, left)
  if ok then return true end
  if not errors.passing(detail) then return nil, message, detail end
  self._last = { message, detail }
  self._transport:sleep(math.min(left, PAUSE))
  return true
end

local function ended(self)
  if self._state == "compacted" then return codes.fail "etcd.compacted:read_again" end
  return codes.fail "etcd.closed"
end

--- Waits for news.
---@param seconds number
---@return cme.etcd.news|nil
---@return string|nil message
---@return cme.detail|nil detail code network.timeout: nothing happened, or no member answers (`cause` says why), and
---  the watch goes on; any other ends it
function Watch:next(seconds)
  local due = self._clock() + seconds
  self._last = nil
  while not self._news[1] do
    if self._state ~= "open" then return ended(self) end
    if self._clock() >= due then
      return codes.fail("network.timeout:watch", nil, { sent = true, cause = self._last and self._last[2] })
    end
    local ok, message, detail = step(self, due)
    if not ok then
      self:close()
      return codes.within("in.etcd", { path = "/v3/watch" }, message, detail)
    end
  end
  return table.remove(self._news, 1)
end

--- Goes on from a revision, after compaction.
---@param revision integer the first that is of interest: that of the reading, plus 1
function Watch:from(revision)
  disconnect(self)
  self._next, self._news, self._state, self._cluster = revision, {}, "open", nil
end

--- Ends it. Again does nothing.
function Watch:close()
  disconnect(self)
  self._state = "closed"
end

Watch.__close = Watch.close

return watch
