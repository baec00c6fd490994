-- SPDX-License-Identifier: MIT

local child = require "cme.playout.child"

describe("cme.playout.child", function()
  it("takes the last line of what a program said for the reason, without stream keys", function()
    assert.are.equal("Connection refused", child.reason "[tcp @ 0x55] warning\n[http @ 0x1] Connection refused\n\n")
    assert.are.equal("Input/output error", child.reason "cme-source:: Input/output error\n")
    assert.are.equal("rtmp://h/live/*** refused", child.reason "rtmp://h/live/key refused")
    assert.are.equal("bad ??", child.reason "bad \255\254")
    assert.are.equal("文件不存在", child.reason "文件不存在")
    assert.is_nil(child.reason "\n")
  end)
end)
