-- SPDX-License-Identifier: MIT

local places = require "tools.lint.places"
local tree = require "tools.lint.tree"

describe("tools.lint.places", function()
  local texts

  before_each(function()
    texts = { ["docs/api.md"] = "# API\n\n## cme\n\n## cme.json\n", ["lua/cme/init.lua"] = "",
      ["lua/cme/json.lua"] = "", ["lua/cme/version.lua"] = "" }
  end)

  local function check() return places.check(tree.of(texts)) end

  local function fill(folder, count)
    for i = 1, count do texts[("%s/%d.txt"):format(folder, i)] = "" end
  end

  it("counts the files of a folder at one level; specs may be many", function()
    fill("src/a", 25)
    fill("src/a/b", 25)
    fill("spec/integration", 60)
    assert.are.same({}, check())
    fill("src/a", 26)
    assert.are.same({ "src/a: 26 files at one level (25 at most)" }, check())
  end)

  it("counts the lines of a source, and of a spec", function()
    for _, path in ipairs { "lua/cme/cli/watch.lua", "spec/integration/a_spec.lua", "spec/support/a.h" } do
      texts[path], texts["spec/fixtures/a.json"] = ("\n"):rep(600), ("\n"):rep(900)
      assert.are.same({}, check())
      texts[path] = ("\n"):rep(601)
      assert.are.same({ path .. ": 601 lines (600 at most)" }, check())
      texts[path] = nil
    end
  end)

  it("wants a source at the place that follows from a spec's", function()
    for path, source in pairs {
      ["spec/unit/text/zone_spec.lua"] = "lua/cme/text/zone.lua",
      ["spec/unit/server/edge_spec.lua"] = "lua/cme/server/edge/init.lua",
      ["spec/unit/sign_spec.lua"] = "lua/cme/_meta/sign.lua",
      ["spec/unit/room/look_spec.lua"] = "room/lua/room/look.lua",
      ["spec/unit/tools/lint/links_spec.lua"] = "tools/lint/links.lua",
      ["spec/unit/docs/control_protocol_spec.lua"] = "docs/control-protocol.md",
      ["spec/c/rtmp/amf_test.c"] = "src/rtmp/amf.c",
      ["spec/c/common/eight_test.c"] = "src/common/eight.h",
    } do
      texts[path], texts[source] = "", nil
      assert.matches("^" .. path:gsub("%p", "%%%0") .. ": no source at its place", check()[1])
      texts[source] = ""
      assert.are.same({}, check())
    end
  end)

  it("wants a number before what was mended", function()
    texts["spec/regress/01-lost_spec.lua"], texts["spec/regress/memory_file.h"] = "", ""
    assert.are.same({}, check())
    texts["spec/regress/lost_spec.lua"] = ""
    assert.are.same({ "spec/regress/lost_spec.lua: a fault that was mended is named NN-what" }, check())
  end)

  it("wants the helpers that specs require", function()
    texts["spec/integration/a_spec.lua"] = 'local proc = require "spec.support.proc"'
    assert.are.same({ "spec/integration/a_spec.lua: there is no 'spec.support.proc'" }, check())
    texts["spec/support/proc.lua"] = ""
    assert.are.same({}, check())
  end)

  it("lets stand at the top of lua/cme what docs/api.md describes, and nothing else", function()
    texts["lua/cme/inner.lua"] = ""
    assert.are.same({
      "lua/cme/inner.lua: docs/api.md does not describe it: what is not public stands in a room" }, check())
  end)
end)
