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
end)
