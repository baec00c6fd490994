-- SPDX-License-Identifier: MIT

local serve_webhooks = require "cme.cli.serve.webhooks"

local function t(format, ...)
  return format:format(...)
end

describe("cme.cli.serve.webhooks", function()
  it("reads a file of URLs", function()
    assert.are.same({ "http://a/x", "https://b/y?k=hush" },
      serve_webhooks.parse "# ours\n\n  http://a/x \r\nhttps://b/y?k=hush")
    assert.are.same({}, serve_webhooks.parse "#http://a/x\n")
  end)

  it("takes what the arguments say, and refuses what cannot be posted to without telling it", function()
    assert.are.same({}, { serve_webhooks.urls({ webhook = {} }, t) })
    assert.are.same({ { "http://a/x" } }, { serve_webhooks.urls({ webhook = { "http://a/x" } }, t) })
    local many = {}
    for i = 1, 17 do
      many[i] = "http://a/" .. i
    end
    for text, urls in pairs { ["an http or https URL"] = { "ftp://h/hush" }, ["17 given, at most 16"] = many,
      ["http://a/%*%*%*': given twice"] = { "http://a/hush", "http://a/hush" } } do
      local _, message = serve_webhooks.urls({ webhook = urls }, t)
      assert.matches(text, message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)

  it("knows a URL among the arguments that seems to hold a secret", function()
    assert.is_nil(serve_webhooks.exposed { "http://a/x", "https://b:8443/y@z" })
    for _, url in ipairs { "http://a/x?token=hush", "https://user:hush@a/x" } do
      local shown = serve_webhooks.exposed { "http://a/x", url }
      assert.is_string(shown)
      assert.is_nil(shown:find("hush", 1, true))
    end
  end)
end)
