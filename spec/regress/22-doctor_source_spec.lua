-- SPDX-License-Identifier: MIT
-- The doctor names all that is wrong with a source, and what each means at a platform; not only the first fault.

local checks = require "cme.doctor.checks"
local messages = require "cme.cli.messages"
local probe = require "cme.server.process.probe"

local t = messages.translator "en"
local GOOD = { video = "h264", width = 1280, height = 720, fps = 25, kbps = 2500, gop_ms = 2000, audio = "aac",
  dts_jumps = 0 }

local function source(changes)
  local found = {}
  for name, value in pairs(GOOD) do found[name] = value end
  for name, value in pairs(changes or {}) do found[name] = value or nil end
  return checks.judge_source({ check = "input", name = "main" }, found, t)
end

describe("the doctor", function()
  it("says what a fault of the source means at a platform", function()
    assert.is_nil(source().consequence)
    for fact, case in pairs {
      ["no picture"] = { { video = false, width = false, height = false, gop_ms = false }, "failed", "black" },
      ["this video codec cannot be relayed"] = { { video = "av1" }, "failed", "no picture" },
      ["few platforms take this video codec"] = { { video = "hevc" }, "warning", "refuse it" },
      ["no sound"] = { { audio = false }, "warning", "without sound" },
      ["few platforms take this sound codec"] = { { audio = "mp3" }, "warning", "silent" },
      ["keyframes are far apart"] = { { gop_ms = 5001 }, "warning", "wait that long" },
      ["fewer than two keyframes arrived"] = { { gop_ms = false }, "warning", "wait that long" },
    } do
      local said = source(case[1])
      assert.are.equal(case[2], said.state)
      assert.matches(fact, said.fact, 1, true)
      assert.matches(case[3], said.consequence, 1, true)
      assert.is_string(said.advice)
    end
  end)

  it("names every fault, and the picture that there is", function()
    local said = source { audio = false, gop_ms = 8000 }
    assert.are.equal("no sound; keyframes are far apart (h264 1280x720, 25 fps, GOP 8.0 s, 2500 kbit/s)", said.fact)
    assert.matches("without sound, some refuse it; viewers wait", said.consequence, 1, true)
    assert.are.equal(("%s; %s: %s"):format(said.fact, said.consequence, said.advice), checks.sentence(said, t))
  end)

  it("says what a source that cannot be read means", function()
    local real = probe.source
    probe.source = function() return nil, "the picture is AV1", { code = "media.unsupported" } end
    local said = checks.look({ check = "input", name = "main", url = "rtmp://h/a/b" }, { seconds = 1, t = t })
    probe.source = real
    assert.are.same({ "failed", "the picture is AV1", 6 }, { said.state, said.fact, said.exit })
    assert.matches("platforms get nothing from it", said.consequence)
  end)
end)
