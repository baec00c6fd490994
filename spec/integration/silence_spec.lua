-- SPDX-License-Identifier: MIT
-- The silent track that an engine adds to a source without sound.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local slate_stage = require "spec.support.programs.slate_stage"

describe("cme-relay with silence", function()
  local stage, slate

  setup(function() stage, slate = slate_stage.start() end)

  teardown(function() proc.cleanup() end)

  it("adds a silent track to a source without sound", function()
    local name, mute = stage:key(), proc.folder() .. "/mute.flv"
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-i", slate, "-c", "copy", "-an", mute }))
    local source = stage:expect_source(media.replay(stage.platform:url("src", "mute"), mute))
    local engine, control = relay.control()
    local spec = slate_stage.spec(stage, "mute", stage:output("1", "a", name), { silence = true })
    assert(control:request("set", { spec = spec }))
    control:until_output("1", "live")
    stage:until_recorded("a", name, 3)
    stage:stop(engine, control)
    source:kill()
    local report = stage:recording("a", name)
    assert.equal("h264 aac", report.video .. " " .. tostring(report.audio))
    assert.equal(0, report.backward)
    assert.equal("", media.complaints(stage.platform:recordings "a"[1]))
  end)
end)
