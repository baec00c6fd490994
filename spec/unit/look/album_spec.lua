-- SPDX-License-Identifier: MIT

local album = require "cme.look.album"

describe("cme.look.album", function()
  local LIMITS = { age = 100, count = 3, bytes = 50 }

  local function gone(now, ...)
    local list = {}
    for i, one in ipairs { ... } do list[i] = { name = one[1], at = one[2], bytes = one[3] } end
    return album.surplus(list, now, LIMITS)
  end

  it("keeps the newest, as many and as large as it may, for as long as it may", function()
    assert.same({}, gone(100, { "a", 10, 10 }, { "b", 20, 10 }, { "c", 30, 10 }))
    assert.same({ "a" }, gone(100, { "b", 20, 10 }, { "a", 10, 10 }, { "c", 30, 10 }, { "d", 40, 10 }))
    assert.same({ "b", "a" }, gone(100, { "a", 10, 1 }, { "b", 20, 30 }, { "c", 30, 30 }))
    assert.same({ "a" }, gone(120, { "a", 10, 1 }, { "b", 20, 1 }))
    assert.same({}, gone(100))
  end)
end)
