-- SPDX-License-Identifier: MIT
-- A list that is played out while a destination is behind: nobody asked the engine to hurry, and it gave the
-- destination a third of a second, so that the end of the film was missing.

local packets = require "spec.support.proofs.codecs.packets"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rtmp_server = require "spec.support.fakes.rtmp_server"

local BEHIND = 0.7 -- seconds, longer than a stop lasts
local BUFFER = 64 * 1024 -- bytes that the kernel takes for it: less than a picture
local TAKEN = 15 -- pictures of 30, until it falls behind

describe("a destination that is behind when the list ends", function()
  teardown(function() proc.cleanup() end)

  it("gets the list's last packet", function()
    local path = proc.folder() .. "/noise.mp4"
    local code, _, fault = proc.run { "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
      "nullsrc=s=640x360:r=10,geq=random(1)*255:128:128", "-t", "3", "-c:v", "libx264", "-preset", "ultrafast", "-qp",
      "1", "-g", "10", path }
    assert.are.equal(0, code, fault)
    local expected = packets.of_file(path, "h264", "none").video
    local sink = rtmp_server.start()
    local engine, control = relay.control()
    assert(control:request("set", { spec = { inputs = { main = { urls = { path } } },
      outputs = { { id = "1", name = "", url = sink:url "live/hush" } } } }))
    proc.eventually("the destination to be called", 60, function() return sink.peers[1] end)
    sink.peers[1].connection.socket:recv_buffer_size(BUFFER)
    proc.eventually("half of the list", 60, function() return #sink.peers[1].tags >= TAKEN end)
    sink.peers[1].connection:hold()
    proc.eventually("the end of the list", 60, function()
      local input = not engine.code and control:request("stat").inputs.main
      return type(input) ~= "table" or input.state == "ended"
    end)
    proc.elapse(BEHIND)
    sink.peers[1].connection:go_on()
    assert.are.equal(0, (engine:wait(60)), engine:output())
    proc.eventually("the list's last packet", 60, function() -- the engine may end before we have read what it sent
      local got = packets.of_tags(sink.peers[1].tags, "h264").video
      return got[#got] == expected[#expected]
    end)
    control:close()
    sink:stop()
  end)
end)
