-- SPDX-License-Identifier: MIT
-- Real encoders push to cme-edge, and what they send is read at its unix sockets bit by bit.

local cjson = require "cjson"

local certificates = require "spec.support.programs.certificates"
local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

-- Made as the service makes addresses: name, secret and expiry.
local SECRET, TIME = ("5ec2e7"):rep(5) .. "ab", "7FFFFFFF"
local KEY = ("cme-hush1?txSecret=%s&txTime=%s"):format(SECRET, TIME)

local function media_tags(tags)
  local found = {}
  for _, tag in ipairs(tags) do
    if tag.type ~= flv.SCRIPT and #tag.data > 0 then found[#found + 1] = tag end
  end
  return found
end

-- One by one: type, time and every byte. Nothing comes for nothing.
local function same(expected, got)
  expected, got = media_tags(expected), media_tags(got)
  assert.is_true(#expected > 0)
  for i, tag in ipairs(expected) do
    assert(got[i], ("tag %d of %d is missing"):format(i, #expected))
    assert.are.equal(tag.type, got[i].type, "type of tag " .. i)
    assert.are.equal(tag.timestamp, got[i].timestamp, "time of tag " .. i)
    assert(tag.data == got[i].data, ("tag %d (type %d, at %d ms) differs"):format(i, tag.type, tag.timestamp))
  end
  assert.are.equal(#expected, #got)
end

local function installed(program)
  return (proc.run { "sh", "-c", "command -v " .. program }) == 0
end

local function has_element(name)
  return installed "gst-inspect-1.0" and (proc.run({ "gst-inspect-1.0", name }, { timeout = 60 })) == 0
end

describe("cme-edge", function()
  local it_runs, dir, file, ca

  setup(function()
    dir = proc.folder()
    file = media.file(dir .. "/src.flv", 3, media.SMALL)
    ca = certificates.ca(dir)
    local certificate, key = certificates.issue(dir, "edge", "IP:127.0.0.1")
    certificates.issue(dir, "renewed", "IP:127.0.0.1")
    it_runs = edge.start("--rtmps", "127.0.0.1:0", "--certificate", certificate, "--key", key)
    it_runs:set { p1 = KEY, bare = "hush-bare", old = { key = "hush-old", expires = 1 },
      over = { key = "hush-over", ended = true } }
  end)

  teardown(function()
    it_runs:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function push(url)
    local code, out, err = proc.run({ "ffmpeg", "-v", "error", "-nostdin", "-i", file, "-c", "copy", "-f", "flv", url })
    return code, out .. err
  end

  it("relays what ffmpeg pushes bit by bit, whatever the order of the key's parameters", function()
    for _, key in ipairs { KEY, ("cme-hush1?txTime=%s&x=1&txSecret=%s"):format(TIME, SECRET:upper()) } do
      it_runs:until_free "p1"
      local reader = it_runs:read "p1"
      assert.are.equal(0, (push(it_runs:url(key))))
      same(flv.read(file), reader:all())
    end
    it_runs.control:expect { event = "publisher", state = "admitted", key_id = "p1" }
    it_runs.control:expect { event = "publisher", state = "ended", key_id = "p1", code = cjson.null }
  end)

  it("relays what ffmpeg pushes by RTMPS bit by bit", function()
    it_runs:until_free "p1"
    local reader = it_runs:read "p1"
    local code, log = push(("rtmps://127.0.0.1:%d/output/%s"):format(it_runs.tls_port, KEY))
    assert.are.equal(0, code, log)
    same(flv.read(file), reader:all())
  end)

  it("takes a renewed certificate for connections from now on, and none that is of no use", function()
    it_runs:until_free "bare"
    local source = media.replay(("rtmps://127.0.0.1:%d/output/hush-bare"):format(it_runs.tls_port), file)
    proc.eventually("the encoder", 20, function() return it_runs:stat("bare").live end)
    assert.are.equal("rtmps", it_runs:stat("bare").protocol)
    local since = it_runs:stat("bare").since
    certificates.replace(dir, "renewed", "edge", { "pem" })
    local answer = it_runs.control:say '{"id":1,"op":"reload"}'
    assert.are.equal("network.tls", answer.error.code)
    assert.is_truthy(answer.error.message:find("no key of this certificate", 1, true), answer.error.message)
    assert.are.equal("edge", certificates.shown(it_runs.tls_port))
    certificates.replace(dir, "renewed", "edge", { "key" })
    it_runs.proc:kill "sighup"
    proc.eventually("the renewed certificate", 20, function()
      return certificates.shown(it_runs.tls_port) == "renewed"
    end)
    assert.are.same({}, it_runs.control:request "reload")
    assert.are.same({ true, since }, { it_runs:stat("bare").live, it_runs:stat("bare").since })
    source:stop()
  end)

  it("says that a key with a passphrase is of no use, and goes on with the one of before", function()
    for name, how in pairs { locked = { "pkey" }, ["old-locked"] = { "ec" } } do
      certificates.openssl(how[1], "-in", dir .. "/edge.key", "-aes256", "-passout", "pass:sekret", "-out",
        ("%s/%s.key"):format(dir, name))
      certificates.replace(dir, "edge", "open", { "key" })
      certificates.replace(dir, name, "edge", { "key" })
      local shown = certificates.shown(it_runs.tls_port)
      local answer = it_runs.control:say '{"id":1,"op":"reload"}'
      certificates.replace(dir, "open", "edge", { "key" })
      assert.are.equal("network.tls", answer.error.code)
      assert.is_truthy(answer.error.message:find("it has a passphrase", 1, true), answer.error.message)
      assert.are.equal(shown, certificates.shown(it_runs.tls_port))
    end
  end)

  it("takes no pipe for a certificate or a key, which it would wait for", function()
    for _, name in ipairs { "edge.pem", "edge.key" } do
      local path = dir .. "/" .. name
      assert(os.rename(path, path .. ".kept"))
      assert.are.equal(0, (proc.run { "mkfifo", path }))
      local answer = it_runs.control:say '{"id":1,"op":"reload"}'
      assert(os.rename(path .. ".kept", path))
      assert.are.equal("network.tls", answer.error.code)
    end
    assert.are.same({}, it_runs.control:request "reload")
  end)

  it("shakes hands by TLS with one address so often and no more, and takes its RTMP all the same", function()
    local own = edge.start("--rtmps", "127.0.0.1:0", "--certificate", dir .. "/edge.pem", "--key", dir .. "/edge.key",
      "--per-address", "4")
    own:set { bare = "hush-bare" }
    local hands = 0
    while hands < 200 and certificates.shown(own.tls_port) do hands = hands + 1 end
    assert.is_true(hands >= 4 and hands < 200, hands)
    local source = media.replay(own:url "hush-bare", file)
    proc.eventually("the encoder", 20, function() return own:stat("bare").live end)
    source:stop()
    own:stop()
  end)

  it("is played by ffmpeg", function()
    it_runs:until_free "p1"
    local path = dir .. "/played.flv"
    local player = proc.spawn { "ffmpeg", "-v", "error", "-nostdin", "-f", "flv", "-i",
      ("unix:%s/p1.flv"):format(it_runs.folder), "-c", "copy", "-y", path }
    proc.eventually("the player", 20, function() return #it_runs:stat("p1").readers == 1 end)
    assert.are.equal(0, (push(it_runs:url(KEY))))
    assert.are.equal(0, (player:wait()), player:output())
    same(flv.read(file), flv.read(path))
  end)

  it("is read by the engine, and takes what the engine sends by RTMPS", function()
    it_runs:until_free "p1"
    it_runs:until_free "bare"
    local before, behind = it_runs:read "p1", it_runs:read "bare"
    local engine = relay.start("--ca-file", ca, "-i", ("unix:%s/p1.flv"):format(it_runs.folder), "-o",
      ("rtmps://127.0.0.1:%d/output/hush-bare"):format(it_runs.tls_port))
    proc.eventually("the engine to read", 20, function() return #it_runs:stat("p1").readers == 2 end)
    local source = media.replay(it_runs:url(KEY), file)
    proc.eventually("what the engine sends", 30, function() return #media_tags(behind:tags()) > 200 end)
    local sent, got = media_tags(before:tags()), {}
    source:stop()
    engine:stop()
    for _, tag in ipairs(behind:all()) do got[tag.data] = true end
    for i = 1, 180 do
      assert(got[sent[i].data], ("tag %d (type %d, at %d ms) did not come through"):format(i, sent[i].type,
        sent[i].timestamp))
    end
    before:all()
  end)

  it("may not do what it never does", function()
    if (os.getenv "CME_BUILD" or "build") ~= "build" then return end -- other builds have no filter
    local status <close> = assert(io.open(("/proc/%d/status"):format(it_runs.proc.pid)))
    local text = status:read "a"
    assert.are.equal("2", text:match "Seccomp:%s+(%d)")
    assert.are.equal("1", text:match "NoNewPrivs:%s+(%d)")
  end)

  it("gives the metadata without what is for servers", function()
    it_runs:until_free "p1"
    local reader = it_runs:read "p1"
    assert.are.equal(0, (push(it_runs:url(KEY))))
    local first = reader:all()[1]
    assert.are.equal(flv.SCRIPT, first.type)
    assert.are.equal("\2\0\10onMetaData", first.data:sub(1, 13))
  end)

  for _, sink in ipairs { "rtmp2sink", "rtmpsink" } do
    it("relays what GStreamer's " .. sink .. " pushes bit by bit", function()
      if not has_element(sink) or not has_element "flvmux" or not has_element "h264parse" then
        return pending(sink .. " is not installed")
      end
      it_runs:until_free "bare"
      local reader = it_runs:read "bare"
      local kept = dir .. "/" .. sink .. ".flv"
      local code, out, err = proc.run({ "gst-launch-1.0", "-q", "filesrc", "location=" .. file, "!", "flvdemux",
        "name=d", "flvmux", "name=m", "streamable=true", "!", "tee", "name=t", "d.video", "!", "queue", "!",
        "h264parse", "!", "m.video", "d.audio", "!", "queue", "!", "aacparse", "!", "m.audio", "t.", "!", "queue", "!",
        sink, "sync=false", "location=" .. it_runs:url "hush-bare", "t.", "!", "queue", "!", "filesink",
        "location=" .. kept }, { timeout = 60 })
      assert.are.equal(0, code, out .. err)
      same(flv.read(kept), reader:all())
    end)
  end

  it("says why it refuses, in the encoder's log and in an event", function()
    for key, words in pairs { ["hush-old"] = "this key has expired", ["hush-over"] = "the broadcast has ended",
      ["hush-nobody"] = "this key is not known here" } do
      local code, log = push(it_runs:url(key))
      assert.are_not.equal(0, code)
      assert.is_truthy(log:find(words, 1, true), log)
      it_runs.control:expect { event = "publisher", state = "refused", reason = words }
    end
  end)

  it("answers a connect to another application with an error", function()
    local code, log = push(("rtmp://127.0.0.1:%d/other/hush-bare"):format(it_runs.port))
    assert.are_not.equal(0, code)
    assert.is_truthy(log:lower():find("connect error", 1, true), log) -- ffmpeg shows no words of this answer
    it_runs.control:expect { event = "publisher", state = "refused", code = "publish.application",
      reason = "the application is not known here" }
  end)

  it("takes one encoder at a time, and another when the first is silent", function()
    it_runs:until_free "bare"
    local first = encoder.connect(it_runs.port)
    first:send(encoder.opening("output", "hush-bare"))
    first:expect "NetStream.Publish.Start"
    local reader = it_runs:read "bare"
    local tags = media_tags(flv.read(file))
    local second = encoder.connect(it_runs.port)
    first:media(tags[1])
    second:send(encoder.opening("output", "hush-bare"))
    second:expect "another encoder is publishing"
    second:expect_closed()
    second:close()
    -- it is silent from now on: whoever tries again gets in
    local third
    proc.eventually("another encoder to take over", 30, function()
      third = encoder.connect(it_runs.port)
      third:send(encoder.opening("output", "hush-bare"))
      proc.eventually("an answer", 20, function() return third.heard:find("NetStream.Publish.%u") end)
      if third.heard:find("NetStream.Publish.Start", 1, true) then return true end
      third:close()
    end)
    first:expect "another encoder took over"
    assert.are.equal(1, #reader:all())
    third:close()
    first:close()
  end)

  it("relays codecs of Enhanced RTMP as they come, and gives headers to who comes later", function()
    it_runs:until_free "bare"
    local sent = {
      flv.tag(flv.VIDEO, 0, "\x90hvc1\1config of HEVC"), flv.tag(flv.AUDIO, 0, "\x90OpusOpusHead"),
      flv.tag(flv.VIDEO, 0, "\x91hvc1\0\0\0key"), flv.tag(flv.AUDIO, 5, "\x91Opussound"),
      flv.tag(flv.VIDEO, 40, "\xa3hvc1inter"), flv.tag(flv.VIDEO, 80, "\x96\1av01\1x"),
      flv.tag(flv.VIDEO, 80, "\x97\2\0\1\2\1hvc1\0\0\0nanoseconds"),
      flv.tag(flv.VIDEO, 120, "\xa1hvc1\0\0\0" .. ("x"):rep(70000)),
    }
    local early, it_sends = it_runs:read "bare", encoder.connect(it_runs.port)
    it_sends:send(encoder.opening("output", "hush-bare"))
    it_sends:expect "NetStream.Publish.Start"
    it_sends:expect "videoFourCcInfoMap"
    for _, tag in ipairs(sent) do it_sends:media(tag) end
    proc.eventually("all tags", 20, function() return #early:tags() == #sent end)
    local late = it_runs:read "bare"
    it_sends:send(encoder.command("deleteStream", 6, encoder.null, 1))
    same(sent, early:all())
    local got = late:all()
    same({ sent[1], sent[2], sent[7], sent[8] }, { got[1], got[2], got[#got - 1], got[#got] })
    it_sends:close()
  end)

  it("hangs up on an encoder whose key is taken away, in words", function()
    local own = edge.start()
    own:set { p = "hush-p" }
    local it_sends = encoder.connect(own.port)
    it_sends:send(encoder.opening("output", "hush-p"))
    it_sends:expect "NetStream.Publish.Start"
    local reader = own:read "p"
    own:set {}
    it_sends:expect "the broadcast has ended"
    it_sends:expect_closed()
    reader:all()
    own.control:expect { event = "publisher", state = "ended", code = "publish.key_ended" }
    it_sends:close()
    own:stop()
  end)

  it("lets a reader that falls behind lose what lies before a keyframe, and no other", function()
    it_runs:until_free "bare"
    local it_sends = encoder.connect(it_runs.port)
    it_sends:send(encoder.opening("output", "hush-bare"))
    it_sends:expect "NetStream.Publish.Start"
    local slow, quick = it_runs:read "bare", it_runs:read "bare"
    slow:pause()
    local header, count = flv.tag(flv.VIDEO, 0, "\x17\0\0\0\0config"), 0
    it_sends:media(header)
    local function picture(first, size)
      count = count + 1
      it_sends:media(flv.tag(flv.VIDEO, count, first .. "\1\0\0\0" .. ("p"):rep(size)))
    end
    picture("\x17", 10)
    for i = 1, 60 do
      picture("\x27", 1000000)
      proc.eventually("the quick one to have it", 20, function() return quick.size > i * 1000000 end)
    end
    assert.is_true(it_runs:stat("bare").readers[1].dropped + it_runs:stat("bare").readers[2].dropped > 0)
    picture("\x27", 10) -- nobody waits for this one
    picture("\x17", 20)
    slow:go()
    it_sends:send(encoder.command("FCUnpublish", 6, encoder.null, "hush-bare"))
    assert.are.equal(1 + count, #quick:all())
    local tags = slow:all()
    assert.are.equal(header.data, tags[#tags - 1].data)
    assert.are.equal(count, tags[#tags].timestamp)
    it_sends:close()
  end)

  it("takes thousands of keys, and lists those in use where it is asked for them", function()
    local full, keys = edge.start(), { ["in-use"] = "hush-in-use" }
    for i = 1, 8191 do keys["k" .. i] = "hush-" .. i end
    full:set(keys)
    assert.are.same({ 8192, 8192 }, { #assert(full.control:request "stat").keys, full.control:request "stat".keys_max })
    assert.are.same({}, full.control:request("stat", { live = true }).keys)
    local ffmpeg = proc.spawn { "ffmpeg", "-v", "error", "-re", "-i", file, "-c", "copy", "-f", "flv",
      full:url "hush-in-use" }
    proc.eventually("the key to be in use", 30, function()
      local listed = full.control:request("stat", { live = true }).keys
      return listed[1] and listed[1].id == "in-use"
    end)
    ffmpeg:stop()
    full.proc:stop()
  end)

  it("takes no more keys than it has descriptors for", function()
    local path = dir .. "/few"
    local script <close> = assert(io.open(path, "w"))
    script:write('#!/bin/sh\nexec prlimit --nofile=3000:3000 ', edge.program, ' "$@"\n')
    script:close()
    assert.are.equal(0, (proc.run { "chmod", "+x", path }))
    local few = edge.start_program(path)
    assert.are.equal(1500, few.control:request "stat".keys_max)
    few.proc:stop()
  end)
end)
