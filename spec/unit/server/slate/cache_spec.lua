-- SPDX-License-Identifier: MIT
-- Which slates have to go.

local cache = require "cme.server.slate.cache"

local GIB = 1024 * 1024 * 1024

describe("cme.server.slate.cache", function()
  it("keeps what was used last within the bound, and what is in use", function()
    local list = { { path = "old", size = GIB // 2, used = 1 }, { path = "new", size = GIB // 2, used = 9 },
      { path = "mid", size = GIB // 2, used = 5 }, { path = "busy", size = GIB // 2, used = 0 } }
    assert.are.same({ "old" }, cache.surplus(list, { busy = true }))
    assert.are.same({}, cache.surplus({ list[1] }, {}))
  end)

  it("bounds their number", function()
    local list = {}
    for i = 1, 300 do list[i] = { path = tostring(i), size = 1, used = i } end
    assert.are.equal(44, #cache.surplus(list, {}))
  end)
end)
