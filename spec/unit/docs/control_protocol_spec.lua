-- SPDX-License-Identifier: MIT
-- docs/control-protocol.md names every error code that the engine answers or sends.

local sources = require "spec.support.sources"

local FAMILIES = { engine = true, invalid = true, media = true, network = true, publish = true, source = true,
  switch = true }

-- The codes in the C sources, each with a file that has it.
local function codes()
  local found = {}
  for _, path in ipairs(sources.find "src/relay src/rtmp src/stream -name '*.c'") do
    for code, family in sources.read(path):gmatch '"((%l+)%.[%l_]+)"' do
      if FAMILIES[family] then found[code] = path end
    end
  end
  return found
end

describe("docs/control-protocol.md", function()
  it("names every error code", function()
    local page, count, missing = sources.read "docs/control-protocol.md", 0, {}
    for code, path in pairs(codes()) do
      count = count + 1
      if not page:find("`" .. code .. "`", 1, true) then missing[#missing + 1] = code .. " of " .. path end
    end
    assert.same({}, missing)
    assert.is_true(count > 15)
  end)
end)
