-- SPDX-License-Identifier: MIT
require "spec.support.room"
local fake_dict = require "spec.support.fake_dict"
local throttle = require "room.throttle"

describe("room.throttle", function()
  local now, ours

  before_each(function()
    now = 0
    ours = throttle.new(fake_dict.new(function() return now end))
  end)

  it("lets an address try so many times in a quarter of an hour", function()
    for _ = 1, throttle.PER_ADDRESS do assert.is_true((ours:take "1.2.3.4")) end
    now = 100
    local allowed, wait = ours:take "1.2.3.4"
    assert.are.same({ false, 800 }, { allowed, wait })
    assert.is_true((ours:take "1.2.3.5"))
    now = 900
    assert.is_true((ours:take "1.2.3.4"))
  end)

  it("forgets tries when the password was right", function()
    for _ = 1, 3 * throttle.PER_ADDRESS do
      assert.is_true((ours:take "1.2.3.4"))
      ours:forget "1.2.3.4"
    end
  end)

  it("lets nobody keep the others out", function()
    for _ = 1, 2 * throttle.ALL do ours:take "1.2.3.4" end
    assert.is_true((ours:take "1.2.3.5"))
  end)

  it("counts those of all addresses together, too", function()
    for i = 1, throttle.ALL do assert.is_true((ours:take("10.0.0." .. i))) end
    assert.is_false((ours:take "10.1.0.1"))
  end)
end)
