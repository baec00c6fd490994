-- SPDX-License-Identifier: MIT
-- Checks what a playout is told by `set`. Pure.

local limits = require "cme.api.limits"

local spec = {}

local function is_number(value, least, most)
  return type(value) == "number" and value >= least and value <= most
end

local function integer(value)
  return math.tointeger(value)
end

local function source_fault(source, i)
  local where = ("sources.%d"):format(i - 1)
  if type(source) ~= "table" or type(source.id) ~= "string" then return where .. ".id: a text expected" end
  if (type(source.url) == "string") == (type(source.path) == "string") then
    return where .. ": either url or path expected"
  end
  for _, member in ipairs { "offset", "duration" } do
    if source[member] ~= nil and not is_number(source[member], 0, 1e9) then
      return ("%s.%s: seconds expected"):format(where, member)
    end
  end
  return nil
end

local function picture_fault(picture)
  if type(picture) ~= "table" then return "picture: an object expected" end
  for _, member in ipairs { "width", "height", "bitrate", "frame_rate" } do
    if not is_number(picture[member], 1, limits.cast[member]) then
      return ("picture.%s: 1 to %d expected"):format(member, limits.cast[member])
    end
  end
  return nil
end

local function fault(given)
  if type(given) ~= "table" or type(given.sources) ~= "table" or #given.sources == 0 then
    return "sources: a list expected"
  end
  for i, source in ipairs(given.sources) do
    local found = source_fault(source, i)
    if found then return found end
  end
  if type(given.project) ~= "string" or type(given.run) ~= "string" then return "project, run: texts expected" end
  if not integer(given.loop_count) or given.loop_count < -1 then return "loop_count: -1 or more expected" end
  return picture_fault(given.picture)
end

---@param given table
---@return cme.playout.spec|nil, string|nil message
function spec.read(given)
  local found = fault(given)
  if found then return nil, found end
  local picture = given.picture
  local at = type(given.at) == "table" and type(given.at.id) == "string"
    and { id = given.at.id, rounds = integer(given.at.rounds) or 0 } or nil
  return {
    project = given.project,
    revision = integer(given.revision) or 0,
    run = given.run,
    sources = given.sources,
    loop_count = integer(given.loop_count),
    picture = { width = integer(picture.width), height = integer(picture.height), bitrate = integer(picture.bitrate),
      frame_rate = picture.frame_rate },
    follow = given.follow == true,
    at = at,
  }
end

return spec
