-- SPDX-License-Identifier: MIT

local dialect = require "tools.lint.dialect"
local tree = require "tools.lint.tree"

describe("tools.lint.dialect", function()
  -- The facts about a text, as of a module.
  local function facts(text, path)
    local found = {}
    for i, fault in ipairs(dialect.faults(path or "lua/cme/a.lua", text .. "\nreturn a\n")) do
      found[i] = ("%d: %s"):format(fault.line, fault.fact)
    end
    return found
  end

  describe("on guards", function()
    it("wants one line where it fits", function()
      for _, body in ipairs { "return nil", "break", "goto done", 'error("no", 0)', "return f(y)[1], y" } do
        assert.are.same({ ("1: a guard that fits one line is one line: if x then %s end"):format(body) },
          facts(("if x then\n  %s\nend"):format(body)))
        assert.are.same({}, facts(("if x then %s end"):format(body)))
      end
    end)

    it("leaves what is none, has a comment, or does not fit", function()
      for _, text in ipairs { "if x then\n  y()\nend", "if x then\n  return 1\nelse\n  y()\nend",
        "if x then\n  y()\n  return 1\nend",
        "if x then -- why\n  return 1\nend", "if x then\n  return 1 -- why\nend",
        "if x then\n  return " .. ("1 + "):rep(25) .. "1\nend", "if x then\n  error(y)(z)\nend",
        "if x then\n  return {\n    1 }\nend",
        "if f(function() if y then z() end end) then\n  return\nend" } do
        assert.are.same({}, facts(text), text)
      end
    end)
  end)

  it("wants `T|nil`, `--- Text` and classes in lower case", function()
    for _, line in ipairs { "---@param x? string", "---@field x string?", "---@return T[]?, U? why",
      "---@type fun()?" } do
      assert.are.same({ "1: a type that may be missing is written `T|nil`" }, facts(line), line)
    end
    assert.are.same({ "1: a doc comment begins with a blank: `--- Text`" }, facts "---Text")
    assert.are.same({ "1: class 'cme.Thing' is named in lower case" }, facts "---@class cme.Thing: cme.other")
    for _, line in ipairs { "---@param x string|nil", "--- Text", "-- is it?", "---@class cme.api.PlatformInfo",
      '---@param x "a?" what', "-----", "---| 'a'" } do
      assert.are.same({}, facts(line), line)
    end
  end)

  it("wants constants in upper case", function()
    for _, text in ipairs { "local x = 1", 'local x = "a" .. "b"', "local x = 72 * 3600", "local x = -1 -- why",
      'local x = { "a" }', "local x = { a = f }\nreturn x.a" } do
      assert.are.same({ "1: 'x' is a constant: X" }, facts(text), text)
    end
  end)

  it("leaves what changes, is made, or is the module", function()
    for _, text in ipairs { "local x = 1\nx = 2", "local x = 1\nx, y = 2, 3", "local x = {}", "local x = f(1)",
      "local x", "local x = { a = 1 }\nx.b = 2", "local x = { a = 1 }\nx[y].c = 2",
      "local x = { a = 1 }\nreturn x", "local x = { a = 1 }\nfunction x.b() end",
      "local x = { 1 }\ntable.insert(x, 1)", "local x = 1 or y",
      "local x = { 1 }\nsetmetatable(x, y)", "local X = 1", "do\n  local x = 1\nend", "local x = ('a'):rep(3)" } do
      assert.are.same({}, facts(text), text)
    end
  end)

  it("takes the keys of tables for no assignment", function()
    assert.are.same({ "1: 'x' is a constant: X" }, facts "local x = 1\nf { x = 2, y, x = 3 }")
  end)

  it("wants a module to end with return", function()
    assert.are.equal(1, #dialect.faults("lua/cme/a.lua", "local a = {}\n"))
    assert.are.equal(0, #dialect.faults("lua/cme/a.lua", "local a = {}\nreturn a\n"))
    assert.are.equal(0, #dialect.faults("tools/a.lua", "f()\n"))
  end)

  it("says where", function()
    assert.are.same({ "lua/cme/a.lua:2: a doc comment begins with a blank: `--- Text`" },
      dialect.check(tree.of { ["lua/cme/a.lua"] = "return 1\n---Text\n", ["src/a.c"] = "---Text" }))
  end)
end)
