-- SPDX-License-Identifier: MIT
-- What the documents tell people to type holds no stream key in a process's arguments, which `ps` shows to everybody on
-- the machine. cme-relay may: it wipes URLs from its own arguments.

local function lines_of_shell(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  local found = {}
  for block in text:gmatch "```sh\n(.-)```" do
    for line in block:gsub("\\\n", " "):gmatch "[^\n]+" do found[#found + 1] = line:gsub("%s#.*", "") end
  end
  for line in text:gmatch "\n%-%-   ([^\n]+)" do found[#found + 1] = line end -- the heads of examples
  return found
end

local function documents()
  local paths = {}
  local listing = assert(io.popen
    "ls README*.md docs/*.md docs/*/*.md examples/*.lua examples/*/*.lua examples/scheduled/*")
  for path in listing:lines() do paths[#paths + 1] = path end
  listing:close()
  return paths
end

-- A destination, or an address with a key in its query, as a word of a command that keeps its arguments.
local function shows_a_key(line)
  local words = line:match "^%s*(cme%s.*)" or line:match "(lua5%.4 examples/.*)" or line:match "^%s*(bin/cme%s.*)"
  if not words then return false end
  return words:find "%-%-output%s+[^%s@]*rtmps?://" or words:find "%soutput%s+%a+%s.*rtmps?://"
    or words:find "%.lua%s.*rtmps?://[^%s/]+/[^%s/]+/" or words:find "://%S*[?&]%S*="
end

describe("what the documents tell to type", function()
  it("recognizes a key in arguments", function()
    for _, line in ipairs { "cme create gala --output A=rtmp://h/app/key", "cme output add gala rtmp://h/app/key",
      "lua5.4 examples/direct_push.lua rtmp://h/app/key", "cme url https://h/x.flv?token=1" } do
      assert.truthy(shows_a_key(line), line)
    end
    for _, line in ipairs { "cme create gala --output A=@a.url", "cme-relay -i a.mp4 -o rtmp://h/app/key",
      "export OUTPUT_1=rtmp://h/app/key", "OUTPUT_1=rtmp://h/app/key lua5.4 examples/direct_push.lua" } do
      assert.falsy(shows_a_key(line), line)
    end
  end)

  it("has no stream key in arguments", function()
    local found = {}
    for _, path in ipairs(documents()) do
      for _, line in ipairs(lines_of_shell(path)) do
        if shows_a_key(line) then found[#found + 1] = path .. ": " .. line end
      end
    end
    assert.are.same({}, found)
  end)
end)
