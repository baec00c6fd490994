-- SPDX-License-Identifier: MIT
-- Where the picture of a media cast is its first source's, and a look at that took longer than 2 s, the cast began with
-- a filler of another size.

local cast = require "spec.support.programs.cast"
local files = require "spec.support.files"
local luv = require "cme.net.loop.luv"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"

local LIMIT = 60 -- seconds
local SLOW = '#!/bin/sh\nsleep 4\nexec ffprobe "$@"\n' -- twice as long as nothing may be on the air

describe("a cast that follows its first source", function()
  local base, orders

  setup(function()
    base = proc.folder() .. "/project"
    media.file(base .. ".mp4", 1, media.SMALL)
  end)
  teardown(function()
    orders:close()
    assert.are.same({}, proc.cleanup())
  end)

  it("has that one's picture from its first moment, however long the look takes", function()
    local running = cast.start(base, { CME_FFPROBE = files.program(base .. ".ffprobe", SLOW) })
    local stream = assert(io.open(base .. ".read.flv", "wb"))
    luv.run(function()
      orders = cast.play(base, base .. ".mp4", true)
      cast.read(base, function(bytes) stream:write(bytes) end, function() stream:close() end)
    end)
    running:wait(LIMIT)
    assert.equal(media.SMALL.size, media.report(base .. ".read.flv").looks:sub(1, 7))
  end)
end)
