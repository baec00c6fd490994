-- SPDX-License-Identifier: MIT

local functions = require "tools.lint.functions"
local tree = require "tools.lint.tree"

-- A function of so many lines in all.
local function with_lines(head, lines)
  return head .. ("\n  x = 1"):rep(lines - 2) .. "\nend\n"
end

describe("tools.lint.functions", function()
  local function check(texts) return functions.check(tree.of(texts)) end

  it("takes 40 lines, and names the function that has more", function()
    assert.are.same({}, check { ["lua/cme/a.lua"] = with_lines("function a.b()", 40) })
    assert.are.same({ "lua/cme/a.lua:2: a.b:c has 41 lines (40 at most)" },
      check { ["lua/cme/a.lua"] = "\n" .. with_lines("function a.b:c()", 41) })
    assert.are.same({ "tools/a.lua:1: run has 50 lines (40 at most)" },
      check { ["tools/a.lua"] = with_lines("local run = function()", 50) })
  end)

  it("counts a function within another by itself, and no block that is none", function()
    local inner = with_lines("local function inner()", 39)
    assert.are.same({ "room/lua/room/a.lua:1: outer has 42 lines (40 at most)" },
      check { ["room/lua/room/a.lua"] = "function outer()\n" .. inner .. "\nend\n" .. with_lines("do", 60) })
  end)

  it("leaves specs alone", function()
    assert.are.same({}, check { ["spec/unit/a_spec.lua"] = with_lines("function a()", 400) })
  end)
end)
