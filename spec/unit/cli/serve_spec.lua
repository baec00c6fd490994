-- SPDX-License-Identifier: MIT

local serve = require "cme.cli.serve"

describe("cme.cli.serve", function()
  it("takes host and port apart", function()
    for text, want in pairs {
      ["127.0.0.1:8156"] = { "127.0.0.1", 8156 },
      ["[::1]:0"] = { "::1", 0 },
      ["localhost:65535"] = { "localhost", 65535 },
    } do
      assert.are.same(want, { serve.parse_listen(text) })
    end
    for _, text in ipairs { "", "8156", "h:", ":1", "h:65536", "h:x", "::1:80", "[::1]", "h:1:2", "h:-1" } do
      assert.is_nil(serve.parse_listen(text), text)
    end
  end)
end)
