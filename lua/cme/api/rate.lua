-- SPDX-License-Identifier: MIT
-- How fast each action may be called. The service counts an action's requests by the second and refuses those past its
-- limit, so a bucket holds as many tokens as the limit, and each token comes back one second after it was taken: a
-- burst up to the limit goes at once, and no second of any alignment sees more. (A bucket that refills steadily lets up
-- to twice the limit through in its first second.) A caller that finds no token reserves the next one that comes back
-- and is told how long to wait for it, so callers are served in order and none wakes up in vain. Pure: the time is an
-- argument, any clock that has fractions. Nothing is allocated once an action has its bucket.

local rate = {}

---@class cme.api.rate
---@field private _tokens integer how many each action has
---@field private _period number seconds after which a taken token is back
---@field private _buckets table<string, number[]> by action: when each token is back; `next` is the index of the oldest
---@field private _last number the latest time seen
---@field private _behind number how far the clock has stepped back in all
local Rate = {}
Rate.__index = Rate
Rate.__name = "cme.api.rate"

-- Requests do not all take equally long to the service: what left a second apart may arrive closer.
local MARGIN = 0.02

--- Makes a set of buckets.
---@param per_second number requests per second and action, above 0; 0.5 is one in two seconds
---@return cme.api.rate
function rate.new(per_second)
  local tokens = math.max(1, math.floor(per_second))
  return setmetatable({
    _tokens = tokens,
    _period = tokens / per_second + MARGIN,
    _buckets = {},
    _last = -math.huge,
    _behind = 0,
  }, Rate)
end

local function new_bucket(tokens)
  local bucket = { next = 1 }
  for i = 1, tokens do bucket[i] = -math.huge end
  return bucket
end

--- Takes a token.
---@param action string
---@param now number seconds
---@return number wait seconds until the request may go, 0 for at once
function Rate:take(action, now)
  -- A clock that is set back must not make anyone wait for what it says was later.
  if now < self._last then self._behind = self._behind + self._last - now end
  self._last = now
  now = now + self._behind
  local bucket = self._buckets[action]
  if not bucket then
    bucket = new_bucket(self._tokens)
    self._buckets[action] = bucket
  end
  local i = bucket.next
  local start = bucket[i]
  if start < now then start = now end
  bucket[i] = start + self._period
  bucket.next = i < self._tokens and i + 1 or 1
  return start - now
end

return rate
