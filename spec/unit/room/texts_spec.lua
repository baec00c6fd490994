-- SPDX-License-Identifier: MIT
require "spec.support.room"
local texts = require "room.texts"

describe("room.texts", function()
  it("are in the language that was chosen, else the one that is wanted most", function()
    for _, case in ipairs {
      { nil, nil, "en" }, { nil, "zh-CN,zh;q=0.9,en;q=0.8", "zh" }, { nil, "en-GB,en;q=0.9,zh;q=0.8", "en" },
      { nil, "fr, zh-Hans;q=0.4", "zh" }, { nil, "de,*;q=0.1", "en" }, { "en", "zh-CN", "en" }, { "zh", nil, "zh" },
      { "xx", "zh", "zh" }, { nil, "zh;q=0", "en" }, { nil, ";;;,,=", "en" },
    } do
      assert.are.equal(case[3], texts.choose(case[1], case[2]))
    end
  end)

  it("have the same places for values in both languages", function()
    local zh = texts.of "zh"
    for key, text in pairs(texts.of "en") do
      assert.are.equal(select(2, text:gsub("%%[sd]", "")), select(2, zh[key]:gsub("%%[sd]", "")), key)
    end
  end)
end)
