-- SPDX-License-Identifier: MIT
-- A source that is being played: ffprobe looks at it, then ffmpeg plays it, and its tags wait here until they are due.
-- No more than about a second is read ahead; then ffmpeg has to wait. While a live source is not on the air yet,
-- everything before its last keyframe is dropped instead, so that it begins at the present. The filler is a segment
-- without a source.
--
--     opening --> ready (a keyframe waits) --> over, when the last tag was taken
--        |                                      ^ failure: why it broke off, if it did
--        +--------------------------------------+
--
-- `changed` is notified with every tag and every change. Tasks only.

local arguments = require "cme.playout.arguments"
local child = require "cme.playout.child"
local codes = require "cme.codes"
local flv = require "cme.playout.flv"
local luv = require "cme.net.loop.luv"
local probe = require "cme.playout.probe"
local task = require "cme.task"

local segment = {}

local READ_AHEAD = 1000 -- ms
local MAX_BYTES = 8 * 1024 * 1024
local OPEN_SECONDS = 15 -- to the first keyframe

---@class cme.playout.tools
---@field ffmpeg string
---@field ffprobe string
---@field libraries cme.playout.libraries
---@field environ table<string, string>
---@field preset string                   of x264

---@class cme.playout.segment
---@field source cme.playout.source|nil         nil: the filler
---@field probed cme.playout.probed|nil
---@field live boolean                    the source gives media at its own pace
---@field ready boolean                   a keyframe has come
---@field ended boolean                   no more tags will come
---@field failure cme.reason|nil          why it ended before its time
---@field on_air boolean                 its tags are being taken
---@field private _tools cme.playout.tools
---@field private _changed cme.task.signal
---@field private _child cme.playout.child|nil
---@field private _parser cme.playout.parser
---@field private _tags cme.playout.tag[]
---@field private _head integer           index of the next tag
---@field private _last integer           index of the last tag
---@field private _bytes integer          of the tags that wait
---@field private _held boolean
---@field private _closed boolean
local Segment = {}
Segment.__index = Segment

local function new(source, tools, changed)
  return setmetatable({ source = source, live = false, ready = false, ended = false, on_air = false, _tools = tools,
    _changed = changed, _parser = flv.parser(), _tags = {}, _head = 1, _last = 0, _bytes = 0, _held = false,
    _closed = false }, Segment)
end

function Segment:_end(failure)
  if self.ended then return end
  self.ended = true
  self.failure = failure or not self.ready and codes.reason "media.no_picture:none" or nil
  self._changed:notify()
end

-- ---- reading

function Segment:_span()
  local first, last = self._tags[self._head], self._tags[self._last]
  return first and last.at - first.at or 0
end

-- Drops all media that wait; sequence headers stay.
function Segment:_drop_media()
  local kept = {}
  for i = self._head, self._last do
    local tag = self._tags[i]
    if tag.header then
      kept[#kept + 1] = tag
    else
      self._bytes = self._bytes - #tag.body
    end
  end
  self._tags, self._head, self._last = kept, 1, #kept
end

function Segment:_balance()
  local stale = self.live and not self.on_air
  local full = self._bytes > MAX_BYTES or (not stale and self:_span() > READ_AHEAD)
  if full ~= self._held and self._child then
    self._held = full
    self._child:hold(full)
  end
end

function Segment:_take(chunk)
  local tags, _, detail = self._parser:feed(chunk)
  if not tags then return self._child:kill(detail) end
  for _, tag in ipairs(tags) do
    if tag.key and self.live and not self.on_air then
      self:_drop_media()
    end
    if tag.header or tag.media then
      self._last = self._last + 1
      self._tags[self._last] = tag
      self._bytes = self._bytes + #tag.body
      self.ready = self.ready or tag.key
    end
  end
  self:_balance()
  self._changed:notify()
end

function Segment:_start(argv)
  local started, _, detail = child.spawn(self._tools.ffmpeg, argv,
    arguments.environment(self._tools.environ, self.source, self._tools.libraries), function(chunk)
      if not self._closed then
        self:_take(chunk)
      end
    end, function(ok, reason)
      self:_end(not ok and reason or nil)
    end)
  if not started then return self:_end(detail) end
  self._child = started
end

-- ---- opening

local function nothing_came()
  return codes.reason("source.stalled:opening", { seconds = OPEN_SECONDS })
end

-- What ffprobe says.
function Segment:_probe()
  local text, running, fault = "", nil, nil
  local ok, reason = task.wait(function(wake)
    local _
    running, _, fault = child.spawn(self._tools.ffprobe, arguments.probe(self.source),
      arguments.environment(self._tools.environ, self.source, self._tools.libraries),
      function(chunk)
        text = text .. chunk
      end, wake)
    self._child = running
    if not running then
      wake(false, fault)
    end
  end, OPEN_SECONDS)
  self._child = nil
  if ok == nil then
    running:kill()
    return codes.fail(nothing_came())
  end
  if not ok then return codes.fail(reason) end
  return probe.read(text)
end

-- Gives a source up that does not come to its first keyframe.
function Segment:_watch_start()
  luv.detach(function()
    task.sleep(OPEN_SECONDS)
    if not self.ready and not self.ended and self._child then
      self._child:kill(nothing_came())
    end
  end)
end

--- Opens a source.
---@param source cme.playout.source
---@param tools cme.playout.tools
---@param changed cme.task.signal
---@param known cme.playout.probed|nil what ffprobe said of it before
---@param look fun(probed: cme.playout.probed): cme.playout.picture, boolean the picture that is
---  wanted, and whether to copy where that is possible
---@return cme.playout.segment
function segment.open(source, tools, changed, known, look)
  local self = new(source, tools, changed)
  luv.detach(function()
    local probed, detail, _ = known, nil, nil
    if not known then
      probed, _, detail = self:_probe()
    end
    if self._closed then return end
    if not probed then return self:_end(detail) end
    self.probed, self.live = probed, not probed.duration
    local picture, may_copy = look(probed)
    self:_start(arguments.play(source, probed, picture,
      { preset = tools.preset, copy = may_copy and probe.copies(source, probed, picture) }))
    self:_watch_start()
  end)
  return self
end

--- Opens a black picture without sound.
---@param picture cme.playout.picture
---@param tools cme.playout.tools
---@param changed cme.task.signal
---@return cme.playout.segment
function segment.filler(picture, tools, changed)
  local self = new(nil, tools, changed)
  self:_start(arguments.filler(picture, tools.preset))
  return self
end

-- ---- for the player

--- The next tag, left where it is.
---@return cme.playout.tag|nil
function Segment:peek()
  return self._tags[self._head]
end

--- Takes the next tag away.
function Segment:pop()
  local tag = self._tags[self._head]
  self._tags[self._head] = nil
  self._head = self._head + 1
  self._bytes = self._bytes - #tag.body
  self:_balance()
end

---@return boolean over no tag is left, and none will come
function Segment:over()
  return self.ended and not self:peek()
end

--- How long it plays; nil: nobody knows.
---@return number|nil seconds
function Segment:duration()
  local whole = self.probed and self.probed.duration
  if not whole then return nil end
  local rest = math.max(0, whole - (self.source.offset or 0))
  local wanted = self.source.duration or 0
  return wanted > 0 and math.min(wanted, rest) or rest
end

--- Gives it up; its end is a failure.
---@param reason cme.reason
function Segment:fail(reason)
  if self._child then
    self._child:kill(reason)
  end
  self:_end(reason)
end

--- Lets go of it.
function Segment:close()
  self._closed = true
  self._tags, self._head, self._last, self._bytes = {}, 1, 0, 0
  if self._child then
    self._child:kill()
  end
  self:_end()
end

return segment
