-- SPDX-License-Identifier: MIT

local token = require "cme.server.edge.token"

describe("cme.server.edge.token", function()
  local NOW = 1795356123
  local SECRET = ("s"):rep(32)
  local good = token.make(SECRET, "cmepid_1", "main", NOW)

  it("is good for one picture of one project, for a day at least", function()
    assert.matches("^%x%x%x%x%x%x%x%x%-%x+$", good)
    assert.is_true(token.check(good, SECRET, "cmepid_1", "main", NOW))
    assert.is_true(token.check(good, SECRET, "cmepid_1", "main", NOW + token.LIFE))
    assert.is_false(token.check(good, SECRET, "cmepid_1", "main", NOW + token.LIFE + 3600))
    assert.is_false(token.check(good, SECRET, "cmepid_1", "backup", NOW))
    assert.is_false(token.check(good, SECRET, "cmepid_2", "main", NOW))
    assert.is_false(token.check(good, ("t"):rep(32), "cmepid_1", "main", NOW))
  end)

  it("cannot be made longer", function()
    for _, text in ipairs { "", "-", good:gsub("^%x%x", "FF"), good .. "0", good:sub(1, -2), good:sub(10) } do
      assert.is_false(token.check(text, SECRET, "cmepid_1", "main", NOW), text)
    end
  end)

  it("is the same for who asks within the hour, so that addresses do not change all the time", function()
    assert.are.equal(good, token.make(SECRET, "cmepid_1", "main", NOW + 60.5))
    assert.are_not.equal(good, token.make(SECRET, "cmepid_1", "main", NOW + 3600))
  end)
end)
