-- SPDX-License-Identifier: MIT
-- tools/gen_man.lua: the man page in git is what it makes, and has all that `cme --help` knows.

local generator = dofile "tools/gen_man.lua"
local cli = require "cme.cli"
local exit = require "cme.cli.exit"
local options = require "cme.cli.options"

local page = generator.page()

describe("tools/gen_man.lua", function()
  it("makes docs/cme.1 as it is committed (else run make docs)", function()
    local file = assert(io.open("docs/cme.1", "rb"))
    local committed = file:read "a"
    file:close()
    assert.is_true(page == committed, "docs/cme.1 is stale: run make docs")
  end)

  it("has every command, shared option and exit code", function()
    for _, name in ipairs(cli.COMMANDS) do
      assert.truthy(page:find("\n.SS cme " .. name:gsub("%-", "\\-"), 1, true), name)
    end
    for _, option in ipairs(options.SHARED) do
      assert.truthy(page:find("\n.B " .. option[1]:gsub("%-", "\\-"), 1, true), option[1])
    end
    for _, meaning in ipairs(exit.MEANINGS) do
      assert.truthy(page:find((".B %d\n"):format(meaning[1]), 1, true), meaning[2])
    end
  end)

  it("is roff that man takes without a word", function()
    local found = io.popen "unset LD_PRELOAD; groff -ww -man -Tutf8 docs/cme.1 2>&1 >/dev/null"
    local said = found:read "a"
    found:close()
    assert.are.equal("", said)
  end)
end)
