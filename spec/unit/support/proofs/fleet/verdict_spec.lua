-- SPDX-License-Identifier: MIT

local verdict = require "spec.support.proofs.fleet.verdict"

-- Lines without their microseconds: "k ID MS" comes MS milliseconds after the start.
local function told(text)
  local self = verdict.new()
  for line in text:gmatch "[^\n;]+" do
    line = line:gsub("^%s+", "")
    if line == "mark" then
      self:mark(1000 * 1000)
    else
      self:take((line:gsub("^(%a+ %d+ %d+)", "%1000")))
    end
  end
  return self
end

local function only(self, now_ms)
  local list = self:results(now_ms * 1000)
  assert.are.equal(1, #list)
  return list[1]
end

local BEFORE = "publish 1 10 10.0.0.1:5 p; k 1 900 0; mark; "

describe("spec.support.proofs.fleet.verdict", function()
  it("says how long nobody published, and when the next host's publish and picture came", function()
    local one = only(told(BEFORE
      .. "publish 2 4000 10.0.0.2:7 p; a 2 4100 0; v 2 4200 0; k 2 4500 0; v 2 4600 0"), 4700)
    assert.are.same({ key = "p", from = "10.0.0.1", host = "10.0.0.2", gap = 3.3, publish = 3.1, picture = 3.5,
      overlaps = 0, doubles = 0, late = 0 }, one)
  end)

  it("counts what an older host sends after the first message of a newer one", function()
    local one = only(told(BEFORE
      .. "publish 2 1100 10.0.0.2:7 p; a 1 1150 0; a 2 1200 0; v 1 1300 0; a 1 1400 0"), 1400)
    assert.are.same({ 2, 0, 0.2 }, { one.overlaps, one.doubles, one.late })
  end)

  it("lets a host come back by a new connection, and not by the one that it had", function()
    local text = BEFORE
      .. "publish 2 1100 10.0.0.2:7 p; k 2 1200 0; publish 3 1300 10.0.0.1:6 p; k 3 1400 0; k 3 1500 0"
    assert.are.equal(0, only(told(text), 1500).overlaps)
    assert.are.equal(1, only(told(text .. "; k 1 1600 0"), 1600).doubles)
    assert.are.equal(1, only(told(text .. "; k 2 1600 0"), 1600).overlaps)
  end)

  it("counts two publishes of one host apart", function()
    local one = only(told(BEFORE .. "publish 2 1100 10.0.0.1:7 p; k 2 1200 0; v 1 1300 0"), 1300)
    assert.are.same({ 0, 1 }, { one.overlaps, one.doubles })
  end)

  it("has no publish where the one before the mark goes on", function()
    local one = only(told(BEFORE .. "v 1 1100 0; k 1 1300 0; v 1 1400 0"), 1900)
    assert.are.same({ nil, 0.3, 0.5 }, { one.publish, one.picture, one.gap })
  end)

  it("begins anew at each mark, and forgets who is gone", function()
    local self = told(BEFORE .. "publish 2 1100 10.0.0.2:7 p; k 2 1200 0; v 1 1300 0; end 1 1400")
    self:mark(2000 * 1000)
    local one = only(self, 2000)
    assert.are.same({ 0, "10.0.0.2" }, { one.overlaps, one.from })
    assert.are.same({ 0, 1 }, { self:on_air(2000 * 1000, 0.5), self:on_air(2000 * 1000, 1) })
  end)
end)
