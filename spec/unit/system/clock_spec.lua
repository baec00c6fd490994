-- SPDX-License-Identifier: MIT

local clock = require "cme.system.clock"

describe("cme.system.clock", function()
  it("tells the time of day, with fractions of a second", function()
    local now = clock.now()
    assert.is_true(math.abs(now - os.time()) < 60)
    assert.are.equal("float", math.type(now))
  end)

  it("tells seconds that only grow", function()
    local before = clock.monotonic()
    while clock.monotonic() == before do end
    assert.is_true(clock.monotonic() > before)
  end)
end)
