-- SPDX-License-Identifier: MIT
-- Limits how often a key may call an action: a number of calls in each second of the clock, as the cloud counts. Other
-- nodes of a fleet may take calls of the same key; then each has a fair share of the number, by what the others say
-- they were asked for. Pure except for the clock; nothing older than two seconds is kept.

---@class cme.server.http.limiter
---@field per_second integer
---@field private _clock fun(): number monotonic seconds
---@field private _second integer        the one that `_counts` is of
---@field private _counts table<string, integer> by key and action
---@field private _before table<string, integer> those of the second before
---@field private _others fun(name: string): integer[] what other nodes say of a key and action, a number each
local Limiter = {}
Limiter.__index = Limiter
Limiter.__name = "cme.server.http.limiter"

local limiter = {}

local NONE = {} -- no other node says anything

---@param per_second integer
---@param clock fun(): number monotonic seconds
---@return cme.server.http.limiter
function limiter.new(per_second, clock)
  return setmetatable({ per_second = per_second, _clock = clock, _second = -1, _counts = {}, _before = {},
    _others = function() return NONE end }, Limiter)
end

--- How many of so many calls one node may let through when others are asked for calls, too: all that the others leave,
--- and no less than an equal part for each. At least one. Pure.
---@param per_second integer of all nodes together
---@param others integer[] calls a second that each of the others is asked for
---@return integer
function limiter.share(per_second, others)
  local list, left = table.move(others, 1, #others, 1, {}), per_second
  table.sort(list)
  for i, asked in ipairs(list) do
    local equal = left // (#list - i + 2)
    if asked > equal then return math.max(1, equal) end
    left = left - asked
  end
  return math.max(1, left)
end

--- Counts with other nodes from now on.
---@param others fun(name: string): integer[] how often each of them is asked for what `demand` names so
function Limiter:join(others) self._others = others end

local function begin_second(self)
  local second = self._clock() // 1
  if second == self._second then return end
  self._before = second == self._second + 1 and self._counts or {}
  self._second, self._counts = second, {}
end

local function sum(list)
  local all = 0
  for _, one in ipairs(list) do all = all + one end
  return all
end

--- Counts a call.
---@param secret_id string
---@param action string
---@return boolean allowed
---@return integer count of this second, this one included, and those of other nodes
function Limiter:take(secret_id, action)
  begin_second(self)
  local name = secret_id .. " " .. action
  local count, others = (self._counts[name] or 0) + 1, self._others(name)
  self._counts[name] = count
  return count <= limiter.share(self.per_second, others), count + sum(others)
end

--- What is asked for most of, now or in the second before.
---@param least integer calls a second
---@param most integer how many of them to name
---@return table<string, integer> calls a second by the name of a key and action, at most `per_second`
function Limiter:demand(least, most)
  begin_second(self)
  local names, found = {}, {}
  for _, counts in ipairs { self._before, self._counts } do
    for name, count in pairs(counts) do
      if count >= least and not found[name] then names[#names + 1] = name end
      if count >= least then found[name] = math.min(self.per_second, math.max(count, found[name] or 0)) end
    end
  end
  table.sort(names, function(a, b)
    if found[a] ~= found[b] then return found[a] > found[b] end
    return a < b
  end)
  for i = most + 1, #names do found[names[i]] = nil end
  return found
end

return limiter
