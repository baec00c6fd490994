-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local sockets = require "cme.server.process.sockets"

describe("cme.server.process.sockets", function()
  it("takes the sockets of ours out of what an engine says, and no address of others", function()
    local reason = codes.reason("engine:the picture is %s (send H.264 with its headers)", { "screen video" })
    reason.within = { codes.reason("engine:%s '%s'", { "read", "unix:/run/edge/1f.flv" }),
      codes.reason("engine:the %s input", { "main" }) }
    local said = codes.say(reason)
    local plain = "the main input: the picture is screen video (send H.264 with its headers)"
    assert.are.equal(plain, sockets.out_of_text(said))
    assert.are.equal(plain, codes.say(sockets.out_of(reason)))
    assert.are.equal("read 'rtmp://h/a': no", sockets.out_of_text "read 'rtmp://h/a': no")
    assert.is_nil(sockets.out_of(nil))
    assert.are.same({ text = "no" }, sockets.out_of { text = "no" })
  end)
end)
