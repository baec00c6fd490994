-- SPDX-License-Identifier: MIT

local classes = require "tools.lint.classes"
local tree = require "tools.lint.tree"

local API = "\n### cme.change\n\n- `changes` (`cme.changes`)\n"

local function check(text, path)
  return classes.check(tree.of { [path or "lua/cme/server/process/link.lua"] = text .. "\n", ["docs/api.md"] = API })
end

describe("tools.lint.classes", function()
  it("wants a class to be called like its module or the module's folder", function()
    assert.are.same({}, check "---@class cme.server.process.link")
    assert.are.same({}, check "---@class cme.server.process.around what links share")
    assert.are.same({ "lua/cme/server/process/link.lua:1: class 'cme.server.link' is declared in cme.server.process: "
      .. "its name begins so" }, check "---@class cme.server.link")
    assert.are.same(1, #check "---@alias cme.server.link string")
  end)

  it("allows the folder around that of an init.lua", function()
    assert.are.same({}, check("---@class cme.server.category", "lua/cme/server/categories/init.lua"))
    assert.are.same(1, #check("---@class cme.category", "lua/cme/server/categories/init.lua"))
  end)

  it("leaves the public names, and the types of modules in C", function()
    assert.are.same({}, check "---@class cme.changes: cme.change\n---@class cme.change")
    assert.are.same({}, check("---@class cme.sealer", "lua/cme/_meta/sign.lua"))
  end)

  it("wants the type that an annotation begins with to be declared", function()
    assert.are.same({ "lua/cme/server/process/link.lua:2: no class 'cme.server.Link'" },
      check "---@class cme.server.process.link\n---@param a cme.server.Link\n---@param b cme.server.process.link|nil")
    for _, annotation in ipairs { "return cme.x", "type table<string,cme.x>", "field a cme.x",
      "field private _a cme.x" } do
      assert.are.same(1, #check("---@" .. annotation), annotation)
    end
    assert.are.same({}, check "---@return string message as in cme.errors")
  end)
end)
