-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local gen = require "tools.gen_errors"
local meanings = require "cme.text.meanings"
local sources = require "spec.support.sources"

local lua = sources.read_all("lua -name '*.lua' ! -path '*/text/words/*' ! -path '*/text/meanings.lua' "
  .. "! -path '*/text/rules.lua'")
local c = sources.read_all "src -name '*.[ch]'"

local families = {}
for _, family in ipairs(codes.FAMILIES) do families[family] = true end
-- Words of C that begin the code of an error there; nothing else in quotes looks like one.
for _, family in ipairs { "network", "publish", "source", "media", "switch", "control", "engine", "invalid" } do
  families[family] = true
end

-- Module names, files and the like, which look like codes.
local function is_none(name)
  return name:find "%.lua$" or name:find "%.so$" or name:find "^show%."
    or name:find "^in%." and not codes.sentence(name)
    or name:find "^task:" -- misuse names the function so
end

-- What the sources put in quotes and is named like a code or a sentence.
local function named(source)
  local found = {}
  for name in source:gmatch '"(%l[%l_]*[.:][%w_.:]+)"' do
    if families[name:match "^[%l_]+"] and not is_none(name) then found[name] = true end
  end
  return found
end

local of_the_cloud = {}
for code in require "cme.text.rules".cloud:gmatch "%S+" do of_the_cloud["api." .. code] = true end

local function is_known(name)
  return codes.sentence(name) ~= nil or meanings[name] ~= nil or of_the_cloud[name]
end

-- All that a pattern finds in the sources of Lua.
local function all_of(pattern)
  local found = {}
  for one in lua:gmatch(pattern) do found[one] = true end
  return found
end

local beginnings, all_words = all_of '"([%l_.:]+)" %.%.', all_of "[%w_]+"

-- A name that is put together: the beginning is in quotes before "..", the rest is a word of the sources.
local function is_composed(name)
  for at in name:gmatch "()[:._]" do
    local start, rest = name:sub(1, at), name:sub(at + 1)
    if beginnings[start] and (all_words[rest] or rest:find "%W" and lua:find('"' .. rest .. '"', 1, true)) then
      return true
    end
  end
  return false
end

describe("the catalogue of codes", function()
  it("is what the pages of errors say, in both languages", function()
    for path, page in pairs(gen.pages()) do
      assert.is_true(sources.read(path) == page, path .. " is stale: run lua5.4 tools/gen_errors.lua")
    end
  end)

  it("has every code and sentence that is used", function()
    local strange = {}
    for _, source in ipairs { lua, c } do
      for name in pairs(named(source)) do
        if not is_known(name) and not name:find "[:_]$" then strange[#strange + 1] = name end
      end
    end
    table.sort(strange)
    assert.are.equal("", table.concat(strange, " "))
  end)

  it("has none that is used nowhere", function()
    local both, unused, used_codes = lua .. c, {}, {}
    local used = named(both)
    for name in pairs(used) do used_codes[codes.of(name)] = true end
    for _, family in ipairs(codes.FAMILIES) do
      for name in pairs(family == "engine" and {} or require("cme.text.words." .. family)) do
        if not used[name] and not is_composed(name) then unused[#unused + 1] = name end
      end
    end
    for code in pairs(meanings) do
      if not (used[code] or used_codes[code] or is_composed(code) or both:find('"' .. code .. '"', 1, true)) then
        unused[#unused + 1] = code
      end
    end
    table.sort(unused)
    assert.are.equal("", table.concat(unused, " "))
  end)
end)
