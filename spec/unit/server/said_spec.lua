-- SPDX-License-Identifier: MIT

local said = require "cme.server.said"

describe("cme.server.said", function()
  local subject

  before_each(function() subject = said.new() end)

  it("knows what was said, until all is forgotten", function()
    for _, again in ipairs { false, true, true } do
      assert.are.same({ again, again }, { subject:again "no route", subject:again "refused" })
    end
    subject:forget()
    assert.is_false(subject:again "refused")
  end)

  it("has a bound, and never keeps back what is new", function()
    for i = 1, 32 do assert.is_false(subject:again("fact " .. i)) end
    assert.is_true(subject:again "fact 1")
    assert.is_false(subject:again "fact 33")
    assert.is_false(subject:again "fact 1")
    assert.is_true(subject:again "fact 33")
  end)
end)
