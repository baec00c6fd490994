-- SPDX-License-Identifier: MIT

local views = require "cme.look.views"

describe("cme.look.views", function()
  local known
  before_each(function() known = views.new(100, 10) end)

  local function take(at, kind, state, more)
    local line = { kind = kind, state = state }
    for name, value in pairs(more or {}) do line[name] = value end
    known:take("a", line, at)
  end

  it("believes a fault that is named, and that all is well once it has looked for a while", function()
    take(101, "look", "ok", { delay_ms = 40, picture = "/now/0.jpg" })
    assert.is_nil(known:get("a", 101).good)
    assert.is_true(known:get("a", 121).good)
    take(122, "change", "black", { picture = "/kept/0-black.jpg" })
    local view = known:get("a", 122)
    assert.same({ false, "black", "/kept/0-black.jpg", "/now/0.jpg", 40, 122 },
      { view.good, view.state, view.picture, view.snapshot, view.delay_ms, view.since })
    take(130, "look", "black", { picture = "/now/0.jpg" })
    view = known:get("a", 130)
    assert.same({ "/kept/0-black.jpg", 122, 130 }, { view.picture, view.since, view.at })
    assert.is_nil(view.delay_ms)
    take(140, "change", "still")
    assert.is_true(known:get("a", 140).good)
  end)

  it("waits for an address that was never there, not for one that was", function()
    take(105, "change", "gone")
    assert.is_nil(known:get("a", 106).good)
    assert.is_false(known:get("a", 121).good)
    known = views.new(100, 10)
    take(101, "look", nil)
    assert.is_nil(known:get("a", 101))
    take(105, "change", "gone")
    assert.is_nil(known:get("a", 106).good)
    known = views.new(100, 10)
    take(101, "look", "ok")
    take(106, "change", "gone")
    assert.is_false(known:get("a", 106).good)
  end)

  it("knows nothing of what was not told, or not for long", function()
    assert.is_nil(known:get("b", 100))
    take(101, "look", "ok")
    assert.is_table(known:get("a", 141))
    assert.is_nil(known:get("a", 142))
  end)
end)
