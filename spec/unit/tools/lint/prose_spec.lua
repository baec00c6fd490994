-- SPDX-License-Identifier: MIT

local prose = require "tools.lint.prose"
local tree = require "tools.lint.tree"

local function check(text)
  return prose.check(tree.of { ["lua/cme/a.lua"] = "-- first\n" .. text .. "\n" })
end

describe("tools.lint.prose", function()
  it("refuses a failure that words itself", function()
    for _, text in ipairs { 'return nil, "it is gone"', 'return nil, ("open \'%s\': %s"):format(path, message)',
      'return nil, message .. " (it comes with util-linux)"' } do
      assert.are.same({ "lua/cme/a.lua:2: a failure is worded here: give it a sentence of the catalogue" }, check(text))
    end
  end)

  it("refuses to pass a failure on without its detail", function()
    for _, text in ipairs { "return nil, message", "if failure then return nil, failure end", "  return nil, why" } do
      assert.are.same({ "lua/cme/a.lua:2: a failure is passed on without its detail: return nil, message, detail" },
        check(text))
    end
  end)

  it("refuses to search a message", function()
    for _, text in ipairs { 'if message:find "^lock" then', 'if message:find("locked", 1, true) then',
      'local name = failure:match "^%u+"', 'for word in err:gmatch "%S+" do' } do
      assert.are.same({ "lua/cme/a.lua:2: a message is searched for words: look at detail.code" }, check(text))
    end
  end)

  it("allows the names of sentences, and messages that are passed on", function()
    for _, text in ipairs { 'return nil, "event.unsigned:id"', "return nil, message, detail", 'return nil, ""',
      "local at = message:find(secret, from, true)", '-- return nil, "it is gone"' } do
      assert.are.same({}, check(text))
    end
  end)
end)
