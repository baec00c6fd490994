-- SPDX-License-Identifier: MIT
-- Enhanced RTMP out, and what its servers ask for: codecs that go from a source to a destination as they came, lists
-- of codecs that bind, HEVC as codec id 12, logins, and requests for another connection. Both ends are the spec's own
-- (fakes/rtmp_server): no program at hand lists codecs, logs in by these ways or asks to be left.

local enhanced = require "spec.support.proofs.enhanced"
local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rtmp_server = require "spec.support.fakes.rtmp_server"

local FRAME = 40 -- milliseconds
local GOP = 5    -- pictures
local PICTURES, SOUNDS, payload = enhanced.PICTURES, enhanced.SOUNDS, enhanced.payload

-- Sends headers, and pictures and sound until the peer has gone.
local function send(peer, picture, sound, from)
  for _, body in ipairs { picture.header, picture.note } do peer:send(flv.VIDEO, body, from, 1) end
  for _, name in ipairs { "header", "note" } do
    if sound[name] then peer:send(flv.AUDIO, sound[name], from, 1) end
  end
  local n = 0
  while not peer.connection.ended do
    local at = from + n * FRAME
    local key = n % GOP == 0
    peer:send(flv.VIDEO, (key and picture.key or picture.inter) .. payload(n, key and 70000 or 400), at, 1)
    peer:send(flv.AUDIO, sound.frame .. (sound.payload or "") .. payload(n, 64), at, 1)
    n = n + 1
    peer.connection:pause(FRAME / 1000)
  end
end

local function source_of(picture, sound)
  return rtmp_server.start { on_play = function(peer) send(peer, PICTURES[picture], SOUNDS[sound], 1000) end }
end

describe("Enhanced RTMP out", function()
  local servers = {}

  local function keep(server)
    servers[#servers + 1] = server
    return server
  end

  -- An engine from a source to outputs; each is an id, a server and members of its own.
  local function start(source, outputs)
    local engine, control = relay.control()
    local list = {}
    for i, output in ipairs(outputs) do
      list[i] = { id = tostring(i), url = output.url, codecs = output.codecs }
    end
    assert(control:request("set", { spec = { inputs = { main = { url = source:url "src/hush" } }, outputs = list,
      stall_limit = 20 } }))
    return engine, control
  end

  local function stop(engine, control)
    control:request "stop"
    assert.equal(0, (engine:wait()), engine:output())
    control:close()
    for _, server in ipairs(servers) do server:stop() end
    servers = {}
  end

  local function media_of(peer, type)
    local list = {}
    for _, tag in ipairs(peer and peer.tags or {}) do
      if tag.type == type then list[#list + 1] = tag.data end
    end
    return list
  end

  local function until_media(server, what, count, number)
    return proc.eventually(what, 30, function()
      local peer = server.peers[number or 1]
      return peer and #media_of(peer, flv.VIDEO) >= count and #media_of(peer, flv.AUDIO) >= count and peer
    end)
  end

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  for _, case in ipairs { { "hevc", "opus" }, { "av1", "flac" }, { "vp9", "ac3" }, { "vp8", "eac3" }, { "h264", "aac" },
    { "hevc", "mp3" } } do
    local picture, sound = PICTURES[case[1]], SOUNDS[case[2]]
    it(("passes %s with %s on as it came"):format(case[1], case[2]), function()
      local source, sink = keep(source_of(case[1], case[2])), keep(rtmp_server.start())
      local engine, control = start(source, { { url = sink:url "live/hush" } })
      local peer = until_media(sink, "media at the destination", 3 * GOP)
      local pictures, sounds = media_of(peer, flv.VIDEO), media_of(peer, flv.AUDIO)
      local function take(list, expected)
        assert.is_true(expected == table.remove(list, 1), ("%q"):format((expected or "nothing"):sub(1, 60)))
      end
      take(pictures, picture.header)
      if picture.note then take(pictures, picture.note) end
      if sound.header then take(sounds, sound.header) end
      if sound.note then take(sounds, sound.note) end
      local first = tonumber(pictures[1]:sub(-8))
      assert.equal(0, first % GOP)
      for i, body in ipairs(pictures) do
        local n = first + i - 1
        local key = n % GOP == 0
        local sent = (key and picture.key or picture.inter) .. payload(n, key and 70000 or 400)
        -- the first picture brings its parameter sets along
        assert.is_true(i == 1 and body:sub(-70000) == sent:sub(-70000) or body == sent, "picture " .. n)
      end
      local heard = tonumber(sounds[1]:sub(-8))
      for i, body in ipairs(sounds) do
        assert.is_true(body == sound.frame .. (sound.payload or "") .. payload(heard + i - 1, 64), "sound " .. i)
      end
      assert.equal("enhanced", peer.connect.fourCcList and "enhanced")
      assert.equal(1, peer.connect.capsEx)
      stop(engine, control)
    end)
  end

  it("sends what a server lists and refuses the rest, by the option of each output", function()
    local source = keep(source_of("hevc", "aac"))
    local lists = keep(rtmp_server.start { lists = { fourCcList = { "av01", "vp09" } } })
    local takes = keep(rtmp_server.start { lists = { videoFourCcInfoMap = { hvc1 = 4 }, capsEx = 1 } })
    local chinese, old = keep(rtmp_server.start()), keep(rtmp_server.start())
    local engine, control = start(source, { { url = lists:url "live/hush" }, { url = takes:url "live/hush" },
      { url = chinese:url "live/hush", codecs = "id12" }, { url = old:url "live/hush", codecs = "h264" } })
    local refused = control:expect { output_id = "1", state = "refused" }
    assert.equal("media.unsupported", refused.code)
    assert.matches("the server does not take HEVC %(it lists av01, vp09; send it H.264 and AAC%)$", refused.reason)
    assert.is_nil(lists.peers[1].published)
    local listed = until_media(takes, "media at the one that lists it", 3)
    assert.equal(PICTURES.hevc.header, media_of(listed, flv.VIDEO)[1])
    local peer = until_media(chinese, "media at the Chinese one", GOP + 2)
    assert.is_nil(peer.connect.fourCcList)
    local pictures = media_of(peer, flv.VIDEO)
    assert.equal("\x1c\0\0\0\0" .. enhanced.HVCC, pictures[1])
    assert.equal("\x1c\1\0\0\0", pictures[2]:sub(1, 5))
    assert.equal("\x2c\1\0\0\x28", pictures[3]:sub(1, 5))
    assert.matches('HEVC does not go to this destination %(its codecs are "h264"%)$',
      control:expect({ output_id = "4", state = "refused" }).reason)
    assert.equal(0, #old.peers)
    stop(engine, control)
  end)

  for way, challenge in pairs {
    adobe = "?reason=needauth&user=u&salt=s4lt&challenge=c7&opaque=o9", llnw = "?reason=needauth&nonce=n1",
  } do
    it("logs in by the way of " .. way, function()
      local source = keep(source_of("h264", "aac"))
      local sink = keep(rtmp_server.start { refuse = function(connect)
        if connect.app:find("response=", 1, true) then return nil end
        return ("[ AccessManager.Reject ] : [ code=403 need auth; authmod=%s ] : %s"):format(way,
          connect.app:find("authmod=", 1, true) and challenge or "")
      end })
      local engine, control = start(source, { { url = sink:url("live/hush", "u:sekret%40hush") } })
      proc.eventually("the publish", 30, function() return sink.peers[3] and sink.peers[3].published end)
      assert.equal("hush", sink.peers[3].published)
      assert.matches("^live%?authmod=" .. way .. "&user=u&.*response=", sink.peers[3].connect.app)
      until_media(sink, "media behind the login", GOP, 3)
      assert.is_nil(engine:output():find("sekret", 1, true))
      stop(engine, control)
    end)
  end

  it("moves at a keyframe when a server asks for another connection", function()
    local source = keep(source_of("h264", "aac"))
    local old, new = keep(rtmp_server.start()), keep(rtmp_server.start())
    local engine, control = start(source, { { url = old:url "live/hush?a=1" } })
    control:until_output("1", "live")
    old.peers[1]:reconnect(("rtmp://127.0.0.1:%d/else"):format(new.port))
    local peer = until_media(new, "media at the other server", GOP)
    assert.equal("else", peer.connect.app)
    assert.equal("hush?a=1", peer.published)
    assert.is_true(old.peers[1].ended)
    local pictures, before = media_of(peer, flv.VIDEO), media_of(old.peers[1], flv.VIDEO)
    local last = tonumber(before[#before]:sub(-8))
    assert.equal(PICTURES.h264.header, pictures[1])
    assert.equal(last + 1, tonumber(pictures[2]:sub(-8)))
    assert.equal(0, (last + 1) % GOP)
    control:until_output("1", "live")
    peer:reconnect() -- to the same one, where it is
    assert.equal("hush?a=1", until_media(new, "media on another connection", GOP, 2).published)
    assert.equal(1, #old.peers)
    stop(engine, control)
  end)

  it("follows no server that asks again and again", function()
    local source = keep(source_of("h264", "aac"))
    local sink = keep(rtmp_server.start())
    local engine, control = start(source, { { url = sink:url "live/hush" } })
    local asked = 0
    local refused = proc.eventually("a refusal", 60, function()
      local peer = sink.peers[asked + 1]
      if peer and peer.published then
        asked = asked + 1
        peer:reconnect()
      end
      for _, event in ipairs(control.events) do
        if event.output_id == "1" and event.state == "refused" then return event end
      end
    end)
    assert.matches("the server asked for another connection 4 times in a row$", refused.reason)
    stop(engine, control)
  end)

  it("follows a source to another server, from a keyframe on", function()
    local other = keep(source_of("h264", "aac"))
    local source = keep(rtmp_server.start { on_play = function(peer)
      send(peer, PICTURES.h264, SOUNDS.aac, 1000)
    end })
    local sink = keep(rtmp_server.start())
    local engine, control = start(source, { { url = sink:url "live/hush" } })
    local peer = until_media(sink, "media of the first server", 2 * GOP)
    assert.equal(15, source.peers[1].connect.capsEx)
    source.peers[1]:reconnect(("//127.0.0.1:%d/other"):format(other.port))
    proc.eventually("the other server", 30, function() return other.peers[1] and other.peers[1].played end)
    assert.equal("other", other.peers[1].connect.app)
    assert.equal("hush", other.peers[1].played)
    local count = #media_of(peer, flv.VIDEO)
    until_media(sink, "media of the other server", count + 2 * GOP)
    assert.equal(1, #sink.peers)
    assert.equal("live", control:output("1").state)
    local last
    for _, tag in ipairs(peer.tags) do
      if tag.type == flv.VIDEO and flv.is_media(tag) then
        local n = tonumber(tag.data:sub(-8))
        assert.is_true(not last or n == last + 1 or n == 0, ("picture %d behind %s"):format(n, tostring(last)))
        last = n
      end
    end
    stop(engine, control)
  end)
end)
