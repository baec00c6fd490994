-- SPDX-License-Identifier: MIT

local cli = require "cme.cli"
local help = require "cme.cli.help"

describe("cme.cli.help", function()
  local described = help.describe(cli.parser())

  local function find(path, one)
    one = one or described
    if one.path == path then return one end
    for _, command in ipairs(one.commands) do
      local found = find(path, command)
      if found then return found end
    end
  end

  it("describes every command, those below others too", function()
    for _, name in ipairs(cli.COMMANDS) do assert.truthy(find(name), name) end
    local add = find "output add"
    assert.are.same({ "cme output add", "Add a destination.", "project", "url" }, { add.usage:match "^cme output add",
      add.description, add.arguments[1].name, add.arguments[2].name })
    assert.are.equal("--name NAME", add.options[1].names)
  end)

  it("has a description of everything", function()
    local function check(one)
      assert.matches("%.$", one.description, one.path)
      for _, list in ipairs { one.arguments, one.options } do
        for _, element in ipairs(list) do
          assert.truthy(element.description ~= "", one.path .. " " .. (element.name or element.names))
        end
      end
      for _, command in ipairs(one.commands) do check(command) end
    end
    for _, command in ipairs(described.commands) do check(command) end
  end)
end)
