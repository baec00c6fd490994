-- SPDX-License-Identifier: MIT
-- A slate that was wished for a broadcast on the air was of the default format: the engine had told before what it
-- sends, and the service had not listened. Of a programme in HEVC such a slate could not even be used.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("a slate that is wished on the air", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("is made to the measure of the programme", function()
    local platform = nginx.start { apps = { "src", "a" }, record = true }
    local own = service.start()
    local source = media.publish(platform:url("src", "show"), media.SMALL)
    platform:expect_publish "src"
    local show = assert(cme.client(own:client_options())):project { name = "late", owner = "spec",
      input = platform:url("src", "show"), outputs = { platform:url("a", "hush") } }
    assert(show:start())
    local function until_slate(state)
      proc.eventually("the slate to be " .. state, 30, function()
        local slate = assert(show:health()).slate
        return slate and slate.state == state
      end)
    end
    for _ = 1, 2 do
      assert(show:set_slate(true, { slate_after = 0.5 }))
      until_slate "ready"
      assert(show:set_slate(false))
    end
    assert(show:set_slate(true, { slate_after = 0.5 }))
    source:kill "sigkill"
    until_slate "on"
    proc.elapse(1)
    assert(show:stop())
    platform:expect_silence "a"
    assert.are.equal("320x180", media.report(platform:recordings "a"[1]).looks)
    own:stop()
    platform:stop()
  end)
end)
