-- SPDX-License-Identifier: MIT

local time = require "cme.time"

describe("cme.time", function()
  it("reads ISO 8601 with an offset", function()
    for iso, seconds in pairs {
      ["1970-01-01T00:00:00Z"] = 0,
      ["1970-01-01T08:00:01+08:00"] = 1,
      ["2026-11-22T22:00:00+08:00"] = 1795356000,
      ["2026-11-22T22:00+0800"] = 1795356000,
      ["2026-11-22 09:30:00-04:30"] = 1795356000,
      ["2019-02-25T16:44:25.000z"] = 1551113065,
      ["2024-02-29T00:00:00Z"] = 1709164800,
      ["2000-03-01T00:00:00Z"] = 951868800,
      ["1969-12-31T23:59:59Z"] = -1,
    } do
      assert.are.equal(seconds, time.parse(iso), iso)
    end
    assert.are.equal("integer", math.type(time.parse "2019-02-25T16:44:25.000Z"))
  end)

  it("keeps fractions", function()
    assert.are.equal(1551113065.25, time.parse "2019-02-25T16:44:25.250Z")
  end)

  it("takes seconds as they are", function()
    assert.are.equal(1.5, time.parse(1.5))
    assert.are.equal("integer", math.type(time.parse(2.0)))
  end)

  it("takes a table as os.date gives it, and leaves it alone", function()
    local date = { year = 2026, month = 11, day = 22, hour = 25, min = 0, sec = 0 }
    assert.are.equal(os.time { year = 2026, month = 11, day = 23, hour = 1 }, time.parse(date))
    assert.are.equal(25, date.hour)
  end)

  it("refuses what is no point in time, and says what to write", function()
    for bad, fact in pairs {
      ["tomorrow"] = "not a point in time",
      ["2026-11-22T22:00:00"] = "no offset from UTC",
      ["2026-11-22T22:00:00123Z"] = "is not understood",
      ["2026-11-22T22:0030Z"] = "is not understood",
      ["2026-11-22T22:00:5Z"] = "is not understood",
      ["2026-11-22T22:00:00.Z"] = "is not understood",
      ["2026-11-22T22:00:00+8"] = "offset '+8' is not understood",
      ["2026-11-22T22:00:00+25:00"] = "is not understood",
      ["2026-02-29T00:00:00Z"] = "no such date",
      ["1900-02-29T00:00:00Z"] = "no such date",
      ["2026-13-01T00:00:00Z"] = "no such date",
      ["2026-01-00T00:00:00Z"] = "no such date",
      ["2026-01-01T24:00:00Z"] = "no such date",
      [""] = "not a point in time",
    } do
      local seconds, message, detail = time.parse(bad)
      assert.is_nil(seconds, bad)
      assert.truthy(message:find(fact, 1, true), message)
      assert.are.equal("invalid.time", detail.code)
    end
  end)

  it("refuses numbers that are no time, and other types", function()
    for _, bad in ipairs { 0 / 0, math.huge, -math.huge, 1e15, true, {}, { year = "x" } } do
      local seconds, message, detail = time.parse(bad)
      assert.is_nil(seconds)
      assert.is_string(message)
      assert.are.equal("invalid.time", detail.code)
    end
  end)

  it("writes UTC, milliseconds only when there are some", function()
    assert.are.equal("2026-11-22T14:00:00Z", time.format(1795356000))
    assert.are.equal("2019-02-25T16:44:25.250Z", time.format(1551113065.25))
    assert.are.equal("1970-01-01T00:00:01Z", time.format(0.9996))
    assert.are.equal("1969-12-31T23:59:59Z", time.format(-1))
  end)

  it("reads back what it writes, across leap years and centuries", function()
    for seconds = -3000000000, 8000000000, 86400 * 97 + 12345 do
      assert.are.equal(seconds, time.parse(time.format(seconds)))
      assert.are.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", seconds), time.format(seconds))
    end
  end)

  it("reads the Date header", function()
    assert.are.equal(1795356000, time.parse_http "Sun, 22 Nov 2026 14:00:00 GMT")
    assert.is_nil(time.parse_http "22 Nov 2026")
    assert.is_nil(time.parse_http "Sun, 22 Foo 2026 14:00:00 GMT")
  end)

  it("reads the service's ways to say 'not set' as nil", function()
    assert.are.equal(1605249694.808, time.read "2020-11-13T06:41:34.808Z")
    for _, unset in ipairs { "", "0001-01-01T00:00:00Z", "-", 5, require "cme.json".null } do
      assert.is_nil(time.read(unset))
    end
    assert.is_nil(time.read(nil))
  end)
end)
