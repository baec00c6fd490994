-- SPDX-License-Identifier: MIT

local health = require "cme.project.health"
local json = require "cme.json"

local RESPONSE = {
  ProjectId = "p1", Status = "Working", Active = "Backup", StartTime = "1970-01-01T00:00:10Z", RequestId = "r",
  Inputs = {
    { Endpoint = "Main", State = "Down", Since = "1970-01-01T00:00:20.5Z", Opens = 1, Bitrate = 0, FrameRate = 0,
      Error = { Code = "network.connect", Message = "open 'rtmp://h/live/***': connection refused",
        Time = "1970-01-01T00:00:20Z" }, PacketAge = 5000, GopMs = json.null, VideoCodec = "", Width = json.null,
      DtsJumps = 0, Dropped = 0 },
    { Endpoint = "Backup", State = "Live", Since = "", Opens = 2, Bitrate = 763.4, FrameRate = 25, Error = json.null,
      PacketAge = 8, GopMs = 2000, VideoCodec = "h264", Width = 1280, Height = 720, AudioCodec = "aac",
      SampleRate = 44100, Channels = 2, DtsJumps = 1, Dropped = 2 },
  },
  Outputs = {
    { Id = "1", Name = "推流1", State = "Live", Since = "1970-01-01T00:00:11Z", Connects = 3, Error = json.null,
      Bitrate = 760.1, FrameRate = 25, Packets = 306, Dropped = 4, Overflows = 1, QueueMs = 0, QueueHighMs = 480,
      UnsentBytes = json.null, WriteAge = 12, DelayP50 = 2.1, DelayP99 = 4.5, Bytes = 137437 },
  },
}

describe("cme.project.health", function()
  it("reads the service's answer: names, states, times, what is absent", function()
    assert.are.same({
      status = "working", active = "backup", started_at = 10,
      inputs = {
        main = { endpoint = "main", state = "down", since = 20.5, opens = 1, bitrate = 0, frame_rate = 0,
          error = { code = "network.connect", message = "open 'rtmp://h/live/***': connection refused", time = 20 },
          packet_age = 5000, dts_jumps = 0, dropped = 0 },
        backup = { endpoint = "backup", state = "live", opens = 2, bitrate = 763.4, frame_rate = 25, packet_age = 8,
          gop_ms = 2000, video_codec = "h264", width = 1280, height = 720, audio_codec = "aac", sample_rate = 44100,
          channels = 2, dts_jumps = 1, dropped = 2 },
      },
      outputs = { { id = "1", name = "推流1", state = "live", since = 11, connects = 3, bitrate = 760.1,
        frame_rate = 25, packets = 306, dropped = 4, overflows = 1, queue_ms = 0, queue_high_ms = 480, write_age = 12,
        delay_p50 = 2.1, delay_p99 = 4.5, bytes = 137437 } },
    }, health.read(RESPONSE))
  end)

  it("reads how the slate is", function()
    local read = health.read { OnSlate = true, Slate = { Name = "soon", After = 3, Format = json.null, State = "Failed",
      Error = { Code = "server.slate", Message = "there is no picture in it", Time = "1970-01-01T00:00:20Z" } } }
    assert.is_true(read.on_slate)
    assert.are.same({ name = "soon", after = 3, state = "failed", error = { code = "server.slate", time = 20,
      message = "there is no picture in it" } }, read.slate)
    read = health.read { OnSlate = false, Slate = { Name = "", After = 3, State = "Ready", Error = json.null } }
    assert.are.same({ after = 3, state = "ready" }, read.slate)
    assert.is_false(read.on_slate)
  end)

  it("takes an answer with next to nothing in it", function()
    assert.are.same({ inputs = {}, outputs = {} }, health.read { Inputs = json.null, RequestId = "r" })
  end)

  it("tells the recording, and adds it to what info() gives", function()
    local found = health.read { Recording = { Name = "gala", Of = "Programme", MaxSeconds = 0, MaxBytes = 5,
      State = "Live", File = "gala-1.mp4", Dropped = 2, Error = json.null } }
    assert.are.same({ name = "gala", of = "programme", max_seconds = 0, max_bytes = 5, state = "live",
      file = "gala-1.mp4", dropped = 2 }, found.recording)
    local info = { inputs = {}, outputs = {}, record = { name = "gala" } }
    health.add(info, found)
    assert.are.same({ name = "gala", state = "live", file = "gala-1.mp4" }, info.record)
  end)

  it("adds states and errors to what info() gives", function()
    local info = { inputs = { main = { kind = "live_pull" }, backup = { kind = "live_pull" } },
      outputs = { { id = "1" }, { id = "new" } } }
    health.add(info, health.read(RESPONSE))
    assert.are.equal("down", info.inputs.main.state)
    assert.are.equal("network.connect", info.inputs.main.error.code)
    assert.are.same({ kind = "live_pull", state = "live" }, info.inputs.backup)
    assert.are.same({ { id = "1", state = "live" }, { id = "new" } }, info.outputs)
  end)
end)
