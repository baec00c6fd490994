-- SPDX-License-Identifier: MIT
-- 28 addresses with 8 wrong passwords each kept everybody out of the control room for a quarter of an hour, and 8 of
-- one person everybody behind his router.

require "spec.support.room"
local address = require "room.address"
local devices = require "room.devices"
local fake_dict = require "spec.support.fakes.fake_dict"
local throttle = require "room.throttle"

describe("wrong passwords", function()
  local now, ours

  before_each(function()
    now = 0
    ours = throttle.new(fake_dict.new(function() return now end))
  end)

  local function wrong(text, times)
    local who = { key = "address " .. address.group(text), known = false }
    local wait
    for _ = 1, times or 1 do
      wait = ours:take(who)
      if wait and wait > 0 then ours:done(who) end
    end
    return wait
  end

  it("of many addresses let a new one wait a little, and in", function()
    for i = 1, 28 do wrong("10.0.0." .. i, 8) end
    assert.are.equal(throttle.ALL_DELAY, wrong "10.1.0.1")
  end)

  it("keep their places while they wait, however long others come and go", function()
    local who = { key = "address 10.0.0.1", known = false }
    wrong("10.0.0.1", throttle.FREE)
    assert.is_true(ours:take(who) > 0)
    for _ = 1, 5 do -- past the time to live of the first count; somebody waits all the time
      now = now + throttle.LONGEST
      assert.is_true(ours:take(who) > 0)
      ours:done(who)
    end
    for _ = 2, throttle.WAITING do assert.is_true(ours:take(who) > 0) end
    assert.is_nil(ours:take(who))
  end)

  it("that are done after their places were forgotten leave no more places than there are", function()
    local who = { key = "address 10.0.0.1", known = false }
    wrong("10.0.0.1", throttle.FREE)
    for _ = 1, throttle.WAITING do assert.is_true(ours:take(who) > 0) end
    now = now + 4 * throttle.LONGEST
    for _ = 1, throttle.WAITING do ours:done(who) end
    for _ = 1, throttle.WAITING do assert.is_true(ours:take(who) > 0) end
    assert.is_nil(ours:take(who))
  end)

  it("do not hold up who was signed in before", function()
    for i = 1, 28 do wrong("10.0.0." .. i, 8) end
    wrong("10.1.0.1", 100)
    assert.are.equal(0, (ours:take { key = "device d", known = true }))
  end)

  it("of one address hold up that address, and not for long", function()
    assert.are.equal(1, wrong("10.0.0.1", 9))
    assert.are.equal(throttle.LONGEST, wrong("10.0.0.1", 1000))
    assert.are.equal(0, wrong "10.0.0.2")
  end)

  it("are counted by IPv4 address and IPv6 /64", function()
    for text, group in pairs {
      ["192.0.2.7"] = "192.0.2.7", ["::ffff:192.0.2.7"] = "192.0.2.7", ["2001:db8::7"] = "2001:db8:0:0::/64",
      ["2001:DB8:0:0:1:2:3:4"] = "2001:db8:0:0::/64", ["2001:db8:0:1::"] = "2001:db8:0:1::/64",
      ["::1"] = "0:0:0:0::/64", ["fe80::1:2:3:4"] = "fe80:0:0:0::/64", ["2001:0db8:00ff::"] = "2001:db8:ff:0::/64",
    } do
      assert.are.equal(group, address.group(text), text)
    end
  end)

  it("know a device by a cookie that nobody else can make", function()
    local one = devices.new { key = ("k"):rep(32), now = function() return now end, secure = false }
    local name, value = one:remember():match "^([%w_-]+)=([^;]+); Path=/; HttpOnly; SameSite=Strict; Max%-Age=7776000$"
    assert.are.equal(one:name(), name)
    local id = assert(one:find(value))
    assert.are.equal(id, one:find(one:remember(id):match "=([^;]+)"))
    local other = devices.new { key = ("K"):rep(32), now = function() return now end, secure = true }
    assert.is_nil(other:find(value))
    assert.matches("^__Host%-.*; Secure$", other:remember())
    for _, forged in ipairs { "", "a.b.c", value .. "0", (value:gsub("%.(%d+)%.", ".9999999999.")), ("a"):rep(300) } do
      assert.is_nil(one:find(forged))
    end
    assert.is_nil(one:find(nil))
    now = 90 * 86400
    assert.is_nil(one:find(value))
  end)
end)
