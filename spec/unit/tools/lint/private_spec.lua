-- SPDX-License-Identifier: MIT

local private = require "tools.lint.private"
local tree = require "tools.lint.tree"

local function check(text, path)
  return private.check(tree.of { [path or "lua/cme/a.lua"] = text })
end

describe("tools.lint.private", function()
  it("refuses what another module's class has", function()
    assert.are.same({ "lua/cme/a.lua:2: 'show._spec' is private to another module",
      "lua/cme/a.lua:3: 'show._run' is private to another module" },
      check "local show = f()\nreturn show._spec,\n  show:_run()")
    assert.are.same(1, #check("return show._spec", "room/lua/room/a.lua"))
  end)

  it("allows what the file's own class has, on any object", function()
    assert.are.same({}, check "---@field private _spec table\nreturn function(other) return other._spec end")
    assert.are.same({}, check "---@field _spec table\nreturn function(other) return other._spec end")
    assert.are.same({}, check "function Show:_run() end\nreturn function(other) other:_run() end")
    assert.are.same({}, check "function Show:same(other) return self._id == other._id end")
  end)

  it("does not look into strings, comments and metamethods", function()
    assert.are.same({}, check 'return "show._spec" .. show.__name -- show._spec')
  end)

  it("leaves what has a reason", function()
    assert.are.same({}, check("return argument._hidden", "lua/cme/cli/help.lua"))
  end)
end)
