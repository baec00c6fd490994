-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local version = require "cme.version"

describe("cme.version", function()
  it("is the newest entry of the changelog", function()
    assert.are.equal(version, files.read("CHANGELOG.md"):match "\n## ([%d.]+)")
  end)

  it("is the version that README speaks of, in both languages", function()
    assert.are.equal(version, files.read("README.md"):match "Version (%d+%.%d+%.%d+)")
    assert.are.equal(version, files.read("README.zh-CN.md"):match "(%d+%.%d+%.%d+) 版")
  end)

  it("is the version of the rocks that the guide packs, in both languages", function()
    for _, path in ipairs { "docs/install.md", "docs/zh/install.md" } do
      local count = 0
      for named in files.read(path):gmatch "cme%-([%d.]+)%-1%." do
        count = count + 1
        assert.are.equal(version, named, path)
      end
      assert.are.equal(2, count, path)
    end
  end)

  it("is what the example of the control protocol shows", function()
    assert.are.equal(version, files.read("docs/control-protocol.md"):match '"version":%s*"([%d.]+)"')
  end)
end)
