-- SPDX-License-Identifier: MIT

local messages = require "cme.cli.messages"
local words = require "cme.cli.look.words"

describe("cme.cli.look.words", function()
  local en, zh = messages.translator "en", messages.translator "zh"
  local AT = os.time { year = 2026, month = 12, day = 24, hour = 20, min = 0, sec = 5 }

  local function seen(more)
    local line = { kind = "look", index = 0, url = "rtmp://h/a/***", at = AT, state = "ok", bitrate_kbps = 2480,
      delay_ms = 4120, video = { codec = "h264", width = 1280, height = 720, fps = 29.97 },
      audio = { momentary_lufs = -21.84, true_peak_db = -3 } }
    for name, value in pairs(more or {}) do line[name] = value end
    return line
  end

  it("says what a look saw", function()
    assert.equal("20:00:05  rtmp://h/a/***: fine; h264 1280x720, 30.0 fps, 2480 kbit/s, -21.8 LUFS, peak -3.0 dB, "
      .. "delay 4.1 s", words.line(seen(), en, AT))
  end)

  it("says what changed, and why, in the reader's language", function()
    local line = seen { kind = "change", state = "gone", was = "ok", error = { text = "connection refused" } }
    assert.equal("20:00:05  rtmp://h/a/***: gone, was fine (connection refused)", words.line(line, en, AT))
    line.error = nil
    assert.equal("20:00:05  rtmp://h/a/***：无法播放，此前为正常", words.line(line, zh, AT))
    assert.equal("20:00:05  source rtmp://h/a/***: black, was fine",
      words.line(seen { kind = "change", state = "black", was = "ok", index = -1 }, en, AT))
  end)

  it("says nothing of what was before where nothing was read, and calls nothing fine that was not seen", function()
    local line = seen { kind = "change", state = "gone", error = { text = "connection refused" } }
    assert.equal("20:00:05  rtmp://h/a/***: gone (connection refused)", words.line(line, en, AT))
    assert.equal("20:00:05  rtmp://h/a/***：无法播放（connection refused）", words.line(line, zh, AT))
    assert.equal("20:00:05  rtmp://h/a/***: -; -, - fps, - kbit/s, - LUFS, peak - dB, delay -",
      words.line({ kind = "look", index = 0, url = "rtmp://h/a/***", at = AT }, en, AT))
  end)

  it("has a row for each address, also for one that was not seen yet", function()
    local rows = words.rows({ seen { state = "silent" } }, { "rtmp://h/a/***", "rtmp://h/b/***" }, en)
    assert.equal("ADDRESS", rows[1][1])
    assert.are.same({ "rtmp://h/a/***", { "silent", colour = "red" }, "h264 1280x720", "30.0", "2480", "-21.8", "-3.0",
      "4.1 s" }, rows[2])
    assert.are.same({ "rtmp://h/b/***", { "-", colour = "grey" }, "-", "-", "-", "-", "-", "-" }, rows[3])
  end)

  it("lists what was seen", function()
    assert.equal("black, silent", words.seen({ seen = { "black", "silent" } }, en))
    assert.equal("-", words.seen({ seen = {} }, en))
  end)
end)
