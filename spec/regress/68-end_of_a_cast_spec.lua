-- SPDX-License-Identifier: MIT
-- A playout that had sent its last tag ended the engine at once. What the engine had not read by then, the last
-- pictures of the list, was lost on a busy machine.

local cast = require "spec.support.programs.cast"
local luv = require "cme.net.loop.luv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local requests = require "cme.playout.requests"

local LIMIT = 60 -- seconds
local FILM = { size = "160x120", rate = 25, gop = 25, bitrate = "100k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }
local PICTURE = { width = 160, height = 120, bitrate = 100, frame_rate = 25 }

describe("a playout whose list has been played", function()
  local base, control, orders

  setup(function()
    base = proc.folder() .. "/project"
    media.file(base .. ".mp4", 1, FILM)
  end)
  teardown(function()
    control:close(base .. ".sock")
    orders:close()
    assert.are.same({}, proc.cleanup())
  end)

  it("ends the engine when the engine has read all of it", function()
    local heard = {}
    luv.run(function()
      control = assert(requests.listen(base .. ".sock", function(request)
        heard[#heard + 1] = request.op
        return {}
      end))
    end)
    local running = cast.start(base)
    luv.run(function()
      orders = cast.play(base, base .. ".mp4", { picture = PICTURE })
      cast.read(base, function() end, function() heard[#heard + 1] = "end of stream" end)
    end)
    running:wait(LIMIT)
    assert.are.same({ "end of stream", "set_stop_at" }, heard)
  end)
end)
