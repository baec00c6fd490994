-- SPDX-License-Identifier: MIT
-- A playout that had sent its last tag ended the engine at once. What the engine had not read by then, the last
-- pictures of the list, was lost on a busy machine.

local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local media = require "spec.support.programs.media"
local playout = require "cme.server.categories.media_cast.playout"
local proc = require "spec.support.proc"
local requests = require "cme.playout.requests"
local unix = require "cme.system.unix"

local LIMIT = 60 -- seconds
local FILM = { size = "160x120", rate = 25, gop = 25, bitrate = "100k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }

describe("a playout whose list has been played", function()
  local base, program, kind, control, orders

  setup(function()
    base = proc.folder() .. "/project"
    media.file(base .. ".mp4", 1, FILM)
    program, kind = playout.kind "ultrafast"
  end)
  teardown(function()
    control:close(base .. ".sock")
    orders:close()
    assert.are.same({}, proc.cleanup())
  end)

  -- Asks the playout to play the film once.
  local function play(pipe)
    assert(pipe:write(json.encode { id = 1, op = "set", spec = { project = "project", run = "run", loop_count = 1,
      sources = { { id = "film", path = base .. ".mp4" } },
      picture = { width = 160, height = 120, bitrate = 100, frame_rate = 25 } } } .. "\n"))
  end

  -- Reads the stream as an engine does, up to its end.
  local function read(pipe, on_end)
    pipe:read_start(function(failure, chunk)
      if failure or not chunk then
        on_end()
        pipe:close()
      end
    end)
  end

  it("ends the engine when the engine has read all of it", function()
    local heard = {}
    luv.run(function()
      control = assert(requests.listen(base .. ".sock", function(request)
        heard[#heard + 1] = request.op
        return {}
      end))
    end)
    local env = {}
    for _, entry in ipairs(kind.env) do
      local name, value = entry:match "^(.-)=(.*)$"
      env[name] = value
    end
    local running = proc.spawn({ program, table.unpack(kind.argv(base .. ".cast")) }, { env = env })
    running:expect("listening on", LIMIT)
    luv.run(function()
      orders = assert(unix.connect(base .. ".cast", LIMIT))
      play(orders)
      read(assert(unix.connect(base .. ".flv", LIMIT)), function() heard[#heard + 1] = "end of stream" end)
    end)
    running:wait(LIMIT)
    assert.are.same({ "end of stream", "set_stop_at" }, heard)
  end)
end)
