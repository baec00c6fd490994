-- SPDX-License-Identifier: MIT
-- Main and backup from one encoder by two servers: either is cut, and nothing is missing and nothing doubled. The same
-- with twenty cuts and more kinds of ways is in bench/faults.lua.

local media = require "spec.support.programs.media"
local merge = require "spec.support.proofs.merge"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

describe("cme-relay that merges main and backup", function()
  after_each(function()
    assert.are.same({}, proc.cleanup())
  end)

  local function expect_whole(result)
    assert.same({ 0, 0, 0 }, { result.lost, result.doubled, result.other })
    assert.equal(1, result.publishes)
    assert.is_true(result.packets > 100 and result.taken.main > 0 and result.taken.backup > 0)
  end

  it("loses nothing when either is cut", function()
    expect_whole(merge.run({ name = "moving", backup = { delay = 0.8 } }, 2, 60))
  end)

  it("nor of a still slide in silence", function()
    expect_whole(merge.run({ name = "still", picture = "still", sound = "silence", main = { delay = 0.8 } }, 2, 60))
  end)

  it("nor with SRT beside RTMP", function()
    expect_whole(merge.run({ name = "srt", backup = { by = "srt", delay = 0.5 } }, 2, 60))
  end)

  it("says that two encoders are not the same, and fails over as without it", function()
    local platform = nginx.start { apps = { "src", "out" } }
    local sources = {}
    for endpoint, look in pairs { main = media.MAIN, backup = media.BACKUP } do
      sources[endpoint] = media.publish(platform:url("src", endpoint), look)
    end
    platform:expect_publish("src", 2)
    local engine, control = relay.control()
    assert(control:request("set", { spec = { project = "p", revision = 1, active = "main", merge = true,
      merge_window = 0.5,
      inputs = { main = { url = platform:url("src", "main") }, backup = { url = platform:url("src", "backup") } },
      outputs = { { id = "1", name = "", url = platform:url("out", "x") } } } }))
    local event = control:expect({ event = "merge", state = "different" }, 60)
    assert.equal("merge.different", event.code)
    assert.equal("different", control:request("stat").merge.state)
    sources.main:kill "sigkill"
    sources.main:wait()
    assert.equal("failover", control:expect({ event = "switched", to = "backup" }, 60).reason)
    assert(control:request "stop")
    assert.equal(0, (engine:wait()), engine:output())
    control:close()
    sources.backup:stop()
    platform:stop()
  end)
end)
