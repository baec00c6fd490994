-- SPDX-License-Identifier: MIT

local columns = require "cme.cli.columns"

local function plain(text) return text end

describe("cme.cli.columns", function()
  it("counts the places of a terminal", function()
    for text, want in pairs { [""] = 0, abc = 3, ["推流1"] = 5, ["，"] = 2, ["e\u{301}"] = 1, ["한"] = 2, ["🎥"] = 2,
      ["…"] = 1, ["ｶ"] = 1, ["\255\254"] = 2 } do
      assert.are.equal(want, columns.width(text), text)
    end
  end)

  it("lines columns up whatever the script", function()
    assert.are.same({ "NAME   STATE", "推流1  live", "B      down" },
      columns.lines({ { "NAME", "STATE" }, { "推流1", "live" }, { "B", { "down", colour = "red" } } }, plain))
  end)

  it("gives cells their colour without moving what follows, and the head bold", function()
    local lines = columns.lines({ { "A", "B" }, { { "x", colour = "red" }, nil }, { "long", 2 } },
      function(text, colour) return colour and ("<%s:%s>"):format(colour, text) or text end)
    assert.are.same({ "<bold:A>     <bold:B>", "<red:x>", "long  2" }, lines)
  end)

  it("cuts the beginning of an address", function()
    assert.are.equal("…e/a", columns.tail("rtmp://h/live/a", 4))
    assert.are.equal("…流1", columns.tail("推流1", 4))
    assert.are.equal("a", columns.tail("a", 1))
  end)

  it("fits rows to a screen: a shorter address first, then fewer columns", function()
    local function fitted(places)
      local rows = { { "ADDRESS", "VIEWERS", "FPS", "DELAY" },
        { "rtmp://play.example.com/live/a", { "one colour", colour = "red" }, "30.0", "4.1 s" } }
      columns.fit(rows, places, 12, { 3, 4 })
      return columns.lines(rows, plain)
    end
    assert.are.same({ "ADDRESS                         VIEWERS     FPS   DELAY",
      "rtmp://play.example.com/live/a  one colour  30.0  4.1 s" }, fitted(80))
    assert.are.same({ "ADDRESS       VIEWERS     FPS   DELAY", "….com/live/a  one colour  30.0  4.1 s" }, fitted(37))
    assert.are.same({ "ADDRESS         VIEWERS     DELAY", "…le.com/live/a  one colour  4.1 s" }, fitted(33))
    assert.are.same({ "ADDRESS        VIEWERS", "…e.com/live/a  one colour" }, fitted(25))
    for places = 1, 60 do
      assert.is_true(places < 13 or columns.width(fitted(places)[2]) <= places)
    end
  end)

  it("cuts at a character", function()
    assert.are.equal("推流1", columns.cut("推流1", 5))
    assert.are.equal("推…", columns.cut("推流1", 4))
    assert.are.equal("ab…", columns.cut("abcdef", 3))
  end)
end)
