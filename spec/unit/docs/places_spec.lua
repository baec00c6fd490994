-- SPDX-License-Identifier: MIT
-- Every path that the glossary and the pages for developers name is there.

local function lines_of(command)
  local found, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do found[#found + 1] = line end
  pipe:close()
  return found
end

-- The paths between backquotes: from the root of the checkout, with a folder in them.
local function paths_in(text)
  local found = {}
  for path in text:gmatch "`([%w_]+/[%w_./*-]+)`" do found[#found + 1] = path end
  return found
end

local function is_there(path)
  return os.execute(("ls -d %s >/dev/null 2>&1"):format(path)) == true
end

describe("pages for developers", function()
  it("are read for paths", function()
    assert.are.same({ "src/relay/relay.h", "docs/*.md" }, paths_in "`src/relay/relay.h`, `word`, `docs/*.md`, `cme x/y`")
    assert.is_false(is_there "src/nowhere.c")
  end)

  for _, page in ipairs(lines_of "ls docs/glossary.md docs/internals/*.md 2>/dev/null") do
    it("name files that are there: " .. page, function()
      local file, missing, count = assert(io.open(page)), {}, 0
      for _, path in ipairs(paths_in(file:read "a")) do
        count = count + 1
        if not is_there(path) then missing[#missing + 1] = path end
      end
      file:close()
      assert.are.same({}, missing)
      assert.is_true(count > 0)
    end)
  end
end)
