-- SPDX-License-Identifier: MIT

local clock = require "cme.cli.clock"

describe("cme.cli.clock", function()
  it("reads durations", function()
    for text, want in pairs { ["90s"] = 90, ["2h30m"] = 9000, ["90m"] = 5400, ["45s"] = 45, ["1d"] = 86400,
      ["0.5s"] = 0.5, ["1.5h"] = 5400 } do
      assert.are.equal(want, clock.duration(text), text)
    end
    for _, text in ipairs { "", "0", "0s", "90", "0.5", "h", "2x", "2h x", "-5", "1h-2m", "inf" } do
      assert.is_nil(clock.duration(text), text)
    end
  end)

  local function refusal(take, language, name, text)
    local context = { t = require "cme.cli.messages".translator(language), system = { now = function() return 0 end } }
    local value, message, detail = take(context, name, text)
    assert.are.same({ nil, "invalid.usage" }, { value, detail.code })
    return message
  end

  it("tells a duration that is not above 0 from one without its unit", function()
    for _, text in ipairs { "0s", "0", "-5", "-30m", "0h0m", "-0", "0.0s", "-1h30m" } do
      assert.are.equal(("option '--for': '%s' is too short: a duration above 0 is needed, such as 30m"):format(text),
        refusal(clock.take_duration, "en", "--for", text))
    end
    for _, text in ipairs { "", "-", "90", "0x", "h", "-2x", "1h-2m", "-h" } do
      assert.are.equal(("argument 'duration': '%s' is no duration: write it with its unit, such as 90s, 30m or 2h")
        :format(text), refusal(clock.take_duration, "en", "duration", text))
    end
    assert.are.equal("参数“duration”：“-30m”太短：时长必须大于 0，例如 30m",
      refusal(clock.take_duration, "zh", "duration", "-30m"))
  end)

  it("says in the reader's language what is no point in time", function()
    assert.matches("^argument 'time': time 'tomorrow': not a point in time .*; or a time of day here",
      refusal(clock.take_point, "en", "time", "tomorrow"))
    assert.matches("^选项“%-%-stop%-at”：时间“25:00”：不是一个时间（.*）；也可以写本地时刻，例如 22:00$",
      refusal(clock.take_point, "zh", "--stop-at", "25:00"))
  end)

  it("reads points in time", function()
    assert.are.equal(1, clock.point("1", 0))
    assert.are.equal(1, clock.point("1970-01-01T08:00:01+08:00", 0))
    assert.is_nil(clock.point("tomorrow", 0))
    for _, text in ipairs { "10:0030", "10:00:3", "10:00:", "10:00:300", "10:0", "24:00", "10:60" } do
      assert.is_nil(clock.point(text, 0), text)
    end
    assert.are.equal(30, clock.point("9:00:30", 0) % 60)
  end)

  it("shows the date of another day only", function()
    local noon = os.time { year = 2026, month = 11, day = 22, hour = 12 }
    assert.are.equal("12:00:00", clock.local_time(noon, noon + 3600))
    assert.are.equal("2026-11-22 12:00:00", clock.local_time(noon + 0.4, noon + 86400))
  end)

  it("shows a span in at most two units", function()
    for seconds, want in pairs { [0] = "0s", [-3] = "0s", [59.6] = "1m", [3723] = "1h 2m", [90000] = "1d 1h",
      [7200] = "2h" } do
      assert.are.equal(want, clock.span(seconds))
    end
  end)
end)
