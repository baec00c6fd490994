-- SPDX-License-Identifier: MIT
-- Every path that the glossary and the pages for developers name is there: from the root of the checkout, or from one
-- of the folders that a page is about.

local sources = require "spec.support.sources"
local uv = require "luv"

local FOLDERS = { "", "src/", "src/relay/", "lua/cme/", "lua/cme/server/", "spec/" }

-- The files between backquotes that are named with their folder.
local function paths_in(text)
  local found = {}
  for path in text:gmatch "`([%w_]+/[%w_./*-]+%.%l+)`" do
    local is_made = path:find("NAME", 1, true) or path:find "^build/" -- by a recipe, or by a run
    if not is_made then found[#found + 1] = path end
  end
  return found
end

local function is_there(path)
  for _, folder in ipairs(FOLDERS) do
    local there = folder .. path
    if uv.fs_stat(there) then return true end
    if path:find("*", 1, true) and os.execute(("ls -d %s >/dev/null 2>&1"):format(there)) then return true end
  end
  return false
end

describe("pages for developers", function()
  it("are read for paths", function()
    assert.are.same({ "src/a.h", "docs/*.md" }, paths_in "`src/a.h`, `word`, `docs/*.md`, `a b/c.h`, `build/x.jsonl`")
    assert.is_false(is_there "src/nowhere.c")
  end)

  for _, page in ipairs(sources.find "docs/glossary.md docs/internals -name '*.md'") do
    it("name files that are there: " .. page, function()
      local missing, count = {}, 0
      for _, path in ipairs(paths_in(sources.read(page))) do
        count = count + 1
        if not is_there(path) then missing[#missing + 1] = path end
      end
      assert.are.same({}, missing)
      assert.is_true(count > 0)
    end)
  end
end)
