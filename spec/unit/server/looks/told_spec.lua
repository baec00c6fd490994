-- SPDX-License-Identifier: MIT

local told = require "cme.server.looks.told"

describe("cme.server.looks.told", function()
  it("tells each state once, and that all is well again once it is known", function()
    local last, said = {}, {}
    for _, view in ipairs { { "ok" }, { "ok", true }, { "black", false }, { "black", false }, { "gone", false },
      { "ok" }, { "still", true }, { "ok", true }, { "gone" }, { "gone", false } } do
      said[#said + 1] = told.step(last, "output 1", { state = view[1], good = view[2] }) or "-"
    end
    assert.equal("- - black - gone - ok - - gone", table.concat(said, " "))
  end)
end)
