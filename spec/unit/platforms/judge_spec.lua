-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local judge = require "cme.platforms.judge"

local PLATFORM = {
  pages = { { "https://a.example/1", "2026-01-02" }, { "https://a.example/2", "2026-01-03" } },
  limits = {
    protocols = { "rtmps", from = { 1 } },
    video = { "h264", "hevc", from = { 1 } },
    audio = { "aac", from = { 1 } },
    sound = { required = true, from = { 1 } },
    size = { width = 1920, height = 1080, from = { 1 } },
    fps = { most = 60, from = { 1 } },
    keyframes = { recommended = 2, most = 4, from = { 1 } },
    bitrates = {
      { height = 1080, fps = 60, codecs = { "h264" }, recommended = 9000, from = { 2 } },
      { height = 1080, fps = 30, codecs = { "h264" }, least = 3000, most = 6000, from = { 1 } },
      { height = 720, fps = 30, least = 1500, most = 4000, from = { 1 } },
      { height = 360, least = 400, most = 1000, from = { 1 } },
    },
    audio_bitrate = { most = 256, from = { 1 } },
    sample_rates = { 44100, 48000, from = { 1 } },
    channels = { most = 2, from = { 1 } },
  },
}

local GOOD = { protocol = "rtmps", video = "h264", width = 1920, height = 1080, fps = 30, video_kbps = 5000,
  keyframes = 2, audio = "aac", audio_kbps = 128, sample_rate = 48000, channels = 2 }

local function judged(changes, platform)
  local media, said = {}, {}
  for name, value in pairs(GOOD) do media[name] = value end
  for name, value in pairs(changes) do
    if value == "unknown" then media[name] = nil else media[name] = value end
  end
  for i, found in ipairs(judge.all(platform or PLATFORM, media)) do said[i] = codes.say(found.reason) end
  return table.concat(said, "; ")
end

describe("cme.platforms.judge", function()
  it("finds nothing wrong with what is taken", function()
    for _, changes in ipairs {
      {}, { width = 1080, height = 1920 }, { keyframes = 4.3 }, { fps = 59.94, video_kbps = 9500 },
      { width = 1280, height = 720, video_kbps = 1500 }, { video_kbps = 6500 }, { channels = 1 },
      { width = 640, height = 360, fps = 50, video_kbps = 1000 },
    } do
      assert.are.equal("", judged(changes))
    end
  end)

  it("tells what is not taken", function()
    for want, changes in pairs {
      ["RTMP is not accepted (only RTMPS)"] = { protocol = "rtmp" },
      ["video codec AV1 is not accepted (only H.264, H.265)"] = { video = "av1" },
      ["no sound (it is required)"] = { audio = false },
      ["audio codec MP3 is not accepted (only AAC)"] = { audio = "mp3" },
      ["picture of 2560x1440 (limit: 1920x1080)"] = { width = 2560, height = 1440 },
      ["picture of 1080x2560 (limit: 1920x1080)"] = { width = 1080, height = 2560 },
      ["120 fps (limit: 60)"] = { fps = 120 },
      ["a keyframe every 8 s (limit: 4 s)"] = { keyframes = 8 },
      ["8000 kbit/s (limit for this picture: 6000)"] = { video_kbps = 8000 },
      ["1000 kbit/s (minimum for this picture: 3000)"] = { video_kbps = 1000 },
      ["12000 kbit/s (recommended for this picture: 9000)"] = { fps = 50, video_kbps = 12000 },
      ["audio of 320 kbit/s (limit: 256)"] = { audio_kbps = 320 },
      ["a sample rate of 22050 Hz is not accepted (only 44100, 48000)"] = { sample_rate = 22050 },
      ["6 audio channels (limit: 2)"] = { channels = 6 },
    } do
      assert.are.equal(want, judged(changes))
    end
  end)

  it("says nothing of what is unknown", function()
    for name in pairs(GOOD) do assert.are.equal("", judged { [name] = "unknown" }) end
    assert.are.equal("", judged({ video = "av1", fps = 999 }, { pages = {} }))
  end)

  it("takes the bitrate of the picture's own height, codec and frame rate, and of no other", function()
    assert.are.equal("", judged { width = 1280, height = 720, fps = 60, video_kbps = 90000 })
    assert.are.equal("", judged { video = "hevc", video_kbps = 90000 })
    assert.matches("limit for this picture: 4000", judged { width = 960, height = 540, video_kbps = 5000 })
    assert.matches("recommended: 2 s", judged({ keyframes = 3 },
      { pages = {}, limits = { keyframes = { recommended = 2, from = {} } } }))
    local any = { pages = {}, limits = { bitrates = { { most = 6000, from = {} } } } }
    assert.matches("picture: 6000", judged({ video_kbps = 8000, width = "unknown", fps = "unknown" }, any))
  end)

  it("gives the code, the words in both languages, and the pages that say so", function()
    local found = judge.all(PLATFORM, { video_kbps = 12000, fps = 60, height = 1080, width = 1920, video = "h264" })
    assert.are.same({ "platform.bitrate", { { "https://a.example/2", "2026-01-03" } } },
      { found[1].code, found[1].pages })
    assert.matches("这种画面建议 9000", codes.say(found[1].reason, "zh"))
  end)
end)
