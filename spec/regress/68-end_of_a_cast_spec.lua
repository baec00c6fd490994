-- SPDX-License-Identifier: MIT
-- A playout that had sent its last tag ended the engine at once. What the engine had not read by then, the last
-- pictures of the list, was lost on a busy machine.

local cast = require "spec.support.programs.cast"
local luv = require "cme.net.loop.luv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local requests = require "cme.playout.requests"

local LIMIT = 60 -- seconds

describe("a playout whose list has been played", function()
  local base, control, orders

  setup(function()
    base = proc.folder() .. "/project"
    media.file(base .. ".mp4", 1, media.SMALL)
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
      orders = cast.play(base, base .. ".mp4")
      cast.read(base, function() end, function() heard[#heard + 1] = "end of stream" end)
    end)
    running:wait(LIMIT)
    assert.are.same({ "end of stream", "set_stop_at" }, heard)
  end)
end)
