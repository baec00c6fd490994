-- SPDX-License-Identifier: MIT
-- A stand-in for cme.http with a clock of its own: waiting moves it, nothing else does. A request ends `after` seconds
-- with what `answer` holds ({ response } or { nil, message, detail }).

local fake_http = {}

---@class spec.fake_http
---@field now number the clock
---@field limit integer descriptors
---@field pool spec.fake_pool the pool made last
---@field most integer the most transfers in flight at a time

---@class spec.fake_pool
---@field flying table<integer, table> transfers underway
---@field cancelled integer[] ids, in order
local Pool = {}
Pool.__index = Pool

function Pool:submit(request)
  if request.misuse then error "http: option 'misuse': unknown" end
  self.last = self.last + 1
  local answer = request.answer or { { status = 200 } }
  self.flying[self.last] = { at = self.http.now + (request.after or 0), answer = answer }
  self.count = self.count + 1
  self.http.most = math.max(self.http.most, self.count)
  return self.last
end

-- The transfer that ends first.
local function first(self)
  local id
  for other, transfer in pairs(self.flying) do
    if not id or transfer.at < self.flying[id].at or (transfer.at == self.flying[id].at and other < id) then
      id = other
    end
  end
  return id
end

function Pool:run()
  local id = first(self)
  while id and self.flying[id].at <= self.http.now do
    table.insert(self.ended, { id, table.unpack(self.flying[id].answer, 1, 3) })
    self.flying[id] = nil
    self.count = self.count - 1
    id = first(self)
  end
  return self.count
end

function Pool:poll(seconds)
  local id = first(self)
  local at = self.http.now + seconds
  if id and self.flying[id].at < at then at = math.max(self.flying[id].at, self.http.now) end
  self.http.now = at
end

function Pool:timeout()
  if self.ended[1] then return 0 end
  local id = first(self)
  return id and math.max(0, self.flying[id].at - self.http.now) or nil
end

function Pool:next()
  local answer = table.remove(self.ended, 1)
  if answer then return table.unpack(answer, 1, 4) end
end

function Pool:cancel(id)
  if not self.flying[id] then return false end
  self.flying[id] = nil
  self.count = self.count - 1
  table.insert(self.cancelled, id)
  table.insert(self.ended, { id, nil, "cancelled", { code = "network.cancelled", sent = true } })
  return true
end

--- Makes one.
---@return spec.fake_http
function fake_http.new()
  local http = { now = 1000, limit = 1024, most = 0 }
  function http.clocks() return http.now, http.now + 1e9 end
  function http.descriptors() return http.limit end
  function http.new()
    http.pool = setmetatable({ http = http, last = 0, flying = {}, ended = {}, cancelled = {}, count = 0 }, Pool)
    return http.pool
  end
  return http
end

return fake_http
