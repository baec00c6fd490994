-- SPDX-License-Identifier: MIT
-- Every guide has a Chinese counterpart in docs/zh that has the same parts: headings, tables row by row, examples line
-- by line. README likewise.

local files = require "spec.support.files"

-- Pages that are made from the sources, or that have both languages on one page.
local SINGLE = { ["api.md"] = true, ["conformance.md"] = true, ["glossary.md"] = true }

-- How a comment begins in the languages of the examples: comments are translated.
local COMMENT = { sh = "%s+#", lua = "%s+%-%-", go = "%s+//", js = "%s+//", cpp = "%s+//" }

local function names(folder)
  local found, listing = {}, assert(io.popen("cd " .. folder .. " && ls *.md"))
  for name in listing:lines() do
    if not SINGLE[name] then found[#found + 1] = name end
  end
  listing:close()
  return found
end

-- The line of an example without what may differ between the languages. A block without a language is a picture, of
-- which only the number of lines has to agree.
local function example(line, language)
  if language == "" then return "line" end
  local comment = COMMENT[language]
  if comment then line = line:gsub(comment .. ".*", "") end
  return (line:gsub('warning or ".-"', "warning"))
end

-- What a page consists of, in order: "# " for a heading, "| " for a row of 2 columns, the lines of examples.
local function parts(text)
  local found, language = {}, nil
  for line in text:gmatch "([^\n]*)\n" do
    local fence = line:match "^```(%w*)"
    if fence then
      found[#found + 1] = "```" .. (language and "" or fence)
      language = not language and fence or nil
    elseif language then
      found[#found + 1] = example(line, language)
    elseif line:find "^#+ " then
      found[#found + 1] = line:match "^#+"
    elseif line:find "^|" then
      found[#found + 1] = (line:gsub("\\|", ""):gsub("[^|]+", "."))
    end
  end
  return found
end

describe("the guides", function()
  it("are the same in both languages", function()
    assert.are.same(names "docs", names "docs/zh")
  end)

  it("are compared part by part", function()
    assert.are.same({ "#", "|.|.|", "```sh", "a", "```" }, parts "# x\n| a | b\\|c |\n```sh\na  # note\n```\n")
    assert.are_not.same(parts "```sh\na\n```\n", parts "```sh\nb\n```\n")
  end)

  for _, name in ipairs(names "docs") do
    it("have the same parts in both languages: " .. name, function()
      assert.are.same(parts(files.read("docs/" .. name)), parts(files.read("docs/zh/" .. name)))
    end)
  end

  it("have the same parts in both languages: README", function()
    assert.are.same(parts(files.read "README.md"), parts(files.read "README.zh-CN.md"))
  end)
end)
