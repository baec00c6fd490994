-- SPDX-License-Identifier: MIT
-- The bytes of a slate's FLV file.

local flv = require "cme.playout.flv"
local tags = require "cme.server.slate.tags"

local function track(kind, codec, private)
  return { number = 1, kind = kind, codec = codec, private_data = private }
end

-- The bodies of tags, as another reader of this project finds them.
local function bodies(bytes)
  local list = {}
  for i, tag in ipairs(assert(flv.parser():feed(tags.head {} .. bytes))) do list[i] = tag.body end
  return list
end

describe("cme.server.slate.tags", function()
  it("writes H.264 and AAC in the old form", function()
    local avc, aac = track("video", "V_MPEG4/ISO/AVC", "avcC"), track("audio", "A_AAC", "\x12\x10")
    local list = bodies(tags.configuration(avc) .. tags.configuration(aac)
      .. tags.frame { track = avc, at = 0, key = true, data = "idr" }
      .. tags.frame { track = avc, at = 40, key = false, data = "p" }
      .. tags.frame { track = aac, at = 20, key = true, data = "aac" })
    assert.are.same({ "\x17\0\0\0\0avcC", "\xaf\0\x12\x10", "\x17\1\0\0\0idr", "\x27\1\0\0\0p", "\xaf\1aac" },
      { table.unpack(list, #list - 4) })
  end)

  it("writes HEVC and Opus as Enhanced RTMP has them", function()
    local hevc, opus = track("video", "V_MPEGH/ISO/HEVC", "hvcC"), track("audio", "A_OPUS", "OpusHead")
    assert.is_truthy(tags.configuration(hevc):find("\x90hvc1hvcC", 1, true))
    assert.is_truthy(tags.frame({ track = hevc, at = 0, key = true, data = "x" }):find("\x93hvc1x", 1, true))
    assert.is_truthy(tags.frame({ track = hevc, at = 0, key = false, data = "x" }):find("\xa3hvc1x", 1, true))
    assert.is_truthy(tags.configuration(opus):find("\x90OpusOpusHead", 1, true))
  end)

  it("tells the size of the picture, and extends timestamps past 24 bits", function()
    assert.is_truthy(tags.head({ width = 1280, height = 720, video = "h264" }):find((">d"):pack(1280), 1, true))
    local at = 0x1234567
    assert.are.equal("\x23\x45\x67\x01",
      tags.frame({ track = track("audio", "A_AAC", ""), at = at, key = true, data = "x" }):sub(5, 8))
  end)

  it("has no form for other codecs", function()
    assert.is_nil(tags.configuration(track("video", "V_VP9", "")))
  end)
end)
