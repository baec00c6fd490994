-- SPDX-License-Identifier: MIT

local ini = require "cme.text.ini"

describe("cme.text.ini", function()
  it("reads the section that is asked for, and the lines before the first as the default one", function()
    local text = "a = 1\n[default]\r\n b=2 \n[ other ]\na = 3\n[default]\nc = 4\n"
    assert.are.same({ a = "1", b = "2", c = "4" }, ini.read(text))
    assert.are.same({ a = "3" }, ini.read(text, "other"))
    assert.are.same({}, ini.read(text, "none"))
  end)

  it("takes quotes and a byte order mark off, and skips what is no line of its kind", function()
    assert.are.same({ a = "x y", b = 'one"', c = "k=v" },
      ini.read '\239\187\191a = "x y"\n# b = 1\n; c = 2\nwords\n= 3\nd =\ne = ""\nb = one"\nc = k=v')
  end)
end)
