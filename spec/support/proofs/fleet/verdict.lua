-- SPDX-License-Identifier: MIT
-- Whether two hosts published at once, and how long viewers had no picture, from what bench/fleet/judge.c says.
--
-- The order of connections of a stream is that of their first messages. From the first message of one on, none may
-- come by an older one: neither by another host's (an overlap: what leases are there to prevent), nor by the same
-- host's (a double: two engines). Pure; times are microseconds of one monotonic clock, results seconds.

local verdict = {}

---@class spec.fleet.connection
---@field host string        address without the port
---@field stream spec.fleet.stream
---@field first_us integer|nil when its first message came

---@class spec.fleet.stream
---@field key string
---@field newest spec.fleet.connection|nil the one that began last
---@field video_us integer|nil when its last picture came
---@field round spec.fleet.counted since the last mark

---@class spec.fleet.counted
---@field from string|nil     host that published at the mark
---@field gap_us integer      longest time between two pictures
---@field publish_us integer|nil when the first message by a new connection came
---@field picture_us integer|nil when the first keyframe after that came, or after the mark
---@field overlaps integer    messages of another host's older connection
---@field doubles integer     messages of the same host's older connection
---@field late_us integer     how long after the newest began the last of both came

---@class spec.fleet.result
---@field key string
---@field from string|nil
---@field host string|nil     that publishes
---@field gap number          seconds, the time since the last picture included
---@field publish number|nil  seconds after the mark
---@field picture number|nil
---@field overlaps integer
---@field doubles integer
---@field late number

---@class spec.fleet.verdict
---@field private _streams table<string, spec.fleet.stream>
---@field private _connections table<string, spec.fleet.connection>
---@field private _mark_us integer
local Verdict = {}
Verdict.__index = Verdict

local function counted(stream)
  return { from = stream.newest and stream.newest.host, gap_us = 0, overlaps = 0, doubles = 0, late_us = 0 }
end

local function stream_of(self, key)
  local stream = self._streams[key]
  if not stream then
    stream = { key = key }
    stream.round = counted(stream)
    self._streams[key] = stream
  end
  return stream
end

-- A message of a connection that another one has followed.
local function take_late(connection, at_us)
  local stream = connection.stream
  local round, newest = stream.round, stream.newest
  local kind = connection.host == newest.host and "doubles" or "overlaps"
  round[kind] = round[kind] + 1
  round.late_us = math.max(round.late_us, at_us - newest.first_us)
end

local function take_picture(stream, at_us, is_key)
  local round = stream.round
  if stream.video_us then round.gap_us = math.max(round.gap_us, at_us - stream.video_us) end
  stream.video_us = at_us
  if is_key and not round.picture_us then round.picture_us = at_us end
end

local function begin(connection, at_us)
  local stream = connection.stream
  connection.first_us, stream.newest = at_us, connection
  local round = stream.round
  if not round.publish_us then round.publish_us, round.picture_us = at_us, nil end
end

local function take_media(self, kind, id, at_us)
  local connection = self._connections[id]
  if not connection.first_us then begin(connection, at_us) end
  local stream = connection.stream
  if connection ~= stream.newest then return take_late(connection, at_us) end
  if kind ~= "a" then take_picture(stream, at_us, kind == "k") end
end

--- Takes a line of the judge.
---@param line string
function Verdict:take(line)
  local kind, id, at_us, rest = line:match "^(%a+) (%d+) (%d+) ?(.*)$"
  if kind == "publish" then
    local address, key = rest:match "^(%S+) (%S+)"
    self._connections[id] = { host = address:match "^(.*):%d+$", stream = stream_of(self, key) }
  elseif kind == "end" then
    self._connections[id] = nil
  elseif kind then
    take_media(self, kind, id, tonumber(at_us))
  end
end

--- A round begins: what is counted from now on is its own.
---@param now_us integer
function Verdict:mark(now_us)
  self._mark_us = now_us
  for _, stream in pairs(self._streams) do stream.round = counted(stream) end
end

local function seconds_since(from_us, at_us)
  return at_us and (at_us - from_us) / 1e6
end

local function result_of(self, stream, now_us)
  local round = stream.round
  return { key = stream.key, from = round.from, host = stream.newest and stream.newest.host,
    gap = math.max(round.gap_us, stream.video_us and now_us - stream.video_us or 0) / 1e6,
    publish = seconds_since(self._mark_us, round.publish_us), picture = seconds_since(self._mark_us, round.picture_us),
    overlaps = round.overlaps, doubles = round.doubles, late = round.late_us / 1e6 }
end

--- What came of the round so far, for each stream that was ever published, by key.
---@param now_us integer
---@return spec.fleet.result[]
function Verdict:results(now_us)
  local list = {}
  for _, stream in pairs(self._streams) do list[#list + 1] = result_of(self, stream, now_us) end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

--- How many streams had a picture lately.
---@param now_us integer
---@param within number seconds
---@return integer
function Verdict:on_air(now_us, within)
  local count = 0
  for _, stream in pairs(self._streams) do
    if stream.video_us and now_us - stream.video_us <= within * 1e6 then count = count + 1 end
  end
  return count
end

---@return spec.fleet.verdict
function verdict.new()
  return setmetatable({ _streams = {}, _connections = {}, _mark_us = 0 }, Verdict)
end

return verdict
