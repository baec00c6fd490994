-- SPDX-License-Identifier: MIT
-- lua5.4 spec/support/fakes/recorded_server.lua FILE: a service that answers from a list of exchanges, one after the
-- other. Signatures, forms and parameters are checked by the local service's own code (auth and schema), so a request
-- that the API would not take is refused here too; then it must be the one that the list has next. Prints one line for
-- each, and "all done" after the last; "unexpected" says what came instead. An exchange: { action, request, response |
-- error }, and times, or any: true for one that may be asked any number of times. "*" in a request stands for any text
-- or number.

local uv = require "luv"

require "spec.support.paths"
local api = require "cme.server.http.api"
local fake = require "spec.support.fakes.fake"
local httpd = require "cme.httpd"
local json = require "cme.json"
local keys = require "cme.server.store.keys"
local schema = require "cme.schema"

local function load_exchanges(path)
  local file = assert(io.open(path))
  local list = assert(json.decode(file:read "a"))
  file:close()
  return list
end

-- Names that the action does not have are mistakes of the recording.
local function check_names(value, fields, where)
  local index = schema.index(fields)
  for name, member in pairs(value) do
    local field = assert(index[name], where .. ": no field " .. name)
    local inner = type(field.of) == "string" and schema.objects[field.of]
    if inner and type(member) == "table" then
      for _, one in ipairs(field.type == "array" and member or { member }) do
        if type(one) == "table" then check_names(one, inner, where .. "." .. name) end
      end
    end
  end
end

-- Whether a request is the one expected.
local function matches(expected, got)
  if expected == "*" then return got ~= nil and type(got) ~= "table" end
  if type(expected) ~= "table" or type(got) ~= "table" then return expected == got end
  for name, member in pairs(expected) do
    if not matches(member, got[name]) then return false end
  end
  for name in pairs(got) do
    if expected[name] == nil then return false end
  end
  return true
end

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

local exchanges = load_exchanges(arg[1])
for i, exchange in ipairs(exchanges) do
  local fields = assert(schema.actions[exchange.action], exchange.action)
  check_names(exchange.request, fields.request, ("exchange %d"):format(i))
  check_names(exchange.response or {}, fields.response, ("exchange %d"):format(i))
end

local at, times = 1, 0

local function fits(exchange, action, params)
  return exchange and exchange.action == action and matches(exchange.request, params)
end

-- The exchange that a request belongs to; moves on past one that may come any number of times.
local function take(action, params)
  local exchange = exchanges[at]
  if exchange and exchange.any and fits(exchanges[at + 1], action, params) then
    at, times, exchange = at + 1, 0, exchanges[at + 1]
  end
  if not fits(exchange, action, params) then return nil end
  times = times + 1
  if not exchange.any and times >= (exchange.times or 1) then at, times = at + 1, 0 end
  return exchange
end

-- A refusal as the service's actions give it.
local function refuse(code, message)
  return nil, message, { code = "api." .. code, text = message }
end

local function answer(action, call)
  local exchange = take(action, call.params)
  if not exchange then
    local got = assert(json.encode(call.params))
    say("unexpected at %d: %s %s", at, action, got)
    return refuse("InvalidParameter", ("the recording has another request at %d, not %s %s"):format(at, action, got))
  end
  say("%s %s", action, call.params.Operation or "")
  if not exchanges[at] or exchanges[at].any and not exchanges[at + 1] then say "all done" end
  if exchange.error then return refuse(exchange.error.Code, exchange.error.Message) end
  local response = {}
  for name, member in pairs(exchange.response) do response[name] = member end
  return response
end

local actions = setmetatable({}, { __index = function(_, action)
  return function(call) return answer(action, call) end
end })
local silent = {
  debug = function() end,
  error = function(_, message, data) say("error %s %s", message, data.error) end,
}
local service = api.new { keys = keys.new { [fake.SECRET_ID] = fake.SECRET_KEY }, actions = actions, now = os.time,
  log = silent }
local server = assert(httpd.new())

local function reply(request)
  request:respond(service:handle {
    method = request:method(), path = request:path(), query = request:query(), body = request:body(),
    too_large = request:too_large(), header = function(name) return request:header(name) end,
  })
end

local timer = uv.new_timer()
local function serve()
  assert(server:run())
  for request in function() return server:next() end do reply(request) end
  local seconds = server:timeout()
  if seconds then timer:start(math.ceil(seconds * 1000), 0, serve) else timer:stop() end
end

local poll = uv.new_poll(server:fd())
poll:start("r", serve)
serve()
local host, port = assert(server:listen())
say("listening on http://%s:%d", host, port)
uv.run()
