-- SPDX-License-Identifier: MIT

local version = require "cme.version"

describe("cme.version", function()
  it("is the newest entry of the changelog", function()
    local file = assert(io.open "CHANGELOG.md")
    local newest = file:read("a"):match "\n## ([%d.]+)"
    file:close()
    assert.are.equal(version, newest)
  end)
end)
