-- SPDX-License-Identifier: MIT
-- Times of a stream that is joined from segments, each of which begins at its own zero: every track goes on where it
-- was, never steps back, and follows the clock. All times are integer ms on the joined stream's timeline, which begins
-- at 0 with its first tag; `now` is where the clock is on it. Pure.
--
--   segment A   0 .......... 1980 2000|
--   segment B                         |0 ........         a file that is read faster than it plays: at A's end
--   segment C                         |    (nothing) |0   a live source that came late: where the clock is

local joiner = {}

joiner.max_late = { file = 500, live = 3000 } -- behind the clock by more: the rest of the segment moves to the clock
joiner.max_jump = 10000 -- a step of a segment's own times by more is none of the media's
local TOLERANCE = 200 -- a segment's begin that much behind the clock is not a gap
local USUAL_STEP = { video = 40, audio = 23 } -- of a track with one tag

---@class cme.playout.track
---@field last integer      where its last tag was placed
---@field step integer      between two tags
---@field source integer|nil the last tag's own time; nil in a segment that has not brought one

---@class cme.playout.joiner
---@field private _tracks table<string, cme.playout.track>
---@field private _shift integer|nil what to add to the segment's times; nil before its first tag
---@field private _began integer   where the segment began
---@field private _late integer    bound of the segment
local Joiner = {}
Joiner.__index = Joiner

---@return cme.playout.joiner
function joiner.new()
  return setmetatable({ _tracks = {}, _began = 0, _late = joiner.max_late.file }, Joiner)
end

--- Where all tracks have ended so far.
---@return integer ms
function Joiner:tail()
  local tail = 0
  for _, track in pairs(self._tracks) do
    tail = math.max(tail, track.last + track.step)
  end
  return tail
end

--- The next tag is the first of another segment.
---@param live boolean its source gives media at its own pace
function Joiner:begin(live)
  self._shift = nil
  self._late = live and joiner.max_late.live or joiner.max_late.file
  for _, track in pairs(self._tracks) do
    track.source = nil
  end
end

-- Moves the segment so that its time `at` comes to the clock, or to where the tracks have ended.
function Joiner:_settle(at, now)
  local tail = self:tail()
  self._began = now - tail > TOLERANCE and now or tail
  self._shift = self._began - at
end

--- Where a tag belongs; moves on.
---@param kind "video"|"audio"
---@param at integer its time in the segment
---@param now integer
---@return integer
function Joiner:place(kind, at, now)
  local track = self._tracks[kind]
  local jumped = track and track.source and math.abs(at - track.source) > joiner.max_jump
  if not self._shift or jumped or now - (at + self._shift) > self._late then
    self:_settle(at, now)
  end
  local placed = at + self._shift
  if not track then
    self._tracks[kind] = { last = placed, step = USUAL_STEP[kind], source = at }
    return placed
  end
  if placed <= track.last then
    placed = track.last + (track.source and 0 or 1)
  elseif track.source and at > track.source and at - track.source < 1000 then
    track.step = at - track.source
  end
  track.last, track.source = placed, at
  return placed
end

--- Where a tag would belong, for waiting until then; changes nothing.
---@param at integer
---@return integer|nil ms nil: the segment has not begun
function Joiner:due(at)
  return self._shift and at + self._shift
end

return joiner
