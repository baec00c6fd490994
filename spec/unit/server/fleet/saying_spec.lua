-- SPDX-License-Identifier: MIT

local saying = require "cme.server.fleet.saying"

describe("cme.server.fleet.saying", function()
  local lease, written, answer, subject

  before_each(function()
    lease, written, answer = { id = 7 }, {}, { true }
    subject = saying.new(lease)
  end)

  local function say(value)
    return subject:say(value, function(id)
      written[#written + 1] = ("%s on %d"):format(value or "nothing", id)
      return table.unpack(answer, 1, 3)
    end)
  end

  it("says what is new, and nothing twice", function()
    for _, value in ipairs { "a", "a", "b", "b", "a" } do assert.is_true(say(value)) end
    assert.are.same({ "a on 7", "b on 7", "a on 7" }, written)
  end)

  it("says it again on another lease, and not without one", function()
    say "a"
    lease.id = nil
    assert.is_true(say "b")
    lease.id = 8
    say "a"
    assert.are.same({ "a on 7", "a on 8" }, written)
  end)

  it("has nothing to take back of what hung on another lease", function()
    say(nil)
    assert.are.same({}, written)
    say "a"
    say(nil)
    lease.id = 8
    say(nil)
    assert.are.same({ "a on 7", "nothing on 7" }, written)
  end)

  it("says all anew after an attempt that may have been done", function()
    say "a"
    answer = { nil, "no answer", { code = "network.timeout" } }
    assert.are.same({ nil, "no answer", { code = "network.timeout" } }, { say "b" })
    answer = { true }
    say "a"
    assert.are.same({ "a on 7", "b on 7", "a on 7" }, written)
  end)
end)
