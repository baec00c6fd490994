-- SPDX-License-Identifier: MIT
-- A crowd of hostile encoders on one cme-edge, beside one ffmpeg that pushes all the while. Each act does one kind of
-- harm and tells what it cost; at the end all that the ffmpeg sent is looked for at its reader's socket, in order.

local uv = require "luv"

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local mutation = require "spec.support.proofs.mutation"
local proc = require "spec.support.proc"
local strangers = require "spec.support.proofs.strangers"
local usage = require "spec.support.proofs.usage"

local hostile = {}

local LANES = 240 -- sessions at a time, each with an address and a key of its own
local OPENING_LANES = 256 -- connections that are opened at a time
local GREETING = 20 -- seconds and more until a session that nobody ends is ended by the edge
local SLOWLY_MS = 100 -- between the bytes of a slow handshake
local LATE = 0.1 -- seconds: what passes beyond that between two looks is our own delay, and not the edge's

---@class spec.hostile
---@field edge spec.edge
---@field private _reader spec.edge_reader of the healthy encoder
---@field private _source spec.proc
---@field private _file string what it sends
---@field private _peak integer KB
---@field private _gap number seconds: longest time without anything from the healthy encoder
---@field private _ignored any a signal that writing to who hung up would end us by
local Hostile = {}
Hostile.__index = Hostile

---@class spec.hostile.act
---@field count integer sessions or connections
---@field seconds number
---@field peak number MB of memory, at most
---@field gap number seconds: longest time in which nothing of the healthy encoder came

local function lane_key(lane) return ("hush-%03d"):format(lane) end

--- Starts an edge with a healthy encoder. Limits are those of a large crowd.
---@return spec.hostile
function hostile.start()
  local self = setmetatable({ edge = edge.start("--connections", "20000", "--strangers", "12000", "--per-address",
    "12000"), _peak = 0, _gap = 0, _ignored = uv.new_signal() }, Hostile)
  self._ignored:start("sigpipe", function() end)
  local keys = { healthy = "hush-healthy" }
  for lane = 1, LANES do keys["lane" .. lane] = lane_key(lane) end
  self.edge:set(keys)
  self._reader = self.edge:read "healthy"
  self._file = media.file(proc.folder() .. "/healthy.flv", 4, media.SMALL)
  self._source = media.replay(self.edge:url "hush-healthy", self._file)
  proc.eventually("the healthy encoder", 20, function() return self._reader.size > 0 end)
  return self
end

function Hostile:_watch()
  local last, silent, size = uv.hrtime(), 0, self._reader.size
  local timer = uv.new_timer()
  timer:start(20, 20, function()
    self._peak = math.max(self._peak, usage.memory(self.edge.proc.pid).rss)
    silent = self._reader.size == size and silent + math.min(LATE, (uv.hrtime() - last) / 1e9) or 0
    last, size = uv.hrtime(), self._reader.size
    self._gap = math.max(self._gap, silent)
  end)
  return timer
end

-- Does one act and says what it cost.
function Hostile:_act(count, act)
  self._peak, self._gap = 0, 0
  local began, timer = usage.wall(), self:_watch()
  local ok, message = pcall(act)
  timer:close()
  if not ok then error(message, 0) end
  assert(not self.edge.proc.code, "the edge ended: " .. self.edge.proc:output())
  assert(not self._source.code, "the healthy encoder ended: " .. self._source:output())
  return { count = count, seconds = usage.wall() - began, peak = self._peak / 1024, gap = self._gap }
end

-- ---- sessions

-- What a client sends to the edge, byte by byte, while it does so through us.
local function recorded(run, push)
  local listener, bytes, ended = uv.new_tcp(), {}, false
  assert(listener:bind("127.0.0.1", 0))
  assert(listener:listen(1, function()
    local from, to = uv.new_tcp(), uv.new_tcp()
    listener:accept(from)
    to:connect("127.0.0.1", run.port, function()
      from:read_start(function(_, chunk)
        bytes[#bytes + 1] = chunk
        if chunk then to:write(chunk) end
        if not chunk then ended = true end
      end)
      to:read_start(function(_, chunk)
        if chunk then from:write(chunk) end
        if not chunk then
          from:close()
          to:close()
        end
      end)
    end)
  end))
  push(("rtmp://127.0.0.1:%d/%s/%s"):format(listener:getsockname().port, edge.app, lane_key(1)))
  proc.eventually("the end of a session", 20, function() return ended end)
  listener:close()
  return table.concat(bytes)
end

-- A session of Enhanced RTMP, of an old aggregate and of control messages, which no encoder at hand has.
local function scripted()
  local parts = { encoder.opening(edge.app, lane_key(1)) }
  local function say(type, data) parts[#parts + 1] = encoder.message(4, type, data, #parts * 10, 60000) end
  say(flv.VIDEO, "\x90hvc1" .. ("\1"):rep(30))
  say(flv.VIDEO, "\x91hvc1\0\0\0" .. ("picture"):rep(50))
  say(flv.VIDEO, "\x96\x11\0av01\1\0\0\9" .. ("p"):rep(9)) -- of several tracks
  say(flv.VIDEO, "\x97\3\0\0\0\1\x01hvc1\0\0\0" .. ("q"):rep(20)) -- with a modifier
  say(flv.AUDIO, "\x90OpusOpusHead" .. ("\1"):rep(11))
  say(flv.AUDIO, "\x91Opus" .. ("sound"):rep(20))
  say(22, flv.pack(flv.tag(flv.VIDEO, 5, "\x27\1\0\0\0old")) .. flv.pack(flv.tag(flv.AUDIO, 6, "\xaf\1old")))
  say(4, "\0\6\0\0\0\1")
  say(3, "\0\0\0\1")
  parts[#parts + 1] = encoder.command("FCUnpublish", 6, encoder.null, lane_key(1)) ..
    encoder.command("deleteStream", 7, encoder.null, 1)
  return table.concat(parts)
end

local function push(argv) return function(url)
  local line = {}
  for i, word in ipairs(argv) do line[i] = word:gsub("URL", function() return url end) end
  local code, out, err = proc.run(line)
  assert(code == 0, out .. err)
end end

local function good_sessions(self)
  local file = media.file(proc.folder() .. "/session.flv", 1, media.SMALL)
  local list = { scripted(), recorded(self.edge, push { "ffmpeg", "-v", "error", "-nostdin", "-i", file, "-c", "copy",
    "-f", "flv", "URL" }) }
  if proc.run { "sh", "-c", "command -v gst-launch-1.0 && gst-inspect-1.0 rtmp2sink" } == 0 then
    list[#list + 1] = recorded(self.edge, push { "gst-launch-1.0", "-q", "filesrc", "location=" .. file, "!",
      "flvdemux", "name=d", "flvmux", "name=m", "streamable=true", "!", "rtmp2sink", "location=URL", "d.video", "!",
      "h264parse", "!", "queue", "!", "m.", "d.audio", "!", "aacparse", "!", "queue", "!", "m." })
  end
  return list
end

-- Sends bytes in up to three pieces, then waits for the edge to hang up, or hangs up itself.
local function play(port, lane, bytes, random, done)
  local socket, timer = uv.new_tcp(), uv.new_timer()
  local function finish()
    if socket:is_closing() then return end
    timer:close()
    socket:close()
    done()
  end
  timer:start(GREETING * 1000, 0, finish)
  socket:bind("127.0.0." .. lane + 1, 0)
  socket:connect("127.0.0.1", port, function(err)
    if err then return finish() end
    socket:read_start(function(_, chunk) if not chunk then finish() end end)
    local one, two = random:number(0, #bytes), random:number(0, #bytes)
    one, two = math.min(one, two), math.max(one, two)
    socket:write(bytes:sub(1, one))
    socket:write(bytes:sub(one + 1, two))
    socket:write(bytes:sub(two + 1), function()
      if random:number(0, 3) == 0 then return finish() end
      if not socket:is_closing() then socket:shutdown() end
    end)
  end)
end

--- Good sessions that were changed, and noise, `count` of them.
---@param count integer
---@param seed integer
---@return spec.hostile.act
function Hostile:sessions(count, seed)
  local good, random = good_sessions(self), mutation.random(seed)
  local begun, over = 0, 0
  local function next_of(lane)
    if begun == count then return end
    begun = begun + 1
    local bytes = mutation.of(random, good):gsub("hush%-001", lane_key(lane))
    play(self.edge.port, lane, bytes, random, function()
      over = over + 1
      next_of(lane)
    end)
  end
  return self:_act(count, function()
    for lane = 1, LANES do next_of(lane) end
    proc.eventually("the sessions to end", 3600, function() return over == count or self.edge.proc.code end)
  end)
end

-- ---- connections

local hello = encoder.handshake .. encoder.command("connect", 1, { app = edge.app })

-- What those do who wait, by turns: nothing, half a handshake, one alone, one with a large message that does not end.
local WAITING = { "", encoder.handshake:sub(1, 1000), encoder.handshake,
  hello .. encoder.message(3, 18, ("x"):rep(4000)):sub(1, 4000) }

-- Keeps so many open: who is sent away comes again.
local function keep_open(port, count, on_open)
  local crowd = { open = 0, ended = false, sockets = {} }
  local opening, serial = 0, 0
  local function open()
    while not crowd.ended and opening < OPENING_LANES and crowd.open + opening < count do
      opening, serial = opening + 1, serial + 1
      local socket, mine = uv.new_tcp(), serial
      crowd.sockets[socket] = true
      socket:bind(("127.0.%d.1"):format(1 + mine % 8), 0)
      socket:connect("127.0.0.1", port, function(err)
        opening = opening - 1
        if not err then
          crowd.open = crowd.open + 1
          on_open(socket, mine)
        end
        local function gone()
          if socket:is_closing() then return end
          crowd.sockets[socket] = nil
          if not err then crowd.open = crowd.open - 1 end
          socket:close()
          open()
        end
        if err then return gone() end
        socket:read_start(function(_, chunk) if not chunk then gone() end end)
        open()
      end)
    end
  end
  open()
  function crowd.close()
    crowd.ended = true
    for socket in pairs(crowd.sockets) do if not socket:is_closing() then socket:close() end end
  end
  return crowd
end

local function stat_of(self) return assert(self.edge.control:request "stat") end

-- As many as the edge counts, for `seconds`; returns the most it counted.
function Hostile:_hold(count, seconds, on_open)
  local most, crowd = 0, keep_open(self.edge.port, count, on_open)
  local until_us, reached = nil, false
  proc.eventually(function() return ("%d connections (%d)"):format(count, most) end, 60 + seconds, function()
    most = math.max(most, stat_of(self).strangers)
    if not reached and most >= count * 0.99 then reached, until_us = true, uv.hrtime() + seconds * 1e9 end
    return until_us and uv.hrtime() > until_us
  end)
  crowd.close()
  proc.eventually("the crowd to be gone", 30, function() return stat_of(self).strangers == 0 end)
  return most
end

--- `count` connections that only wait, kept open for `seconds`.
---@return spec.hostile.act, integer most that the edge had
function Hostile:held(count, seconds)
  local most
  local act = self:_act(count, function()
    most = self:_hold(count, seconds, function(socket, serial) socket:write(WAITING[1 + serial % #WAITING]) end)
  end)
  return act, most
end

--- `count` handshakes of a byte each SLOWLY_MS.
---@return spec.hostile.act
function Hostile:slow(count, seconds)
  local sockets = {}
  local timer = uv.new_timer()
  timer:start(SLOWLY_MS, SLOWLY_MS, function()
    for socket, sent in pairs(sockets) do
      if socket:is_closing() then
        sockets[socket] = nil
      else
        socket:write(hello:sub(sent, sent))
        sockets[socket] = sent + 1
      end
    end
  end)
  local act = self:_act(count, function()
    self:_hold(count, seconds, function(socket) sockets[socket] = 1 end)
  end)
  timer:close()
  return act
end

-- ---- what a message can do

--- Each of the attacks of who has no key, `times` times.
---@return spec.hostile.act
function Hostile:attacked(times)
  return self:_act(times, function()
    local list = {}
    for _, attack in pairs(strangers.attacks) do
      for _ = 1, times do
        local one = encoder.connect(self.edge.port)
        list[#list + 1] = one
        attack(one)
      end
    end
    proc.eventually("the strangers to be sent away", 30, function() return stat_of(self).strangers == 0 end)
    for _, one in ipairs(list) do one:close() end
  end)
end

-- An encoder with a key and a reader that takes nothing sends so many bytes.
local function inside(self, attack, piece, bytes)
  local own, stuck = encoder.connect(self.edge.port), self.edge:read "lane1"
  stuck:pause()
  own:send(encoder.opening(edge.app, lane_key(1)))
  own:expect "NetStream.Publish.Start"
  local sent = 0
  while sent < bytes and not own.closed do
    own:send(piece)
    sent = sent + #piece
    proc.eventually("the edge to take it", 30, function()
      return own.closed or own.socket:is_closing() or own.socket:write_queue_size() == 0
    end)
  end
  if attack.ends then own:expect_closed() end
  own:close()
  stuck:close()
  self.edge:until_free "lane1"
end

--- Each of the attacks of who has one, of so many bytes.
---@return spec.hostile.act
function Hostile:betrayed(bytes)
  local pieces = {}
  for name, attack in pairs(strangers.insiders) do pieces[name] = attack.bytes() end
  return self:_act(bytes, function()
    for name, attack in pairs(strangers.insiders) do inside(self, attack, pieces[name], bytes) end
  end)
end

-- ---- the end

-- In order, the bodies of one kind of media.
local function bodies(tags, type)
  local list = {}
  for _, tag in ipairs(tags) do
    if tag.type == type and flv.is_media(tag) and #tag.data > 5 then list[#list + 1] = tag.data end
  end
  return list
end

--- Ends all; raises where a packet of the healthy encoder is missing.
---@return integer packets of it
function Hostile:finish()
  self._source:kill "sigint"
  self._source:wait()
  local tags, count = self._reader:all(), 0
  for _, type in ipairs { flv.VIDEO, flv.AUDIO } do
    local sent, got = bodies(flv.read(self._file), type), bodies(tags, type)
    assert(#got > 0, "nothing of the healthy encoder came")
    for i, body in ipairs(got) do
      assert(body == sent[(i - 1) % #sent + 1], ("packet %d of type %d is not what was sent"):format(i, type))
    end
    count = count + #got
  end
  self.edge:stop()
  self._ignored:close()
  return count
end

return hostile
