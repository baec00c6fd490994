-- SPDX-License-Identifier: MIT

local probe = require "cme.playout.probe"

local wanted = { width = 1280, height = 720, bitrate = 2500, frame_rate = 25 }

local ANSWER = [[{ "programs": [], "streams": [
  { "index": 0, "codec_name": "mjpeg", "codec_type": "video", "width": 500, "height": 500,
    "disposition": { "attached_pic": 1 } },
  { "index": 1, "codec_name": "h264", "codec_type": "video", "width": 1921, "height": 1079, "pix_fmt": "yuv420p",
    "avg_frame_rate": "30000/1001", "sample_aspect_ratio": "4:3", "field_order": "progressive", "bit_rate": "20000000",
    "disposition": { "attached_pic": 0 } },
  { "index": 2, "codec_name": "aac", "profile": "LC", "codec_type": "audio", "sample_rate": "48000", "channels": 2 } ],
  "format": { "duration": "3.5" } }]]

local function h264(change)
  local video = { index = 0, codec = "h264", plain = true, width = 640, height = 360, frame_rate = 30, sar = 1,
    bitrate = 900 }
  for name, value in pairs(change or {}) do video[name] = value end
  return { duration = 5, video = video,
    audio = { index = 1, codec = "aac", profile = "LC", sample_rate = 48000, channels = 2 } }
end

describe("cme.playout.probe", function()
  it("reads what ffprobe says, covers left out", function()
    assert.are.same({
      duration = 3.5,
      video = { index = 1, codec = "h264", plain = true, width = 1921, height = 1079, frame_rate = 30000 / 1001,
        sar = 4 / 3, bitrate = 20000 },
      audio = { index = 2, codec = "aac", profile = "LC", sample_rate = 48000, channels = 2 },
    }, probe.read(ANSWER))
  end)

  it("takes a source without a duration for a live one", function()
    local streams = '"streams": [ { "index": 0, "codec_type": "audio", "codec_name": "aac" } ]'
    assert.is_nil(probe.read("{ " .. streams .. ', "format": { "duration": "0.000000" } }').duration)
    assert.is_nil(probe.read("{ " .. streams .. ', "format": {} }').duration)
  end)

  it("says when there is nothing to play", function()
    for text, sentence in pairs { ['{ "streams": [ { "codec_type": "data" } ] }'] = "media.unsupported:nothing",
      [""] = "media.unsupported:no_probe" } do
      local found, _, detail = probe.read(text)
      assert.is_nil(found)
      assert.are.equal(sentence, detail.sentence)
    end
  end)

  it("follows the first source within the API's bounds", function()
    assert.are.same({ width = 1920, height = 1078, bitrate = 10000, frame_rate = 30000 / 1001, sample_rate = 48000,
      channels = 2 }, probe.picture(probe.read(ANSWER), wanted))
    assert.are.same({ width = 1280, height = 720, bitrate = 2500, frame_rate = 25 },
      probe.picture({ audio = { codec = "mp3", channels = 2 } }, wanted))
  end)

  it("copies what has the picture's format already", function()
    local picture = probe.picture(h264(), wanted)
    assert.is_true(probe.copies({}, h264(), picture))
    for i, case in ipairs {
      { {}, h264 { codec = "hevc" } }, { {}, h264 { plain = false } }, { {}, h264 { width = 642 } },
      { {}, h264 { frame_rate = 25 } }, { {}, h264 { sar = 2 } }, { {}, h264 { bitrate = 12000 } },
      { { offset = 1 }, h264() }, { {}, { audio = h264().audio } },
    } do
      assert.is_false(probe.copies(case[1], case[2], picture), "case " .. i)
    end
    local mono = h264()
    mono.audio.channels = 1
    assert.is_false(probe.copies({}, mono, picture))
  end)
end)
