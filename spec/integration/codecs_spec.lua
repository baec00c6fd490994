-- SPDX-License-Identifier: MIT
-- A part of the table of codecs (`make codecs`): HEVC by RTMP to all ways out, through servers that nobody here wrote.

local codecs = require "spec.support.proofs.codecs"
local films = require "spec.support.proofs.codecs.films"
local proc = require "spec.support.proc"
local ways_in = require "spec.support.proofs.codecs.ways_in"
local ways_out = require "spec.support.proofs.codecs.ways_out"

local SECONDS = 25 -- of film

describe("HEVC with AAC", function()
  local stage, film

  setup(function()
    stage = codecs.stage()
    film = films.make(stage.folder, "hevc+aac", SECONDS)
  end)

  teardown(function()
    proc.stop_all()
    assert.are.same({}, proc.cleanup())
  end)

  it("comes by RTMP and goes out packet by packet, or is refused by name", function()
    local told = {}
    for i, cell in ipairs(codecs.run(stage, film, ways_in[1])) do
      for kind, found in pairs(cell) do
        told[("%s, %s"):format(ways_out[i].name, kind)] = found.fault or found.refused
      end
    end
    local refusal = "media.unsupported: publish to '...': "
      .. "HEVC does not go to this destination (its codecs are \"h264\")"
    assert.are.same({ ["RTMP h264, video"] = refusal, ["RTMP h264, audio"] = refusal }, told)
  end)
end)
