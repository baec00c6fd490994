-- SPDX-License-Identifier: MIT

local exposition = require "cme.server.http.exposition"
local prometheus = require "spec.support.proofs.prometheus"

local FAMILIES = {
  { name = "b_total", type = "counter", labels = { "code", "name" }, help = "Things." },
  { name = "none", type = "gauge", help = "Nothing." },
  { name = "a_seconds", type = "histogram", labels = { "action" }, buckets = { 0.1, 1 }, help = "How long." },
  { name = "up", type = "gauge", help = "Whether." },
}

describe("cme.server.http.exposition", function()
  local page

  before_each(function()
    page = exposition.new(FAMILIES)
  end)

  local function text()
    local lines = {}
    page:write(lines)
    return table.concat(lines, "\n") .. "\n"
  end

  it("writes families in their order, samples sorted, what is empty not at all", function()
    page:add("b_total", 1, "x", "n")
    page:add("b_total", 2, "x", "n")
    page:add("b_total", 1, "a", "n")
    page:set("up", 0.1)
    assert.are.equal([[
# HELP b_total Things.
# TYPE b_total counter
b_total{code="a",name="n"} 1
b_total{code="x",name="n"} 3
# HELP up Whether.
# TYPE up gauge
up 0.1
]], text())
  end)

  it("counts values into buckets", function()
    for _, seconds in ipairs { 0.05, 0.1, 0.5, 3 } do page:observe("a_seconds", seconds, "Start") end
    assert.are.equal([[
# HELP a_seconds How long.
# TYPE a_seconds histogram
a_seconds_bucket{action="Start",le="0.1"} 2
a_seconds_bucket{action="Start",le="1"} 3
a_seconds_bucket{action="Start",le="+Inf"} 4
a_seconds_sum{action="Start"} 3.65
a_seconds_count{action="Start"} 4
]], text())
    prometheus.read(text())
  end)

  it("escapes labels, whatever their bytes are", function()
    page:add("b_total", 1, 'a"b\\c\nd', "推流")
    page:add("b_total", 1, "\xff\0", "")
    local of = prometheus.read(text())
    assert.are.equal(1, of("b_total", { code = 'a\\"b\\\\c\\nd', name = "推流" }))
    assert.are.equal(1, of("b_total", { code = "?\0" }))
  end)

  it("writes what is no number as the format has it", function()
    page:set("up", math.huge)
    page:set("none", 0 / 0)
    assert.matches("\nup %+Inf\n", text())
    assert.matches("\nnone NaN\n", text())
  end)

  it("raises for a family that there is none of", function()
    assert.has_error(function() page:set("nothing", 1) end)
  end)
end)
