-- SPDX-License-Identifier: MIT
-- `cme run` whose terminal goes away does what on_sigterm says; a show whose outputs never had a picture is no success.

local proc = require "spec.support.proc"
local process = require "cme.cli.process"
local report = require "cme.show.report"
local service = require "spec.support.programs.service"

local SHOW = [[
return {
  project = { name = "gala", owner = "me", input = "rtmp://127.0.0.1:%d/live/gone",
    outputs = { "rtmp://127.0.0.1:%d/a/b" } },
  stop_at = %d, failover = false, on_sigterm = "stop",
}
]]

describe("cme run", function()
  local serve, folder

  setup(function()
    serve, folder = service.start(), proc.folder()
  end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  it("stops the broadcast on SIGHUP, and does not call it a success when nothing ever had a picture", function()
    local file = assert(io.open(folder .. "/gala.lua", "w"))
    file:write(SHOW:format(proc.free_port(), proc.free_port(), os.time() + 3600))
    file:close()
    local run = proc.spawn({ "bin/cme", "run", "--interval", "1s", folder .. "/gala.lua" },
      { env = serve:environment() })
    run:expect("started", 60)
    run:kill "sighup"
    assert.are.equal(1, (run:wait(60)), run:output())
    assert.are.equal(0, run.signal)
    assert.matches("no output ever had a picture", run.err)
    local show = require "cme".client(serve:client_options()):project { name = "gala", owner = "me" }
    assert(show:ensure())
    assert.are.equal("idle", show:status())
  end)
end)

describe("SIGHUP", function()
  it("stays ignored where nohup has it so", function()
    assert.is_true(process.ignores("Name:\tlua\nSigIgn:\t0000000000001001\n", 1))
    assert.is_false(process.ignores("Name:\tlua\nSigIgn:\t0000000000001000\n", 1))
    assert.is_false(process.ignores("", 1))
  end)
end)

describe("a show's report", function()
  local function after(...)
    local tally = report.new()
    for i, output in ipairs { ... } do
      output.id, output.name = "1", "A"
      report.step(tally, { at = i, status = "working", started_at = 1, outputs = { output } })
    end
    report.finish(tally, 10)
    return report.never_live(tally)
  end

  it("knows whether an output ever had a picture", function()
    assert.is_true(after({ reason = "waiting" }, { reason = "refused", good = false }))
    assert.is_false(after({ reason = "refused", good = false }, { reason = "live", good = true }))
    assert.is_false(after({}, {}), "a service that does not tell")
    assert.is_false(report.never_live(report.new()))
  end)
end)
