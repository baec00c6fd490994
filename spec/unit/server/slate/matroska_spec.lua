-- SPDX-License-Identifier: MIT
-- Bytes of Matroska in, frames out, however they come split. Elements are written here as RFC 9559 has them.

local matroska = require "cme.server.slate.matroska"

local UNKNOWN = "\x01\xff\xff\xff\xff\xff\xff\xff"

local function element(id, data)
  return id .. string.char(0x40 | #data >> 8, #data & 0xff) .. data
end

local function track(number, kind, codec, private)
  return element("\xae", element("\xd7", string.char(number)) .. element("\x83", string.char(kind))
    .. element("\x86", codec) .. element("\x63\xa2", private))
end

local HEAD = element("\x1a\x45\xdf\xa3", "\x42\x86\x81\x01") .. "\x18\x53\x80\x67" .. UNKNOWN
local TRACKS = element("\x16\x54\xae\x6b", track(1, 1, "V_MPEG4/ISO/AVC", "avcC") .. track(2, 2, "A_AAC", "asc"))

local function block(number, at, flags, data)
  return element("\xa3", string.char(0x80 | number) .. (">i2B"):pack(at, flags) .. data)
end

local CLUSTER = "\x1f\x43\xb6\x75" .. UNKNOWN .. element("\xe7", "\x03\xe8") .. block(1, 0, 0x80, "key")
  .. block(2, -5, 0x80, "sound") .. block(1, 40, 0, "more") .. element("\xa0", element("\xa1", "\x82\0\x14\0last"))

local function read(chunks)
  local parser, frames = matroska.parser(), {}
  for _, chunk in ipairs(chunks) do
    for _, frame in ipairs(assert(parser:feed(chunk))) do
      frames[#frames + 1] = ("%s %d%s %s"):format(frame.track.kind, frame.at, frame.key and " K" or "", frame.data)
    end
  end
  return frames, parser
end

local EXPECTED = { "video 1000 K key", "audio 995 K sound", "video 1040 more", "audio 1020 K last" }

describe("cme.server.slate.matroska", function()
  it("reads tracks and frames", function()
    local frames, parser = read { HEAD .. TRACKS .. CLUSTER }
    assert.are.same(EXPECTED, frames)
    assert.are.same({ number = 1, kind = "video", codec = "V_MPEG4/ISO/AVC", private_data = "avcC" }, parser.tracks[1])
  end)

  it("takes bytes split anywhere", function()
    local bytes, chunks = HEAD .. TRACKS .. CLUSTER, {}
    for i = 1, #bytes do chunks[i] = bytes:sub(i, i) end
    assert.are.same(EXPECTED, (read(chunks)))
  end)

  it("refuses what is none", function()
    for _, bytes in ipairs { "FLV\1\5\0\0\0\9", "\0\0\0\0\0\0\0\0\0", HEAD .. "\xa3\x08\xff\xff\xff\xff" } do
      local frames, message, detail = matroska.parser():feed(bytes)
      assert.is_nil(frames)
      assert.are.equal("server.slate", detail.code, message)
    end
  end)
end)
