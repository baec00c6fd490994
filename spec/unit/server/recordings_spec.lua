-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local recordings = require "cme.server.recordings"

describe("cme.server.recordings", function()
  local told, quiet

  before_each(function()
    told = {}
    quiet = { warn = function() end, info = function() end }
  end)

  local function open(folder)
    return recordings.open { folder = folder, limit = 7, log = quiet,
      told = function(...) told[#told + 1] = { ... } end }
  end

  it("takes names that are one component of a path", function()
    assert.is_nil(recordings.fault { Name = "gala 1" })
    assert.is_nil(recordings.fault { Name = "x", Of = "Backup", MaxSeconds = 60, MaxBytes = 1 })
    for _, given in ipairs { { Name = "" }, { Name = ".x" }, { Name = "a/b" }, { Name = "a\nb" },
      { Name = ("x"):rep(81) }, { Name = "x", Of = "main" }, { Name = "x", MaxBytes = -1 },
      { Name = "x", MaxSeconds = 86400 * 31 } } do
      assert.is_string(codes.say(recordings.fault(given)))
    end
  end)

  it("gives the engine an output, where there is a folder", function()
    local kept = open "/tmp"
    assert.are.same({ id = recordings.OUTPUT_ID, name = "", record = { folder = "/tmp", name = "x", of = "main",
      max_seconds = 60, max_bytes = 0, total_bytes = 7 } }, kept:output { Name = "x", Of = "Main", MaxSeconds = 60 })
    assert.is_nil(kept:output(nil))
    assert.is_nil(open(nil):output { Name = "x" })
    assert.is_false(open(nil):possible())
  end)

  it("refuses a folder that is none", function()
    local none, message, detail = open "/nonexistent"
    assert.is_nil(none)
    assert.are.equal("server.recordings_folder", detail.code)
    assert.is_truthy(message:find("'/nonexistent'", 1, true))
  end)

  it("tells of files, and of a failure once until it is live again", function()
    local kept = open "/tmp"
    local function say(event)
      event.output_id = event.output_id or recordings.OUTPUT_ID
      kept:event("p", event)
    end
    say { event = "output", state = "backoff", code = "record.failed", reason = "why" }
    say { event = "output", state = "refused", code = "record.full", reason = "full" }
    say { event = "output", state = "live" }
    say { event = "output", state = "refused", code = "record.full", reason = "full" }
    say { event = "recorded", file = "x.mp4", bytes = 5, seconds = 1.5, interrupted = false }
    say { event = "output", output_id = "1", state = "backoff" }
    assert.are.same({ { "p", "Failed", { Code = "record.failed", Reason = "why" } },
      { "p", "Failed", { Code = "record.full", Reason = "full" } },
      { "p", "Finished", { File = "x.mp4", Bytes = 5, Seconds = 1.5, Interrupted = false } } }, told)
  end)
end)
