-- SPDX-License-Identifier: MIT
-- The Chinese of what the library and the engine say belongs to texts that exist: each English text stands in the
-- sources, whole or as the parts that are put together.

local library = require "cme.cli.library_zh"
local engine = require "cme.text.engine_zh"

local function read_all(find)
  local listing = assert(io.popen("find " .. find .. " | sort"))
  local sources = {}
  for path in listing:lines() do
    local file = assert(io.open(path, "rb"))
    sources[#sources + 1] = file:read "a"
    file:close()
  end
  listing:close()
  -- what is written over several lines, or with escapes, as it is said
  return (table.concat(sources, "\n"):gsub('"%s*%.%.%s*"', ""):gsub('"%s*\n%s*"', ""):gsub('\\"', '"'))
end

-- What a system or a library says, and what our sources put together from parts.
local OTHERS = {}
for _, text in ipairs { "Connection refused", "No route to host", "Network is unreachable", "Connection reset by peer",
  "self-signed certificate", "unable to get local issuer certificate", "No such file or directory",
  "no such file or directory", "Permission denied", "permission denied", "Is a directory", "Not a directory",
  "No space left on device", "address already in use", "no connection within", "no whole answer within",
  "no answer within", "no media within", "no progress within", "no packets for", "no picture for", "backup input",
  "the server closed the connection at the play", "the server closed the connection at the publish", "s ahead",
  "s behind" } do
  OTHERS[text] = true
end

-- The parts of an English text between its placeholders that say something.
local function parts_of(english)
  local parts = {}
  for part in (english:gsub("%%[sdg]", "\0") .. "\0"):gmatch "([^%z]*)%z" do
    for piece in (part:gsub(" %(", ": ") .. ": "):gmatch "(.-): " do
      piece = piece:gsub("^[%s:;(')]+", ""):gsub("[%s:;(')?]+$", "")
      if piece:find "%a%a" and not OTHERS[piece] then parts[#parts + 1] = piece end
    end
  end
  return parts
end

describe("the Chinese of messages", function()
  local cases = {
    { "of the library", library, "lua/cme src/http -name '*.lua' ! -name '*_zh.lua' -o -path 'src/http/*.c'" },
    { "of the engine", engine.texts,
      "lua/cme/server lua/cme/playout src/relay src/rtmp src/stream src/common -name '*.lua' ! -name '*_zh.lua' "
        .. "-o -name '*.[ch]'" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " is that of texts in the sources", function()
      local sources, strange = read_all(case[3]), {}
      for english in pairs(case[2]) do
        for _, part in ipairs(parts_of(english)) do
          if not sources:find(part, 1, true) then strange[#strange + 1] = english .. " [" .. part .. "]" end
        end
      end
      table.sort(strange)
      assert.are.equal("", table.concat(strange, "\n"))
    end)

    it(case[1] .. " has the placeholders of the English, in order", function()
      local function holes(text) return (text:gsub("[^%%]*(%%?%a?)[^%%]*", "%1")) end
      for english, chinese in pairs(case[2]) do assert.are.equal(holes(english), holes(chinese), english) end
    end)
  end

  it("is the same in every catalogue that has the text", function()
    for english, chinese in pairs(require "cme.server.messages_zh") do
      for _, other in ipairs { engine.texts, library } do
        assert.are.equal(chinese, other[english] or chinese, english)
      end
    end
    for english, chinese in pairs(engine.texts) do assert.are.equal(chinese, library[english] or chinese, english) end
  end)

  it("has the meaning of every code that the engine gives to an input or output", function()
    local file = assert(io.open "docs/control-protocol.md")
    local text = file:read "a"
    file:close()
    local section = text:match "\n| code | meaning[^\n]*\n(.-)\n\n" or text
    for code in section:gmatch "`(%l+%.[%l_]+)`" do
      local of_parts = code:find "^network%." or code:find "^source%." or code:find "^media%." or code:find "^publish%."
      if of_parts then assert.is_string(engine.codes[code], code) end
    end
  end)
end)
