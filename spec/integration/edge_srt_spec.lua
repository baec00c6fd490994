-- SPDX-License-Identifier: MIT
-- Encoders call cme-edge by SRT: what they send is read at its unix sockets bit by bit, and who may not come in is told
-- so by SRT's own means.

local cjson = require "cjson"

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local pull = require "spec.support.programs.pull"

local PASSPHRASE = "sekret-passphrase"
local LATENCY = 2 -- seconds: a loaded machine is a network that loses packets
local LOST_SECONDS = LATENCY + 1.5 -- what a caller that hangs up has not delivered yet, and what is read ahead

local function installed(program)
  return (proc.run { "sh", "-c", "command -v " .. program }) == 0
end

-- A body without the modifiers that say when it is due to the nanosecond: an encoder that makes MPEG-TS of a file
-- divides its sound anew, and writes times for other frames of it.
local function payload(tag)
  local kind, at = tag.data:byte() & 15, 2
  while kind == 7 do
    at = at + tag.data:byte(at) + 2
    kind, at = tag.data:byte(at) & 15, at + 1
  end
  return kind .. tag.data:sub(at)
end

-- One by one, of picture and of sound, up to what was on its way when the caller hung up.
local function same_but_the_end(expected, got)
  for _, kind in ipairs { flv.VIDEO, flv.AUDIO } do
    local wanted, came = flv.media(expected, kind), flv.media(got, kind)
    assert.is_true(#wanted > 0 and #came <= #wanted, ("%d of %d tags"):format(#came, #wanted))
    for i, tag in ipairs(came) do
      assert.is_true(math.abs(wanted[i].timestamp - tag.timestamp) <= 1, "time of tag " .. i)
      local cut = i == #came and #came < #wanted -- the end of a frame may be among what was on its way
      assert(cut or payload(wanted[i]) == payload(tag),
        ("tag %d of %d (type %d, at %d ms) differs"):format(i, #came, kind, tag.timestamp))
    end
    local missing = wanted[#wanted].timestamp - (came[#came] or wanted[1]).timestamp
    assert(missing < LOST_SECONDS * 1000, ("%d ms are missing (%d of %d tags)"):format(missing, #came, #wanted))
  end
end

describe("cme-edge, by SRT,", function()
  local it_runs, dir, file

  setup(function()
    dir = proc.folder()
    file = media.file(dir .. "/src.ts", 6, media.SMALL)
    it_runs = edge.start("--srt", "127.0.0.1:0")
    it_runs:set { bare = "hush-bare", sealed = { key = "hush-sealed", passphrase = PASSPHRASE },
      old = { key = "hush-old", expires = 1 }, over = { key = "hush-over", ended = true } }
  end)

  teardown(function()
    it_runs:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function ffmpeg(url, from)
    return { "ffmpeg", "-v", "error", "-nostdin", "-re", "-i", from or file, "-map", "0", "-c", "copy", "-f", "mpegts",
      url .. (url:find "^srt" and ("&latency=%d"):format(LATENCY * 1000000) or "") }
  end

  local function push(url, from)
    local code, out, err = proc.run(ffmpeg(url, from), { timeout = 60 })
    return code, out .. err
  end

  -- A caller that goes on until it is stopped.
  local function calling(url)
    local argv = ffmpeg(url)
    table.insert(argv, 5, "-stream_loop")
    table.insert(argv, 6, "-1")
    return proc.spawn(argv, { name = "SRT caller" })
  end

  local function live(id)
    proc.eventually(id .. " to be live", 20, function()
      local stat = it_runs:stat(id)
      return stat.live and stat.tags > 10
    end)
  end

  it("relays what ffmpeg pushes bit by bit, with a passphrase and without", function()
    local expected = pull.read(file)
    local urls = { bare = it_runs:srt_url "hush-bare", sealed = it_runs:srt_url("#!::r=hush-sealed,m=publish",
      "passphrase=" .. PASSPHRASE) }
    for id, url in pairs(urls) do
      local reader = it_runs:read(id)
      local code, log = push(url)
      assert.are.equal(0, code, log)
      same_but_the_end(expected, reader:all())
      it_runs.control:expect { event = "publisher", state = "admitted", key_id = id, protocol = "srt" }
      it_runs.control:expect { event = "publisher", state = "ended", key_id = id, code = cjson.null }
    end
  end)

  it("relays HEVC and Opus", function()
    local film = dir .. "/hevc.ts"
    local code, out, err = proc.run { "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
      "testsrc2=size=160x120:rate=15", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-c:v", "libx265", "-preset",
      "ultrafast", "-x265-params", "log-level=error:keyint=15:min-keyint=15", "-pix_fmt", "yuv420p", "-c:a", "libopus",
      "-t", "6", film }
    assert.are.equal(0, code, out .. err)
    it_runs:until_free "bare"
    local reader = it_runs:read "bare"
    code, out = push(it_runs:srt_url "hush-bare", film)
    assert.are.equal(0, code, out)
    local got = reader:all()
    same_but_the_end(pull.read(film), got)
    local codecs = {}
    for _, tag in ipairs(got) do codecs[tag.data:sub(2, 5)] = true end
    assert.is_true(codecs.hvc1 and codecs.Opus)
  end)

  it("relays what srt-live-transmit pushes", function()
    if not installed "srt-live-transmit" then return pending "srt-live-transmit is not installed" end
    it_runs:until_free "sealed"
    local reader, port = it_runs:read "sealed", proc.free_port()
    local url = it_runs:srt_url("hush-sealed", ("latency=%d&passphrase=%s"):format(LATENCY * 1000, PASSPHRASE))
    local transmit = proc.spawn({ "srt-live-transmit", "-q", "-a:no", ("udp://:%d"):format(port), url },
      { name = "srt-live-transmit" })
    proc.eventually("it to be admitted", 20, function() return it_runs:stat("sealed").live end)
    local code, out, err = proc.run(ffmpeg(("udp://127.0.0.1:%d?pkt_size=1316"):format(port)), { timeout = 60 })
    assert.are.equal(0, code, out .. err)
    transmit:stop()
    same_but_the_end(pull.read(file), reader:all())
  end)

  it("relays what GStreamer's srtsink pushes", function()
    if not installed "gst-inspect-1.0" or (proc.run({ "gst-inspect-1.0", "srtsink" }, { timeout = 60 })) ~= 0 then
      return pending "srtsink is not installed"
    end
    it_runs:until_free "sealed"
    local reader = it_runs:read "sealed"
    local code, out, err = proc.run({ "gst-launch-1.0", "-q", "filesrc", "location=" .. file, "!", "tsparse",
      "set-timestamps=true", "alignment=7", "!", "srtsink", "sync=true",
      ("uri=srt://127.0.0.1:%d?latency=%d"):format(it_runs.srt_port, LATENCY * 1000),
      "streamid=hush-sealed", "passphrase=" .. PASSPHRASE }, { timeout = 60 })
    assert.are.equal(0, code, out .. err)
    same_but_the_end(pull.read(file), reader:all())
  end)

  local SEALED = "the passphrase is missing or wrong, or SRT is not in live mode (transtype=live)"
  local BARE = "this key takes no passphrase, and SRT in live mode only (transtype=live)"

  it("refuses before the handshake ends, and says why in an event", function()
    local refusals = {
      [it_runs:srt_url "hush-nobody"] = "this key is not known here",
      [it_runs:srt_url "hush-old"] = "this key has expired",
      [it_runs:srt_url "hush-over"] = "the broadcast has ended",
      [it_runs:srt_url "#!::m=publish"] = "this is no stream key",
      [it_runs:srt_url "#!::r=hush-bare,m=request"] = "the stream id has no m=publish: copy the whole push address",
      [it_runs:srt_url "hush-sealed"] = SEALED,
      [it_runs:srt_url("hush-sealed", "passphrase=sekret-of-others")] = SEALED,
      [it_runs:srt_url("hush-sealed", "transtype=file&passphrase=" .. PASSPHRASE)] = SEALED,
      [it_runs:srt_url("hush-bare", "passphrase=" .. PASSPHRASE)] = BARE,
      [it_runs:srt_url("hush-bare", "transtype=file")] = BARE,
    }
    it_runs:until_free "bare"
    for url, reason in pairs(refusals) do
      assert.are_not.equal(0, (push(url)), url)
      it_runs.control:expect { event = "publisher", state = "refused", protocol = "srt", reason = reason }
    end
  end)

  it("takes no time out of an encoder's end: the rest may be late", function()
    it_runs:until_free "bare"
    local caller = calling(it_runs:srt_url "hush-bare")
    live "bare"
    local reader, events = proc.children(it_runs.proc.pid)[1], it_runs.control.events
    local before = #events
    proc.halt(reader)
    caller:stop()
    it_runs:until_free "bare"
    local ended
    proc.eventually("the event of its end", 20, function()
      for i = before + 1, #events do
        if events[i].event == "publisher" and events[i].state == "ended" then ended = events[i] end
      end
      return ended
    end)
    assert.are.same({ "bare", cjson.null, cjson.null }, { ended.key_id, ended.code, ended.reason })
    proc.eventually("no reader to be left", 20, function() return #proc.children(it_runs.proc.pid) == 0 end)
  end)

  it("names the key of a caller for whom no reader can be started", function()
    local alone = dir .. "/cme-edge"
    assert.are.equal(0, (proc.run { "cp", edge.program, alone }))
    local own = edge.start_program(alone, "--srt", "127.0.0.1:0")
    own:set { p = "hush-p" }
    local caller = calling(own:srt_url "hush-p")
    own.control:expect { event = "publisher", state = "refused", key_id = "p", code = "internal" }
    caller:stop()
    own:stop()
  end)

  it("takes one encoder at a time, by whatever protocol, and another when the first is silent", function()
    it_runs:until_free "bare"
    local url = it_runs:srt_url "hush-bare"
    local first = calling(url)
    live "bare"
    assert.are_not.equal(0, (push(url)))
    it_runs.control:expect { event = "publisher", state = "refused", protocol = "srt", code = "publish.busy" }
    local other = encoder.connect(it_runs.port)
    other:send(encoder.opening("output", "hush-bare"))
    other:expect "another encoder is publishing"
    other:close()
    local address = it_runs:stat "bare".address
    first:kill "sigstop"
    local second
    proc.eventually("another encoder to take over", 30, function()
      if not second or second.code then second = calling(url) end
      local stat = it_runs:stat "bare"
      return second.code == nil and stat.live and stat.address ~= address
    end)
    live "bare"
    first:kill "sigcont"
    proc.eventually("the first to be told", 20, function() return first.code end)
    second:stop()
  end)

  it("notices a caller that was killed, and one whose reader was", function()
    it_runs:until_free "bare"
    local caller = calling(it_runs:srt_url "hush-bare")
    live "bare"
    caller:kill "sigkill"
    it_runs:until_free "bare"
    caller:stop()
    caller = calling(it_runs:srt_url "hush-bare")
    live "bare"
    local readers
    proc.eventually("one reader", 20, function()
      readers = proc.children(it_runs.proc.pid)
      return #readers == 1
    end)
    require "luv".kill(readers[1], "sigkill")
    it_runs.control:expect { event = "publisher", state = "ended", code = "media.reader" }
    proc.eventually("the caller to be told", 20, function() return caller.code end)
    proc.eventually("no reader to be left", 20, function() return #proc.children(it_runs.proc.pid) == 0 end)
  end)

  it("sends away what is no MPEG-TS, with the reason", function()
    it_runs:until_free "bare"
    local source = proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-f", "data", "-i", "/dev/urandom", "-map", "0",
      "-c", "copy", "-f", "data", it_runs:srt_url "hush-bare" }, { name = "noise" })
    it_runs.control:expect { event = "publisher", state = "ended", key_id = "bare", code = "media.unsupported",
      reason = "not a stream that can be read" }
    source:wait()
  end)

  it("leaves no process when it is killed", function()
    local own = edge.start("--srt", "127.0.0.1:0")
    own:set { p = "hush-p" }
    local caller = calling(own:srt_url "hush-p")
    proc.eventually("it to be live", 20, function()
      local stat = own:stat "p"
      return stat.live and stat.tags > 10
    end)
    local readers = proc.children(own.proc.pid)
    assert.are.equal(1, #readers)
    own.proc:kill "sigkill"
    proc.eventually("the reader to end", 20, function() return not require "luv".kill(readers[1], 0) end)
    caller:stop()
    own.control:close()
    own.proc:stop()
  end)
end)
