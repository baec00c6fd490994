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

  it("cuts at a character", function()
    assert.are.equal("推流1", columns.cut("推流1", 5))
    assert.are.equal("推…", columns.cut("推流1", 4))
    assert.are.equal("ab…", columns.cut("abcdef", 3))
  end)
end)
