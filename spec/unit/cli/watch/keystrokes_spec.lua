-- SPDX-License-Identifier: MIT

local keystrokes = require "cme.cli.watch.keystrokes"

describe("cme.cli.watch.keystrokes", function()
  it("knows the keys of terminals, in either mode of theirs", function()
    for bytes, key in pairs {
      ["\27[A"] = "up", ["\27OA"] = "up", ["\27[1;5A"] = "up", k = "up", ["\27[B"] = "down", j = "down",
      ["\27[5~"] = "page_up", ["\27[6~"] = "page_down", ["\27[6;2~"] = "page_down", [" "] = "page_down",
      ["\27[H"] = "home", ["\27[1~"] = "home", ["\27OF"] = "end", ["\27[4~"] = "end", q = "quit", ["\3"] = "quit",
      ["\26"] = "suspend", ["\12"] = "redraw",
    } do
      assert.are.same({ { key }, "" }, { keystrokes.read(bytes) }, ("%q"):format(bytes))
    end
  end)

  it("puts sequences together that come in pieces", function()
    local keys, rest = keystrokes.read "j\27"
    assert.are.same({ { "down" }, "\27" }, { keys, rest })
    keys, rest = keystrokes.read(rest .. "[6")
    assert.are.same({ {}, "\27[6" }, { keys, rest })
    assert.are.same({ { "page_down", "quit" }, "" }, { keystrokes.read(rest .. "~q") })
  end)

  it("passes over what means nothing here, and keeps no more than a sequence", function()
    assert.are.same({ {}, "" }, { keystrokes.read "xyz\27[15~\27[?1;2c\27[<0;1;2M推" })
    assert.are.same({ { "quit" }, "" }, { keystrokes.read "\27q" })
    assert.are.same({ { "quit" }, "" }, { keystrokes.read "\27[1\3" })
    assert.are.same({ {}, "" }, { keystrokes.read("\27[" .. ("1;"):rep(40)) })
  end)
end)
