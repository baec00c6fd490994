-- SPDX-License-Identifier: MIT

local argparse = require "argparse"

local cli = require "cme.cli"
local help = require "cme.cli.help"
local messages = require "cme.cli.messages"

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

  it("says defaults in the reader's language, also where a line ends before one", function()
    local parser = argparse "cme one":help_max_width(100)
    parser:option("--short", "Short.", "10s")
    parser:option("--long", ("word "):rep(12) .. "end.", "10s")
    local en, zh = (help.text(parser, messages.translator "en")), (help.text(parser, messages.translator "zh"))
    assert.equal(2, select(2, en:gsub("%(default:%s+10s%)", "")), en)
    assert.matches("%(default:\n", en)
    assert.equal(2, select(2, zh:gsub("（默认：10s）", "")), zh)
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
