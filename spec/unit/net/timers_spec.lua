-- SPDX-License-Identifier: MIT

local timers = require "cme.net.timers"

describe("cme.net.timers", function()
  it("gives deadlines back in order, equal ones as they came, and none before its time", function()
    local list = timers.new()
    list:add(3, "c")
    list:add(1, "a")
    list:add(2, "b1")
    list:add(2, "b2")
    assert.are.equal(1, list:next())
    assert.is_nil(list:pop(0.5))
    local got = {}
    for value in function() return list:pop(2) end do got[#got + 1] = value end
    assert.are.same({ "a", "b1", "b2" }, got)
    assert.are.equal(3, list:next())
    assert.are.equal("c", list:pop(1e9))
    assert.is_nil(list:next())
    assert.is_nil(list:pop(1e9))
  end)

  it("takes one out before its time, once", function()
    local list = timers.new()
    local a, b = list:add(1, "a"), list:add(2, "b")
    list:remove(a)
    list:remove(a)
    assert.are.equal(2, list:next())
    assert.are.equal("b", list:pop(5))
    list:remove(b)
    assert.is_nil(list:next())
  end)

  it("stays in order whatever is added and taken out", function()
    math.randomseed(7)
    for _ = 1, 50 do
      local list, held = timers.new(), {}
      for i = 1, 200 do
        if #held > 0 and math.random(3) == 1 then
          list:remove(table.remove(held, math.random(#held)))
        else
          held[#held + 1] = list:add(math.random(20), i)
        end
      end
      table.sort(held, function(a, b) return a.at < b.at or (a.at == b.at and a.order < b.order) end)
      for _, timer in ipairs(held) do assert.are.equal(timer.value, list:pop(1000)) end
      assert.is_nil(list:pop(1000))
    end
  end)
end)
