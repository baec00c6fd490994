-- SPDX-License-Identifier: MIT

local call = require "cme.server.call"
local codes = require "cme.codes"

describe("cme.server.call", function()
  it("answers a change that has nothing to tell", function()
    assert.are.same({}, call.done {})
    assert.are.same({ n = 3, nil, "no", { code = "x" } }, table.pack(call.done(nil, "no", { code = "x" })))
  end)

  it("writes why a request changed something, and reads it again", function()
    local reason = call.read_reason(call.reason { request_id = "0edd-12" })
    assert.are.equal("request 0edd-12", codes.say(reason))
    assert.are.equal("请求 0edd-12", codes.say(reason, "zh"))
    assert.are.equal("到达计划的停止时间", codes.say(call.read_reason "planned end", "zh"))
    assert.are.equal("never heard of", codes.say(call.read_reason "never heard of", "zh"))
  end)

  it("says a part in the catalogue's words, where it has them", function()
    local _, message, detail = codes.fail "api.FailedOperation:working"
    assert.are.equal(codes.say(detail, "zh"), codes.say(call.part(message, detail), "zh"))
    assert.are.equal("as it came", codes.say(call.part("as it came", { code = "control.lost" })))
  end)

  it("has the cloud's codes, and repeats a little of what was asked", function()
    assert.are.equal("FailedOperation.StreamConnect",
      call.cloud_code(codes.detail "api.FailedOperation.StreamConnect:idle"))
    assert.are.equal(64, #call.shown(("x"):rep(100)))
  end)
end)
