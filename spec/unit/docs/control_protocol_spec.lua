-- SPDX-License-Identifier: MIT
-- docs/control-protocol.md names every error code that the engine answers or sends.

local FAMILIES = { engine = true, invalid = true, media = true, network = true, publish = true, source = true,
  switch = true }

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

-- The codes in the C sources, each with a file that has it.
local function codes()
  local found, files = {}, assert(io.popen "find src/relay src/rtmp src/stream -name '*.c'")
  for path in files:lines() do
    for code, family in read(path):gmatch '"((%l+)%.[%l_]+)"' do
      if FAMILIES[family] then found[code] = path end
    end
  end
  files:close()
  return found
end

describe("docs/control-protocol.md", function()
  it("names every error code", function()
    local page, count, missing = read "docs/control-protocol.md", 0, {}
    for code, path in pairs(codes()) do
      count = count + 1
      if not page:find("`" .. code .. "`", 1, true) then missing[#missing + 1] = code .. " of " .. path end
    end
    assert.same({}, missing)
    assert.is_true(count > 15)
  end)
end)
