-- SPDX-License-Identifier: MIT

local proc = require "spec.support.proc"
local tally = require "spec.support.proofs.fleet.tally"

local RUN = { seed = 7, commit = "abc", projects = 20, lease = 3 }

local function round(kind, more)
  local one = { fault = { name = kind }, publishes = {}, pictures = {}, strict = {}, gap = 0, overlaps = 0, doubles = 0,
    off = 0, lost = 0, words = {} }
  for name, value in pairs(more or {}) do one[name] = value end
  return one
end

describe("spec.support.proofs.fleet.tally", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("adds rounds up by fault, of all runs of a size", function()
    local path = proc.folder() .. "/results"
    assert.are.same({}, tally.read(path, 20, 3))
    tally.append(path, tally.note(round("host lost", { publishes = { 4.00049, 5 }, gap = 5, lost = 1 }), RUN))
    tally.append(path, tally.note(round("host stopped", { strict = { 1.5 } }), RUN))
    tally.append(path, tally.note(round("host lost", { publishes = { 4.5 }, gap = 2, overlaps = 2, doubles = 1,
      words = { "3 messages" } }), RUN))
    tally.append(path, tally.note(round "host lost", { seed = 8, commit = "abc", projects = 4, lease = 3 }))
    local rows = tally.rows(tally.read(path, 20, 3))
    assert.are.same({ { kind = "host lost", rounds = 2, publishes = { 4, 5, 4.5 }, pictures = {}, strict = {}, gap = 5,
      overlaps = 3, lost = 1, wrong = 1 }, { kind = "host stopped", rounds = 1, publishes = {}, pictures = {},
      strict = { 1.5 }, gap = 0, overlaps = 0, lost = 0, wrong = 0 } }, rows)
    assert.are.equal(1, #tally.read(path, 4, 3))
    tally.append(path, tally.note(round "host lost", { seed = 9, commit = "abc", projects = 4, lease = 3, gop = 5 }))
    assert.are.same({ 1, 1 }, { #tally.read(path, 4, 3), tally.read(path, 4, 3, 5)[1].gop == 5 and 1 })
  end)

  it("tells below which value a share of the values is", function()
    local list = {}
    for i = 1, 100 do list[i] = 101 - i end
    assert.are.same({ 50, 99, 100 }, { tally.percentile(list, 0.5), tally.percentile(list, 0.99),
      tally.percentile(list, 1) })
    assert.are.equal(0, tally.percentile({}, 0.5))
  end)
end)
