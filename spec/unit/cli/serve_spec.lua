-- SPDX-License-Identifier: MIT

local serve = require "cme.cli.serve"

describe("cme.cli.serve", function()
  it("takes host and port apart", function()
    for text, want in pairs {
      ["127.0.0.1:8156"] = { host = "127.0.0.1", port = 8156 },
      ["[::1]:0"] = { host = "::1", port = 0 },
      ["localhost:65535"] = { host = "localhost", port = 65535 },
      ["http://[::]:1"] = { host = "::", port = 1, tls = false },
      ["https://0.0.0.0:443"] = { host = "0.0.0.0", port = 443, tls = true },
    } do
      for _, tls in ipairs { true, false } do
        want.tls = text:find "//" and want.tls or not text:find "//" and tls
        assert.are.same(want, serve.parse_listen(text, tls))
      end
    end
    for _, text in ipairs { "", "8156", "h:", ":1", "h:65536", "h:x", "::1:80", "[::1]", "h:1:2", "h:-1",
      "ftp://h:1", "http://", "http://h:1/", "https:///:1" } do
      assert.is_nil(serve.parse_listen(text, false), text)
    end
  end)
end)
