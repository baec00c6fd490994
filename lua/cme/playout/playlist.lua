-- SPDX-License-Identifier: MIT
-- Which source comes after which, and when playback has ended. Pure.
--
-- Sources are played in their order, the list as often as `loop_count` says (-1: until it is stopped). A round in which
-- nothing could be played does not count. What happens to a source that cannot be played, or breaks off:
--   a file         the next source, at once
--   a live source  it is tried again for 30 s, since most are back soon; then the next source. Where the list is over
--                  with it, it has 5 minutes
--   all of them    one after the other, with pauses of 1, 2, 4 ... 10 s; a list that has an end is over after 5 minutes
--                  without any media

local backoff = require "cme.net.backoff"

local playlist = {}

playlist.live_patience = 30 -- seconds
playlist.last_patience = 300
local PAUSES = { base = 1, cap = 10 }

---@class cme.playout.cursor
---@field id string       of the source
---@field index integer   where it was in the list, should it be gone from it
---@field rounds integer  rounds that are done
---@field played boolean  something was played in this round

local function index_of(sources, id)
  for i, source in ipairs(sources) do
    if source.id == id then return i end
  end
  return nil
end

---@param sources { id: string }[] not empty
---@param at { id: string, rounds: integer }|nil where an earlier playout was
---@return cme.playout.cursor
function playlist.first(sources, at)
  local index = at and index_of(sources, at.id) or 1
  return { id = sources[index].id, index = index, rounds = at and at.rounds or 0, played = false }
end

---@param sources { id: string }[]
---@param cursor cme.playout.cursor
---@param id string
---@return cme.playout.cursor|nil nil: there is no such source
function playlist.at(sources, cursor, id)
  local index = index_of(sources, id)
  return index and { id = id, index = index, rounds = cursor.rounds, played = cursor.played }
end

--- The source after the one that is over.
---@param sources { id: string }[]
---@param cursor cme.playout.cursor
---@param loop_count integer
---@return cme.playout.cursor|nil nil: it was the last one
function playlist.next(sources, cursor, loop_count)
  local index = index_of(sources, cursor.id)
  local following = index and index + 1 or cursor.index -- of one that is gone: the one that took its place
  if following <= #sources then
    return { id = sources[following].id, index = following, rounds = cursor.rounds, played = cursor.played }
  end
  local rounds = cursor.rounds + (cursor.played and 1 or 0)
  if #sources == 0 or (loop_count >= 0 and rounds >= loop_count) then return nil end
  return { id = sources[1].id, index = 1, rounds = rounds, played = false }
end

--- Seconds until the next attempt, after so many failures without any media between.
---@param failures integer
---@param count integer sources that take turns
---@return number
function playlist.pause(failures, count)
  local turns = failures // math.max(1, count)
  return turns == 0 and 0 or backoff.delay(PAUSES, turns)
end

---@class cme.playout.failure
---@field live boolean         the source gives media at its own pace
---@field silent number        seconds since the last media of any source
---@field failed_for number    seconds since this source failed first

--- What to do after a source failed.
---@param following cme.playout.cursor|nil what comes after it
---@param loop_count integer
---@param failure cme.playout.failure
---@return "again"|"next"|"over"
function playlist.after_failure(following, loop_count, failure)
  if not following then return failure.live and failure.silent < playlist.last_patience and "again" or "over" end
  if failure.live and failure.failed_for < playlist.live_patience then return "again" end
  return loop_count >= 0 and failure.silent >= playlist.last_patience and "over" or "next"
end

return playlist
