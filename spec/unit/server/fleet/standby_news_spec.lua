-- SPDX-License-Identifier: MIT

local standby_news = require "cme.server.fleet.standby_news"

describe("cme.server.fleet.standby_news", function()
  local subject, now
  before_each(function() subject, now = standby_news.new(), 100 end)

  -- What is told while it is so for some seconds, with a look at each half second.
  local function during(seconds, standby)
    local told = {}
    for _ = 1, seconds * 2 do
      local one = subject:see("gala", standby, now)
      told[#told + 1] = one and one.status .. " " .. (one.node or "-")
      now = now + 0.5
    end
    return told
  end

  local function at(node, warm) return { node = node, warm = warm } end

  it("tells who stands by once it has been so for a while, and each change once", function()
    assert.are.same({}, during(2, nil))
    assert.are.same({}, during(2, at("b", false)))
    assert.are.same({ "Warm b" }, during(60, at("b", true)))
    assert.are.same({}, during(4, at("b", false)))
    assert.are.same({}, during(60, at("b", true)))
    assert.are.same({ "Missing -" }, during(60, nil))
    assert.are.same({ "Starting c" }, during(60, at("c", false)))
    assert.are.same({ "Warm c" }, during(60, at("c", true)))
    assert.are.same({ "Warm b" }, during(60, at("b", true)))
  end)

  it("takes what it finds of runs of before for known", function()
    subject:adopt "gala"
    assert.are.same({}, during(60, at("b", true)))
    assert.are.same({ "Missing -" }, during(60, nil))
  end)

  it("knows nothing of a run that is another's by now", function()
    assert.are.same({ "Warm b" }, during(10, at("b", true)))
    subject:keep(function(project) return project == "gala" end)
    assert.are.same({}, during(10, at("b", true)))
    subject:keep(function() return false end)
    assert.are.same({ "Warm b" }, during(10, at("b", true)))
  end)
end)
