-- SPDX-License-Identifier: MIT
-- The uplink of this machine: what broadcasts need of it, beside what the operator says that it carries
-- (`cme serve --max-uplink`), and what engines report of outputs that fall behind together.

local codes = require "cme.codes"
local json = require "cme.json"
local playback = require "cme.server.edge.playback"
local task = require "cme.task"

local uplink = {}

local ANSWER_SECONDS = 2
local RATE_SECONDS = 4 -- until an input that has just come up has a rate: engines measure over 2 s
local LOOK_SECONDS = 0.5

---@class cme.server.uplink
---@field limit integer|nil kbit/s; nil: the operator did not say
---@field private _relays cme.server.process.keepers
---@field private _stands fun(id: string): boolean an engine is a standby's, of which nothing goes out
---@field private _told fun(id: string, status: "Full"|"Free", info: table)
---@field private _clock cme.system.clock
local Uplink = {}
Uplink.__index = Uplink
Uplink.__name = "cme.server.uplink"

---@param options { limit: integer|nil, relays: cme.server.process.keepers, clock: cme.system.clock,
---  stands: fun(id: string): boolean, told: fun(id: string, status: "Full"|"Free", info: table) }
---@return cme.server.uplink
function uplink.new(options)
  return setmetatable({ limit = options.limit, _relays = options.relays, _clock = options.clock,
    _stands = options.stands, _told = options.told }, Uplink)
end

local function outputs_of(stat)
  local list = {}
  for _, output in ipairs(json.object(stat.outputs)) do
    if not playback.is_internal(output.id) then list[#list + 1] = output end
  end
  return list
end

--- What a broadcast needs of the uplink: the rate of what is on the air, once for each destination. Pure.
---@param stat table an engine's
---@return number kbps 0: its input's rate is not measured yet
function uplink.need(stat)
  local source = json.object(json.object(stat.inputs)[stat.on_slate == true and "slate" or stat.active])
  return (tonumber(source.kbps) or 0) * #outputs_of(stat)
end

--- What goes out to a broadcast's destinations now. Pure.
---@param stat table an engine's
---@return number kbps
function uplink.rate(stat)
  local kbps = 0
  for _, output in ipairs(outputs_of(stat)) do kbps = kbps + (tonumber(output.kbps) or 0) end
  return kbps
end

-- What all broadcasts need; nil: the rate of this one is not measured yet.
function Uplink:_needed(id)
  local all, sum = self._relays:stats(ANSWER_SECONDS), 0
  for each, stat in pairs(all) do sum = sum + (self._stands(each) and 0 or uplink.need(stat)) end
  local own = all[id]
  if own and uplink.need(own) == 0 and #outputs_of(own) > 0 then return nil end
  return sum
end

--- Whether a broadcast that has just begun is more than the uplink carries, beside the others. Waits until the rate of
--- its input is known; tasks only.
---@param id string project
---@return cme.server.process.fault|nil fault
function Uplink:check(id)
  if not self.limit then return nil end
  local deadline, needed = self._clock.monotonic() + RATE_SECONDS, self:_needed(id)
  while not needed and self._clock.monotonic() < deadline do
    task.sleep(LOOK_SECONDS)
    needed = self:_needed(id)
  end
  if not needed or needed <= self.limit then return nil end
  local reason = codes.reason("uplink.exceeded", { needed = math.floor(needed + 0.5), limit = self.limit })
  return { what = "uplink", id = id, code = "uplink.exceeded", message = codes.say(reason), reason = reason }
end

--- Takes in what an engine said. Does not wait.
---@param id string project
---@param event table
function Uplink:event(id, event)
  if event.event ~= "uplink" then return end
  local bitrate = type(event.kbps) == "number" and event.kbps or 0
  local reason = event.full == true and codes.say(uplink.full(bitrate)) or nil
  self._told(id, event.full == true and "Full" or "Free", { Bitrate = bitrate, Reason = reason })
end

--- What a full uplink is called. Pure.
---@param kbps number that goes out
---@return cme.reason
function uplink.full(kbps) return codes.reason("uplink.full", { rate = math.floor(kbps + 0.5) }) end

return uplink
