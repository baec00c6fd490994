-- SPDX-License-Identifier: MIT
-- `cme look --source`: viewers beside the source.

local cjson = require "cjson"

local exit = require "cme.cli.exit"

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

  it("says when the source cannot be read, however short the look, and that this is not all right", function()
    local path = looking.film(folder, "film", broadcasts.GOOD.film)
    local code, last, all = looking.look("--for", "3s", "--source", folder .. "/no-such.flv", path)
    assert.equal(exit.PARTLY, code)
    assert.equal("ok", last[1].state)
    local source = all[#all]
    assert.is_true(source.source)
    assert.are.same({ "gone", "source.refused" }, { source.state, source.error.code })
    local _, out = proc.run(looking.command("look", "--for", "3s", "--source", folder .. "/no-such.flv", path),
      { env = looking.ENV, timeout = 180 })
    assert.truthy(out:find "source /.-%s+gone%s+gone%s+.-no such file")
  end)

  it("leaves nothing behind", function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
