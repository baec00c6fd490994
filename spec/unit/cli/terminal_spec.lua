-- SPDX-License-Identifier: MIT

local terminal = require "cme.cli.terminal"

describe("cme.cli.terminal", function()
  it("writes only what differs from the frame before", function()
    assert.are.equal("\27[2J\27[1;1H\27[Ka\27[0m\27[2;1H\27[Kb\27[0m", terminal.difference(nil, { "a", "b" }))
    assert.are.equal("\27[2;1H\27[Kc\27[0m", terminal.difference({ "a", "b" }, { "a", "c" }))
    assert.are.equal("", terminal.difference({ "a", "b" }, { "a", "b" }))
  end)
end)
