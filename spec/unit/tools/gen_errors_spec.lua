-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local gen = require "tools.gen_errors"
local meanings = require "cme.text.meanings"

local function read_all(find)
  local listing = assert(io.popen("find " .. find .. " | sort"))
  local sources = {}
  for path in listing:lines() do
    local file = assert(io.open(path, "rb"))
    sources[#sources + 1] = file:read "a"
    file:close()
  end
  listing:close()
  return table.concat(sources, "\n")
end

local lua = read_all("lua -name '*.lua' ! -path '*/text/words/*' ! -path '*/text/meanings.lua' "
  .. "! -path '*/text/rules.lua'")
local c = read_all "src -name '*.[ch]'"

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

-- A name that is put together: the beginning is in quotes before "..", the rest is a word of the sources.
local function is_composed(name)
  for at in name:gmatch "()[:._]" do
    local start, rest = name:sub(1, at), name:sub(at + 1)
    if rest ~= "" and lua:find('"' .. start .. '" ..', 1, true) and lua:find("%f[%w_]" .. rest .. "%f[^%w_]") then
      return true
    end
  end
  return false
end

describe("the catalogue of codes", function()
  it("is what the pages of errors say, in both languages", function()
    for path, page in pairs(gen.pages()) do
      local file = assert(io.open(path, "rb"))
      local text = file:read "a"
      file:close()
      assert.is_true(text == page, path .. " is stale: run lua5.4 tools/gen_errors.lua")
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
    local used, unused = named(lua .. c), {}
    for _, family in ipairs(codes.FAMILIES) do
      for name in pairs(family == "engine" and {} or require("cme.text.words." .. family)) do
        if not used[name] and not is_composed(name) then unused[#unused + 1] = name end
      end
    end
    for code in pairs(meanings) do
      local is_used = used[code] or is_composed(code) or (lua .. c):find('"' .. code .. '"', 1, true)
      for name in pairs(used) do is_used = is_used or codes.of(name) == code end
      if not is_used then unused[#unused + 1] = code end
    end
    table.sort(unused)
    assert.are.equal("", table.concat(unused, " "))
  end)
end)
