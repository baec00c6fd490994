-- SPDX-License-Identifier: MIT

local lazy = require "cme.text.lazy"

describe("cme.text.lazy", function()
  it("loads a module when a member is asked for, and not before", function()
    local loads = 0
    local stand_in = lazy.module(function()
      loads = loads + 1
      return { twice = function(value) return 2 * value end }
    end)
    assert.are.equal(0, loads)
    assert.are.equal(6, stand_in.twice(3))
    assert.is_nil(stand_in.thrice)
    assert.is_true(loads > 0)
  end)
end)
