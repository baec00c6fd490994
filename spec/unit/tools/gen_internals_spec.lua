-- SPDX-License-Identifier: MIT

local generator = require "tools.gen_internals"

describe("tools.gen_internals", function()
  it("finds the picture of a head comment, in Lua and in C", function()
    assert.are.same({ "a --> b", "  |", "", "c" },
      generator.picture("-- What it is.\n--\n--     a --> b\n--       |\n--\n--     c\n-- More.\n--   not this\n"
        .. "local x\n"))
    assert.are.same({ "a", "b" },
      generator.picture "/* SPDX\n *\n * Words:\n *\n *   a\n *   b\n *\n * Words.\n */\n#include\n")
    assert.is_nil(generator.picture "-- Words.\nlocal x\n")
  end)

  it("replaces what follows a marker, and nothing else", function()
    local function read(path)
      assert.are.equal("x.lua", path)
      return "-- X.\n--   new\nlocal x\n"
    end
    local page = "before\n\n<!-- picture: x.lua -->\n```\nold\n\nold\n```\n\nafter\n"
    assert.are.equal("before\n\n<!-- picture: x.lua -->\n```\nnew\n```\n\nafter\n", generator.page(page, read))
    assert.are.equal(generator.page(page, read), generator.page(generator.page(page, read), read))
  end)

  it("shows the rooms", function()
    local lines = table.concat(generator.rooms(), "\n")
    assert.matches("\n| base | `json`, [^\n]*`text%.%*`[^\n]* | nothing |\n", lines)
    assert.is_nil(lines:find("%%", 1, true))
  end)

  for _, path in ipairs(generator.pages()) do
    it("makes " .. path .. " as it is committed (else run make docs)", function()
      local text = generator.read(path)
      assert.is_true(generator.page(text, generator.read) == text, path .. " is stale: run make docs")
    end)
  end
end)
