-- SPDX-License-Identifier: MIT

local playlist = require "cme.playout.playlist"

local list = { { id = "a" }, { id = "b" }, { id = "c" } }

local function at(id, index, rounds, played)
  return { id = id, index = index, rounds = rounds, played = played }
end

describe("cme.playout.playlist", function()
  it("begins with the first source, or where an earlier playout was", function()
    assert.are.same(at("a", 1, 0, false), playlist.first(list))
    assert.are.same(at("b", 2, 3, false), playlist.first(list, { id = "b", rounds = 3 }))
    assert.are.same(at("a", 1, 3, false), playlist.first(list, { id = "gone", rounds = 3 }))
  end)

  it("goes on in order and counts rounds in which something was played", function()
    assert.are.same(at("b", 2, 0, true), playlist.next(list, at("a", 1, 0, true), 1))
    assert.are.same(at("a", 1, 1, false), playlist.next(list, at("c", 3, 0, true), 2))
    assert.is_nil(playlist.next(list, at("c", 3, 1, true), 2))
    assert.are.same(at("a", 1, 0, false), playlist.next(list, at("c", 3, 0, false), 1))
    assert.are.same(at("a", 1, 8, false), playlist.next(list, at("c", 3, 7, true), -1))
  end)

  it("goes on with what took the place of a source that is gone", function()
    assert.are.same(at("b", 2, 0, true), playlist.next(list, at("gone", 2, 0, true), 1))
    assert.is_nil(playlist.next(list, at("gone", 4, 0, true), 1))
    assert.is_nil(playlist.next({}, at("gone", 1, 0, false), -1))
  end)

  it("finds a source by its id", function()
    assert.are.same(at("c", 3, 2, true), playlist.at(list, at("a", 1, 2, true), "c"))
    assert.is_nil(playlist.at(list, at("a", 1, 2, true), "gone"))
  end)

  it("pauses only after every source had its turn, longer each time", function()
    assert.are.equal(0, playlist.pause(2, 3))
    assert.are.equal(1, playlist.pause(3, 3))
    assert.are.equal(2, playlist.pause(6, 3))
    assert.are.equal(10, playlist.pause(100, 3))
    assert.are.equal(1, playlist.pause(1, 1))
  end)

  it("decides what becomes of a source that fails", function()
    local more = at("b", 2, 0, true)
    for i, case in ipairs {
      { "next", more, 1, { live = false, silent = 0, failed_for = 0 } },
      { "again", more, 1, { live = true, silent = 0, failed_for = 0 } },
      { "next", more, 1, { live = true, silent = 31, failed_for = 30 } },
      { "over", more, 1, { live = false, silent = 300, failed_for = 300 } },
      { "next", more, -1, { live = false, silent = 900, failed_for = 900 } },
      { "over", nil, 1, { live = false, silent = 0, failed_for = 0 } },
      { "again", nil, 1, { live = true, silent = 299, failed_for = 299 } },
      { "over", nil, 1, { live = true, silent = 300, failed_for = 300 } },
    } do
      assert.are.equal(case[1], playlist.after_failure(case[2], case[3], case[4]), "case " .. i)
    end
  end)
end)
