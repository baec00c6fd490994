-- SPDX-License-Identifier: MIT
-- What C says has its Chinese in cme.text.words.engine, and nothing is there that C does not say.

local sources = require "spec.support.sources"
local words = require "cme.text.words.engine"

-- What a literal says, which may go on in the next one.
local function literal(text)
  return (text:gsub('"%s*"', ""):gsub('\\"', '"'))
end

-- The formats of all calls that make an error: the last literal but for those that follow it as values.
local function formats_of(source)
  local formats = {}
  for kind, arguments in source:gmatch "cme_err_(%l+)%s*(%b())" do
    local list = literal(arguments)
    local first = kind == "set" and list:match '^%([^"]*"[%l_.]+", "([^"]*)"' or kind == "prefix"
      and list:match '^%([^"]*"([^"]*)"'
    if kind == "set" and not first then first = list:match '^%([^"]*"([^"]*%%[^"]*)"' end
    if first then formats[first] = true end
  end
  return formats
end

-- What a system or a library says.
local FOREIGN = {}
for _, text in ipairs { "Connection refused", "No route to host", "Network is unreachable", "Connection reset by peer",
  "self-signed certificate", "unable to get local issuer certificate", "No such file or directory",
  "no such file or directory",
  "Permission denied", "Is a directory", "Not a directory", "No space left on device", "address already in use" } do
  FOREIGN[text] = true
end

describe("the Chinese of what C says", function()
  local source = sources.read_all "src -name '*.[ch]'"

  it("is there for every error", function()
    local missing = {}
    for format in pairs(formats_of(source)) do
      if not words[format] then missing[#missing + 1] = format end
    end
    table.sort(missing)
    assert.are.equal("", table.concat(missing, "\n"))
  end)

  it("is of texts that are there", function()
    local said, strange = literal(source), {}
    for text in pairs(words) do
      local enhanced = text:match "^(.*) as Enhanced RTMP$"
      if not FOREIGN[text] and not said:find('"' .. (enhanced or text) .. '"', 1, true) then
        strange[#strange + 1] = text
      end
    end
    table.sort(strange)
    assert.are.equal("", table.concat(strange, "\n"))
  end)

  it("has a place for each value", function()
    local function places(format)
      local count = 0
      for _ in format:gmatch "%%[^%%%l]*[hlz]*[duscxgf]" do count = count + 1 end
      return count
    end
    for english, chinese in pairs(words) do assert.are.equal(places(english), places(chinese), english) end
  end)
end)
