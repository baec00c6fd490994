-- SPDX-License-Identifier: MIT
-- `cme look --source`: viewers beside the source.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local looking = require "spec.support.programs.looking"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

describe("cme look --source", function()
  local server, folder

  setup(function()
    folder = proc.folder()
    server = nginx.start { apps = { "live" } }
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("measures how late viewers are by the source, also through a re-encode to another size", function()
    -- a film that comes again would be late by its length, too
    local path = looking.film(folder, "long", broadcasts.GOOD.film, 90)
    local main, late = server:url("live", "main"), server:url("live", "late")
    broadcasts.publish_late(main, late, path, 4)
    server:expect_publish("live", 2)
    local last = looking.look_until("4 s of delay", function(latest)
      local _, line = next(latest)
      return line and line.state == "late" and line.delay_ms and math.abs(line.delay_ms - 4000) <= 200
    end, "--every", "3s", "--source", main, late)
    assert.equal("late", last[1].state)
    assert.is_true(math.abs(last[1].delay_ms - 4000) <= 200, cjson.encode(last[1]))
    proc.stop_all()
    server:up()
  end)

  it("leaves nothing behind", function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
