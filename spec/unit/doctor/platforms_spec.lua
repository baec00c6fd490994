-- SPDX-License-Identifier: MIT

local judge = require "cme.doctor.platforms"
local translator = require "cme.cli.messages".translator

local SEEN = { video = "h264", width = 1920, height = 1080, fps = 30.04, kbps = 5000.3, gop_ms = 2002, audio = "aac" }

local function seen(changes)
  local found = {}
  for name, value in pairs(SEEN) do found[name] = value end
  for name, value in pairs(changes or {}) do found[name] = value or nil end
  return found
end

-- What is found of a main input with these changes and these outputs, as lines.
local function judged(changes, outputs, language)
  local subjects, looked = { { check = "input", name = "main", url = "rtmp://h/a/in" } }, { { seen = seen(changes) } }
  for i, output in ipairs(outputs) do
    subjects[#subjects + 1] = { check = "output", name = tostring(i), url = output.url or output,
      platform = output.platform }
    looked[#looked + 1] = {}
  end
  language = language or "en"
  local lines = {}
  for i, found in ipairs(judge.all(subjects, looked, { t = translator(language), language = language })) do
    lines[i] = ("%s %s %s%s"):format(found.subject, found.state, found.fact, found.advice and ": " .. found.advice
      or "")
  end
  return lines
end

local FACEBOOK, TWITCH = "rtmps://rtmp-api.facebook.com:443/rtmp/hush", "rtmp://live-fra.twitch.tv/app/hush"

describe("cme.doctor.platforms", function()
  it("finds a source within the limits of a platform", function()
    assert.are.same({ "1 ok Facebook: input main is within its known limits",
      "2 ok Twitch: input main is within its known limits" }, judged({}, { FACEBOOK, TWITCH }))
  end)

  it("tells all that a platform does not take, without the key", function()
    assert.are.same({ "1 warning Facebook, input main: RTMP is not accepted (only RTMPS); no sound (it is "
      .. "required); a keyframe every 10 s (limit: 4 s); 9001 kbit/s (limit for this picture: 6000): "
      .. "see cme platforms facebook" },
      judged({ audio = false, gop_ms = 10010, kbps = 9000.6 }, { "rtmp://rtmp-api.facebook.com/rtmp/hush" }))
    assert.are.same({ "1 warning Twitch, input main: a sample rate of 22050 Hz is not accepted (only 44100, 48000); "
      .. "6 audio channels (limit: 2): see cme platforms twitch" },
      judged({ sample_rate = 22050, channels = 6 }, { TWITCH }))
    assert.are.same({ "1 warning Twitch，输入 main：每 5 秒一个关键帧（建议 2 秒）: 见 cme platforms twitch" },
      judged({ gop_ms = 5000 }, { TWITCH }, "zh"))
  end)

  it("goes by the platform that is named before the host", function()
    assert.are.same({ "1 warning Kick, input main: RTMP is not accepted (only RTMPS): see cme platforms kick" },
      judged({}, { { url = "rtmp://h1.example/app/hush", platform = "kick" } }))
  end)

  it("says nothing of unknown platforms, of sources that were not seen or are encoded anew", function()
    assert.are.same({}, judged({ gop_ms = 60000 }, { "rtmp://h/live/hush",
      { url = "rtmp://h/a/b", platform = "weibo" } }))
    local subjects = { { check = "input", name = "main" }, { check = "input", name = "1", encoded = true },
      { check = "output", name = "a", url = TWITCH } }
    assert.are.same({}, judge.all(subjects, { {}, { seen = seen() }, {} }, { t = translator "en", language = "en" }))
  end)
end)
