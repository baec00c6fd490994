-- SPDX-License-Identifier: MIT

local parse = require "cme.server.events.webhook_secret".parse

describe("cme.server.events.webhook_secret", function()
  it("takes one secret a line", function()
    local one, other = ("a"):rep(64), ("b"):rep(16)
    assert.are.same({ one }, parse(one .. "\n"))
    assert.are.same({ one, other }, parse(one .. "\r\n\n  " .. other .. "  "))
  end)

  it("refuses none, too many and short ones, without showing them", function()
    for words, text in pairs { ["it holds 0 secrets, 1 to 8 are needed, one a line"] = "\n \n",
      ["it holds 9 secrets, 1 to 8 are needed, one a line"] = (("x"):rep(16) .. "\n"):rep(9),
      ["a secret in it is shorter than 16 characters, one a line"] = "hush" } do
      local secrets, fact = parse(text)
      assert.is_nil(secrets)
      assert.are.equal(words, tostring(fact))
    end
  end)
end)
