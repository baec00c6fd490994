-- SPDX-License-Identifier: MIT

local rate = require "cme.api.rate"

-- Callers in virtual time: each does `calls` calls one after another, every call takes `latency(n)` seconds to reach a
-- server that allows `limit` requests in any second. Returns when each request left and how many were refused.
local function simulate(bucket, callers, calls, limit, latency)
  local due, sent, arrived = {}, {}, {}
  for i = 1, callers do due[i] = { at = 0, left = calls, order = i } end
  while true do
    table.sort(due, function(a, b) return a.at ~= b.at and a.at < b.at or a.at == b.at and a.order < b.order end)
    local caller = due[1]
    if not caller then break end
    local now = caller.at
    local wait = bucket:take("A", now)
    sent[#sent + 1] = now + wait
    local takes = latency(#sent)
    arrived[#arrived + 1] = now + wait + takes
    caller.at, caller.left = now + wait + 2 * takes, caller.left - 1
    if caller.left == 0 then table.remove(due, 1) end
  end
  table.sort(arrived)
  local refused = 0
  for i = limit + 1, #arrived do
    if arrived[i] - arrived[i - limit] < 1 then refused = refused + 1 end
  end
  return sent, refused
end

describe("cme.api.rate", function()
  it("lets a burst up to the limit go at once, and then as many in each second", function()
    local bucket = rate.new(20)
    for i = 1, 100 do
      local wait, second = bucket:take("A", 5), math.floor((i - 1) / 20)
      assert.is_true(wait >= second and wait < second * 1.03 + 1e-9, i .. ": " .. wait)
    end
  end)

  it("keeps 64 callers at the limit of a server of 20 per second, none refused", function()
    local sent, refused = simulate(rate.new(20), 64, 10, 20, function(n) return 0.010 + 0.015 * (n * 7 % 11) / 11 end)
    assert.are.equal(0, refused)
    table.sort(sent)
    local took = sent[#sent] - sent[1]
    -- 640 requests are 32 bursts of 20, so at the very limit 31 seconds.
    assert.is_true(took >= 31 and took <= 31 * 1.03, tostring(took))
  end)

  it("would show refusals: twice the rate is refused", function()
    local _, refused = simulate(rate.new(40), 64, 10, 20, function() return 0.01 end)
    assert.is_true(refused > 300)
  end)

  it("gives tokens back a second after they were taken, not all at once", function()
    local bucket = rate.new(2)
    assert.are.equal(0, bucket:take("A", 0))
    assert.are.equal(0, bucket:take("A", 0.6))
    assert.is_true(bucket:take("A", 0.9) >= 0.1) -- back at 1
    assert.is_true(bucket:take("A", 0.9) >= 0.7) -- back at 1.6
    assert.are.equal(0, bucket:take("A", 100))
  end)

  it("counts each action for itself", function()
    local bucket = rate.new(1)
    assert.are.equal(0, bucket:take("A", 0))
    assert.are.equal(0, bucket:take("B", 0))
    assert.is_true(bucket:take("A", 0) >= 1)
  end)

  it("takes fractions: one in two seconds, five in two", function()
    local slow = rate.new(0.5)
    assert.are.equal(0, slow:take("A", 0))
    assert.is_true(slow:take("A", 0.5) >= 1.5)
    local odd = rate.new(2.5)
    assert.are.same({ 0, 0 }, { odd:take("A", 0), odd:take("A", 0) })
    assert.is_true(odd:take("A", 0) >= 0.8)
    local sent = simulate(rate.new(2.5), 4, 25, 1000, function() return 0 end)
    table.sort(sent)
    assert.is_true(sent[#sent] >= 39 and sent[#sent] <= 42, tostring(sent[#sent]))
  end)

  it("makes nobody wait for a clock that was set back", function()
    local bucket = rate.new(2)
    bucket:take("A", 1000)
    bucket:take("A", 1000)
    local wait = bucket:take("A", 10)
    assert.is_true(wait >= 1 and wait < 1.1, tostring(wait))
    assert.are.equal(0, bucket:take("A", 20))
  end)

  it("allocates nothing once an action is known", function()
    local bucket = rate.new(20)
    bucket:take("A", 0)
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    for i = 1, 1000 do bucket:take("A", i) end
    local grown = collectgarbage "count" - before
    collectgarbage "restart"
    assert.is_true(grown < 1, grown .. " KB")
  end)
end)
