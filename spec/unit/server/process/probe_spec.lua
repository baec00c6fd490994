-- SPDX-License-Identifier: MIT
-- What a probe makes of an engine's answers. The engine is a table; a real one is probed by the specs of `cme doctor`.

local codes = require "cme.codes"
local engine = require "cme.server.process.engine"
local luv = require "cme.net.loop.luv"
local probe = require "cme.server.process.probe"

describe("cme.server.process.probe", function()
  local told, asked
  local find, new = engine.find, engine.new

  before_each(function()
    asked = {}
    local control = { close = function() end, request = function(_, request)
      asked[#asked + 1] = request.op
      return request.op == "stat" and { inputs = { main = told } } or {}
    end }
    function engine.find() return "/bin/cme-relay" end
    function engine.new()
      return { spawn = function() return 1 end, connect = function() return control end, wait_gone = function() end }
    end
  end)

  after_each(function()
    engine.find, engine.new = find, new
  end)

  local function source()
    return luv.run(probe.source, "rtmp://h/a", nil, 20)
  end

  it("says in both languages why a source fails", function()
    told = { state = "down", error = { code = "input.timeout", message = "play 'rtmp://h/a': no media within 10 s",
      parts = { Code = "engine:no media within %d s", Values = { ["1"] = 10 },
        Within = { { Code = "engine:play '%s'", Values = { ["1"] = "rtmp://h/a" } } } } } }
    local found, message, detail = source()
    assert.are.same({ nil, told.error.message, "input.timeout" }, { found, message, detail.code })
    assert.are.equal("播放“rtmp://h/a”：10 秒内没有收到音视频数据", codes.say(detail, "zh"))
    assert.are.same({ "set", "stat", "stop" }, asked)
  end)

  it("tells what a source sends, as platforms are compared with it", function()
    told = { state = "live", fps = 25, kbps = 2500, gop_ms = 2000, dts_jumps = 0, codecs = { video = "h264",
      width = 1280, height = 720, audio = "aac", sample_rate = 22050, channels = 2 } }
    local found = luv.run(probe.source, "rtmp://h/a", nil, 0)
    assert.are.same({ video = "h264", width = 1280, height = 720, audio = "aac", sample_rate = 22050, channels = 2,
      fps = 25, kbps = 2500, gop_ms = 2000, dts_jumps = 0 }, found)
  end)

  it("says what an engine before 0.2 says, which sends the words alone", function()
    told = { state = "down", error = { code = "input.refused", message = "refused" } }
    local _, message, detail = source()
    assert.are.same({ "refused", "input.refused" }, { message, detail.code })
  end)
end)
