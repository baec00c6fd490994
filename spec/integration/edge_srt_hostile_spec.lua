-- SPDX-License-Identifier: MIT
-- Strangers flood the edge's SRT port: encoders beside them lose no packet, and memory stays bounded.

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local srt_stranger = require "spec.support.fakes.srt_stranger"

local CALLS = 3000 -- whole handshakes
local GARBAGE = 20000 -- packets
local SLACK = 160 * 1024 * 1024 -- libsrt keeps a socket that was refused for a second; each has some 10 KB
local SANITIZED = (os.getenv "CME_BUILD" or ""):find "san" ~= nil

describe("cme-edge among strangers that call by SRT", function()
  local it_runs, healthy, caller, strangers, file

  setup(function() file = media.file(proc.folder() .. "/src.ts", 8, media.SMALL) end)

  before_each(function()
    it_runs, strangers = edge.start("--srt", "127.0.0.1:0"), {}
    it_runs:set { rtmp = "hush-rtmp", srt = "hush-srt" }
    healthy = encoder.connect(it_runs.port)
  end)

  after_each(function()
    for _, one in ipairs(strangers) do one:close() end
    healthy:close()
    if caller then caller:stop() end
    it_runs:stop()
  end)

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function stranger(id)
    local one = srt_stranger.new(it_runs.srt_port, id)
    strangers[#strangers + 1] = one
    return one
  end

  it("refuses each in its handshake, while encoders by RTMP and SRT lose nothing", function()
    local by_rtmp, by_srt = it_runs:read "rtmp", it_runs:read "srt"
    healthy:send(encoder.opening("output", "hush-rtmp"))
    healthy:expect "NetStream.Publish.Start"
    caller = proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-i", file, "-c", "copy", "-f", "mpegts",
      it_runs:srt_url("hush-srt", "latency=2000000") }, { name = "SRT caller" })
    proc.eventually("the caller to be live", 20, function() return it_runs:stat("srt").tags > 10 end)
    local before = it_runs:memory()
    local one, sent = stranger "hush-nobody", 0
    for i = 1, CALLS do
      one:call(i)
      if i % 50 == 0 then -- a picture now and then, and time for answers
        sent = sent + 1
        healthy:media(flv.tag(flv.VIDEO, sent, (sent == 1 and "\x17" or "\x27") .. "\1\0\0\0picture " .. sent))
        proc.eventually("answers", 20, function() return one.answers + 200 > i end)
      end
    end
    proc.eventually("the last refusal", 40, function() return not next(one.open) end)
    for i = 1, GARBAGE do one:raw(("\x80\0garbage\255"):rep(i % 90 + 1)) end
    local _, stat = it_runs:stat "srt"
    assert.is_true(stat.refused >= CALLS, stat.refused .. " were refused")
    proc.eventually("no stranger to be left", 40, function() return select(2, it_runs:stat "srt").strangers == 0 end)
    if not SANITIZED then assert.is_true(it_runs:memory() - before < SLACK, "memory is not bounded") end
    healthy:send(encoder.command("FCUnpublish", 6, encoder.null, "hush-rtmp"))
    assert.are.equal(sent, #by_rtmp:all())
    assert.are.equal(0, (caller:wait(40)))
    local pictures = flv.media(by_srt:all(), flv.VIDEO)
    local last
    for i, tag in ipairs(pictures) do
      assert.is_true(not last or tag.timestamp - last < 100, ("a gap before picture %d"):format(i))
      last = tag.timestamp
    end
    assert.is_true(#pictures > 60, #pictures .. " pictures")
  end)
end)
