-- SPDX-License-Identifier: MIT

local tokens = require "tools.lint.tokens"

local function texts(source)
  local list = {}
  for i, token in ipairs(tokens.of(source)) do list[i] = token.text end
  return list
end

describe("tools.lint.tokens", function()
  it("cuts names, numbers, strings, operators and comments", function()
    assert.are.same({ "#!/usr/bin/lua", "local", "a", "=", "0x1p+4", "..", "'it\\'s'", "..", "[==[ ]] ]==]",
      "--[[ x\n]]", "goto", "b", "::", "b", "::", "-- end" },
      texts "#!/usr/bin/lua\nlocal a = 0x1p+4 .. 'it\\'s' .. [==[ ]] ]==] --[[ x\n]]\ngoto b ::b:: -- end")
    assert.are.same({ "a", ".", "b", ":", "c", "(", "...", ")", "[", "1e-3", "]", "//", "2", "~=", "'\\z   x'" },
      texts "a.b:c(...)[1e-3] // 2 ~= '\\z   x'")
  end)

  it("knows the lines of a token that goes over several", function()
    local list = tokens.of "x = [[\n\n]]\ny"
    assert.are.same({ 1, 3 }, { list[3].line, list[3].last_line })
    assert.are.equal(4, list[4].line)
  end)

  it("loses nothing but white space of the project's own sources", function()
    for _, path in ipairs { "tools/lint/tokens.lua", "lua/cme/init.lua", "lua/cme/json.lua" } do
      local source = assert(io.open(path)):read "a"
      assert.are.equal((source:gsub("%s", "")), (table.concat(texts(source)):gsub("%s", "")), path)
    end
  end)

  it("pairs the ends with what they close", function()
    local found = {}
    local code = tokens.code(tokens.of("for i = 1, 2 do if i then f(function() end) elseif j then else end end "
      .. "while true do end repeat local x until x -- end"))
    tokens.blocks(code, function(opening, closing)
      found[#found + 1] = code[opening].text .. " " .. code[closing].text
    end)
    assert.are.same({ "function end", "if end", "do end", "do end", "repeat until" }, found)
  end)
end)
