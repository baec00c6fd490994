-- SPDX-License-Identifier: MIT

local common = require "cme.credentials.common"

describe("cme.credentials.common", function()
  it("makes foreign text fit for a message", function()
    assert.are.equal("no text", common.plain(nil))
    assert.are.equal("a b c", common.plain "a\nb\0\200c")
    assert.are.equal(300, #common.plain(("x"):rep(100000)))
    assert.are.equal("key ***", common.plain("key AKIDhushhushhushhushmore", { "AKIDhushhushhushhush" }))
    assert.are.equal("key ***", common.plain("key AKIDhushhushhush", { nil, "AKIDhushhushhushhush" }))
  end)

  it("asks a transport made late", function()
    local transport = {}
    assert.are.equal(transport, common.transport { transport = transport })
    assert.are.equal(transport, common.transport { transport = function() return transport end })
    assert.is_nil(common.transport {})
  end)

  it("is retryable only when the cause is", function()
    assert.is_true(select(3, common.fail("failed", "m", { retryable = true })).retryable)
    assert.is_false(select(3, common.fail("failed", "m", {})).retryable)
  end)
end)
