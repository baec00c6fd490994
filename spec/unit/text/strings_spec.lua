-- SPDX-License-Identifier: MIT

local text = require "cme.text.strings"

-- What must count, and what must not: RFC 3629 and Unicode's table of well-formed sequences.
local GOOD = {
  { "", 0 }, { "abc", 3 }, { "直播多平台分发", 7 }, { "é", 1 }, { "😀x", 2 }, { "\0", 1 },
  { "\239\191\191", 1 }, { "\244\143\191\191", 1 }, { "\237\159\191", 1 }, { "\224\160\128", 1 },
}
local BAD = {
  lone_continuation = "\128", cut = "\228\189", overlong_2 = "\192\128", overlong_3 = "\224\159\191",
  overlong_4 = "\240\143\191\191", surrogate = "\237\160\128", past_the_end = "\244\144\128\128",
  never = "\255", after_text = "abc\195", five_bytes = "\248\136\128\128\128",
}

describe("cme.text.strings", function()
  for _, name in ipairs { "utf8_len", "utf8_len_portable" } do
    it(name .. " counts characters", function()
      for _, case in ipairs(GOOD) do assert.are.equal(case[2], text[name](case[1])) end
    end)

    it(name .. " gives nil for what is not UTF-8", function()
      for case, bytes in pairs(BAD) do assert.is_nil(text[name](bytes), case) end
    end)
  end

  it("finds the end of a string of JSON", function()
    for _, case in ipairs { { [["a"b]], 3 }, { [["\"",]], 4 }, { [["\\"x]], 4 }, { [["open]], 5 }, { [["\]], 2 } } do
      assert.are.equal(case[2], text.end_of_string(case[1], 1), case[1])
    end
  end)

  it("finds the word that was meant", function()
    local names = { "name", "owner", "outputs", "output_media", "input" }
    assert.are.equal("outputs", text.nearest("outptus", names))
    assert.are.equal("outputs", text.nearest("Outputs", names))
    assert.are.equal("name", text.nearest("nmae", names))
    assert.are.equal("input", text.nearest("inputs", names))
    assert.is_nil(text.nearest("zebra", names))
    assert.is_nil(text.nearest("x", {}))
  end)

  it("settles a draw by the alphabet, so that a message never changes", function()
    assert.are.equal("bat", text.nearest("at", { "cat", "bat" }))
    assert.are.equal("bat", text.nearest("at", { "bat", "cat" }))
  end)

  it("makes foreign bytes fit for a message", function()
    assert.are.equal("直播-1", text.printable("直播-1", 20))
    assert.are.equal("a?b?", text.printable("a\nb\127", 20))
    assert.are.equal("?show?", text.printable("\255show\228", 20))
    assert.are.equal("abc", text.printable("abcdef", 3))
    assert.are.equal("直", text.printable("直播", 5))
    assert.are.equal("直播", text.printable("直播", 6))
    assert.are.equal("直播", text.printable("直播x", 6))
    assert.are.equal("5", text.printable(5, 6))
  end)

  it("sorts the keys of a table", function()
    assert.are.same({ "a", "b", "c" }, text.sorted_keys { c = 1, a = false, b = 3 })
    assert.are.same({}, text.sorted_keys {})
  end)

  it("masks an identifier", function()
    assert.are.equal("AKID***LE", text.mask "AKIDz8krbsJ5yKBZEXAMPLE")
    assert.are.equal("***", text.mask "short")
  end)
end)
