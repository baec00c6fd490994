-- SPDX-License-Identifier: MIT

local choices = require "cme.cli.choices"
local messages = require "cme.cli.messages"

describe("cme.cli.choices", function()
  it("lists names as the language quotes them", function()
    local names = { "main", "backup", "both" }
    assert.are.equal("'main', 'backup', 'both'", choices.list(names, messages.translator "en"))
    assert.are.equal("“main”、“backup”、“both”", choices.list(names, messages.translator "zh"))
    assert.are.equal("“main”", choices.list({ "main" }, messages.translator "zh"))
  end)

  it("finds the names in a list in English", function()
    assert.are.same({ "on", "off" }, choices.names "'on', 'off'")
  end)
end)
