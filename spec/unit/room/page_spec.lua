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

  it("puts a part in where a page names it, each with ids of its own", function()
    local files = { login = "<p>{{t.a}}</p>\n", room = "<i>\n  {{part row one}}\n  {{part row two}}\n</i>\n",
      row = '<b id="{{id}}-x">{{t.b}}</b>\n' }
    local pages = page.load("folder", function(path)
      local text = files[path:match "^folder/(%w+)%.html$"]
      return { read = function() return text end, close = function() end }
    end)
    assert.are.equal(files.login, pages.login)
    assert.are.equal('<i>\n  <b id="one-x">{{t.b}}</b>\n  <b id="two-x">{{t.b}}</b>\n</i>\n', pages.room)
  end)

  it("gives every element of the room an id of its own", function()
    local seen = {}
    for id in page.load("room/pages", io.open).room:gmatch ' id="([^"]*)"' do
      assert.is_nil(seen[id], id)
      assert.is_nil(id:find "{", id)
      seen[id] = true
    end
    assert.is_true(seen["added-name"] and seen["first-name"])
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
