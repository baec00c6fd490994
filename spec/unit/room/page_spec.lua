-- SPDX-License-Identifier: MIT
require "spec.support.room"
local page = require "room.page"

describe("room.page", function()
  it("fills in texts and values, escaped, once", function()
    local html = page.fill('<p lang="{{lang}}">{{t.hello}} {{name}} {{none}}</p>', { hello = "a & b" },
      { lang = "en", name = "<script>'\"{{lang}}" })
    assert.are.equal('<p lang="en">a &amp; b &lt;script&gt;&#39;&quot;{{lang}} </p>', html)
  end)

  it("writes JSON that ends no script", function()
    assert.are.equal([[<script>{"a":"\u003c/script\u003e\u0026"}</script>]],
      page.fill("<script>{{json it}}</script>", {}, { it = { a = "</script>&" } }))
  end)

  it("has every text of the pages, in both languages", function()
    local texts = require "room.texts"
    local pages = page.load("room/pages", io.open)
    local script = ""
    for name in io.popen("ls room/static/*.js"):lines() do
      script = script .. assert(io.open(name)):read "a"
    end
    for _, language in ipairs { "en", "zh" } do
      local known = texts.of(language)
      for _, html in pairs(pages) do
        for key in html:gmatch "{{t%.([%w_]+)}}" do assert.is_string(known[key], key) end
      end
      for key in script:gmatch '[^%w]t%("([%w_]+)"' do assert.is_string(known[key], key) end
    end
  end)
end)
