-- SPDX-License-Identifier: MIT

local limiter = require "cme.server.http.limiter"

describe("cme.server.http.limiter", function()
  local now, subject

  before_each(function()
    now = 100.0
    subject = limiter.new(3, function()
      return now
    end)
  end)

  local function allowed(secret_id, action)
    return (subject:take(secret_id or "id", action or "Describe"))
  end

  it("lets so many calls through in each second, and says how many there were", function()
    for _ = 1, 3 do
      assert.is_true(allowed())
      now = now + 0.2
    end
    assert.are.same({ false, 4 }, { subject:take("id", "Describe") })
    assert.are.same({ false, 5 }, { subject:take("id", "Describe") })
    now = 101
    assert.are.same({ true, 1 }, { subject:take("id", "Describe") })
  end)

  it("counts each key and each action for itself", function()
    for _ = 1, 3 do
      allowed()
    end
    assert.is_false(allowed())
    assert.is_true(allowed("id", "Create"))
    assert.is_true(allowed("other", "Describe"))
  end)

  it("leaves to other nodes what they are asked for, and keeps a fair part", function()
    for _, case in ipairs { { 20, {} }, { 18, { 2 } }, { 10, { 20 } }, { 14, { 0, 6 } }, { 12, { 6, 2 } },
      { 6, { 20, 20 } }, { 9, { 2, 20 } }, { 1, { 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20,
        20, 20, 20, 20, 20, 20, 20, 20, 20 } } } do
      assert.are.equal(case[1], limiter.share(20, case[2]))
    end
  end)

  it("lets nodes through as many calls together as one alone, however they come to them", function()
    for _, wishes in ipairs { { 20, 0, 0 }, { 20, 20, 0 }, { 20, 20, 20 }, { 3, 9, 12 }, { 1, 1, 25 }, { 5, 5, 5 } } do
      local sum = 0
      for i, wish in ipairs(wishes) do
        local others = {}
        for j, other in ipairs(wishes) do others[#others + 1] = i ~= j and math.min(other, 20) or nil end
        sum = sum + math.min(wish, limiter.share(20, others))
      end
      assert(sum <= 20 and sum >= 15, table.concat(wishes, " ") .. ": " .. sum)
    end
  end)

  it("counts the calls of other nodes", function()
    subject:join(function(name) return name == "id Describe" and { 2 } or {} end)
    assert.are.same({ true, 3 }, { subject:take("id", "Describe") })
    assert.are.same({ false, 4 }, { subject:take("id", "Describe") })
    assert.are.same({ true, 1 }, { subject:take("id", "Create") })
  end)

  it("says what it is asked for, of this second or the one before, the most first", function()
    for _ = 1, 5 do allowed("id", "Describe") end
    for _ = 1, 2 do allowed("id", "Create") end
    allowed("id", "Delete")
    now = 101
    allowed("id", "Describe")
    assert.are.same({ ["id Describe"] = 3, ["id Create"] = 2 }, subject:demand(2, 10))
    assert.are.same({ ["id Describe"] = 3 }, subject:demand(2, 1))
    now = 103
    assert.are.same({}, subject:demand(1, 10))
  end)
end)
