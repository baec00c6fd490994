-- SPDX-License-Identifier: MIT
-- How long a platform that has one publisher of a stream at a time was free, until the next one published: from what
-- nginx-rtmp tells of each publish. It tells of those that it refuses, too, and of their ends. Pure.

local strict = {}

---@class spec.fleet.strict.stream
---@field holder string|nil   the connection that publishes
---@field address string|nil  of the one that published last
---@field freed number|nil    when that one ended

local function publish(stream, at, address, connection, since)
  if stream.holder then return nil end -- it is refused
  local is_other = stream.address and stream.address ~= address
  local wait = is_other and stream.freed and stream.freed >= since and at - stream.freed or nil
  stream.holder, stream.address = connection, address
  return wait
end

local function done(stream, at, connection)
  if stream.holder == connection then stream.holder, stream.freed = nil, at end
end

--- The waits of the streams that went from one host to another since a time.
---@param lines fun(): string|nil "SECONDS publish|publish_done NAME ADDRESS CONNECTION", the oldest first
---@param since number seconds
---@return number[] seconds
function strict.waits(lines, since)
  local streams, list = {}, {}
  for line in lines do
    local at, call, name, address, connection = line:match "^(%S+) (%S+) (%S+) (%S+) (%S+)$"
    at = tonumber(at)
    local stream = streams[name] or {}
    streams[name] = stream
    if call == "publish" then
      list[#list + 1] = publish(stream, at, address, connection, since)
    else
      done(stream, at, connection)
    end
  end
  return list
end

return strict
