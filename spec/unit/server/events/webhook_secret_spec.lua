-- SPDX-License-Identifier: MIT

local parse = require "cme.server.events.webhook_secret".parse

describe("cme.server.events.webhook_secret", function()
  it("takes one secret a line", function()
    local one, other = ("a"):rep(64), ("b"):rep(16)
    assert.are.same({ one }, parse(one .. "\n"))
    assert.are.same({ one, other }, parse(one .. "\r\n\n  " .. other .. "  "))
  end)

  it("refuses none, too many and short ones, without showing them", function()
    assert.are.same({ n = 2, nil, "it holds 0 secrets, 1 to 8 are needed" }, table.pack(parse "\n \n"))
    assert.matches("9 secrets", select(2, parse((("x"):rep(16) .. "\n"):rep(9))))
    assert.are.same({ n = 2, nil, "a secret in it is shorter than 16 characters" }, table.pack(parse "hush"))
  end)
end)
