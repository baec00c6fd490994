-- SPDX-License-Identifier: MIT
-- Plays a list of sources into the feed, one tag when it is due, for as long as the spec says.
--
--   on the air    the segment whose tags are sent: a source, or the filler while no source gives media
--   coming        the one that is opened to take its place: what comes next, or what a switch asked for
--   plan          what is opened when its time has come: after a failure, not at once
--
-- A segment takes another's place at its first keyframe; until then the other one goes on. playlist.lua decides the
-- order of sources and what happens to one that fails; joiner.lua decides times. One task runs the player; requests
-- change its state, which it reads at its next step.

local arguments = require "cme.playout.arguments"
local codes = require "cme.codes"
local joiner = require "cme.playout.joiner"
local json = require "cme.json"
local playlist = require "cme.playout.playlist"
local probe = require "cme.playout.probe"
local segment = require "cme.playout.segment"
local task = require "cme.task"

local player = {}

local FILLER_SECONDS = 2 -- without media until the filler comes
local STALL_SECONDS = 5 -- a source on the air that gives nothing for so long is given up
local OPEN_AHEAD_SECONDS = 8 -- before the end of a source: a live one needs some until its first keyframe
local SWITCH_SECONDS = 20 -- a source that was switched to must have come by then
local REFILL_SECONDS = 5 -- before another filler is tried

---@class cme.playout.spec
---@field project string
---@field revision integer
---@field run string                           the same for as long as the project is Working
---@field sources cme.playout.source[]
---@field loop_count integer                   -1: until it is stopped
---@field picture cme.playout.picture
---@field follow boolean                       the picture is the first source's
---@field at { id: string, rounds: integer }|nil where to begin

---@class cme.playout.coming
---@field segment cme.playout.segment
---@field cursor cme.playout.cursor
---@field wake function|nil of the request to switch

---@class cme.playout.player
---@field spec cme.playout.spec
---@field rounds integer                     that are done
---@field over string|nil                    why the playing has ended
---@field private _tools cme.playout.tools
---@field private _feed cme.playout.feed
---@field private _emit fun(event: table)
---@field private _clock cme.system.clock
---@field private _changed cme.task.signal
---@field private _joiner cme.playout.joiner
---@field private _origin number             when the joined stream began
---@field private _air cme.playout.segment|nil
---@field private _air_since number          when the last tag was sent, or the segment went on the air
---@field private _air_from integer|nil      time of the segment's first tag, ms
---@field private _air_at integer            time of the segment's last tag, ms
---@field private _cursor cme.playout.cursor         of the source on the air, or the last that was
---@field private _coming cme.playout.coming|nil
---@field private _plan { cursor: cme.playout.cursor, at: number }|nil
---@field private _ahead boolean|nil         what comes next was looked for, near the end of the source on the air
---@field private _conclusion { reason: string, rounds: integer }|nil why it is over after what is on the air
---@field private _filler cme.playout.segment|nil
---@field private _next_filler number
---@field private _picture cme.playout.picture|nil what FollowSourceInfo found
---@field private _known table<string, cme.playout.probed> what ffprobe said, by location
---@field private _failures integer          in a row, of any source
---@field private _failing table<string, number> since when a source fails
---@field private _media_at number           when the last media of a source was sent
local Player = {}
Player.__index = Player

---@param options { spec: cme.playout.spec, tools: cme.playout.tools, feed: cme.playout.feed,
---  emit: (fun(event: table)), clock: cme.system.clock }
---@return cme.playout.player
function player.new(options)
  local now = options.clock.monotonic()
  local self = setmetatable({ spec = options.spec, _tools = options.tools, _feed = options.feed, _emit = options.emit,
    _clock = options.clock, _changed = task.signal(), _joiner = joiner.new(), _origin = now, _air_since = now,
    _air_at = 0, _failures = 0, _failing = {}, _known = {}, _media_at = now,
    _next_filler = now + FILLER_SECONDS }, Player)
  self._cursor = playlist.first(self.spec.sources, self.spec.at)
  self.rounds = self._cursor.rounds
  self._plan = { cursor = self._cursor, at = now }
  return self
end

function Player:_now_ms()
  return math.floor((self._clock.monotonic() - self._origin) * 1000)
end

function Player:_source(id)
  for _, source in ipairs(self.spec.sources) do
    if source.id == id then return source end
  end
  return nil
end

function Player:_finish(reason)
  self.over = self.over or reason
  self._changed:notify()
  self._feed.changed:notify() -- run() may wait for the engine still
end

-- Ends once what is on the air has been played.
function Player:_conclude(reason, rounds)
  if self._air and self._air ~= self._filler then
    self._conclusion = { reason = reason, rounds = rounds }
    return
  end
  self.rounds = rounds
  self:_finish(reason)
end

-- ---- opening

-- The picture of a segment: with FollowSourceInfo, that of the first source which was looked at.
function Player:_look(probed)
  if self.spec.follow and not self._picture then
    self._picture = probe.picture(probed, self.spec.picture)
    self._changed:notify() -- the filler may have waited for it
  end
  return self._picture or self.spec.picture, self.spec.follow
end

function Player:_open(cursor, wake)
  self._plan = nil
  local source = self:_source(cursor.id)
  if not source then -- it was deleted meanwhile
    return self:_advance(cursor, 0)
  end
  local place = arguments.location(source)
  self._coming = { cursor = cursor, wake = wake, segment = segment.open(source, self._tools, self._changed,
    self._known[place], function(probed)
      self._known[place] = probed
      return self:_look(probed)
    end) }
end

function Player:_drop_coming(sentence)
  local coming = self._coming
  self._coming = nil
  if coming then
    coming.segment:close()
    if coming.wake then
      coming.wake(codes.fail(sentence))
    end
  end
end

-- Plans the source after the one at `cursor`; ends when there is none.
function Player:_advance(cursor, pause)
  local following = playlist.next(self.spec.sources, cursor, self.spec.loop_count)
  if following then
    self._plan = { cursor = following, at = self._clock.monotonic() + pause }
  else
    self:_conclude("played_out", cursor.rounds + (cursor.played and 1 or 0))
  end
end

-- ---- failures

function Player:_report(cursor, reason)
  self._emit { event = "source", source_id = cursor.id, state = "interrupted", reason = codes.say(reason),
    parts = codes.pack(reason) }
end

function Player:_failed(cursor, live, reason)
  self:_report(cursor, reason)
  local now, source = self._clock.monotonic(), self:_source(cursor.id)
  if source then
    self._known[arguments.location(source)] = nil -- it may have changed
  end
  self._failures = self._failures + 1
  self._failing[cursor.id] = self._failing[cursor.id] or now
  local following = playlist.next(self.spec.sources, cursor, self.spec.loop_count)
  local verdict = playlist.after_failure(following, self.spec.loop_count,
    { live = live, silent = now - self._media_at, failed_for = now - self._failing[cursor.id] })
  if verdict == "again" then
    self._plan = { cursor = cursor, at = now + playlist.pause(self._failures, 1) }
  elseif verdict == "next" then
    if following.id ~= cursor.id then
      self._failing[cursor.id] = nil
    end
    self._plan = { cursor = following, at = now + playlist.pause(self._failures, #self.spec.sources) }
  elseif following then
    self:_conclude("no_media", cursor.rounds)
  else
    self:_advance(cursor, 0)
  end
end

-- A source that only rtmp can be at the end of is live, even when nobody has seen it yet.
local function is_live(one)
  local url = one.source.url
  return one.live or (not one.probed and url ~= nil and url:lower():find "^rtmp" ~= nil)
end

function Player:_coming_failed()
  local coming = self._coming
  self._coming = nil
  local reason = coming.segment.failure
  if coming.wake then
    self:_report(coming.cursor, reason)
    coming.wake(codes.fail(reason))
    if not self._air or self._air == self._filler then
      self._plan = { cursor = self._cursor, at = self._clock.monotonic() }
    end
    return
  end
  self:_failed(coming.cursor, is_live(coming.segment), reason)
end

-- ---- on the air

function Player:_take_air(one)
  local old = self._air
  self._air, self._air_since, self._air_from, self._air_at = one, self._clock.monotonic(), nil, 0
  one.on_air = true
  self._joiner:begin(one.live)
  if old and old ~= one then
    old:close()
    if old == self._filler then
      self._filler = nil
    end
  end
end

function Player:_cut()
  local coming = self._coming
  self._coming, self._plan, self._conclusion, self._ahead = nil, nil, nil, false
  self:_take_air(coming.segment)
  if self._filler and self._filler ~= coming.segment then
    self._filler:close()
    self._filler = nil
  end
  self._cursor, coming.cursor.played = coming.cursor, true
  if self._cursor.rounds ~= self.rounds then
    self.rounds = self._cursor.rounds
    self._emit { event = "round", rounds = self.rounds }
  end
  self._failures, self._failing[self._cursor.id] = 0, nil
  self._emit { event = "source", source_id = self._cursor.id, state = "playing" }
  if coming.wake then
    coming.wake(true)
  end
end

-- What is on the air has no more tags.
function Player:_air_over()
  local air = self._air
  self._air = nil
  if air == self._filler then
    self._filler, self._next_filler = nil, self._clock.monotonic() + REFILL_SECONDS
    return
  end
  self._next_filler = self._clock.monotonic() + FILLER_SECONDS
  if self._conclusion then
    self:_conclude(self._conclusion.reason, self._conclusion.rounds)
  elseif air.live or air.failure then
    local reason = air.failure or codes.reason "source.ended:alone"
    if self._coming then -- what was opened ahead, or is switched to, comes now
      self:_report(self._cursor, reason)
    else
      self:_failed(self._cursor, air.live, reason)
    end
  elseif not self._coming and not self._plan then
    self:_advance(self._cursor, 0)
  end
end

function Player:_send(tag)
  local air, now = self._air, self:_now_ms()
  air:pop()
  if tag.header then return self._feed:write(tag, self._joiner:tail()) end
  self._feed:write(tag, self._joiner:place(tag.kind, tag.at, now))
  self._air_since = self._clock.monotonic()
  self._air_from = self._air_from or tag.at
  self._air_at = math.max(self._air_at, tag.at)
  if air ~= self._filler then
    self._media_at = self._air_since
  end
end

--- Where the source on the air is.
---@return number seconds from the beginning of the source
function Player:position()
  local air = self._air
  if not air or not air.source or not self._air_from then return 0 end
  return (air.source.offset or 0) + (self._air_at - self._air_from) / 1000
end

-- Whether what comes next is to be opened now: shortly before the end of a file.
function Player:_near_end()
  local air = self._air
  if not air or not air.source or air.live then return false end
  local duration, played = air:duration(), (self._air_at - (self._air_from or 0)) / 1000
  return air.ended or (duration ~= nil and duration - played < OPEN_AHEAD_SECONDS)
end

function Player:_open_ahead()
  local following = playlist.next(self.spec.sources, self._cursor, self.spec.loop_count)
  if following then
    self:_open(following)
  end
end

-- With FollowSourceInfo the filler has the first source's picture, too: it waits until that is known, or has failed.
function Player:_picture_may_come()
  return self.spec.follow and not self._picture and self._coming ~= nil and self._failures == 0
end

local function replaceable(self)
  return not self._air or self._air == self._filler or self._air:over()
end

-- ---- the loop

-- What can be done without waiting; true when something was.
function Player:_act()
  local coming, air = self._coming, self._air
  if coming and coming.segment.ready and (coming.wake or replaceable(self)) then
    self:_cut()
  elseif coming and coming.segment.ended and not coming.segment.ready then
    self:_coming_failed()
  elseif air and air:over() then
    self:_air_over()
  elseif not coming and self._plan and self._clock.monotonic() >= self._plan.at then
    self:_open(self._plan.cursor)
  elseif not coming and not self._plan and not self._ahead and not self._conclusion and self:_near_end() then
    self._ahead = true
    self:_open_ahead()
  elseif not air and self._filler and self._filler.ready then
    self:_take_air(self._filler)
  elseif not air and not self._filler and not self:_picture_may_come()
    and self._clock.monotonic() >= self._next_filler then
    self._filler = segment.filler(self._picture or self.spec.picture, self._tools, self._changed)
  elseif self._filler and self._filler ~= air and self._filler:over() then
    self._filler, self._next_filler = nil, self._clock.monotonic() + REFILL_SECONDS
  else
    return false
  end
  return true
end

-- Seconds until something is due that no change will tell of.
function Player:_pause()
  local now, at = self._clock.monotonic(), math.huge
  if self._plan and not self._coming then
    at = math.min(at, self._plan.at)
  end
  if not self._air then
    at = math.min(at, (self._filler or self:_picture_may_come()) and math.huge or self._next_filler)
  elseif self._air ~= self._filler then
    at = math.min(at, self._air_since + STALL_SECONDS)
  end
  return at < math.huge and math.max(0, at - now) or nil
end

function Player:_step()
  if self:_act() then return end
  local tag = self._air and self._air:peek()
  if not tag then
    self._changed:wait(self:_pause())
    if self._air and self._air ~= self._filler and not self._air:peek()
      and self._clock.monotonic() - self._air_since >= STALL_SECONDS then
      self._air:fail(codes.reason("source.stalled:silent", { seconds = STALL_SECONDS }))
    end
    return
  end
  local due = tag.media and self._joiner:due(tag.at) or 0
  local early = due - self:_now_ms()
  if early > 0 then
    self._changed:wait(early / 1000)
  else
    self:_send(tag)
  end
end

--- Plays until it is over; returns why. Waits for the engine first.
---@return string reason "played_out"|"no_media"|what stop() was given
function Player:run()
  while not self._feed.connected and not self.over do
    self._feed.changed:wait()
  end
  local now = self._clock.monotonic()
  self._origin, self._media_at, self._next_filler = now, now, now + FILLER_SECONDS
  while not self.over do
    self:_step()
  end
  self:_drop_coming "switch.failed:over"
  for _, one in pairs { self._air, self._filler } do
    one:close()
  end
  return self.over
end

-- ---- for requests

--- Plays a source at once: as soon as its first picture is there, and until then what plays now.
---@param id string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Player:switch(id)
  local cursor = playlist.at(self.spec.sources, self._cursor, id)
  if not cursor then return codes.fail "switch.no_input:source" end
  local coming = self._coming
  local ahead = coming and not coming.wake and coming.cursor.id == id -- it is being opened already
  if not ahead then
    self:_drop_coming "switch.superseded:source"
  end
  local ok, message, detail = task.wait(function(wake)
    if ahead then
      coming.wake = wake
    else
      self:_open(cursor, wake)
    end
    self._changed:notify()
  end, SWITCH_SECONDS)
  if ok or detail then return ok, message, detail end
  self:_drop_coming "switch.superseded:source" -- nobody waits for it any more
  return codes.fail("source.stalled:opening", { seconds = SWITCH_SECONDS })
end

--- Takes over a spec: another list of sources, another number of rounds.
---@param spec cme.playout.spec
function Player:set(spec)
  local before = self.spec
  self.spec = spec
  if json.encode(before.sources) == json.encode(spec.sources) and before.loop_count == spec.loop_count then return end
  local coming = self._coming
  if coming and not coming.wake then -- it may not be what comes next any more
    self:_drop_coming()
    self._plan = not self._air and { cursor = coming.cursor, at = self._clock.monotonic() } or nil
  end
  self._conclusion, self._ahead = nil, false
  self._changed:notify()
end

---@param reason string
function Player:stop(reason)
  self:_finish(reason)
end

--- What DescribePlayInfo tells, and what the next playout has to know.
---@return table
function Player:stat()
  local air = self._air
  return {
    source_id = self._cursor.id,
    position = self:position(),
    duration = air and air.source and air:duration() or 0,
    rounds = self.rounds,
    filler = air ~= nil and air == self._filler,
    playing = air ~= nil and air ~= self._filler,
  }
end

return player
