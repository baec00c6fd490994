-- SPDX-License-Identifier: MIT

local links = require "tools.lint.links"
local tree = require "tools.lint.tree"

describe("tools.lint.links", function()
  local function check(text)
    return links.check(tree.of { ["docs/a.md"] = text, ["README.md"] = "# Read me\n", ["src/x.c"] = "",
      ["docs/b.md"] = "# B\n## What `cme` does, and why?\n## Twice\n## Twice\n## 它不做什么（一）\n```\n# no heading\n```\n" })
  end

  it("follows links to files, folders and headings", function()
    assert.are.same({}, check "[a](b.md) [b](../README.md#read-me) ![c](../src/x.c) [d](../src) [e](#here)\n# Here\n")
    assert.are.same({}, check "[a](b.md#what-cme-does-and-why) [b](b.md#twice-1) [c](b.md#它不做什么一)\n")
  end)

  it("names each that leads nowhere, by its line", function()
    assert.are.same({ "docs/a.md:2: 'c.md' leads nowhere", "docs/a.md:3: '../../x' leads nowhere" },
      check "# A\n[a](c.md)\n[b](../../x)\n")
    assert.are.same({ "docs/a.md:1: 'b.md#no-heading' has no such heading", "docs/a.md:1: '#b' has no such heading" },
      check "[a](b.md#no-heading) [b](#b)\n")
  end)

  it("does not ask the web, and takes code for no link", function()
    assert.are.same({}, check "[a](https://example.com/x) [b](mailto:a@example.com) `[c](d)`\n```\n[e](f)\n```\n")
  end)
end)
