-- SPDX-License-Identifier: MIT

local outage = require "cme.etcd.outage"

describe("cme.etcd.outage", function()
  it("says once that etcd does not answer, and that it does again when all mirrors are answered", function()
    local said = {}
    local log = { warn = function(_, text, about) said[#said + 1] = text .. ": " .. about.error end,
      info = function(_, text) said[#said + 1] = text end }
    local subject = outage.new(log)
    local one, other = subject:hearer(), subject:hearer()
    one(nil)
    one "refused"
    one "timed out"
    other "refused"
    one(nil)
    assert.are.same({ "etcd does not answer: refused" }, said)
    other(nil)
    other(nil)
    assert.are.equal("etcd answers again", said[2])
    other "gone"
    assert.are.same({ 3, "etcd does not answer: gone" }, { #said, said[3] })
    outage.new(nil):hearer() "refused" -- nobody is told
  end)
end)
