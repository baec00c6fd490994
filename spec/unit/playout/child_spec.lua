-- SPDX-License-Identifier: MIT

local child = require "cme.playout.child"
local codes = require "cme.codes"

local function said(words) return tostring(child.reason(words)) end

describe("cme.playout.child", function()
  it("takes the last line of what a program said for the reason, without stream keys", function()
    assert.are.equal("Connection refused", said "[tcp @ 0x55] warning\n[http @ 0x1] Connection refused\n\n")
    assert.are.equal("Input/output error", said "cme-source:: Input/output error\n")
    assert.are.equal("rtmp://h/live/*** refused", said "rtmp://h/live/key refused")
    assert.are.equal("bad ??", said "bad \255\254")
    assert.are.equal("文件不存在", said "文件不存在")
    assert.are.equal("连接被拒绝", codes.say(child.reason "[http @ 0x1] Connection refused\n", "zh"))
    assert.is_nil(child.reason "\n")
  end)

  it("knows which address a program was not let connect to", function()
    local words = "[hls @ 0x5] a\ncme-refused: 169.254.169.254\n[tcp @ 0x1] Permission denied\n"
    assert.are.equal("169.254.169.254 is no public address, and this service reads from public ones alone",
      tostring(child.refusal(words)))
    assert.are.equal("source.not_public", child.refusal(words).sentence)
    assert.is_nil(child.refusal "[tcp @ 0x1] Permission denied\n")
  end)
end)
