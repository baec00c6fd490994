-- SPDX-License-Identifier: MIT

local gen = require "tools.gen_platforms"
local platforms = require "cme.platforms"
local sources = require "spec.support.sources"

describe("tools/gen_platforms.lua", function()
  local pages = gen.pages()

  it("makes the pages as they are committed", function()
    for path, page in pairs(pages) do
      assert.is_true(sources.read(path) == page, path .. " is stale: run lua5.4 tools/gen_platforms.lua")
    end
  end)

  it("names each platform, and the day on which each of its pages was read", function()
    for path, page in pairs(pages) do
      for _, name in ipairs(platforms.names()) do
        assert.truthy(page:find(("(`%s`)\n"):format(name), 1, true), path .. ": " .. name)
        for _, one in ipairs(platforms.get(name).pages) do
          local address = page:find("<" .. one[1] .. ">", 1, true)
          assert.truthy(address and page:find(one[2], address, true), one[1])
        end
      end
    end
  end)
end)
