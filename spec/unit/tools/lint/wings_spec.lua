-- SPDX-License-Identifier: MIT

local tree = require "tools.lint.tree"
local wings = require "tools.lint.wings"

local WINGS = {
  { name = "common", files = { "^common/" }, may = {} },
  { name = "stream", files = { "^stream/" }, may = { "common" } },
  { name = "output", files = { "^relay/output/[^/]+$" }, may = { "common", "stream" } },
  { name = "output/x", files = { "^relay/output/x/" }, may = { "output" } },
}
local FOREIGN = { { header = "^jansson%.h$", wings = { "output" } } }

describe("tools.lint.wings", function()
  local texts

  before_each(function()
    texts = { ["src/common/buf.h"] = "#include <stddef.h>\n", ["src/stream/gop.h"] = '#include "common/buf.h"\n' }
  end)

  local function check() return wings.check(tree.of(texts), WINGS, FOREIGN) end

  it("lets a wing include itself and what it may", function()
    texts["src/stream/gop.c"] = '#include "stream/gop.h"\n\n#include <string.h>\n\n#include "common/buf.h"'
    texts["src/relay/output/x/x.c"] = '#include "relay/output/output.h"\n#include "relay/output/x/x.h"\n'
    texts["spec/c/stream/gop_test.c"] = '#include "relay/output/output.h"\n'
    assert.are.same({}, check())
  end)

  it("refuses what it may not", function()
    texts["src/common/buf.h"] = '\n # include "stream/gop.h"\n'
    texts["src/relay/output/output.c"] = '#include "relay/output/x/x.h"\n'
    assert.are.same({ "src/common/buf.h:2: wing 'common' may not include 'stream/gop.h' (wing 'stream')",
      "src/relay/output/output.c:1: wing 'output' may not include 'relay/output/x/x.h' (wing 'output/x')" }, check())
  end)

  it("refuses files and headers of no wing", function()
    texts["src/pull/main.c"], texts["src/stream/gop.c"] = "", '#include "gop.h"\n'
    assert.are.same({ "src/pull/main.c: stands in no wing",
      "src/stream/gop.c:1: includes 'gop.h', which stands in no wing (write its path below src/)" }, check())
  end)

  it("refuses a library that has its place elsewhere", function()
    texts["src/relay/output/output.c"], texts["src/stream/gop.c"] = "#include <jansson.h>", "#include <jansson.h>"
    assert.are.same({ "src/stream/gop.c:1: wing 'stream' may not include <jansson.h>" }, check())
  end)
end)

describe("tools.lint.wings.WINGS", function()
  it("goes from the ground up, and no library of the media path knows the engine", function()
    local known = {}
    for _, wing in ipairs(wings.WINGS) do
      for _, other in ipairs(wing.may) do
        assert.is_true(known[other], ("%s may include %s, which comes after it"):format(wing.name, other))
      end
      known[wing.name] = true
    end
  end)

  it("is kept by src/", function()
    assert.are.same({}, wings.check(tree.checkout()))
  end)
end)
