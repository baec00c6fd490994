-- SPDX-License-Identifier: MIT

local endpoint = require "cme.api.endpoint"

describe("cme.api.endpoint", function()
  it("reads hosts and URLs; the port is in the host unless it is the scheme's own", function()
    for written, want in pairs {
      ["cme.tencentcloudapi.com"] = { "https", "cme.tencentcloudapi.com", "https://cme.tencentcloudapi.com/" },
      ["localhost:8156"] = { "https", "localhost:8156", "https://localhost:8156/" },
      ["http://127.0.0.1:8156"] = { "http", "127.0.0.1:8156", "http://127.0.0.1:8156/" },
      ["HTTP://127.0.0.1:80/"] = { "http", "127.0.0.1", "http://127.0.0.1/" },
      ["https://a.example:443"] = { "https", "a.example", "https://a.example/" },
      ["https://a.example:80"] = { "https", "a.example:80", "https://a.example:80/" },
      ["http://[::1]:8156"] = { "http", "[::1]:8156", "http://[::1]:8156/" },
    } do
      local parsed = assert(endpoint.parse(written))
      assert.are.same({ scheme = want[1], host = want[2], url = want[3] }, parsed)
    end
  end)

  it("says what is wrong with anything else, without repeating a password", function()
    for written, fact in pairs {
      [""] = "is not a host",
      ["ftp://a"] = "scheme 'ftp' is not supported",
      ["http://a/path"] = "a path or query does not belong here",
      ["a?x=hush"] = "a path or query does not belong here",
      ["http://u:hush@a"] = "user and password do not belong here",
      ["a:"] = "is not a host", ["a:0"] = "is not a host", ["a:65536"] = "is not a host", ["a:b"] = "is not a host",
      ["a b"] = "is not a host", ["http://a\r\nX: y"] = "is not a host", ["http://"] = "is not a host",
    } do
      local parsed, message = endpoint.parse(written)
      assert.is_nil(parsed, written)
      message = tostring(message)
      assert.truthy(message:find(fact, 1, true), message)
      assert.is_nil(message:find("hush", 1, true))
      assert.is_nil(message:find "%c")
    end
  end)
end)
