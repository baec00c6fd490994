-- SPDX-License-Identifier: MIT
local time = require "cme.time"
local zone = require "cme.text.zone"

local function be(value, size)
  local bytes = {}
  for i = size, 1, -1 do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

-- One block of a TZif file: transitions { at, type }, offsets by type.
local function block(transitions, offsets, time_size)
  local parts = { "TZif2", ("\0"):rep(15) }
  for _, count in ipairs { 0, 0, 0, #transitions, #offsets, 4 } do parts[#parts + 1] = be(count, 4) end
  for _, one in ipairs(transitions) do parts[#parts + 1] = be(one[1], time_size) end
  for _, one in ipairs(transitions) do parts[#parts + 1] = string.char(one[2] - 1) end
  for _, offset in ipairs(offsets) do parts[#parts + 1] = be(offset, 4) .. "\0\0" end
  parts[#parts + 1] = "XXX\0"
  return table.concat(parts)
end

local function file(transitions, offsets, footer)
  return block({}, { 0 }, 4) .. block(transitions, offsets, 8) .. "\n" .. footer .. "\n"
end

local BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
local berlin = assert(zone.parse(file({}, { 3600 }, BERLIN), "Europe/Berlin"))

describe("cme.text.zone", function()
  it("reads a zone without daylight saving", function()
    local shanghai = assert(zone.parse(file({}, { 28800 }, "CST-8"), "Asia/Shanghai"))
    assert.equal(time.parse "2026-11-22T22:00:00+08:00", zone.at(shanghai, "2026-11-22", "22:00"))
  end)

  it("follows the transitions of the file, then the rule at its end", function()
    local first, second = time.parse "2026-03-29T01:00:00Z", time.parse "2026-10-25T01:00:00Z"
    local found = assert(zone.parse(file({ { first, 2 }, { second, 1 } }, { 3600, 7200 }, BERLIN), "x"))
    for moment, offset in pairs { [first - 1] = 3600, [first] = 7200, [second - 1] = 7200, [second] = 3600 } do
      assert.equal(offset, zone.offset(found, moment))
    end
    assert.equal(7200, zone.offset(found, time.parse "2031-07-01T00:00:00Z"))
    assert.equal(3600, zone.offset(found, time.parse "2031-12-01T00:00:00Z"))
  end)

  it("knows summer and winter", function()
    assert.equal(time.parse "2027-07-01T20:00:00+02:00", zone.at(berlin, "2027-07-01", "20:00"))
    assert.equal(time.parse "2027-01-01T20:00:30+01:00", zone.at(berlin, "2027-01-01", "20:00:30"))
  end)

  it("refuses what the clocks skip or show twice, and takes what stands beside it", function()
    assert.equal(time.parse "2027-03-28T01:59:59+01:00", zone.at(berlin, "2027-03-28", "01:59:59"))
    assert.matches("the clocks skip it", select(2, zone.at(berlin, "2027-03-28", "02:30")))
    assert.equal(time.parse "2027-03-28T03:00:00+02:00", zone.at(berlin, "2027-03-28", "03:00"))
    assert.equal(time.parse "2027-10-31T01:59:59+02:00", zone.at(berlin, "2027-10-31", "01:59:59"))
    assert.matches("twice", select(2, zone.at(berlin, "2027-10-31", "02:30")))
    assert.equal(time.parse "2027-10-31T03:00:00+01:00", zone.at(berlin, "2027-10-31", "03:00"))
  end)

  for rule, want in pairs {
    ["<+0330>-3:30"] = { "2027-07-01T00:00:00Z", 12600 },
    ["AEST-10AEDT,M10.1.0,M4.1.0/3"] = { "2027-01-01T00:00:00Z", 39600 }, -- south: summer over the new year
    ["EST5EDT,M3.2.0,M11.1.0"] = { "2027-03-14T07:00:00Z", -14400 },
    ["IST-1GMT0,M10.5.0,M3.5.0/1"] = { "2027-12-01T00:00:00Z", 0 }, -- Ireland: standard time is the summer's
    ["XXX0YYY,J60,J300"] = { "2028-03-01T02:00:00Z", 3600 }, -- J60 is 1 March in leap years too
    ["XXX0YYY,59,300"] = { "2028-02-29T02:00:00Z", 3600 }, -- 59 is not
    ["EET-2EEST,M3.4.4/50,M10.4.4/50"] = { "2027-03-27T00:00:00Z", 10800 }, -- 02:00 two days after a Thursday
  } do
    it("reads the rule " .. rule, function()
      local found = assert(zone.parse(file({}, { 0 }, rule), "x"))
      assert.equal(want[2], zone.offset(found, time.parse(want[1])))
    end)
  end

  it("refuses rules that are none", function()
    for _, rule in ipairs { "", "C", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0", "1",
      "CET-1:", "CET-1:99", "CET-25", "CET-9999999999999999", "CET-1:2:3:4", "CET-1CEST-99,M3.5.0,M10.5.0",
      "CET-1CEST,J0,J300", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0/1:,M10.5.0" } do
      assert.is_nil(zone.parse_rule(rule), rule)
    end
  end)

  it("refuses files that are none, cut ones among them", function()
    local good = file({ { 0, 1 }, { 10, 2 } }, { 0, 3600 }, BERLIN)
    for length = 0, #good - #BERLIN - 3 do assert.is_nil(zone.parse(good:sub(1, length), "x"), length) end
    assert.is_nil(zone.parse(file({ { 0, 3 } }, { 0, 3600 }, BERLIN), "x")) -- a type that is not there
    assert.is_nil(zone.parse(file({ { 10, 1 }, { 5, 1 } }, { 0 }, BERLIN), "x")) -- not ascending
    assert.is_nil(zone.parse(file({}, { 3 * 86400 }, BERLIN), "x")) -- no clock is three days off
  end)

  it("refuses a file whose rule it cannot read, rather than to go on without daylight saving", function()
    assert.is_nil(zone.parse(file({ { 0, 1 } }, { 3600 }, "CET-1CEST,M3.5.0"), "x"))
    assert.is_nil(zone.parse(file({ { 0, 1 } }, { 3600 }, ""):sub(1, -3), "x"))
    assert.is_table(zone.parse(file({ { 0, 1 } }, { 3600 }, ""), "x"))
  end)

  it("holds for the first year and the last one", function()
    for _, date in ipairs { "0001-01-01", "9999-12-31" } do
      assert.is_number(zone.at(berlin, date, "12:00"))
      assert.is_number(zone.at(assert(zone.parse(file({}, { 0 }, "XXX-14YYY,M12.5.0,M1.1.0"), "x")), date, "12:00"))
    end
  end)

  it("does not raise for any bytes", function()
    math.randomseed(8536)
    local good = file({ { 0, 1 }, { 10, 2 } }, { 0, 3600 }, BERLIN)
    for _ = 1, 5000 do
      local bytes = { good:byte(1, -1) }
      for _ = 1, math.random(4) do bytes[math.random(#bytes)] = math.random(0, 255) end
      local text = string.char(table.unpack(bytes))
      local found = zone.parse(text, "x")
      for _, date in ipairs(found and { "0001-01-01", "2027-03-28", "9999-12-31" } or {}) do
        assert.is_true(pcall(zone.at, found, date, "02:30"), ("%q"):format(text))
      end
    end
  end)

  it("refuses a date or a time that is none", function()
    for _, case in ipairs { { "2027-02-30", "10:00" }, { "2027-02-03", "25:00" }, { "27-02-03", "10:00" },
      { "2027-02-03", "10" } } do
      local seconds, message, detail = zone.at(berlin, case[1], case[2])
      assert.is_nil(seconds)
      assert.matches("^time '", message)
      assert.equal("invalid.time", detail.code)
    end
  end)

  it("reads files of zones only", function()
    local asked = {}
    local function open(path)
      asked[#asked + 1] = path
      return nil
    end
    assert.matches("not a zone's name", select(2, zone.load("../../etc/passwd", open)))
    assert.matches("not a zone's name", select(2, zone.load("/etc/passwd", open)))
    assert.same({}, asked)
    assert.matches("does not know it", select(2, zone.load("Mars/Base", open)))
    assert.equal("/usr/share/zoneinfo/Mars/Base", asked[1])
  end)
end)
