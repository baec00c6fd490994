-- SPDX-License-Identifier: MIT
-- Every text that `cme` shows has its Chinese, with the same placeholders, and the catalogue has nothing else.

local catalogue = require "cme.cli.messages_zh"
local cli = require "cme.cli"
local help = require "cme.cli.help"
local messages = require "cme.cli.messages"
local sources = require "spec.support.sources"

-- The literals after t( and mark, joined where a text goes over several lines.
local function texts_of(source)
  local found = {}
  for _, name in ipairs { "t", "mark" } do
    for at in source:gmatch("%f[%w_]" .. name .. '%(?%s*()"') do
      local text, from = {}, at
      repeat
        local literal, next_at = source:match('^("[^"\n]*")()', from)
        while literal:sub(-2) == '\\"' do
          local more
          more, next_at = source:match('^([^"\n]*")()', next_at)
          literal = literal .. more
        end
        text[#text + 1] = assert(load("return " .. literal))()
        from = source:match('^%s*%.%.%s*()"', next_at)
      until not from
      found[#found + 1] = table.concat(text)
    end
  end
  return found
end

local function in_sources()
  local texts = {}
  for _, path in ipairs(sources.find "lua/cme/cli lua/cme/doctor -name '*.lua' ! -name 'messages*.lua'") do
    for _, text in ipairs(texts_of(sources.read(path))) do texts[text] = path end
  end
  return texts
end

local function in_the_parser()
  local texts = {}
  help.translate(cli.parser(), function(text)
    texts[text] = "the help"
    return text
  end)
  return texts
end

local function placeholders(text)
  local found = {}
  for one in text:gsub("%%%%", ""):gmatch "%%[%d.]*%a" do found[#found + 1] = one end
  return table.concat(found, " ")
end

describe("cme.cli.messages", function()
  it("finds texts as they are written", function()
    assert.are.same({ "a %s", "b\"c", "de" }, texts_of 'context.t("a %s", x) t "b\\"c" mark("d"\n  .. "e") not "f"')
  end)

  local texts = in_sources()
  for text, where in pairs(in_the_parser()) do texts[text] = where end

  it("has the Chinese of every text, with the same placeholders", function()
    local missing = {}
    for text, where in pairs(texts) do
      if text ~= "" and not catalogue[text] then missing[#missing + 1] = ("%s (%s)"):format(text, where) end
    end
    table.sort(missing)
    assert.are.equal("", table.concat(missing, "\n"))
    for text, chinese in pairs(catalogue) do
      assert.are.equal(placeholders(text), placeholders(chinese), text)
    end
  end)

  it("has nothing that is no longer said", function()
    local left = {}
    for text in pairs(catalogue) do
      if not texts[text] then left[#left + 1] = text end
    end
    table.sort(left)
    assert.are.equal("", table.concat(left, "\n"))
  end)

  it("takes the language from the first variable that is set", function()
    for _, case in ipairs {
      { {}, "en" },
      { { LANG = "zh_CN.UTF-8" }, "zh" },
      { { LANG = "zh_CN.UTF-8", LC_ALL = "C" }, "en" },
      { { LANG = "en_US.UTF-8", LC_MESSAGES = "zh_TW" }, "zh" },
      { { LANG = "zh_CN", LC_ALL = "" }, "zh" },
    } do
      assert.are.equal(case[2], messages.language(function(name) return case[1][name] end))
    end
  end)

  it("shows a text without its Chinese in English", function()
    assert.are.equal("never heard 7", messages.translator "zh"("never heard %d", 7))
  end)
end)
