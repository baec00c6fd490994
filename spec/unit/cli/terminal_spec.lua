-- SPDX-License-Identifier: MIT

local terminal = require "cme.cli.terminal"

describe("cme.cli.terminal", function()
  it("writes only what differs from the frame before", function()
    assert.are.equal("\27[2J\27[1;1Ha\27[0m\27[K\27[2;1Hb\27[0m\27[K", terminal.difference(nil, { "a", "b" }))
    assert.are.equal("\27[2;1Hc\27[0m\27[K", terminal.difference({ "a", "b" }, { "a", "c" }))
    assert.are.equal("", terminal.difference({ "a", "b" }, { "a", "b" }))
  end)
end)
