-- SPDX-License-Identifier: MIT

local flv = require "cme.playout.flv"

local function tag(kind, body)
  return { kind = kind, body = body }
end

local sequence_header = tag("video", "\x17\0\0\0\0avcc")
local keyframe = tag("video", "\x17\1\0\0\0picture")
local between = tag("video", "\x27\1\0\0\0picture")
local end_of_sequence = tag("video", "\x17\2\0\0\0")
local sound_header = tag("audio", "\xaf\0\x12\x10")
local sound = tag("audio", "\xaf\1sound")
local script = tag("script", "\2\0\10onMetaData")

local function stream(tags)
  local text = flv.header
  for i, one in ipairs(tags) do text = text .. flv.encode(one, i * 40) end
  return text
end

describe("cme.playout.flv", function()
  local tags = { script, sequence_header, sound_header, keyframe, sound, between, end_of_sequence }

  it("reads what it writes, however the bytes are cut", function()
    local text = stream(tags)
    for size = 1, #text, 7 do
      local parser, found = flv.parser(), {}
      for from = 1, #text, size do
        for _, one in ipairs(assert(parser:feed(text:sub(from, from + size - 1)))) do found[#found + 1] = one end
      end
      assert.are.equal(#tags, #found)
      for i, one in ipairs(found) do
        assert.are.same({ tags[i].kind, tags[i].body, i * 40 }, { one.kind, one.body, one.at })
      end
    end
  end)

  it("tells sequence headers, keyframes and media", function()
    local found, seen = flv.parser():feed(stream(tags)), {}
    for i, one in ipairs(found) do
      seen[i] = (one.header and "h" or "") .. (one.key and "k" or "") .. (one.media and "m" or "")
    end
    assert.are.same({ "", "h", "h", "km", "m", "m", "" }, seen)
  end)

  it("keeps times of 32 bits, and begins again after them", function()
    for at, expected in pairs { [0xfffffff] = 0xfffffff, [0x100000028] = 40 } do
      local found = flv.parser():feed(flv.header .. flv.encode(sound, at))
      assert.are.equal(expected, found[1].at)
    end
  end)

  it("says when bytes are no FLV", function()
    for _, text in ipairs { "HTTP/1.1 404 Not Found\r\n", flv.header .. ("x"):rep(20),
      "FLV\1\5\255\255\255\255\0\0\0\0", flv.header .. "\9\255\255\255\0\0\0\0\0\0\0" } do
      local found, message = flv.parser():feed(text)
      assert.is_nil(found)
      assert.matches("FLV", message)
    end
  end)
end)
